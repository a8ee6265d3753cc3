"""
DOM, section 2 (events), and the File API's Blob, as a Python script sees them.

Each case is statements that end in an expression, and what it gives; what it raises is
written as the error's name, as the standard has it.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations

SCRIPT = """
import ast, json
import gharial
from gharial import log, set_timeout

CASES = json.loads(%r)

def given(source):
    body = ast.parse(source).body
    last = ast.Expression(body.pop().value)
    names = {name: getattr(gharial, name) for name in gharial.__all__}
    try:
        exec(compile(ast.Module(body, []), "case", "exec"), names)
        return eval(compile(last, "case", "eval"), names)
    except Exception as error:
        return getattr(error, "name", None) or type(error).__name__

def default():
    for index, source in enumerate(CASES):
        log(json.dumps([index, given(source)]))
"""

CASES = {
    "3.1 WebSocket": [
        ("WebSocket(5)", "TypeError"),
        ("WebSocket(b'ws://h.test/')", "TypeError"),
        ("WebSocket('ws://h.test/', 5)", "TypeError"),
        ("WebSocket('ws://h.test/', b'chat')", "TypeError"),
        ("WebSocket('ws://h.test/', [5])", "TypeError"),
        ("WebSocket('ws://h.test/', ['a', 'A'])", "SyntaxError"),
        ("WebSocket('ws://h.test/', 'a b')", "SyntaxError"),
        ("WebSocket('ws://h.test/#')", "SyntaxError"),
        ("WebSocket('ws://xn--/')", "SyntaxError"),
        ("WebSocket('/relative')", "SyntaxError"),
        ("WebSocket('http://h.test:80/ü').url", "ws://h.test/%C3%BC"),
        ("WebSocket('ws://h.test/').close(1000.5)", "TypeError"),
        ("WebSocket('ws://h.test/').close(True)", "TypeError"),
        ("WebSocket('ws://h.test/').close('1000')", "TypeError"),
        ("WebSocket('ws://h.test/').close(1000, 5)", "TypeError"),
        ("WebSocket('ws://h.test/').close(1000, b'x')", "TypeError"),
        ("WebSocket('ws://h.test/').close(1001)", "InvalidAccessError"),
        ("WebSocket('ws://h.test/').close(1000, 'x' * 124)", "SyntaxError"),
        ("WebSocket('ws://h.test/').send(5)", "TypeError"),
        ("WebSocket('ws://h.test/').send('x')", "InvalidStateError"),
    ],
    "DOM 2.2 Event": [
        ("Event('a').type", "a"),
        ("Event()", "TypeError"),
        ("Event('a').cancelable", False),
        ("Event('a').default_prevented", False),
        ("Event('a').is_trusted", False),
        ("Event('a').target", None),
        ("Event('a').current_target", None),
        ("e = Event('a'); e.prevent_default(); e.default_prevented", False),
        (
            "e = Event('a', cancelable=True); e.prevent_default(); e.default_prevented",
            True,
        ),
    ],
    "DOM 2.7 adding a listener": [
        ("EventTarget().add_event_listener('a')", "TypeError"),
        ("EventTarget().add_event_listener('a', None)", None),
        ("EventTarget().add_event_listener('a', 5)", "TypeError"),
        ("EventTarget().add_event_listener(5, print)", "TypeError"),
        ("EventTarget().add_event_listener('a', print, signal=5)", "TypeError"),
        ("EventTarget().remove_event_listener(5, print)", "TypeError"),
        ("set_timeout(print, '5')", "TypeError"),
        ("set_timeout(print, None)", "TypeError"),
        (
            "n = []; t = EventTarget(); f = n.append\n"
            "t.add_event_listener('a', f); t.add_event_listener('a', f)\n"
            "t.dispatch_event(Event('a')); len(n)",
            1,
        ),
        (
            "n = []; t = EventTarget(); f = n.append\n"
            "t.add_event_listener('a', f); t.add_event_listener('a', f, capture=True)\n"
            "t.dispatch_event(Event('a')); len(n)",
            2,
        ),
        (
            "n = []; t = EventTarget(); f = n.append\n"
            "t.add_event_listener('a', f, once=True); t.add_event_listener('a', f)\n"
            "t.dispatch_event(Event('a')); t.dispatch_event(Event('a')); len(n)",
            1,
        ),
        (
            "n = []; t = EventTarget()\n"
            "t.add_event_listener('a', n.append, once=True)\n"
            "t.dispatch_event(Event('a')); t.dispatch_event(Event('a')); len(n)",
            1,
        ),
        (
            "n = []; t = EventTarget(); c = AbortController()\n"
            "t.add_event_listener('a', n.append, signal=c.signal)\n"
            "c.abort(); t.dispatch_event(Event('a')); len(n)",
            0,
        ),
        (
            "n = []; t = EventTarget(); c = AbortController(); c.abort()\n"
            "t.add_event_listener('a', n.append, signal=c.signal)\n"
            "t.dispatch_event(Event('a')); len(n)",
            0,
        ),
        (
            "n = []; t = EventTarget(); c = AbortController()\n"
            "t.add_event_listener('a', lambda e: c.abort())\n"
            "t.add_event_listener('a', n.append, signal=c.signal)\n"
            "t.dispatch_event(Event('a')); len(n)",
            0,
        ),
    ],
    "DOM 2.7 removing a listener": [
        ("EventTarget().remove_event_listener('a', print)", None),
        ("EventTarget().remove_event_listener('a', None)", None),
        (
            "n = []; t = EventTarget(); f = n.append\n"
            "t.add_event_listener('a', f); t.remove_event_listener('a', f)\n"
            "t.dispatch_event(Event('a')); len(n)",
            0,
        ),
        (
            "n = []; t = EventTarget(); f = n.append\n"
            "t.add_event_listener('a', f); t.remove_event_listener('a', f, capture=True)\n"
            "t.dispatch_event(Event('a')); len(n)",
            1,
        ),
        (
            "n = []; t = EventTarget(); f = n.append\n"
            "t.add_event_listener('a', f, capture=True)\n"
            "t.remove_event_listener('a', f, capture=True)\n"
            "t.dispatch_event(Event('a')); len(n)",
            0,
        ),
    ],
    "DOM 2.9 dispatching": [
        ("EventTarget().dispatch_event('a')", "TypeError"),
        ("EventTarget().dispatch_event(Event('a'))", True),
        (
            "n = []; t = EventTarget()\n"
            "t.add_event_listener('a', lambda e: n.append(1))\n"
            "t.add_event_listener('b', lambda e: n.append('no'))\n"
            "t.add_event_listener('a', lambda e: n.append(2))\n"
            "t.add_event_listener('a', lambda e: n.append(0), capture=True)\n"
            "t.dispatch_event(Event('a')); n",
            [0, 1, 2],
        ),
        (
            "n = []; t = EventTarget(); f = lambda e: n.append('no')\n"
            "t.add_event_listener('a', lambda e: t.remove_event_listener('a', f))\n"
            "t.add_event_listener('a', f); t.dispatch_event(Event('a')); n",
            [],
        ),
        (
            "n = []; t = EventTarget()\n"
            "t.add_event_listener('a', lambda e: t.add_event_listener('a', n.append))\n"
            "t.dispatch_event(Event('a')); len(n)",
            0,
        ),
        (
            "n = []; t = EventTarget()\n"
            "class Listens:\n"
            "    def handle_event(self, e): n.append(self is l)\n"
            "l = Listens(); t.add_event_listener('a', l)\n"
            "t.dispatch_event(Event('a')); n",
            [True],
        ),
        (
            "n = []; t = EventTarget()\n"
            "t.add_event_listener('a', lambda e: e.stop_immediate_propagation())\n"
            "t.add_event_listener('a', n.append); t.dispatch_event(Event('a')); n",
            [],
        ),
        (
            "n = []; t = EventTarget()\n"
            "t.add_event_listener('a', lambda e: e.stop_propagation(), capture=True)\n"
            "t.add_event_listener('a', lambda e: n.append(1), capture=True)\n"
            "t.add_event_listener('a', lambda e: n.append(2))\n"
            "t.dispatch_event(Event('a')); n",
            [1],
        ),
        (
            "n = []; t = EventTarget(); e = Event('a'); e.stop_propagation()\n"
            "t.add_event_listener('a', n.append, capture=True)\n"
            "t.add_event_listener('a', n.append); t.dispatch_event(e); n",
            [],
        ),
        # Its flags are unset afterwards, but for the one that it was cancelled.
        (
            "n = []; t = EventTarget(); e = Event('a')\n"
            "def f(e): n.append(1); e.stop_immediate_propagation()\n"
            "t.add_event_listener('a', f); t.add_event_listener('a', lambda e: n.append(2))\n"
            "t.dispatch_event(e); t.remove_event_listener('a', f); t.dispatch_event(e); n",
            [1, 2],
        ),
        (
            "n = []; t = EventTarget()\n"
            "def f(e):\n"
            "    try: t.dispatch_event(e)\n"
            "    except WebSocketError as error: n.append(error.name)\n"
            "t.add_event_listener('a', f); t.dispatch_event(Event('a')); n",
            ["InvalidStateError"],
        ),
        (
            "t = EventTarget(); t.add_event_listener('a', Event.prevent_default)\n"
            "t.dispatch_event(Event('a', cancelable=True))",
            False,
        ),
        (
            "t = EventTarget(); t.add_event_listener('a', Event.prevent_default)\n"
            "t.dispatch_event(Event('a'))",
            True,
        ),
        (
            "t = EventTarget()\n"
            "t.add_event_listener('a', Event.prevent_default, passive=True)\n"
            "t.dispatch_event(Event('a', cancelable=True))",
            True,
        ),
        (
            "t = EventTarget()\n"
            "t.add_event_listener('a', lambda e: None, passive=True)\n"
            "t.add_event_listener('a', Event.prevent_default)\n"
            "t.dispatch_event(Event('a', cancelable=True))",
            False,
        ),
        (
            "n = []; t = EventTarget(); e = Event('a', is_trusted=True)\n"
            "t.add_event_listener('a', lambda e: n.extend(\n"
            "    [e.target is t, e.current_target is t, e.is_trusted]))\n"
            "t.dispatch_event(e); [*n, e.target is t, e.current_target]",
            [True, True, False, True, None],
        ),
        (
            "n = []; t = EventTarget(); u = EventTarget(); e = Event('a')\n"
            "u.add_event_listener('a', lambda e: n.append(e.target is u))\n"
            "t.dispatch_event(e); u.dispatch_event(e); n",
            [True],
        ),
    ],
    "HTML 8.1.8 event handlers": [
        (
            "n = []; s = WebSocket('ws://127.0.0.1:1')\n"
            "s.on_ping = lambda e: n.append('no')\n"
            "s.add_event_listener('ping', lambda e: n.append(2))\n"
            "s.on_ping = lambda e: n.append(1)\n"
            "s.dispatch_event(Event('ping')); n",
            [1, 2],
        ),
        (
            "n = []; s = WebSocket('ws://127.0.0.1:1')\n"
            "s.on_ping = lambda e: n.append(1)\n"
            "s.add_event_listener('ping', lambda e: n.append(2))\n"
            "s.on_ping = None; s.on_ping = lambda e: n.append(3)\n"
            "s.dispatch_event(Event('ping')); n",
            [2, 3],
        ),
        (
            "n = []; s = WebSocket('ws://127.0.0.1:1'); f = lambda e: n.append(1)\n"
            "s.on_ping = f; s.add_event_listener('ping', f)\n"
            "s.dispatch_event(Event('ping')); n",
            [1, 1],
        ),
        ("WebSocket('ws://127.0.0.1:1').on_open", None),
        (
            "s = WebSocket('ws://127.0.0.1:1'); s.on_open = print; s.on_open is print",
            True,
        ),
        (
            "s = WebSocket('ws://127.0.0.1:1'); s.on_ping = lambda e: False\n"
            "s.dispatch_event(Event('ping', cancelable=True))",
            False,
        ),
        (
            "s = WebSocket('ws://127.0.0.1:1')\n"
            "s.add_event_listener('ping', lambda e: False)\n"
            "s.dispatch_event(Event('ping', cancelable=True))",
            True,
        ),
    ],
    "HTML 9.1 MessageEvent and the standard's CloseEvent": [
        ("MessageEvent('message', data=[1]).data", [1]),
        ("MessageEvent('message').data", None),
        ("MessageEvent('message').origin", ""),
        ("MessageEvent('message').last_event_id", ""),
        ("isinstance(MessageEvent('message'), Event)", True),
        ("e = CloseEvent('close'); [e.code, e.reason, e.was_clean]", [0, "", False]),
        (
            "e = CloseEvent('close', code=3000, reason='x', was_clean=True)\n"
            "[e.type, e.code, e.reason, e.was_clean]",
            ["close", 3000, "x", True],
        ),
        ("CloseEvent('close', reason='\\ud800').reason == '\\ufffd'", True),
        ("isinstance(CloseEvent('close'), Event)", True),
    ],
    "File API 3 Blob": [
        ("Blob().size", 0),
        ("Blob('text')", "TypeError"),
        ("Blob(b'text')", "TypeError"),
        ("Blob(5)", "TypeError"),
        ("Blob(None)", "TypeError"),
        ("Blob([], type=5)", "TypeError"),
        ("Blob(['é']).size", 2),
        ("Blob([bytes(6), bytearray(2), memoryview(b'x'), Blob(['y'])]).size", 10),
        ("b = bytearray(b'a'); c = Blob([b]); b[0] = 98; c.text()", "a"),
        ("Blob(type='TEXT/Plain').type", "text/plain"),
        ("Blob(type='é').type", ""),
        ("Blob(type='a\\x7f').type", ""),
        ("Blob(['abcdef']).slice(1, 3).text()", "bc"),
        ("Blob(['abcdef']).slice(-2).text()", "ef"),
        ("Blob(['abcdef']).slice(-200, -4).text()", "ab"),
        ("Blob(['abcdef']).slice(4, 2).size", 0),
        ("Blob(['abcdef']).slice(100).size", 0),
        ("Blob(['abcdef']).slice(0, 100, 'A/B').type", "a/b"),
        ("Blob(['abcdef'], type='a/b').slice(1).type", ""),
        ("Blob(['\\ud800']).text() == '\\ufffd'", True),
        ("Blob([b'a\\xffb']).text() == 'a\\ufffdb'", True),
        ("Blob([b'\\xef\\xbb\\xbfa']).text()", "a"),
        ("Blob([b'\\xef\\xbb\\xbfa']).size", 4),
    ],
}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each case gives, all in one script."""
    sources = [source for cases in CASES.values() for source, _ in cases]  # type: ignore[attr-defined]
    executor = PerVuIterations(ScenarioPlan(), 1, 1, 10.0)
    folder: Path = tmp_path_factory.mktemp("events")
    ran = run_whole(folder, "s.py", SCRIPT % json.dumps(sources), [executor])
    assert ran.errors == []
    shown = dict(json.loads(line) for line in ran.console)
    return {source: shown[index] for index, source in enumerate(sources)}


