"""
What the runtime calls in Python, made when a virtual user first calls it.

There are some hundred functions, and a script uses few of them: made for every virtual
user, they took 18 KB of each (measured over 500).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gharial.javascript.digests import Digests
from gharial.javascript.html_selections import HtmlSelections
from gharial.javascript.http_requests import HttpRequests
from gharial.javascript.k6_modules import k6_functions
from gharial.javascript.legacy_sockets import LegacySockets
from gharial.javascript.web_platform import web_platform_functions

if TYPE_CHECKING:
    from gharial.javascript.instance import JavaScriptInstance

Functions = Mapping[str, Callable[..., Any]]

_PARTS: tuple[Callable[["JavaScriptInstance"], Functions], ...] = (
    lambda instance: instance.functions(),
    lambda instance: instance.sockets.functions(),
    lambda instance: instance.jars.functions(),
    lambda instance: LegacySockets(
        instance.user,
        instance.jars,
        may_block=lambda: instance.may_block,
        is_interrupted=lambda: instance.is_interrupted,
        to_python=instance.context.to_python,
    ).functions(),
    lambda instance: k6_functions(instance, instance.user),
    lambda instance: HttpRequests(instance, instance.user).functions(),
    lambda instance: web_platform_functions(),
    lambda instance: Digests(instance.context).functions(),
    lambda instance: HtmlSelections(instance.context).functions(),
    lambda instance: instance.shared_arrays.functions(),
)
# On the path of a message; what they are given is never a text.
_WITHOUT_TEXTS = frozenset(("socketSendBinary", "socketBufferedAmount", "runJobs"))
# The place in `_PARTS` of each function; the same for all, so the first one finds out.
_places: dict[str, int] = {}


def places_of(parts: Sequence[Iterable[str]]) -> dict[str, int]:
    """
    Return, by function, the place of the part that it belongs to.

    Args:
        parts: The names of each part's functions.

    Raises:
        RuntimeError: If a name belongs to two, one of which could not be called.

    """
    places: dict[str, int] = {}
    for place, names in enumerate(parts):
        for name in names:
            if places.setdefault(name, place) != place:
                raise RuntimeError(
                    f"two parts of the host have a function {name}(); "
                    "give one of them another name"
                )
    return places


class HostFunctions:
    """The functions of one virtual user's global object."""

    __slots__ = ("_found", "_instance", "_parts")

    def __init__(self, instance: "JavaScriptInstance") -> None:
        self._instance = instance
        self._parts: dict[int, Functions] = {}
        self._found: dict[str, Callable[..., Any]] = {}
        if not _places:
            _places.update(places_of([part(instance) for part in _PARTS]))

    def find(self, name: str) -> Callable[..., Any] | None:
        """Return the function of this name, each time the same; None for no such."""
        found = self._found.get(name)
        if found is None:
            found = self._make(name)
            if found is not None:
                self._found[name] = found
        return found

    def _make(self, name: str) -> Callable[..., Any] | None:
        place = _places.get(name)
        if place is None:
            return None
        functions = self._parts.get(place)
        if functions is None:
            functions = self._parts[place] = _PARTS[place](self._instance)
        function = functions[name]
        if name in _WITHOUT_TEXTS:
            return function
        return self._instance.context.taking_texts(function)

    def clear(self) -> None:
        """Let go of all functions."""
        self._parts.clear()
        self._found.clear()
