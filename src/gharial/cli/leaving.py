"""Ends the process, even if a script left threads running."""

import os
import sys
import threading
import time
from types import FrameType
from typing import Final, NoReturn

from gharial.process.interruption import Reaction, interruption, say
from gharial.process.standard_streams import failure_of
from gharial.process.thread_names import OUTPUT_THREADS

LEAVE_LIMIT_S: Final = 3.0
"""How long threads that still work may keep the process from ending."""


def leave(exit_code: int) -> NoReturn:
    """End the process with an exit code, by force if threads do not end."""
    sys.stdout.flush()
    sys.stderr.flush()
    # All is done and told: a signal can only be meant for what takes so long.
    interruption.settle(Reaction(lambda name: os._exit(exit_code), code=exit_code))
    threads = threading.enumerate()
    if any(each.name.startswith(OUTPUT_THREADS) for each in threads):
        # It was given up, and that was told; Python would wait for it to close its file.
        os._exit(exit_code)
    threading.Thread(
        target=_leave_later, args=(exit_code,), name="gharial-end", daemon=True
    ).start()
    sys.exit(exit_code)


def told_of_lost_output(exit_code: int, *, is_result_elsewhere: bool) -> int:
    """
    Report an error if standard output did not take everything written to it.

    Args:
        exit_code: What the command came to.
        is_result_elsewhere: Whether the exit code alone says what came of it, as of a run.

    Returns:
        The exit code to end with.

    """
    sys.stdout.flush()
    failure = failure_of(sys.stdout)
    if failure is None:
        return exit_code
    say(f"cannot write to standard output: {failure.strerror or failure}")
    return exit_code if is_result_elsewhere else exit_code or UNWRITTEN


UNWRITTEN: Final = 104
"""The exit code where what was asked for could not be printed."""


def _leave_later(exit_code: int) -> None:
    time.sleep(LEAVE_LIMIT_S)
    frames = sys._current_frames()
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.main_thread():
            place = _place(frames.get(thread.ident or 0))
            say(f"left behind: the thread {thread.name}{place}")
    os._exit(exit_code)


def _place(frame: FrameType | None) -> str:
    """Return where a thread stands: in the script, if that is to be seen."""
    if frame is None:
        return ""
    inner = frame
    while frame is not None:
        name = frame.f_code.co_filename
        if "site-packages" not in name and f"{os.sep}lib{os.sep}python" not in name:
            return f", at {name}:{frame.f_lineno}"
        frame = frame.f_back
    return f", at {inner.f_code.co_filename}:{inner.f_lineno}"
