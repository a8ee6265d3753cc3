"""
An event loop whose time is virtual: it jumps over every wait.

An hour of timers takes milliseconds, and nothing depends on how fast the machine is.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from gharial.errors import GharialError
from gharial.timing import Clock

Result = TypeVar("Result")

# A day: longer than any test of a load test.
LIMIT_S = 86_400.0


class NothingLeftToDoError(GharialError):
    """
    The loop waits for something that will not come: no timer is set.

    Attributes:
        at_s: The virtual time.

    """

    def __init__(self, at_s: float) -> None:
        super().__init__(at_s)
        self.at_s = at_s

    def __str__(self) -> str:
        return (
            f"at {self.at_s:g} s of virtual time nothing is ready and no timer is set: "
            "this would hang"
        )


class VirtualTimeLimitError(GharialError):
    """
    Virtual time ran past its limit.

    Attributes:
        limit_s: The limit, in seconds.

    """

    def __init__(self, limit_s: float) -> None:
        super().__init__(limit_s)
        self.limit_s = limit_s

    def __str__(self) -> str:
        return f"virtual time ran past its limit of {self.limit_s:g} s"


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: a wait moves the loop's clock on instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.limit_s = LIMIT_S

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise NothingLeftToDoError(self.now_s)
        self.now_s += timeout
        if self.now_s > self.limit_s:
            raise VirtualTimeLimitError(self.limit_s)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio event loop on virtual time, which begins at 0."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        # No timer is left waiting because of rounding.
        self._clock_resolution = 1e-9

    def time(self) -> float:
        """Return the virtual time, in seconds."""
        return self._jumping.now_s

    def clock(self) -> Clock:
        """Return the virtual time as the clock that Gharial's parts take."""
        return Clock(self.time, 1_000_000_000.0)

    def set_limit(self, limit_s: float) -> None:
        """Raise VirtualTimeLimitError once virtual time passes this limit."""
        self._jumping.limit_s = limit_s


def run(coroutine: Coroutine[Any, Any, Result], *, limit_s: float = LIMIT_S) -> Result:
    """
    Run a coroutine on a virtual loop of its own; return its result.

    Raises:
        NothingLeftToDoError: If it waits for something that will not come.
        VirtualTimeLimitError: If it takes longer than the limit.

    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        loop.set_limit(limit_s)
        return runner.run(coroutine)
