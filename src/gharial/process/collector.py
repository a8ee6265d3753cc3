"""
The garbage collector during a start.

What a start loads stays: looking through it again and again took an eighth of the time,
and found nothing. Afterwards it is set aside for good, so that collecting in the middle of
a run has less to look through, and processes that are forked share it.

Only the program itself calls `own`; for a program that runs tests by itself nothing of
this happens.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_is_ours = False


def own() -> None:
    """From now on this process's collector waits while something is loaded."""
    global _is_ours
    _is_ours = True
    gc.disable()


def resume() -> None:
    """Set aside all that there is, and collect again."""
    if _is_ours:
        gc.freeze()
        gc.enable()


@contextmanager
def paused() -> Iterator[None]:
    """Collect nothing inside the block, in which something is loaded."""
    if _is_ours:
        gc.disable()
    try:
        yield
    finally:
        resume()
