import signal
from typing import Any

import pytest

from gharial.vu.iteration import IterationOutcome

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="this system has no interval timers"
)


@pytest.mark.parametrize("definition", ["def", "async def"])
def test_code_that_never_pauses_is_ended(world: Any, definition: str) -> None:
    world.settings["task_limit_s"] = 0.05
    outcomes = world.iterate(
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
    assert outcomes == [IterationOutcome.FAILED, IterationOutcome.COMPLETED]
    [text] = world.texts()
    assert text.startswith(
        "RanTooLong: the script ran for more than 0.05 s without a pause\n"
        "    at default (chat.py:"
    )


def test_the_timer_is_gone_when_the_host_is_closed(world: Any) -> None:
    before = signal.getsignal(signal.SIGALRM)
    world.iterate("def default(): pass")
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
