from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gharial.javascript.legacy_sockets import LegacySocket
from gharial.virtual_user.virtual_user import VirtualUser


class Clock:
    """An event loop that only says the time and keeps what is due."""

    def __init__(self) -> None:
        self.now_s = 10.0
        self.due_s: list[float] = []

    def time(self) -> float:
        return self.now_s

    def call_at(self, at_s: float, callback: Callable[..., Any], *rest: Any) -> None:
        self.due_s.append(round(at_s, 6))


@pytest.mark.parametrize(
    ("arrivals_s", "due_s"),
    [
        pytest.param([10.3, 10.6], [10.3, 10.6, 10.9], id="in time"),
        pytest.param([10.4, 10.75], [10.3, 10.6, 10.9], id="late"),
        pytest.param([10.65], [10.3, 10.6], id="one missed, which comes at once"),
        pytest.param([11.51], [10.3, 11.5], id="some missed, the latest comes at once"),
        pytest.param([11.4, 11.45], [10.3, 11.2, 11.5], id="on the grid again"),
    ],
)
def test_a_repeated_timer_does_not_drift(
    arrivals_s: list[float], due_s: list[float]
) -> None:
    clock = Clock()
    services = SimpleNamespace(event_loop=clock)
    socket = LegacySocket(cast("VirtualUser", SimpleNamespace(services=services)))
    socket.repeat_timer(1, 300)
    for now_s in arrivals_s:
        clock.now_s = now_s
        socket.repeat_timer(1, 300)
    assert clock.due_s == due_s
