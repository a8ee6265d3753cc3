"""What a script throws, in groups: what it said, where, how often, and when first."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern

GROUPS_MAXIMUM: Final = 100
"""Further groups are one, so that texts which are never the same do not fill memory."""

MESSAGES_MAXIMUM: Final = 10
"""Of one place so many messages are told apart."""

TEXT_MAXIMUM: Final = 500
STACK_MAXIMUM: Final = 2000
KINDS_MAXIMUM: Final = 50
OTHER_KIND: Final = "other"
OTHER_MESSAGES: Final = "(other messages)"
OTHER_EXCEPTIONS: Final = "(other exceptions)"

_KIND = lazy_pattern(
    r"(?:Uncaught \(in promise\) )?([A-Z][A-Za-z0-9_]{0,60})(?=:|$|\n)"
)
# "at name (file:3:5)", "at file:3:5"; a column is not told.
_PLACE = lazy_pattern(
    r"\s*at (?:[^(]*\((?P<named>.+?:\d+)(?::\d+)?\)|(?P<bare>.+?:\d+)(?::\d+)?)$"
)
_BUILT_IN = lazy_pattern(r"(?:k6|gharial)[:/]|<")


@dataclass(frozen=True, slots=True)
class ThrownGroup:
    """
    Exceptions of iterations that are alike.

    Attributes:
        message: The first line of what they say.
        place: File and line of the script, ``script.js:5``; empty if unknown.
        count: How many iterations they ended.
        first_at_epoch_s: When the first one came, in seconds since the Unix epoch.
        last_at_epoch_s: When the last one came.
        scenario: The scenario of the first one.
        stack: The stack of the first one, cut off after `STACK_MAXIMUM` characters.

    """

    message: str
    place: str
    count: int
    first_at_epoch_s: float
    last_at_epoch_s: float = 0.0
    scenario: str = ""
    stack: str = ""


def kind_of(message: str) -> str:
    """Return an exception's class by its text; ``other`` if it names none."""
    match = _KIND.match(message)
    return match[1] if match is not None else OTHER_KIND


def place_of(stack: str) -> str:
    """Return the innermost file and line of a stack that is the script's own."""
    found = filter(None, map(_PLACE.match, stack.splitlines()))
    places = [match["named"] or match["bare"] for match in found]
    own = [place for place in places if not _BUILT_IN.match(place)]
    return next(iter(own or places), "")


class Exceptions:
    """Groups of exceptions in bounded space, which are handed on and added up."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], ThrownGroup] = {}
        self._messages: dict[str, int] = {}
        self._kinds: set[str] = set()

    @property
    def groups(self) -> tuple[ThrownGroup, ...]:
        """All groups, the most frequent first."""
        return tuple(
            sorted(self._groups.values(), key=lambda one: (-one.count, one.message))
        )

    def add(
        self, message: str, stack: str, at_epoch_s: float, scenario: str = ""
    ) -> str:
        """Add an exception; return its kind, of which there are not many."""
        kind = kind_of(message)
        if kind not in self._kinds:
            if len(self._kinds) >= KINDS_MAXIMUM:
                kind = OTHER_KIND
            self._kinds.add(kind)
        text = message.partition("\n")[0][:TEXT_MAXIMUM]
        thrown = ThrownGroup(
            *(text, place_of(stack), 1, at_epoch_s, at_epoch_s, scenario),
            stack[:STACK_MAXIMUM],
        )
        self.merge((thrown,))
        return kind

    def merge(self, groups: Iterable[ThrownGroup]) -> None:
        """Add what others have counted."""
        for group in groups:
            key = self._key(group.message, group.place)
            known = self._groups.get(key)
            if known is None:
                message, place = key
                self._groups[key] = replace(group, message=message, place=place)
                self._messages[place] = self._messages.get(place, 0) + 1
                continue
            first = min(known, group, key=lambda one: one.first_at_epoch_s)
            self._groups[key] = replace(
                first,
                message=known.message,
                place=known.place,
                count=known.count + group.count,
                last_at_epoch_s=max(known.last_at_epoch_s, group.last_at_epoch_s),
            )

    def take(self) -> tuple[ThrownGroup, ...]:
        """Return what has come since the last call, and begin anew."""
        taken = tuple(self._groups.values())
        self._groups.clear()
        self._messages.clear()
        return taken

    def _key(self, message: str, place: str) -> tuple[str, str]:
        if (message, place) in self._groups:
            return message, place
        if self._messages.get(place, 0) >= MESSAGES_MAXIMUM:
            message = OTHER_MESSAGES
        if (message, place) not in self._groups and len(self._groups) >= GROUPS_MAXIMUM:
            return OTHER_EXCEPTIONS, ""
        return message, place
