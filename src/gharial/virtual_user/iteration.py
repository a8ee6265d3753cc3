"""How iterations end, and what a virtual user can do to what belongs to them."""

from enum import Enum
from typing import Protocol


class IterationOutcome(Enum):
    """How an iteration ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class LiveSocket(Protocol):
    """What a virtual user can do to a socket of its own to make it end."""

    @property
    def is_established(self) -> bool:
        """Whether it may be kept over iterations: it is open, and its script knows it."""
        ...

    @property
    def description(self) -> str:
        """What it is, and in which state, in a few words."""
        ...

    def shut(self, code: int) -> None:
        """Close with this code, or give up the dial; bounded by the close limit."""
        ...

    def abort(self) -> None:
        """End at once."""
        ...
