"""What scripts do in threads of their own."""

import asyncio
import re
import threading
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def on_real_time(world: Any) -> None:
    """Run scripts on a real loop: virtual time waits for no thread."""
    world.run = lambda main: asyncio.run(main())


PLAIN = """
    import asyncio, threading
    from gharial import *
    counter = Counter("cc")

    async def default():
        thread = threading.Thread(target=work, name="mine")
        thread.start()
        while thread.is_alive():
            await asyncio.sleep(0)
        await asyncio.sleep(0)

    def work():
        {work}
"""
COPIED = """
    import asyncio
    from gharial import *
    counter = Counter("cc")

    async def default():
        await asyncio.to_thread(work)

    def work():
        {work}
"""
EXECUTOR = COPIED.replace(
    "await asyncio.to_thread(work)",
    "await asyncio.get_running_loop().run_in_executor(None, work)",
)
WAYS = [
    pytest.param(PLAIN, id="a thread"),
    pytest.param(COPIED, id="to_thread"),
    pytest.param(EXECUTOR, id="an executor"),
]


@pytest.mark.parametrize("way", WAYS)
def test_values_that_threads_add_are_not_lost(world: Any, way: str) -> None:
    world.iterate(way.format(work="counter.add(2, {'kind': 'late'})"), users=2, times=3)
    [sink] = world.values("cc").values()
    assert sink.value == 12
    assert "kind=late" in next(iter(world.values("cc")))
    assert world.texts() == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("work", "what"),
    [
        ("check(1, {'one': lambda it: it == 1})", r"check\(\)"),
        ("set_timeout(print, 1)", r"set_timeout\(\)"),
        ("clear_interval(1)", r"clear_interval\(\)"),
        ("sleep(1)", r"sleep\(\)"),
    ],
)
def test_what_belongs_to_the_loop_is_one_error_with_its_line(
    world: Any, way: str, work: str, what: str
) -> None:
    world.iterate(way.format(work=work))
    [text] = world.texts()
    thread = "mine" if way is PLAIN else ".*"
    assert re.search(rf"{what} was called in the thread '{thread}'", text), text
    line = next(
        number
        for number, one in enumerate(way.splitlines(), 1)
        if one.strip() == "{work}"
    )
    assert f"(chat.py:{line}:" in text


def test_what_else_a_thread_raises_is_logged_with_its_line(world: Any) -> None:
    before = threading.excepthook
    world.iterate(PLAIN.format(work="1 / 0"))
    [text] = world.texts()
    assert text.startswith("a thread of the script's 'mine' ended with ZeroDivision")
    assert "chat.py:14" in text
    assert threading.excepthook is before, "and nothing is left behind"


def test_other_threads_are_not_ours_to_tell_of(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    world.iterate(
        """
        import asyncio, threading
        async def default():
            thread = threading.Thread(target=int, args=("x",))
            thread.start()
            thread.join()
        """
    )
    assert [one.exc_type for one in told] == [ValueError]
    assert world.texts() == []


@pytest.mark.parametrize("way", WAYS)
def test_a_thread_may_log(
    world: Any, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.iterate(way.format(work="log.warning('here')"))
    # A thread that has none of the script's context says it to logging.
    assert [*world.texts(), *caplog.messages] == ["here"]


@pytest.mark.parametrize("work", ["1 / 0", "sleep(1)"])
def test_threads_that_python_numbers_are_told_as_one_kind(
    world: Any, work: str
) -> None:
    unnamed = PLAIN.replace(', name="mine"', "")
    world.iterate(unnamed.format(work=work), times=2)
    first, second = world.texts()
    assert first == second
    assert "'Thread-N (work)'" in first
