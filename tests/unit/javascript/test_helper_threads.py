import asyncio
import threading

from gharial.javascript.helper_threads import HelperThreads

LIMIT_S = 60.0


async def result_of(threads: HelperThreads, compute) -> object:
    done = asyncio.get_running_loop().create_future()
    threads.start(compute, done.set_result)
    return await asyncio.wait_for(done, LIMIT_S)


def test_work_is_done_in_another_thread_and_its_result_arrives_in_the_loop() -> None:
    async def main() -> None:
        assert (
            await result_of(HelperThreads(), threading.get_ident)
            != threading.get_ident()
        )

    asyncio.run(main())


def test_no_more_threads_than_allowed_work_at_once() -> None:
    gate = threading.Event()
    started: list[int] = []
    lock = threading.Lock()
    both = threading.Event()

    def compute() -> int:
        with lock:
            started.append(threading.get_ident())
            if len(started) == 2:
                both.set()
        gate.wait(LIMIT_S)
        return len(started)

    async def main() -> None:
        threads = HelperThreads(2)
        results: list[int] = []
        finished = asyncio.Event()

        def done(result: int) -> None:
            results.append(result)
            if len(results) == 5:
                finished.set()

        for _ in range(5):
            threads.start(compute, done)
        await asyncio.to_thread(both.wait, LIMIT_S)
        assert len(started) == 2
        gate.set()
        await asyncio.wait_for(finished.wait(), LIMIT_S)
        assert len(set(started)) <= 2

    asyncio.run(main())


def test_withdrawn_work_is_not_begun_and_nobody_hears_of_it() -> None:
    gate = threading.Event()
    computed: list[str] = []

    async def main() -> None:
        threads = HelperThreads(1)
        heard: list[object] = []
        running = threads.start(lambda: gate.wait(LIMIT_S), heard.append)
        waiting = threads.start(lambda: computed.append("no"), heard.append)
        running.withdraw()
        waiting.withdraw()
        gate.set()
        assert await result_of(threads, lambda: "after") == "after"
        assert (computed, heard) == ([], [])

    asyncio.run(main())


def test_without_a_thread_the_work_is_done_all_the_same(monkeypatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    async def main() -> None:
        assert await result_of(HelperThreads(), lambda: 1) == 1

    asyncio.run(main())
