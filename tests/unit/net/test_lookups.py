import asyncio
import threading
from typing import Any

import pytest

from gharial.net.lookups import Lookups


def test_no_more_threads_than_allowed_ask_at_the_same_time() -> None:
    asking, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2, timeout=240)

    def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        nonlocal asking, most
        with lock:
            asking += 1
            most = max(most, asking)
        both.wait()
        with lock:
            asking -= 1
        return [(host, options["family"])]

    async def main() -> list[Any]:
        lookups = Lookups(getaddrinfo, threads_maximum=2)
        questions = [lookups.ask(str(number), 2) for number in range(10)]
        return [await question.answer for question in questions]

    assert asyncio.run(main()) == [[(str(number), 2)] for number in range(10)]
    assert most == 2


def test_what_the_system_raises_is_the_answer() -> None:
    def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        raise OSError("broken")

    async def main() -> None:
        with pytest.raises(OSError, match="broken"):
            await Lookups(getaddrinfo).ask("a", 0).answer

    asyncio.run(main())


def test_a_question_that_waits_can_be_withdrawn_and_one_that_is_asked_cannot() -> None:
    begun, released = threading.Event(), threading.Event()

    def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        begun.set()
        released.wait(240)
        return [(host,)]

    async def main() -> list[Any]:
        lookups = Lookups(getaddrinfo, threads_maximum=1)
        first, second = lookups.ask("a", 0), lookups.ask("b", 0)
        assert await asyncio.to_thread(begun.wait, 30)
        assert (first.withdraw(), second.withdraw()) == (False, True)
        assert second.answer.cancelled()
        released.set()
        return await first.answer

    assert asyncio.run(main()) == [("a",)]


def test_without_a_thread_a_question_fails_unless_another_thread_takes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released = threading.Event()

    def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        released.wait(240)
        return [(host,)]

    def fail(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def main() -> None:
        lookups = Lookups(getaddrinfo)
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", fail)
            with pytest.raises(OSError, match="can't start new thread"):
                await lookups.ask("a", 0).answer
        running = lookups.ask("b", 0)
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", fail)
            waiting = lookups.ask("c", 0)
        released.set()
        assert await running.answer == [("b",)]
        assert await waiting.answer == [("c",)]

    asyncio.run(main())