@pytest.mark.parametrize("section", CASES)
def test_events_are_as_the_standard_has_them(
    given: dict[str, Any], section: str
) -> None:
    wrong = [
        (source, given[source], expected)
        for source, expected in CASES[section]  # type: ignore[attr-defined]
        if given[source] != expected
    ]
    assert wrong == []


def test_an_exception_of_a_listener_is_reported_and_the_others_are_called(
    tmp_path: Path,
) -> None:
    source = """
from gharial import Event, EventTarget, log

def fails(event):
    raise ValueError("on purpose")

def default():
    target = EventTarget()
    target.add_event_listener("a", fails)
    target.add_event_listener("a", lambda event: log("called"))
    log(target.dispatch_event(Event("a")))
"""
    executor = PerVuIterations(ScenarioPlan(), 1, 1, 10.0)
    ran = run_whole(tmp_path, "s.py", source, [executor])
    assert ran.console == ["called", "True"]
    [error] = ran.errors
    assert error.startswith("ValueError: on purpose\n    at fails (")


def test_an_async_listener_runs_as_a_task(tmp_path: Path) -> None:
    source = """
from gharial import Event, EventTarget, log

async def listens(event):
    log("listener", event.type)

def default():
    target = EventTarget()
    target.add_event_listener("a", listens)
    target.dispatch_event(Event("a"))
    log("dispatched")
"""
    executor = PerVuIterations(ScenarioPlan(), 1, 1, 10.0)
    ran = run_whole(tmp_path, "s.py", source, [executor])
    assert ran.console == ["dispatched", "listener a"]
    assert ran.errors == []
