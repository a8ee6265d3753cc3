"""
DOM, section 2 (events), and the File API's Blob, as a script sees them.

Each case is an expression, or statements that end in one, and what it gives, as JSON; what
it throws is written as the error's name.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations

CASES = {
    "DOM 2.2 Event": [
        ("new Event('a').type", "a"),
        ("new Event()", "TypeError"),
        ("Event('a')", "TypeError"),
        ("new Event(null).type", "null"),
        ("new Event('a', 5)", "TypeError"),
        ("new Event('a', null).cancelable", False),
        ("Event.length", 1),
        ("String(new Event('a'))", "[object Event]"),
        ("new Event('a', { bubbles: 1, cancelable: 'x' }).bubbles", True),
        ("[Event.NONE, Event.CAPTURING_PHASE, Event.AT_TARGET]", [0, 1, 2]),
        ("new Event('a').isTrusted", False),
        ("new Event('a').target", None),
        ("new Event('a').eventPhase", 0),
        ("typeof new Event('a').timeStamp", "number"),
        ("const e = new Event('a'); e.preventDefault(); e.defaultPrevented", False),
        (
            "const e = new Event('a', { cancelable: true }); e.preventDefault();"
            "e.defaultPrevented",
            True,
        ),
    ],
    "DOM 2.7 EventTarget": [
        ("new EventTarget().addEventListener('a')", "TypeError"),
        ("new EventTarget().addEventListener('a', null) === undefined", True),
        ("new EventTarget().addEventListener('a', 5)", "TypeError"),
        ("new EventTarget().dispatchEvent({ type: 'a' })", "TypeError"),
        (
            "let n = 0; const t = new EventTarget(), f = () => { n += 1; };"
            "t.addEventListener('a', f); t.addEventListener('a', f);"
            "t.dispatchEvent(new Event('a')); n",
            1,
        ),
        (
            "let n = 0; const t = new EventTarget(), f = () => { n += 1; };"
            "t.addEventListener('a', f); t.addEventListener('a', f, true);"
            "t.dispatchEvent(new Event('a')); n",
            2,
        ),
        (
            "let n = 0; const t = new EventTarget();"
            "t.addEventListener('a', () => { n += 1; }, { once: true });"
            "t.dispatchEvent(new Event('a')); t.dispatchEvent(new Event('a')); n",
            1,
        ),
        (
            "const t = new EventTarget(); let self;"
            "t.addEventListener('a', { handleEvent(e) { self = this; } });"
            "t.dispatchEvent(new Event('a')); typeof self.handleEvent",
            "function",
        ),
        (
            "const seen = [], t = new EventTarget();"
            "t.addEventListener('a', (e) => { seen.push(1); e.stopImmediatePropagation(); });"
            "t.addEventListener('a', () => seen.push(2));"
            "t.dispatchEvent(new Event('a')); seen",
            [1],
        ),
        (
            "const t = new EventTarget(), c = new AbortController(); let n = 0;"
            "t.addEventListener('a', () => { n += 1; }, { signal: c.signal });"
            "c.abort(); t.dispatchEvent(new Event('a')); n",
            0,
        ),
        (
            "const t = new EventTarget(); let name;"
            "t.addEventListener('a', (e) => {"
            " try { t.dispatchEvent(e); } catch (error) { name = error.name; } });"
            "t.dispatchEvent(new Event('a')); name",
            "InvalidStateError",
        ),
        (
            "const t = new EventTarget();"
            "t.addEventListener('a', (e) => e.preventDefault());"
            "t.dispatchEvent(new Event('a', { cancelable: true }))",
            False,
        ),
        (
            "const t = new EventTarget();"
            "t.addEventListener('a', (e) => e.preventDefault(), { passive: true });"
            "t.dispatchEvent(new Event('a', { cancelable: true }))",
            True,
        ),
    ],
    "HTML 9.1 MessageEvent and the standard's CloseEvent": [
        ("new MessageEvent('message', { data: [1] }).data", [1]),
        ("new MessageEvent('message').data", None),
        ("new MessageEvent('message').origin", ""),
        ("new MessageEvent('message') instanceof Event", True),
        ("new CloseEvent('close').code", 0),
        ("new CloseEvent('close', { code: 65537 }).code", 1),
        ("new CloseEvent('close', { reason: 'x', wasClean: 1 }).wasClean", True),
        ("new CloseEvent('close', { reason: '\\ud800' }).reason === '\\ufffd'", True),
    ],
    "File API 3 Blob": [
        ("new Blob().size", 0),
        ("Blob.length", 0),
        ("Blob()", "TypeError"),
        ("new Blob('text')", "TypeError"),
        ("new Blob(5)", "TypeError"),
        ("new Blob(null)", "TypeError"),
        ("new Blob(['é']).size", 2),
        ("new Blob([1, null, {}]).size", 20),
        ("new Blob([new Uint16Array(3), new ArrayBuffer(2)]).size", 8),
        ("new Blob([], { type: 'TEXT/Plain' }).type", "text/plain"),
        ("new Blob([], { type: 'é' }).type", ""),
        ("new Blob([], { endings: 'other' })", "TypeError"),
        ("new Blob(['abcdef']).slice(1, 3).size", 2),
        ("new Blob(['abcdef']).slice(-2).size", 2),
        ("new Blob(['abcdef']).slice(4, 2).size", 0),
        ("new Blob(['abcdef']).slice(0, 100, 'A/B').type", "a/b"),
        ("String(new Blob())", "[object Blob]"),
        ("Object.getOwnPropertyDescriptor(Blob.prototype, 'size').enumerable", True),
        ("new Blob(['abc']).text() instanceof Promise", True),
    ],
}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each expression gives, all in one script."""
    expressions = [expression for cases in CASES.values() for expression, _ in cases]  # type: ignore[attr-defined]
    lines = [
        f"try {{ show({index}, (0, eval)({json.dumps('{' + expression + '}')})); }}"
        f" catch (error) {{ show({index}, error.name); }}"
        for index, expression in enumerate(expressions)
    ]
    source = (
        "const show = (index, value) => console.log(JSON.stringify([index, value ?? null]));"
        "export default function () {" + "\n".join(lines) + "}"
    )
    executor = PerVuIterations(ScenarioPlan(), 1, 1, 10.0)
    folder: Path = tmp_path_factory.mktemp("events")
    ran = run_whole(folder, "s.js", source, [executor])
    assert ran.errors == []
    shown = dict(json.loads(line) for line in ran.console)
    return {expression: shown[index] for index, expression in enumerate(expressions)}


@pytest.mark.parametrize("section", CASES)
def test_events_are_as_the_standard_has_them(
    given: dict[str, Any], section: str
) -> None:
    wrong = [
        (expression, given[expression], expected)
        for expression, expected in CASES[section]  # type: ignore[attr-defined]
        if given[expression] != expected
    ]
    assert wrong == []
