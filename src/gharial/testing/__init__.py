"""
A public kit for tests: runs inside a test, servers, an in-memory wire, virtual time.

Example::

    from gharial.testing import run_test

    def test_the_script_runs():
        result = run_test("chat.js", options={"vus": 2, "duration": "1s"})
        assert result.passed
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gharial.testing.certificates import Certificates as Certificates
    from gharial.testing.chat_server import ChatServer as ChatServer
    from gharial.testing.echo_server import EchoServer as EchoServer
    from gharial.testing.hostile_server import HostileServer as HostileServer
    from gharial.testing.measured import NothingMeasuredError as NothingMeasuredError
    from gharial.testing.result import TestResult as TestResult
    from gharial.testing.run_thread import RunStuckError as RunStuckError
    from gharial.testing.running import run_test as run_test
    from gharial.testing.running import run_test_async as run_test_async
    from gharial.testing.server_thread import serving as serving

# Each is imported when it is first asked for: pytest loads this package at its start.
_HOMES = {
    "Certificates": "certificates",
    "ChatServer": "chat_server",
    "EchoServer": "echo_server",
    "HostileServer": "hostile_server",
    "NothingMeasuredError": "measured",
    "RunStuckError": "run_thread",
    "TestResult": "result",
    "run_test": "running",
    "run_test_async": "running",
    "serving": "server_thread",
}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
