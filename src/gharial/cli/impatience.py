"""Ctrl+C while nothing runs that would have to be ended in order."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gharial.errors import ExitCode

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def leaving_at_once(leave: Callable[[int], object] = os._exit) -> Iterator[None]:
    """
    Let Ctrl+C end the process at once inside the block.

    An exception would not do: the script that is being read may loop without end, or
    catch everything, and asyncio's own handler waits for the event loop to come round.
    """

    def receive(number: int, frame: object) -> None:
        sys.stderr.write(f"gharial: stopped by {signal.Signals(number).name}\n")
        sys.stderr.flush()
        leave(ExitCode.SIGNAL)

    before = [signal.signal(number, receive) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)
