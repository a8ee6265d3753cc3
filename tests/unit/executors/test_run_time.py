import asyncio
import math

from virtual_time import run

from gharial.executors.run_time import RunTime


def test_time_stands_still_while_paused():
    async def main():
        loop = asyncio.get_running_loop()
        time = RunTime(loop.clock(), 0.0)  # type: ignore[attr-defined]
        await asyncio.sleep(1.0)
        time.pause()
        time.pause()
        await asyncio.sleep(5.0)
        assert time.elapsed_s == 1.0
        time.resume()
        time.resume()
        await time.wait_until(2.0)
        assert (loop.time(), time.elapsed_s) == (7.0, 2.0)

    run(main())


def test_a_wait_goes_on_over_a_pause():
    async def main():
        loop = asyncio.get_running_loop()
        time = RunTime(loop.clock(), 0.0)  # type: ignore[attr-defined]
        waiting = asyncio.ensure_future(time.wait_until(3.0))
        await asyncio.sleep(2.0)
        time.pause()
        await asyncio.sleep(4.0)
        time.resume()
        await waiting
        assert loop.time() == 7.0

    run(main())


def test_a_wait_without_end_is_over_once_its_condition_holds():
    async def main():
        loop = asyncio.get_running_loop()
        time = RunTime(loop.clock(), 0.0)  # type: ignore[attr-defined]
        over = asyncio.Event()
        waiting = asyncio.ensure_future(time.wait_until(math.inf, or_once=over.is_set))
        await asyncio.sleep(9.0)
        over.set()
        time.wake()
        await waiting
        assert loop.time() == 9.0

    run(main())
