"""
What a virtual user has begun and is not over: sockets, HTTP requests, tasks in Python.

Each keeps its iteration from ending, unless it rests: then it ends with its iteration.
What ``vuSetup`` left open is kept over all iterations instead, and keeps none of them.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from gharial.virtual_user.loop import VuLoop


class Operation(Protocol):
    """What a virtual user can do to something that its script began."""

    @property
    def is_established(self) -> bool:
        """Whether it may be kept over iterations: it is open, and its script knows it."""
        ...

    @property
    def description(self) -> str:
        """What it is, and in which state, in a few words."""
        ...

    def shut(self, code: int) -> None:
        """End it in an orderly way, within a limit; a socket closes with this code."""
        ...

    def abort(self) -> None:
        """End at once."""
        ...


class Operations:
    """
    The operations of one virtual user that are not over.

    Attributes:
        are_keeping: Whether what is established from now on is kept over iterations.
        end_code: Set while the iteration is ending: what begins then is shut at once, with
            this code.

    """

    __slots__ = (
        "_kept",
        "_loop",
        "_none_kept",
        "_of_iteration",
        "_on_none_kept",
        "_resting",
        "are_keeping",
        "end_code",
    )

    def __init__(self, loop: VuLoop, on_none_kept: Callable[[], None]) -> None:
        """
        Begin with none.

        Args:
            loop: Held by those of the iteration.
            on_none_kept: Called when the last of those that were kept has ended.

        """
        self._loop = loop
        self._on_none_kept = on_none_kept
        # Both in the order of their beginning, in which they are closed as well.
        self._of_iteration: dict[Operation, None] = {}
        self._kept: dict[Operation, None] = {}
        # Few virtual users have any.
        self._resting: dict[Operation, None] | None = None
        self._none_kept: asyncio.Event | None = None
        self.are_keeping = False
        self.end_code: int | None = None

    @property
    def has_kept(self) -> bool:
        """Whether anything is kept over iterations."""
        return bool(self._kept)

    # -- What the operations say of themselves ---------------------------------------

    def began(self, operation: Operation) -> None:
        """Keep the iteration alive for an operation, from its construction on."""
        self._of_iteration[operation] = None
        self._loop.hold()
        if self.end_code is not None:
            operation.shut(self.end_code)

    def established(self, operation: Operation) -> None:
        """Take note that the script knows that it is open."""
        if self.are_keeping and operation in self._of_iteration:
            self._keep(operation)

    def rest(self, operation: Operation) -> None:
        """Let the iteration end without an operation that nobody waits for."""
        if operation in self._of_iteration:
            del self._of_iteration[operation]
            if self._resting is None:
                self._resting = {}
            self._resting[operation] = None
            self._loop.release()

    def wake(self, operation: Operation) -> None:
        """Keep the iteration alive for an operation that rested."""
        if self._resting is not None and operation in self._resting:
            del self._resting[operation]
            self._of_iteration[operation] = None
            self._loop.hold()
            if self.end_code is not None:
                operation.shut(self.end_code)

    def ended(self, operation: Operation) -> None:
        """Let the iteration end without an operation; call it once its events are over."""
        if self._resting is not None:
            self._resting.pop(operation, None)
        if operation in self._of_iteration:
            del self._of_iteration[operation]
            self._loop.release()
        elif operation in self._kept:
            del self._kept[operation]
            if not self._kept:
                if self._none_kept is not None:
                    self._none_kept.set()
                self._on_none_kept()

    # -- What the virtual user does with them ----------------------------------------

    def pending(self) -> list[Operation]:
        """Return those of the iteration, in the order of their beginning."""
        return list(self._of_iteration)

    def keep_established(self) -> None:
        """Keep all that are established over iterations, and so those to come."""
        self.are_keeping = True
        for operation in self.pending():
            if operation.is_established:
                self._keep(operation)

    def shut(self, code: int) -> None:
        """Shut all of the iteration."""
        for operation in self.pending():
            operation.shut(code)

    def abort(self) -> None:
        """End all of the iteration at once; the loop is told nothing."""
        for operation in self.pending():
            operation.abort()
        self._of_iteration.clear()
        self.abort_resting()

    def abort_resting(self) -> None:
        """End at once what rests: its iteration is over."""
        resting, self._resting = self._resting, None
        for operation in resting or ():
            operation.abort()

    def shut_kept(self, code: int) -> None:
        """Shut all that are kept over iterations."""
        for operation in list(self._kept):
            operation.shut(code)

    async def shut_kept_and_wait(self, code: int, limit_s: float) -> None:
        """Shut all that are kept, and return once they are gone or after a time."""
        if self._kept:
            self._none_kept = asyncio.Event()
            self.shut_kept(code)
            try:
                await asyncio.wait_for(self._none_kept.wait(), limit_s)
            except TimeoutError:
                return

    def abort_kept(self) -> None:
        """End all that are kept at once."""
        for operation in list(self._kept):
            operation.abort()
        self._kept.clear()

    def _keep(self, operation: Operation) -> None:
        del self._of_iteration[operation]
        self._kept[operation] = None
        self._loop.release()
