"""
Ends the process even while C code runs that does not return.

Such a call (``sum(range(10**11))``) holds the interpreter's lock, and then no thread of
Python's gets a turn. ``last_resort_in_c.pyx`` starts threads that need none. Where
it could not be compiled, nothing does anything here: a second signal then takes effect
once the call returns, or lets go of the lock as most calls that wait do.
"""


def start(
    read_from: int, write_to: int, same_s: float, stuck_s: float, code: int
) -> bool:
    """
    Pass the numbers of signals on, and leave the process if Python takes no second one.

    Args:
        read_from: The file descriptor that signals are written to.
        write_to: The one that Python's thread reads.
        same_s: So soon after the first, a further signal is the same one.
        stuck_s: How long Python may take for a signal.
        code: The exit code.

    Returns:
        Whether it does; if not, nobody reads ``read_from``.

    """
    return False


def acknowledge() -> None:
    """Say that Python took a signal."""


def leave_with_parent(limit_s: float, code: int) -> None:
    """Leave the process so long after the one that started it has gone."""
