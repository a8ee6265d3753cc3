"""The concrete engines and views, which the commands are given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from gharial.views.base import RunView
    from gharial.workers.messages import MakeHost


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


@dataclass(frozen=True, slots=True)
class Parts:
    """
    The concrete parts that commands work with.

    Attributes:
        script_host: Returns the host for a script's path and environment.
        view: Returns the view that suits a request.

    """

    script_host: "MakeHost"
    view: Callable[[ViewRequest], ChosenView]
