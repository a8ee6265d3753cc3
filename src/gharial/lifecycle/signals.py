"""
Ctrl+C once ends a run in order, twice at once.

The handlers are Python's own and not the event loop's: they run even while script code
keeps the loop from turning.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from gharial.errors import ExitCode

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def handled_signals(
    first: Callable[[str], None],
    *,
    before_leaving: Callable[[], None] = lambda: None,
    leave: Callable[[int], object] = os._exit,
) -> Iterator[None]:
    """
    Handle both signals inside the block; without effect outside the main thread.

    Args:
        first: Called with the signal's name for the first one. It runs between any two
            steps of the program, so it must only leave word.
        before_leaving: Called before the process is left: restores the terminal, for one.
        leave: Leaves the process, for the second one.

    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    count = 0

    def receive(number: int, frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        if count > 1:
            before_leaving()
            leave(ExitCode.SIGNAL)
            return
        first(signal.Signals(number).name)

    before = {number: signal.signal(number, receive) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
