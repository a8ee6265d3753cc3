"""When the fork server is started: before code in Python runs, after code in JavaScript."""

from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest

from gharial.program.forks import Forks
from gharial.workers import fork_server


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happens to fork servers, in order."""
    seen: list[str] = []

    def start(load: object) -> Any:
        seen.append("started")
        return SimpleNamespace(close=lambda: seen.append("closed"))

    monkeypatch.setattr(fork_server.ForkServer, "start", start)
    return seen


def host(language: str) -> Any:
    return SimpleNamespace(language=language)


@pytest.mark.parametrize(
    ("language", "workers", "cores", "before"),
    [
        ("python", None, 2, ["started"]),
        ("python", "2", 1, ["started"]),
        ("python", None, 1, []),
        ("python", "1", 2, []),
        ("javascript", "2", 2, []),
    ],
)
def test_it_is_started_before_python_that_may_have_workers(
    starts: list[str], language: str, workers: str | None, cores: int, before: list[str]
) -> None:
    with ExitStack() as stack:
        forks = Forks(stack, lambda: cores)
        forks.before_reading(host(language), {"workers": workers})
        assert starts == before
        server = forks.server()
        # Once code in Python has run, it is too late.
        assert (server is not None) == (language == "javascript" or bool(before))
        assert forks.server() is server
    assert starts == ([] if server is None else ["started", "closed"])
