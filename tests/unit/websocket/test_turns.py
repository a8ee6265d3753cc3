"""What is read in one turn of the loop has one date."""

import asyncio

from gharial.testing.virtual_time import run
from gharial.websocket.model import NetworkSettings
from gharial.websocket.opening import Network
from gharial.websocket.turns import Turns


def test_all_reads_of_a_turn_have_one_date_and_the_next_turn_has_another() -> None:
    async def main() -> None:
        instants = iter([1.0, 2.0])
        turns = Turns(asyncio.get_running_loop(), lambda: next(instants))
        assert [turns.began_at_s(), turns.began_at_s()] == [1.0, 1.0]
        await asyncio.sleep(0)
        assert [turns.began_at_s(), turns.began_at_s()] == [2.0, 2.0]

    run(main())


def test_all_sockets_of_a_loop_share_its_turns_and_no_other_loop_does() -> None:
    network = Network(NetworkSettings())

    def now_s() -> float:
        return 1.0

    async def turns() -> Turns:
        assert network.turns(now_s) is network.turns(now_s)
        return network.turns(now_s)

    assert run(turns()) is not run(turns())
