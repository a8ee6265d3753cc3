"""
Enforces the limits of script code even in C code that does not return.

Such code holds the interpreter's lock: ``for (;;) 'x'.repeat(5e7).indexOf('y')`` comes to
one of the engine's ten thousand steps in a tenth of a second, ``sum(range(10**11))`` in
Python to none, and neither a watchdog in Python nor a signal gets its turn. A thread of
``native_calls_in_c.pyx`` needs none. When Python has had no turn for a while, it lets the
engine ask its watchdog at the next step. When that does not help either, it says where
the script is, and leaves the process. Where it could not be compiled, nothing does
anything here.
"""

# What code that does not return may take beyond the limit of script code.
GRACE_S = 10.0


def allow(code: int) -> bool:
    """
    Let this process be left with an exit code; call it where the process is our own.

    Returns:
        Whether it will be.

    """
    return False


def limit(callback_timeout_s: float, grace_s: float = GRACE_S) -> None:
    """Set the limit of code that does not pause, the longest of those that are set."""


class Polled:
    """A counter of the engine's steps, which is set so that the next one is the last."""

    __slots__ = ()

    def __init__(self, address: int) -> None:
        """Take where the counter is, which has to outlive this object."""
