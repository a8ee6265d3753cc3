"""The concrete engines and views, which the commands are given."""

from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING, Protocol

from gharial.lazy_dataclass import dataclass
from gharial.scripting.origin import PLAIN, Origin

if TYPE_CHECKING:
    from gharial.views.base import RunView
    from gharial.workers.messages import ReadableHost


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """
    What a view has to suit.

    Attributes:
        stream: Where it writes.
        is_terminal: Whether that is a terminal that can move its cursor.
        color: Whether colours are wanted.
        is_quiet: Whether nothing at all is to be shown.

    """

    stream: IO[str]
    is_terminal: bool
    color: bool
    is_quiet: bool


@dataclass(frozen=True, slots=True)
class ChosenView:
    """
    A view, and how others write to its terminal.

    Attributes:
        view: The view.
        write_above: Writes lines so that they and the view do not garble each other;
            None if the view does not mind.
        end: Has everything shown and the terminal as it was; may be called again.

    """

    view: "RunView"
    write_above: Callable[[str], None] | None = None
    end: Callable[[], None] = lambda: None


class MakeScriptHost(Protocol):
    """Makes the hosts of scripts; a function that can be imported by its name."""

    def __call__(
        self, path: str, environment: Mapping[str, str], origin: Origin = PLAIN, /
    ) -> "ReadableHost":
        """Return the host of a script, by its path, its variables and its origin."""


@dataclass(frozen=True, slots=True)
class Parts:
    """
    The concrete parts that commands work with.

    Attributes:
        script_host: Returns the host for a script.
        view: Returns the view that suits a request.

    """

    script_host: "MakeScriptHost"
    view: Callable[[ViewRequest], ChosenView]
