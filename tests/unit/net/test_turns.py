"""What is read in one turn of the loop has one date, if that takes the loop any time."""

import asyncio

from default_settings import network_with
from virtual_time import run

from gharial.net.network import Network
from gharial.net.turns import CROWDED_S, DATED_TURNS, READS_BETWEEN, Turns


class Hand:
    """A clock that is set by hand."""

    now_s = 1.0

    def read(self) -> float:
        return self.now_s


async def turn(turns: Turns, clock: Hand, *steps_s: float) -> list[float]:
    """Let one turn read once, and again after each of some times; return the dates."""
    dates = [turns.began_at_s()]
    for step_s in steps_s:
        clock.now_s += step_s
        dates.append(turns.began_at_s())
    await asyncio.sleep(0)
    return dates


def test_all_reads_of_a_turn_have_one_date_and_the_next_turn_has_another() -> None:
    async def main() -> None:
        clock = Hand()
        turns = Turns(asyncio.get_running_loop(), clock.read)
        assert await turn(turns, clock, 0.5, 0.5) == [1.0, 1.0, 1.0]
        assert await turn(turns, clock, 0.5) == [2.0, 2.0]

    run(main())


def test_reads_are_dated_by_themselves_once_no_turn_is_crowded() -> None:
    async def main() -> None:
        clock = Hand()
        turns = Turns(asyncio.get_running_loop(), clock.read)
        for _ in range(DATED_TURNS):
            await turn(turns, clock, CROWDED_S / 10)
        first, second = await turn(turns, clock, CROWDED_S / 2)
        assert second - first > CROWDED_S / 3

    run(main())


def test_turns_are_dated_again_soon_after_they_became_crowded() -> None:
    async def main() -> None:
        clock = Hand()
        turns = Turns(asyncio.get_running_loop(), clock.read)
        for _ in range(DATED_TURNS):
            await turn(turns, clock)
        # One of so many reads is looked at; sooner or later it is the first of its turn.
        for _ in range(READS_BETWEEN * 2):
            await turn(turns, clock, CROWDED_S * 2)
        for _ in range(DATED_TURNS):
            first, second = await turn(turns, clock, CROWDED_S / 2)
            assert first == second

    run(main())


def test_all_sockets_of_a_loop_share_its_turns_and_no_other_loop_does() -> None:
    network = Network(network_with())

    def now_s() -> float:
        return 1.0

    async def turns() -> Turns:
        assert network.turns(now_s) is network.turns(now_s)
        return network.turns(now_s)

    assert run(turns()) is not run(turns())
