"""
Handles signals, from the first line of the program to its last.

Python runs a handler between two steps of the main thread. That is too late where the
thread is in a call that does not return, and too early where it must not be interrupted.
So the handlers do nothing: the interpreter also writes each signal's number to a file
descriptor, from C and at once, and a thread that reads there does what is to be done.

What that is depends on where the program stands:

=================  ===============================  =====================
Where              First signal                     Second signal
=================  ===============================  =====================
nothing to lose    leaves at once                   —
a run              ends in order (`handled`)        leaves at once
=================  ===============================  =====================

This module is loaded first of all, and imports next to nothing.
"""

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.process import last_resort

SIGNAL_CODE: Final = 105
"""The exit code of a process that a signal ended; see `gharial.errors.ExitCode`."""

SAME_S: Final = 0.25
"""
So soon after the first signal, further ones are the same.

A terminal tells all processes of its group, and a program that started us (``timeout``,
``npx``, ``uv run``) passes on what it got: we get two for one Ctrl+C.
"""

STUCK_S: Final = 1.0
"""So long Python may take for a signal before the last resort steps in."""

FORCE_S: Final = 2.0
"""What is done before the process is left by force may take so long."""

NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


def _nothing() -> None:
    pass


@dataclass(slots=True)
class Reaction:
    """
    What signals do in one part of the program; called in the thread that reads them.

    Attributes:
        first: Called with the name of the first signal.
        before_leaving: Called before the process is left at the second.
        code: The exit code then.

    """

    first: Callable[[str], None]
    before_leaving: Callable[[], None] = _nothing
    code: int = SIGNAL_CODE


class Interruption:
    """
    What reads the signals of this process.

    Attributes:
        is_installed: Whether it does.

    """

    def __init__(
        self,
        *,
        leave: Callable[[int], object] = os._exit,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take what leaves the process, and a monotonic clock."""
        self.is_installed = False
        self._leave = leave
        self._now_s = now_s
        self._reactions: list[Reaction] = []
        self._first_at_s: float | None = None
        self._wake: Callable[[], object] = _nothing
        self._written = -1

    def install(self) -> None:
        """Take all signals from now on; call it in the main thread."""
        if self.is_installed:
            return
        self.is_installed = True
        read_from, self._written = os.pipe()
        if os.name != "nt":
            # Or the interpreter's handler could wait for us.
            os.set_blocking(self._written, False)
        signal.set_wakeup_fd(self._written, warn_on_full_buffer=False)
        for number in signals():
            # Whoever started us with `nohup` wants us to outlive the terminal.
            if number.name != "SIGHUP" or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, _ignore)
        relayed, relay_to = os.pipe()
        if last_resort.start(read_from, relay_to, SAME_S, STUCK_S, SIGNAL_CODE):
            read_from = relayed
        threading.Thread(
            target=self._read, args=(read_from,), name="gharial-signals", daemon=True
        ).start()

    def uninstall(self) -> None:
        """Take none any more, in a process that was forked: its parent takes them."""
        self.is_installed = False
        signal.set_wakeup_fd(-1)

    @contextmanager
    def handled(self, reaction: Reaction) -> Iterator[None]:
        """React this way inside the block."""
        self._reactions.append(reaction)
        try:
            yield
        finally:
            self._reactions.remove(reaction)

    def settle(self, reaction: Reaction) -> None:
        """React this way until the end of the process."""
        self._reactions.append(reaction)

    def claim(self, wake: Callable[[], object]) -> None:
        """
        Have signals written to us again, which an event loop had redirected to itself.

        Args:
            wake: Lets the loop turn; called for each signal, in another thread.

        """
        if self.is_installed and threading.current_thread() is threading.main_thread():
            self._wake = wake
            signal.set_wakeup_fd(self._written, warn_on_full_buffer=False)

    def release(self) -> None:
        """Forget the event loop."""
        self._wake = _nothing

    def receive(self, name: str) -> None:
        """Take one signal."""
        now_s = self._now_s()
        reaction = self._reactions[-1] if self._reactions else None
        if self._first_at_s is None:
            self._first_at_s = now_s
            if reaction is None:
                say(f"stopped by {name}")
                self._leave(SIGNAL_CODE)
            else:
                reaction.first(name)
        elif now_s - self._first_at_s >= SAME_S:
            self._leave_by_force(name, reaction)

    def _leave_by_force(self, name: str, reaction: Reaction | None) -> None:
        code = SIGNAL_CODE if reaction is None else reaction.code
        # What is done before may wait for a terminal that takes nothing.
        guard = threading.Timer(FORCE_S, self._leave, (code,))
        guard.daemon = True
        guard.start()
        if reaction is not None:
            reaction.before_leaving()
        say(f"ended at once by the second signal, {name}")
        guard.cancel()
        self._leave(code)

    def _read(self, read_from: int) -> None:
        names = {int(number): number.name for number in signals()}
        while numbers := os.read(read_from, 1):
            name = names.get(numbers[0])
            if name is not None:
                last_resort.acknowledge()
                self.receive(name)
            self._wake()


def signals() -> list[signal.Signals]:
    """Return the signals that end a program on this system."""
    return [signal.Signals[name] for name in NAMES if hasattr(signal, name)]


def ignore_all() -> None:
    """Ignore all of them: this process ends when another one says so."""
    for number in signals():
        signal.signal(number, signal.SIG_IGN)


def say(text: str) -> None:
    """Write a line to the standard error, whoever else is writing there; never waits."""
    try:
        if os.name == "nt" or select.select([], [2], [], 0)[1]:
            os.write(2, f"gharial: {text}\n".encode())
    except (OSError, ValueError):
        # Nobody reads it.
        return


def _ignore(number: int, frame: FrameType | None) -> None:
    """Let it be: the thread that reads signals sees to it."""


interruption = Interruption()
"""This process's."""
