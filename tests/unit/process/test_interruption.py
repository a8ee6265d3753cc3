from typing import Any

import pytest

from gharial.process import interruption as module
from gharial.process.interruption import SAME_S, Interruption, Reaction


class World:
    """An interruption with a clock of its own, and what it did."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.did: list[Any] = []
        self.interruption = Interruption(
            leave=self.did.append, now_s=lambda: self.now_s
        )

    def reaction(self, code: int = 105) -> Reaction:
        return Reaction(
            self.did.append, before_leaving=lambda: self.did.append("left"), code=code
        )

    def receive(self, name: str, after_s: float = 0.0) -> None:
        self.now_s += after_s
        self.interruption.receive(name)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(module, "say", made.did.append)
    return made


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_where_nothing_can_be_lost_one_signal_leaves(world: World, name: str) -> None:
    world.receive(name)
    assert world.did == [f"stopped by {name}", 105]


def test_in_a_run_the_second_signal_leaves_after_cleaning_up(world: World) -> None:
    with world.interruption.handled(world.reaction(code=99)):
        world.receive("SIGINT")
        assert world.did == ["SIGINT"]
        world.receive("SIGTERM", after_s=SAME_S)
    said = "ended at once by the second signal, SIGTERM"
    assert world.did == ["SIGINT", "left", said, 99]


def test_a_signal_that_comes_twice_at_once_is_one(world: World) -> None:
    with world.interruption.handled(world.reaction()):
        world.receive("SIGTERM")
        world.receive("SIGTERM", after_s=SAME_S / 10)
        world.receive("SIGHUP", after_s=SAME_S / 10)
    assert world.did == ["SIGTERM"]


def test_a_signal_after_the_part_it_ended_is_still_the_second(world: World) -> None:
    with world.interruption.handled(world.reaction()):
        world.receive("SIGINT")
    world.interruption.settle(Reaction(world.did.append, code=7))
    world.receive("SIGINT", after_s=10)
    assert world.did[-1] == 7


def test_what_is_done_before_leaving_cannot_put_it_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class AtOnce:
        daemon = False

        def __init__(self, after_s: float, act: Any, arguments: Any) -> None:
            world.did.append(after_s)
            self.act, self.arguments = act, arguments

        def start(self) -> None:
            self.act(*self.arguments)

        def cancel(self) -> None:
            """Do nothing: it is over."""

    monkeypatch.setattr(module.threading, "Timer", AtOnce)
    with world.interruption.handled(world.reaction()):
        world.receive("SIGINT")
        world.receive("SIGINT", after_s=1.0)
    assert world.did[1:4] == [module.FORCE_S, 105, "left"]


def test_saying_something_survives_a_closed_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(9, "closed")

    monkeypatch.setattr(module.os, "write", fail)
    module.say("hello")
