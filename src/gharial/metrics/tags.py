"""Sets of tags, interned: equal sets are the same object."""

from collections.abc import Iterator, Mapping
from typing import ClassVar
from weakref import WeakValueDictionary

Pairs = tuple[tuple[str, str], ...]

# Extensions of a set that are remembered with it; the bound keeps a script that makes a
# new tag value for each call from growing memory through this cache.
CACHED_EXTENSIONS_MAXIMUM = 256


class TagSet:
    """
    An immutable set of tags, each a name with a value.

    Equal sets are one object, so that they compare and hash by identity.

    Attributes:
        items: Name and value pairs, sorted by name.

    """

    __slots__ = ("__weakref__", "_extensions", "_values", "items")

    _interned: ClassVar[WeakValueDictionary[Pairs, "TagSet"]] = WeakValueDictionary()

    items: Pairs

    def __new__(cls, items: Pairs) -> "TagSet":
        """Return the one set with these sorted pairs."""
        present = cls._interned.get(items)
        if present is not None:
            return present
        made = super().__new__(cls)
        made.items = items
        made._values = dict(items)
        made._extensions = {}
        cls._interned[items] = made
        return made

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> "TagSet":
        """Return the set with these tags."""
        return cls(tuple(sorted(tags.items())))

    def with_(self, tags: "Mapping[str, str] | TagSet") -> "TagSet":
        """Return this set with ``tags`` added; theirs win."""
        if isinstance(tags, TagSet):
            if not tags.items:
                return self
            key: Pairs = tags.items
        else:
            key = tuple(tags.items())
        present = self._extensions.get(key)
        if present is not None:
            return present
        extended = TagSet.of({**self._values, **dict(key)})
        if len(self._extensions) >= CACHED_EXTENSIONS_MAXIMUM:
            self._extensions.clear()
        self._extensions[key] = extended
        return extended

    def get(self, name: str) -> str | None:
        """Return the value of a tag, None if there is none of this name."""
        return self._values.get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"TagSet({dict(self.items)!r})"

    def __reduce__(self) -> tuple[type["TagSet"], tuple[Pairs]]:
        return (TagSet, (self.items,))

    _values: dict[str, str]
    _extensions: dict[Pairs, "TagSet"]


EMPTY = TagSet(())
