"""The tree of errors that Gharial raises on purpose, and its exit codes."""

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """
    What the process tells its caller when it ends.

    Source:
        k6 v2.2, ``errext/exitcodes/codes.go``; 1 and 111 are ours.
    """

    OK = 0
    COMPARISON_FAILED = 1
    THRESHOLDS_FAILED = 99
    SETUP_TIMEOUT = 100
    TEARDOWN_TIMEOUT = 101
    GENERIC_TIMEOUT = 102
    STOPPED_FROM_OUTSIDE = 103
    INVALID_CONFIG = 104
    SIGNAL = 105
    ADDRESS_UNUSABLE = 106
    SCRIPT_EXCEPTION = 107
    SCRIPT_ABORTED = 108
    INTERNAL = 109
    MARKED_FAILED = 110
    WORKER_LOST = 111
    OTHER = 255


class GharialError(Exception):
    """
    The root of every error that is raised on purpose.

    A subclass takes facts, hands exactly those to ``super().__init__`` so that it
    pickles, and makes its sentence in ``__str__``.
    """

    exit_code: ExitCode = ExitCode.OTHER


class ConfigurationError(GharialError):
    """
    Something that the user asked for cannot be done as given.

    Attributes:
        problem: The whole message: what was wrong, where, what would be right.

    """

    exit_code = ExitCode.INVALID_CONFIG

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return self.problem


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that ``name`` was most likely meant to be, if any is near."""
    # Loaded for those who make a mistake: each start would wait for it.
    import difflib

    matches = difflib.get_close_matches(name, list(candidates), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return ``'; did you mean "x"?'`` for the nearest candidate, else nothing."""
    match = nearest(name, candidates)
    return f'; did you mean "{match}"?' if match else ""
