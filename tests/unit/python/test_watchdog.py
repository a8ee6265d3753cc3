import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, FunctionType
from typing import Any

import pytest

from gharial.python import watchdog
from gharial.python.watchdog import BlockedTooLong, RanTooLong, Watchdog
from gharial.virtual_user.iteration import IterationOutcome

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
    world.settings["callback_timeout_s"] = 0.05
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
    world.settings["callback_timeout_s"] = 0.05
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


class LoopThatNeverTurns:
    def call_soon_threadsafe(self, callback: Callable[[], None]) -> None:
        """Keep nobody waiting for it."""


@pytest.mark.parametrize(
    ("ticks", "verdict"),
    [
        # Seconds between two ticks, and what of them the thread had of a processor.
        pytest.param([(1.0, 1.0)] * 12, RanTooLong, id="computes"),
        pytest.param([(1.0, 0.0)] * 12, BlockedTooLong, id="waits in a call"),
        pytest.param([(1.0, 0.1)] * 60, None, id="has little of a busy machine"),
        pytest.param([(1.0, 0.5)] * 25, RanTooLong, id="computes on a busy machine"),
        pytest.param([(3600.0, 0.0), *[(1.0, 1.0)] * 3], None, id="was stopped"),
        pytest.param([(1.0, 1.0)] * 5, None, id="is not at it for long"),
    ],
)
def test_the_time_counts_in_which_it_ran(
    monkeypatch: pytest.MonkeyPatch,
    ticks: list[tuple[float, float]],
    verdict: type[RanTooLong] | None,
) -> None:
    now_s = cpu_s = 0.0
    monkeypatch.setattr(watchdog.time, "monotonic", lambda: now_s)
    dog = Watchdog(LoopThatNeverTurns(), 10.0, ())  # type: ignore[arg-type]
    found = [dog.verdict(cpu_s)]
    for passed_s, took_s in ticks:
        now_s += passed_s
        cpu_s += took_s
        found.append(dog.verdict(cpu_s))
    assert next((each for each in found if each is not None), None) is verdict


@pytest.mark.parametrize("where", [here, in_thread])
def test_code_that_blocks_its_process_is_told_so(world: Any, where: Where) -> None:
    world.settings["callback_timeout_s"] = 0.05
    outcomes = where(
        lambda: world.iterate(
            """
        import time
        from gharial import vu
        def default():
            if vu.iteration == 0:
                for _ in range(100):
                    time.sleep(0.1)
        """,
            times=2,
        )
    )
    assert outcomes == [IterationOutcome.FAILED, IterationOutcome.COMPLETED]
    [text] = world.texts()
    assert "waited for more than 0.05 s in a call that blocks its whole process" in text
    assert "    at default (chat.py:" in text
