"""Tags of a measurement: small immutable sets, of which equal ones are one object."""

from collections.abc import Iterator, Mapping
from weakref import WeakValueDictionary

# Enough for the handful of variations that one set of tags has in practice. A script
# that makes up a new value each time must not make the cache grow with it.
_CACHED_EXTENSIONS = 1024


class TagSet:
    """
    Pairs of name and value, sorted by name.

    Equal sets are the same object as long as one of them is in use, so sets are compared
    and hashed by identity, which costs nothing on the way of a measurement. Make them
    with `of` and `with_`, never with the constructor.

    Attributes:
        items: The pairs.

    """

    __slots__ = ("__weakref__", "_extensions", "items")

    def __init__(self, items: tuple[tuple[str, str], ...]) -> None:
        self.items = items
        self._extensions: dict[tuple[tuple[str, str], ...], TagSet] = {}

    @staticmethod
    def of(tags: Mapping[str, str]) -> "TagSet":
        """Return the set of these tags."""
        return _interned(tuple(sorted(tags.items())))

    def with_(self, tags: "Mapping[str, str] | TagSet") -> "TagSet":
        """Return this set with others added; where both have a name, ``tags`` wins."""
        key = tags.items if isinstance(tags, TagSet) else tuple(tags.items())
        extended = self._extensions.get(key)
        if extended is None:
            if len(self._extensions) >= _CACHED_EXTENSIONS:
                self._extensions.clear()
            extended = TagSet.of({**dict(self.items), **dict(key)})
            self._extensions[key] = extended
        return extended

    def get(self, name: str) -> str | None:
        """Return the value of a tag, None if it is not set."""
        for key, value in self.items:
            if key == name:
                return value
        return None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"TagSet({dict(self.items)!r})"

    def __reduce__(
        self,
    ) -> tuple[object, tuple[tuple[tuple[str, str], ...]]]:
        # In another process, too, equal sets have to be one object.
        return _interned, (self.items,)


_INTERNED: WeakValueDictionary[tuple[tuple[str, str], ...], TagSet] = (
    WeakValueDictionary()
)


def _interned(items: tuple[tuple[str, str], ...]) -> TagSet:
    tags = _INTERNED.get(items)
    if tags is None:
        tags = _INTERNED[items] = TagSet(items)
    return tags


EMPTY = TagSet.of({})
