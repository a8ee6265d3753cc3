"""
A public kit for tests: runs inside a test, their results, and servers to test against.

Example::

    from gharial.testing import run_test

    def test_the_script_runs():
        result = run_test("chat.js", options={"vus": 2, "duration": "1s"})
        assert result.passed
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gharial.servers.certificates import Certificates as Certificates
    from gharial.servers.chat import ChatServer as ChatServer
    from gharial.servers.echo import EchoServer as EchoServer
    from gharial.servers.hostile import HostileServer as HostileServer
    from gharial.servers.server_thread import serving as serving
    from gharial.testing.measured import NothingMeasuredError as NothingMeasuredError
    from gharial.testing.result import TestResult as TestResult
    from gharial.testing.run_thread import RunStuckError as RunStuckError
    from gharial.testing.runs import run_test as run_test
    from gharial.testing.runs import run_test_async as run_test_async

# Each is imported when it is first asked for: pytest loads this package at its start.
_HOMES = {
    "gharial.servers.certificates": ("Certificates",),
    "gharial.servers.chat": ("ChatServer",),
    "gharial.servers.echo": ("EchoServer",),
    "gharial.servers.hostile": ("HostileServer",),
    "gharial.servers.server_thread": ("serving",),
    "gharial.testing.measured": ("NothingMeasuredError",),
    "gharial.testing.result": ("TestResult",),
    "gharial.testing.run_thread": ("RunStuckError",),
    "gharial.testing.runs": ("run_test", "run_test_async"),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [*_MODULES]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(module), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
