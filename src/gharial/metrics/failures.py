"""What failed, in groups: why, where, how often, from when until when, and one example."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from gharial.lazy_dataclass import dataclass

GROUPS_MAXIMUM: Final = 100
"""Further groups are one for each kind, so that names which never repeat need no memory."""

TEXT_MAXIMUM: Final = 500
BODY_MAXIMUM: Final = 2000
"""More than is shown, so that secrets can be masked before the rest is cut off."""

OTHERS: Final = "(others)"

SOCKET: Final = "socket"
REQUEST: Final = "request"
HTTP: Final = "http"


@dataclass(frozen=True, slots=True)
class Failed:
    """
    One failure.

    Attributes:
        what: ``socket``, ``request`` (over a socket) or ``http``.
        reason: Why, in a word, as the tag ``reason`` has it.
        status: The HTTP status of the answer; 0 if there was none.
        name: The tag ``name``.
        scenario: The tag ``scenario``.
        url: The URL.
        text: One sentence for people.
        body: The beginning of the answer's body.

    """

    what: str
    reason: str
    status: int = 0
    name: str = ""
    scenario: str = ""
    url: str = ""
    text: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class FailedGroup:
    """
    Failures that are alike.

    Attributes:
        example: The first of them.
        count: How many.
        first_at_epoch_s: When the first one came, in seconds since the Unix epoch.
        last_at_epoch_s: When the last one came.

    """

    example: Failed
    count: int
    first_at_epoch_s: float
    last_at_epoch_s: float


_Key = tuple[str, str, int, str, str]


class Failures:
    """Groups of failures in bounded space, which are handed on and added up."""

    def __init__(self) -> None:
        self._groups: dict[_Key, FailedGroup] = {}

    @property
    def groups(self) -> tuple[FailedGroup, ...]:
        """All groups, the most frequent first."""
        return tuple(
            sorted(
                self._groups.values(),
                key=lambda one: (-one.count, one.first_at_epoch_s, one.example.name),
            )
        )

    def add(self, failed: Failed, at_epoch_s: float) -> None:
        """Add a failure."""
        self.merge((FailedGroup(failed, 1, at_epoch_s, at_epoch_s),))

    def merge(self, groups: Iterable[FailedGroup]) -> None:
        """Add what others have counted."""
        for group in groups:
            key = self._key(group.example)
            known = self._groups.get(key)
            if known is None:
                self._groups[key] = replace(group, example=_keyed(group.example, key))
                continue
            example = known.example
            if group.first_at_epoch_s < known.first_at_epoch_s:
                example = _keyed(group.example, key)
            self._groups[key] = FailedGroup(
                example,
                known.count + group.count,
                min(known.first_at_epoch_s, group.first_at_epoch_s),
                max(known.last_at_epoch_s, group.last_at_epoch_s),
            )

    def take(self) -> tuple[FailedGroup, ...]:
        """Return what has come since the last call, and begin anew."""
        taken = tuple(self._groups.values())
        self._groups.clear()
        return taken

    def _key(self, one: Failed) -> _Key:
        key = (one.what, one.reason, one.status, one.name, one.scenario)
        if key in self._groups or len(self._groups) < GROUPS_MAXIMUM:
            return key
        # Kinds and reasons are few; what is unlimited is their names.
        return (one.what, one.reason, 0, OTHERS, OTHERS)


def _keyed(one: Failed, key: _Key) -> Failed:
    """Return an example within its bounds, under the names of its group."""
    return Failed(
        *key, one.url[:BODY_MAXIMUM], one.text[:TEXT_MAXIMUM], one.body[:BODY_MAXIMUM]
    )
