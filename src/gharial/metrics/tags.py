"""Tags of a measurement: small immutable sets, of which equal ones are one object."""

from collections.abc import Iterator, Mapping
from weakref import WeakValueDictionary

from gharial.harmless import whole

Pairs = tuple[tuple[str, str], ...]

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
        metadata: Further pairs that go with single values to outputs and with nothing
            else: they may be different for each value, and no series is made of them.

    """

    __slots__ = ("__weakref__", "_extensions", "items", "metadata")

    def __init__(self, items: Pairs, metadata: Pairs = ()) -> None:
        self.items = items
        self.metadata = metadata
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
            pairs = sorted({**dict(self.items), **dict(key)}.items())
            extended = _interned(tuple(pairs), self.metadata)
            self._extensions[key] = extended
        return extended

    def with_metadata(self, metadata: Mapping[str, str]) -> "TagSet":
        """Return the same tags with this metadata in place of any other."""
        return _interned(self.items, tuple(sorted(metadata.items())))

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
    ) -> tuple[object, tuple[Pairs, Pairs]]:
        # In another process, too, equal sets have to be one object.
        return _interned, (self.items, self.metadata)


_INTERNED: WeakValueDictionary[tuple[Pairs, Pairs], TagSet] = WeakValueDictionary()


def _interned(items: Pairs, metadata: Pairs = ()) -> TagSet:
    key = items, metadata
    tags = _INTERNED.get(key)
    if tags is None:
        whole_key = _whole(items), _whole(metadata)
        if whole_key != key:
            return _interned(*whole_key)
        tags = _INTERNED[key] = TagSet(items, metadata)
    return tags


def _whole(pairs: Pairs) -> Pairs:
    """Return pairs that can be written as UTF-8, by whatever output there is."""
    return tuple((whole(name), whole(value)) for name, value in pairs)


EMPTY = TagSet.of({})
