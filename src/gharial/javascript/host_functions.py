"""
What the runtime calls in Python, made when a virtual user first calls it.

There are some hundred functions, and a script uses few of them: made for every virtual
user, they took 18 KB of each (measured over 500).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from gharial.engine.port import JsContext

Functions = Mapping[str, Callable[..., Any]]
Owner = TypeVar("Owner")

# On the hot path; what they are given is never a string.
_WITHOUT_TEXTS = frozenset(("socketSendBinary", "socketBufferedAmount", "runJobs"))


def add_place(places: dict[str, int], place: int, names: Iterable[str]) -> None:
    """
    Take down which part some functions belong to.

    Args:
        places: The places of the parts of those that are known.
        place: The part's place.
        names: The names of its functions.

    Raises:
        RuntimeError: If a name belongs to two, one of which could not be called.

    """
    for name in names:
        if places.setdefault(name, place) != place:
            raise RuntimeError(
                f"two parts of the host have a function {name}(); give one of them "
                "another name"
            )


class FunctionTable(Generic[Owner]):
    """
    Which part has which function, the same for all virtual users.

    Args:
        parts: Each makes the functions of one part for an owner.

    """

    def __init__(self, *parts: Callable[[Owner], Functions]) -> None:
        self._parts = parts
        # The place in `parts` of each function of the first few: as far as one was looked
        # for. A part that no script uses is never made, nor is its module loaded.
        self._places: dict[str, int] = {}
        self._parts_known = 0

    def place(self, name: str, owner: Owner) -> int | None:
        """Return the place of the part that has this function; None for no such."""
        while name not in self._places and self._parts_known < len(self._parts):
            place = self._parts_known
            add_place(self._places, place, self._parts[place](owner))
            self._parts_known += 1
        return self._places.get(name)

    def make(self, place: int, owner: Owner) -> Functions:
        """Return the functions of the part at this place."""
        return self._parts[place](owner)


class HostFunctions(Generic[Owner]):
    """The functions of one virtual user's global object."""

    __slots__ = ("_context", "_found", "_owner", "_parts", "_table")

    def __init__(
        self, table: FunctionTable[Owner], owner: Owner, context: JsContext
    ) -> None:
        self._table = table
        self._owner = owner
        self._context = context
        self._parts: dict[int, Functions] = {}
        self._found: dict[str, Callable[..., Any]] = {}

    def find(self, name: str) -> Callable[..., Any] | None:
        """Return the function of this name, each time the same; None for no such."""
        found = self._found.get(name)
        if found is None:
            found = self._make(name)
            if found is not None:
                self._found[name] = found
        return found

    def _make(self, name: str) -> Callable[..., Any] | None:
        place = self._table.place(name, self._owner)
        if place is None:
            return None
        functions = self._parts.get(place)
        if functions is None:
            functions = self._parts[place] = self._table.make(place, self._owner)
        function = functions[name]
        if name in _WITHOUT_TEXTS:
            return function
        return self._context.taking_texts(function)

    def clear(self) -> None:
        """Let go of all functions."""
        self._parts.clear()
        self._found.clear()
        del self._context
