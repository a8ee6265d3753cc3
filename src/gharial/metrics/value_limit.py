"""A bound on the values of a tag that come from what others send."""

from typing import Final

from gharial.metrics.tags import TagSet

OTHER: Final = "other"
"""Stands for all values beyond the bound."""

VALUES_MAXIMUM: Final = 200
"""So many values of such a tag a run has of its own."""


class ValueLimit:
    """
    Lets the first values of a tag pass, and calls all others ``other``.

    Args:
        tag: The tag's name.

    """

    __slots__ = ("_seen", "_tag")

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._seen: set[str] = {OTHER}

    def value(self, wanted: str) -> str:
        """Return the value that stands for another."""
        if wanted in self._seen:
            return wanted
        if len(self._seen) > VALUES_MAXIMUM:
            return OTHER
        self._seen.add(wanted)
        return wanted

    def tags(self, tags: TagSet) -> TagSet:
        """Return tags with the value that stands for theirs, if they have the tag."""
        wanted = tags.get(self._tag)
        if wanted is None:
            return tags
        value = self.value(wanted)
        return tags if value == wanted else tags.with_({self._tag: value})
