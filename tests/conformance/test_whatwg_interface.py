"""
The WebSockets standard, section 3.1, and Web IDL, as a script sees them.

Each case is an expression and what it gives, as JSON, or the error that it throws.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from script_runs import echo
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.constant_vus import ConstantVus

# Many of the sockets stay open: the end of the scenario closes them.
ONE = [ConstantVus(ScenarioPlan(graceful_stop_s=0.0), 1, 1.0)]

# What an expression throws is written as its name, and its code if it has one.
CASES = {
    "Web IDL 3.7 the interface object": [
        ("typeof WebSocket", "function"),
        ("WebSocket.name", "WebSocket"),
        ("WebSocket.length", 1),
        ("Object.getOwnPropertyDescriptor(globalThis, 'WebSocket').enumerable", False),
        ("Object.getOwnPropertyDescriptor(WebSocket, 'prototype').writable", False),
        ("Object.getPrototypeOf(WebSocket) === EventTarget", True),
        ("Object.getPrototypeOf(WebSocket.prototype) === EventTarget.prototype", True),
        ("WebSocket.prototype.constructor === WebSocket", True),
        ("WebSocket.prototype[Symbol.toStringTag]", "WebSocket"),
        ("String(new WebSocket(HERE))", "[object WebSocket]"),
        ("new WebSocket(HERE) instanceof WebSocket", True),
        ("new WebSocket(HERE) instanceof EventTarget", True),
        ("WebSocket(HERE)", "TypeError"),
        ("new WebSocket()", "TypeError"),
        (
            "const Mine = class extends WebSocket {}; new Mine(HERE) instanceof Mine",
            True,
        ),
    ],
    "Web IDL 3.7.5 constants": [
        (
            "['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].map((n) => WebSocket[n])",
            [0, 1, 2, 3],
        ),
        (
            "['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']"
            ".map((n) => WebSocket.prototype[n])",
            [0, 1, 2, 3],
        ),
        ("new WebSocket(HERE).CLOSING", 2),
        (
            "Object.getOwnPropertyDescriptor(WebSocket, 'OPEN')",
            {"value": 1, "writable": False, "enumerable": True, "configurable": False},
        ),
        ("WebSocket.OPEN = 5", "TypeError"),
    ],
    "Web IDL 3.7.6 attributes": [
        (
            "['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol', 'binaryType',"
            " 'onopen', 'onmessage', 'onerror', 'onclose'].every((name) => {"
            " const d = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);"
            " return d && d.enumerable && d.configurable && typeof d.get === 'function'; })",
            True,
        ),
        (
            "['url', 'readyState', 'binaryType', 'onopen', 'onping'].map((name) => {"
            " const d = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);"
            " return [d.get.name, d.get.length, d.set?.name ?? '', d.set?.length ?? 0]; })",
            [
                ["get url", 0, "", 0],
                ["get readyState", 0, "", 0],
                ["get binaryType", 0, "set binaryType", 1],
                ["get onopen", 0, "set onopen", 1],
                ["get onping", 0, "set onping", 1],
            ],
        ),
        (
            "Object.getOwnPropertyDescriptor(WebSocket.prototype, 'readyState').set",
            None,
        ),
        ("Object.keys(new WebSocket(HERE))", []),
        ("const s = new WebSocket(HERE); s.readyState = 3", "TypeError"),
        ("WebSocket.prototype.readyState", "TypeError"),
        (
            "Object.getOwnPropertyDescriptor(WebSocket.prototype, 'url').get.call({})",
            "TypeError",
        ),
        (
            "const s = new WebSocket(HERE); s.onopen = 5; s.onopen",
            None,
        ),
        (
            "const s = new WebSocket(HERE), f = () => 0; s.onopen = f; s.onopen === f",
            True,
        ),
        (
            "const s = new WebSocket(HERE), o = {}; s.onopen = o; s.onopen === o",
            True,
        ),
    ],
    "Web IDL 3.7.7 operations": [
        (
            "['send', 'close'].every((name) => {"
            " const d = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);"
            " return d.enumerable && d.configurable && d.writable; })",
            True,
        ),
        ("[WebSocket.prototype.send.length, WebSocket.prototype.close.length]", [1, 0]),
        ("WebSocket.prototype.close.call({})", "TypeError"),
        ("new WebSocket(HERE).send()", "TypeError"),
    ],
    "3.1 the constructor's url": [
        ("new WebSocket('ws://h.test').url", "ws://h.test/"),
        ("new WebSocket('http://h.test/a').url", "ws://h.test/a"),
        (
            "new WebSocket('HTTPS://H.test:443/a?b#'.slice(0, -1)).url",
            "wss://h.test/a?b",
        ),
        ("new WebSocket('ws://h.test:80/').url", "ws://h.test/"),
        ("new WebSocket('wss://h.test:80/').url", "wss://h.test:80/"),
        (
            "new WebSocket('ws://h.test/a b/ü?c d').url",
            "ws://h.test/a%20b/%C3%BC?c%20d",
        ),
        ("new WebSocket('ws://h.test/../a/./b').url", "ws://h.test/a/b"),
        ("new WebSocket('ws://[::1]:9/').url", "ws://[::1]:9/"),
        ("new WebSocket('ws://bücher.test/').url", "ws://xn--bcher-kva.test/"),
        ("new WebSocket('  ws://h.test/\\n').url", "ws://h.test/"),
        ("new WebSocket(new URL('ws://h.test/x')).url", "ws://h.test/x"),
        ("new WebSocket({ toString: () => 'ws://h.test/o' }).url", "ws://h.test/o"),
        ("new WebSocket('ws://h.test/\\ud800').url", "ws://h.test/%EF%BF%BD"),
        ("new WebSocket('/relative')", "SyntaxError 12"),
        ("new WebSocket('')", "SyntaxError 12"),
        ("new WebSocket('ws://')", "SyntaxError 12"),
        ("new WebSocket('ws://h.test/#a')", "SyntaxError 12"),
        ("new WebSocket('ws://h.test/#')", "SyntaxError 12"),
        ("new WebSocket('ftp://h.test/')", "SyntaxError 12"),
        ("new WebSocket('mailto:a@b')", "SyntaxError 12"),
        ("new WebSocket('ws://h.test:99999/')", "SyntaxError 12"),
        ("new WebSocket('ws://xn--/')", "SyntaxError 12"),
        ("new WebSocket('ws://a.xn--a/')", "SyntaxError 12"),
        ("new WebSocket('ws://XN--ZN7C.com/')", "SyntaxError 12"),
        ("new WebSocket('ws://xn--bcher-kva.test/').url", "ws://xn--bcher-kva.test/"),
        ("new WebSocket('ws://%/')", "SyntaxError 12"),
        ("new WebSocket('ws://a b/')", "SyntaxError 12"),
        ("new WebSocket('ws://ex%41mple.test/').url", "ws://example.test/"),
        ("new WebSocket('ws://0x7f.1:9/').url", "ws://127.0.0.1:9/"),
        ("new WebSocket('ws://2130706433:9/').url", "ws://127.0.0.1:9/"),
        ("new WebSocket('ws://127.0.0.256/')", "SyntaxError 12"),
        ("new WebSocket('ws://1.2.3.4.5/')", "SyntaxError 12"),
        ("new WebSocket('ws://[0:0::1]:9/').url", "ws://[::1]:9/"),
        ("new WebSocket('ws://[::127.0.0.1]:9/').url", "ws://[::7f00:1]:9/"),
        ("new WebSocket('ws://[::1')", "SyntaxError 12"),
        ("new WebSocket('ws://[1:2]/')", "SyntaxError 12"),
        ("new WebSocket('ws://h.test:/').url", "ws://h.test/"),
        ("new WebSocket('ws://h.test:-1/')", "SyntaxError 12"),
        ("new WebSocket('ws://h.test:65536/')", "SyntaxError 12"),
        ("new WebSocket('ws:h.test/').url", "ws://h.test/"),
        (r"new WebSocket('ws:\\\\h.test\\a').url", "ws://h.test/a"),
        ("new WebSocket(Symbol())", "TypeError"),
        ("new WebSocket({ toString() { throw new RangeError(); } })", "RangeError"),
    ],
    "3.1 the constructor's protocols": [
        ("new WebSocket(HERE, 'chat').protocol", ""),
        ("new WebSocket(HERE, ['a', 'b']).readyState", 0),
        ("new WebSocket(HERE, []).readyState", 0),
        ("new WebSocket(HERE, undefined).readyState", 0),
        ("new WebSocket(HERE, new Set(['a', 'b'])).readyState", 0),
        ("new WebSocket(HERE, '')", "SyntaxError 12"),
        ("new WebSocket(HERE, 'a b')", "SyntaxError 12"),
        ("new WebSocket(HERE, 'a,b')", "SyntaxError 12"),
        ("new WebSocket(HERE, 'é')", "SyntaxError 12"),
        ("new WebSocket(HERE, 'a\\u007f')", "SyntaxError 12"),
        ("new WebSocket(HERE, ['a', 'a'])", "SyntaxError 12"),
        ("new WebSocket(HERE, ['a', 'A'])", "SyntaxError 12"),
        ("new WebSocket(HERE, ['chat', 'x', 'cHaT'])", "SyntaxError 12"),
        ("new WebSocket('nonsense', 'a b')", "SyntaxError 12"),
    ],
    "3.1 a new socket": [
        ("new WebSocket(HERE).readyState", 0),
        ("new WebSocket(HERE).bufferedAmount", 0),
        ("new WebSocket(HERE).extensions", ""),
        ("new WebSocket(HERE).protocol", ""),
        ("new WebSocket(HERE).binaryType", "blob"),
        ("new WebSocket(HERE).onmessage", None),
    ],
    "3.1 binaryType": [
        (
            "const s = new WebSocket(HERE); s.binaryType = 'arraybuffer'; s.binaryType",
            "arraybuffer",
        ),
        ("const s = new WebSocket(HERE); s.binaryType = 'x'; s.binaryType", "blob"),
        ("const s = new WebSocket(HERE); s.binaryType = ''; s.binaryType", "blob"),
        ("const s = new WebSocket(HERE); s.binaryType = 'Blob'; s.binaryType", "blob"),
    ],
    "3.1 close() while connecting": [
        ("const s = new WebSocket(HERE); s.close(); s.readyState", 2),
        ("const s = new WebSocket(HERE); s.close(); s.close(); s.readyState", 2),
        ("new WebSocket(HERE).close(999)", "InvalidAccessError 15"),
        ("new WebSocket(HERE).close(1001)", "InvalidAccessError 15"),
        ("new WebSocket(HERE).close(2999)", "InvalidAccessError 15"),
        ("new WebSocket(HERE).close(5000)", "InvalidAccessError 15"),
        ("new WebSocket(HERE).close(0)", "InvalidAccessError 15"),
        ("new WebSocket(HERE).close('x')", "InvalidAccessError 15"),
        ("new WebSocket(HERE).close(3000.7) ?? 'fine'", "fine"),
        ("new WebSocket(HERE).close(1e10)", "InvalidAccessError 15"),
        ("new WebSocket(HERE).close(1000.5) ?? 'fine'", "fine"),
        ("new WebSocket(HERE).close(999.5) ?? 'fine'", "fine"),
        ("new WebSocket(HERE).close(1001.5)", "InvalidAccessError 15"),
        ("new WebSocket(HERE).close(2999.5) ?? 'fine'", "fine"),
        ("new WebSocket(HERE).close(4999.5)", "InvalidAccessError 15"),
        ("new WebSocket(HERE).close(NaN)", "InvalidAccessError 15"),
        ("new WebSocket(HERE).close(null)", "InvalidAccessError 15"),
        ("new WebSocket(HERE).close('3000') ?? 'fine'", "fine"),
        ("new WebSocket(HERE).close(1000n)", "TypeError"),
        ("new WebSocket(HERE).close(Symbol())", "TypeError"),
        ("new WebSocket(HERE).close(1000, Symbol())", "TypeError"),
        ("new WebSocket(HERE).close(undefined) ?? 'fine'", "fine"),
        ("new WebSocket(HERE).close(1000, 'x'.repeat(123)) ?? 'fine'", "fine"),
        ("new WebSocket(HERE).close(1000, 'x'.repeat(124))", "SyntaxError 12"),
        ("new WebSocket(HERE).close(1000, 'é'.repeat(62))", "SyntaxError 12"),
        ("new WebSocket(HERE).close(undefined, 'reason') ?? 'fine'", "fine"),
    ],
    "3.1 send() while connecting": [
        ("new WebSocket(HERE).send('x')", "InvalidStateError 11"),
        (
            "new WebSocket(HERE).send({ toString() { throw new RangeError(); } })",
            "RangeError",
        ),
        (
            "const s = new WebSocket(HERE); s.close(); s.send('abc'); s.bufferedAmount",
            3,
        ),
        ("const s = new WebSocket(HERE); s.close(); s.send('é'); s.bufferedAmount", 2),
        (
            "const s = new WebSocket(HERE), b = new ArrayBuffer(8), v = new DataView(b);"
            " s.close(); b.transfer(); s.send(b); s.send(v); s.readyState",
            2,
        ),
        (
            "new WebSocket(HERE).send(new ArrayBuffer(1, { maxByteLength: 2 }))",
            "TypeError",
        ),
        (
            "new WebSocket(HERE)"
            ".send(new Uint8Array(new ArrayBuffer(1, { maxByteLength: 2 })))",
            "TypeError",
        ),
        ("new WebSocket(HERE).send(new SharedArrayBuffer(1))", "TypeError"),
        ("new WebSocket(HERE).send(Symbol())", "TypeError"),
        ("const s = new WebSocket(HERE); s.close(); s.send(5); s.bufferedAmount", 1),
        ("const s = new WebSocket(HERE); s.close(); s.send(null); s.bufferedAmount", 4),
        (
            "const s = new WebSocket(HERE); s.close();"
            " s.send(new ArrayBuffer(9)); s.send(new Uint16Array(3));"
            " s.send(new DataView(new ArrayBuffer(4), 1, 2)); s.send(new Blob(['ab']));"
            " s.bufferedAmount",
            19,
        ),
        (
            "const s = new WebSocket(HERE); s.close(); s.send('\\ud800'); s.bufferedAmount",
            3,
        ),
    ],
    "DOM 2.7 EventTarget": [
        (
            "const s = new WebSocket(HERE), seen = [], f = () => seen.push(1);"
            " s.addEventListener('x', f); s.addEventListener('x', f);"
            " s.dispatchEvent(new Event('x')); seen.length",
            1,
        ),
        (
            "const s = new WebSocket(HERE), seen = [];"
            " s.addEventListener('x', { handleEvent(e) { seen.push(e.type, this !== s); } });"
            " s.dispatchEvent(new Event('x')); seen",
            ["x", True],
        ),
        (
            "const s = new WebSocket(HERE), seen = [];"
            " s.addEventListener('x', () => seen.push(1), { once: true });"
            " s.dispatchEvent(new Event('x')); s.dispatchEvent(new Event('x')); seen.length",
            1,
        ),
        (
            "const s = new WebSocket(HERE), c = new AbortController(), seen = [];"
            " s.addEventListener('x', () => seen.push(1), { signal: c.signal });"
            " c.abort(); s.dispatchEvent(new Event('x')); seen.length",
            0,
        ),
        (
            "const s = new WebSocket(HERE), seen = [];"
            " s.onmessage = () => seen.push('on');"
            " s.addEventListener('message', () => seen.push('listener'));"
            " s.onmessage = () => seen.push('on again');"
            " s.dispatchEvent(new MessageEvent('message')); seen",
            ["on again", "listener"],
        ),
        (
            "const s = new WebSocket(HERE), e = new Event('x', { cancelable: true });"
            " s.addEventListener('x', (event) => event.preventDefault());"
            " [s.dispatchEvent(e), e.defaultPrevented, e.target === s, e.isTrusted]",
            [False, True, True, False],
        ),
        ("new WebSocket(HERE).dispatchEvent({})", "TypeError"),
        ("new WebSocket(HERE).addEventListener('x')", "TypeError"),
        ("new WebSocket(HERE).addEventListener('x', null) ?? 'fine'", "fine"),
    ],
    "HTML 9.2 MessageEvent and WebSockets 3.2 CloseEvent": [
        (
            "const e = new CloseEvent('close', { code: 4000, reason: 'r', wasClean: true });"
            " [e.code, e.reason, e.wasClean, e instanceof Event]",
            [4000, "r", True, True],
        ),
        (
            "const e = new CloseEvent('close'); [e.code, e.reason, e.wasClean]",
            [0, "", False],
        ),
        ("new CloseEvent('close', { code: 65536 }).code", 0),
        ("new CloseEvent()", "TypeError"),
        (
            "const e = new MessageEvent('message', { data: 5, origin: 'o' });"
            " [e.data, e.origin, e.lastEventId, e.ports]",
            [5, "o", "", []],
        ),
    ],
}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each expression gives, all in one script."""
    expressions = [expression for cases in CASES.values() for expression, _ in cases]  # type: ignore[attr-defined]
    lines = []
    for index, expression in enumerate(expressions):
        *statements, last = split(expression)
        lines.append(
            f"try {{ {'; '.join(statements)}{';' if statements else ''}"
            f" show({index}, ({last})); }} catch (error) {{ fail({index}, error); }}"
        )
    source = (
        "const show = (index, value) => console.log(JSON.stringify([index, value ?? null]));"
        "const fail = (index, error) => console.log(JSON.stringify([index,"
        " error instanceof DOMException ? `${error.name} ${error.code}` : error.name]));"
        "export default function () { const HERE = __ENV.URL;" + "\n".join(lines) + "}"
    )
    folder: Path = tmp_path_factory.mktemp("interface")
    ran = run_whole(folder, "s.js", source, ONE, echo)
    found = dict(json.loads(line) for line in ran.console if line.startswith("["))
    return {expression: found.get(i) for i, expression in enumerate(expressions)}


def split(expression: str) -> list[str]:
    """Return the statements and the last expression of a case."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(expression):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == ";" and depth == 0:
            parts.append(expression[start:at].strip())
            start = at + 1
    return [*parts, expression[start:].strip()]


@pytest.mark.parametrize("section", CASES)
def test_the_interface_is_as_the_standard_has_it(
    given: dict[str, Any], section: str
) -> None:
    wrong = [
        (expression, given[expression], expected)
        for expression, expected in CASES[section]  # type: ignore[attr-defined]
        if given[expression] != expected
    ]
    assert wrong == []
