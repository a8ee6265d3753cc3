"""Lines of a log that are held back as long as their script may be run anew."""

from collections.abc import Callable, Mapping

from gharial.log_lines import Log


class HeldLines:
    """
    A log whose lines are shown once, although what logs them may be run several times.

    Args:
        log: Where the lines go in the end.
        may_begin_again: Whether what is logged now may yet be run again.

    """

    def __init__(self, log: Log, may_begin_again: Callable[[], bool]) -> None:
        self._log = log
        self._may_begin_again = may_begin_again
        self._held: list[tuple[int, str, Mapping[str, str]]] = []
        # How many lines are shown, and how many of them are still to come once more.
        self._shown = 0
        self._repeated = 0

    def __call__(self, level: int, text: str, fields: Mapping[str, str]) -> None:
        """Show a line, or keep it until it is certain."""
        if self._repeated:
            self._repeated -= 1
        elif self._held or self._may_begin_again():
            self._held.append((level, text, fields))
        else:
            self._shown += 1
            self._log(level, text, fields)

    def begin_again(self) -> None:
        """Forget the lines that are held back; those already shown are not shown twice."""
        self._held.clear()
        self._repeated = self._shown

    def finish(self) -> None:
        """Show what is held back."""
        held, self._held = self._held, []
        for line in held:
            self._log(*line)
