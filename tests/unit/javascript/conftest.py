"""A global object with the runtime in it, and a fake host."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gharial.engine.quickjs_binding import binding as quickjs
from gharial.javascript.catalog import runtime_source
from gharial.javascript.global_names import LAZY_GLOBALS
from gharial.javascript.web_platform import web_platform_functions

PRELUDE = """
// The name of what a function throws; `nothing` if it throws nothing.
function thrown(action) {
  try {
    action();
  } catch (error) {
    return error instanceof DOMException ? `${error.name} ${error.code}` : error.name;
  }
  return 'nothing';
}
"""


class Realm:
    """
    A QuickJS context with the always-loaded files of the runtime.

    Attributes:
        context: The engine's context.
        logged: Level and text of what console wrote.
        reported: What listeners threw, as text.
        loaded: Names of the runtime files that were loaded, in order.
        timers: Callbacks and delays that were given to the host's timers.
        idle: Numbers of the timers that no iteration waits for.
        now_ms: The host's clock.
    """

    def __init__(self) -> None:
        self.context = quickjs.Context()
        self.logged: list[tuple[str, str]] = []
        self.reported: list[str] = []
        self.loaded: list[str] = []
        self.timers: list[tuple[Any, float]] = []
        self.idle: set[int] = set()
        self.now_ms = 1_700_000_000_000.0
        self._internal = self.context.eval("({ host: {} })")
        functions: dict[str, Callable[..., Any]] = {
            **web_platform_functions(),
            "loadRuntime": self._load,
            "log": lambda level, text: self.logged.append((level, text)),
            "nowMs": lambda: self.now_ms,
            "runJobs": self.run_jobs,
            "setTimer": self._set_timer,
            "clearTimer": self._clear_timer,
            "restTimer": self._rest_timer,
        }
        host = self._internal.get("host")
        for name, function in functions.items():
            host.set(name, function)
        self._internal.set(
            "reportException",
            lambda error: self.reported.append(self.context.get("String")(error)),
        )
        self._internal.set("lazyGlobals", LAZY_GLOBALS)
        self.context.set("gharial", self._internal)
        self.context.eval(PRELUDE)
        for name in ("lazy", "web_idl", "events", "console"):
            self._load(name)

    def _load(self, name: str) -> None:
        self.loaded.append(name)
        self.context.eval(runtime_source(name), filename=f"gharial:{name}.js")(
            self._internal
        )

    def _set_timer(self, callback: Any, delay_ms: float, _: object) -> int:
        self.timers.append((callback, delay_ms))
        return len(self.timers)

    def _rest_timer(self, timer_id: int, is_idle: object) -> None:
        (self.idle.add if is_idle else self.idle.discard)(int(timer_id))

    def _clear_timer(self, timer_id: int) -> None:
        _, delay_ms = self.timers[int(timer_id) - 1]
        self.timers[int(timer_id) - 1] = (_nothing, delay_ms)

    def run(self, code: str) -> None:
        """Run a script, then all promise jobs."""
        self.context.eval(code)
        self.run_jobs()

    def run_jobs(self) -> None:
        """Run all promise jobs."""
        while self.context.has_pending_job:
            self.context.execute_pending_job()

    def value(self, expression: str) -> Any:
        """Return what an expression gives, by way of JSON; None for undefined."""
        text = self.context.eval(f"JSON.stringify({expression})")
        self.run_jobs()
        return json.loads(text) if isinstance(text, str) else None

    def awaited(self, expression: str) -> Any:
        """Return what a promise is fulfilled with; fails if it is not."""
        self.run(f"""
            globalThis.settled = undefined;
            Promise.resolve({expression}).then(
              (value) => {{ settled = {{ value }}; }},
              (error) => {{ settled = {{ error: String(error) }}; }},
            );
        """)
        settled = self.value("settled")
        assert settled is not None, "the promise is still pending"
        assert "error" not in settled, settled["error"]
        return settled.get("value")


def _nothing() -> None:
    return None


@pytest.fixture
def realm() -> Iterator[Realm]:
    realm = Realm()
    yield realm
    realm.run_jobs()
