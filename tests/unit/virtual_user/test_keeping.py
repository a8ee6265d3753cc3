from functools import partial

from gharial.virtual_user.keeping import listed, what_keeps
from gharial.virtual_user.timers import Timer


class Socket:
    description = "WebSocket ws://a/ (open)"


def test_sockets_and_timers_are_named() -> None:
    def run(callback: object) -> None:
        """Call it."""

    timers = [
        Timer(1, 0.0, None, partial(run, "tick")),
        Timer(2, 0.0, 1.0, partial(run, "unknown")),
        Timer(3, 0.0, 1.0, lambda: None),
    ]
    places = {"tick": "tick (s.js:1:1)", "unknown": ""}
    assert what_keeps([Socket()], timers, places.__getitem__) == [  # type: ignore[list-item]
        "WebSocket ws://a/ (open)",
        "setTimeout 1 of tick (s.js:1:1)",
        "setInterval 2",
        "setInterval 3",
    ]


def test_of_many_a_few_are_listed() -> None:
    assert listed(["a", "b"]) == "a; b"
    assert listed([str(number) for number in range(8)]) == "0; 1; 2; 3; 4; and 3 more"
