"""Chooses the view for a run: the concrete ones."""

import contextlib

from gharial.process.standard_streams import unfiltered
from gharial.program.parts import ChosenView, ViewRequest
from gharial.views.terminal.quiet import QuietView


def view(request: ViewRequest) -> ChosenView:
    """Return the view for a terminal, for a pipe, or for nobody."""
    if request.is_quiet:
        return ChosenView(QuietView())
    # Few runs show all that Rich can do, which takes a while to load.
    if request.is_terminal:
        from gharial.views.terminal.progress import ProgressView

        progress = ProgressView(unfiltered(request.stream), color=request.color)
        return ChosenView(progress, progress.write_above, progress.end)
    from gharial.views.terminal.plain import PlainView

    stream = request.stream

    def write(text: str) -> None:
        with contextlib.suppress(OSError):
            stream.write(text)
            stream.flush()

    return ChosenView(PlainView(write))
