"""How iterations end."""

from enum import Enum


class IterationOutcome(Enum):
    """How an iteration ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
