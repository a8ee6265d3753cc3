import asyncio

import pytest
from virtual_time import (
    NothingLeftToDoError,
    VirtualLoop,
    VirtualTimeLimitError,
    run,
)


def test_an_hour_of_waiting_takes_no_time() -> None:
    async def main() -> float:
        await asyncio.sleep(3_600)
        return asyncio.get_running_loop().time()

    assert run(main()) == 3_600


def test_timers_run_in_order_at_their_instants() -> None:
    seen: list[tuple[str, float]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(2, lambda: seen.append(("b", loop.time())))
        loop.call_later(1, lambda: seen.append(("a", loop.time())))
        await asyncio.sleep(3)

    run(main())
    assert seen == [("a", 1), ("b", 2)]


def test_waiting_for_nothing_is_an_error_and_no_hang() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(NothingLeftToDoError, match="would hang"):
        run(main())


def test_time_has_a_limit() -> None:
    async def main() -> None:
        for _ in range(100):
            await asyncio.sleep(10)

    with pytest.raises(VirtualTimeLimitError, match="60 s"):
        run(main(), limit_s=60)


def test_the_clock_is_the_loops() -> None:
    async def main() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        clock = loop.clock()
        await asyncio.sleep(5)
        return clock.now_s(), clock.epoch_ms(5)

    assert run(main()) == (5, 1_000_000_005_000)
