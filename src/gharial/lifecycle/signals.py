"""Ctrl+C once ends a run in order, twice at once."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gharial.errors import ExitCode
from gharial.lifecycle.control import Control

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def handled_signals(
    control: Control,
    *,
    restore_terminal: Callable[[], None] = lambda: None,
    leave: Callable[[int], object] = os._exit,
) -> Iterator[None]:
    """Handle both signals inside the block, on the running event loop."""
    loop = asyncio.get_running_loop()
    count = 0

    def receive(number: int) -> None:
        nonlocal count
        count += 1
        if count > 1:
            restore_terminal()
            leave(ExitCode.SIGNAL)
            return
        control.stop(ExitCode.SIGNAL, f"stopped by {signal.Signals(number).name}")

    for number in SIGNALS:
        loop.add_signal_handler(number, receive, number)
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
