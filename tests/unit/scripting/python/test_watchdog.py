import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, FunctionType
from typing import Any

import pytest

from gharial.scripting.python.watchdog import Watchdog
from gharial.vu.iteration import IterationOutcome

Outcomes = list[IterationOutcome]
Where = Callable[[Callable[[], Outcomes]], Outcomes]


def here(iterate: Callable[[], Outcomes]) -> Outcomes:
    return iterate()


def in_thread(iterate: Callable[[], Outcomes]) -> Outcomes:
    came: list[Outcomes] = []
    thread = threading.Thread(target=lambda: came.append(iterate()))
    thread.start()
    thread.join()
    return came[0]


@pytest.mark.parametrize("where", [here, in_thread])
@pytest.mark.parametrize("definition", ["def", "async def"])
def test_code_that_never_pauses_is_ended(
    world: Any, definition: str, where: Where
) -> None:
    world.settings["task_limit_s"] = 0.05
    outcomes = where(
        lambda: world.iterate(
            f"""
        from gharial import vu
        {definition} default():
            while vu.iteration == 0:
                try:
                    while True:
                        pass
                except Exception:
                    pass
        """,
            times=2,
        )
    )
    assert outcomes == [IterationOutcome.FAILED, IterationOutcome.COMPLETED]
    [text] = world.texts()
    assert text.startswith(
        "RanTooLong: the script ran for more than 0.05 s without a pause\n"
        "    at default (chat.py:"
    )


def test_code_that_runs_inside_a_library_is_ended_in_a_thread_too(world: Any) -> None:
    world.settings["task_limit_s"] = 0.05
    outcomes = in_thread(
        lambda: world.iterate(
            """
        from itertools import count
        from json import loads
        def default():
            for number in count():
                loads("[" * 100 + "]" * 100)
        """
        )
    )
    assert outcomes == [IterationOutcome.FAILED]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no such timers")
def test_the_timer_is_gone_when_the_host_is_closed(world: Any) -> None:
    before = signal.getsignal(signal.SIGALRM)
    world.iterate("def default(): pass")
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_thread_is_gone_when_the_host_is_closed(world: Any) -> None:
    before = set(threading.enumerate())
    seen: list[str] = []

    def iterate() -> Outcomes:
        outcomes: Outcomes = world.iterate("def default(): pass")
        seen.extend(each.name for each in threading.enumerate())
        return outcomes

    assert in_thread(iterate) == [IterationOutcome.COMPLETED]
    assert "gharial-watchdog" not in seen
    assert set(threading.enumerate()) == before


def test_script_code_is_told_by_the_frames_that_called() -> None:
    loop: Any = None

    def library() -> FrameType:
        return sys._getframe()

    code = library.__code__.replace(co_filename="library.py")
    frame = FunctionType(code, globals())()
    assert Watchdog(loop, 1.0, {__file__}).is_of_script(frame)
    assert not Watchdog(loop, 1.0, {"chat.py"}).is_of_script(frame)
