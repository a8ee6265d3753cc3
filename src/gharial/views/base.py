"""The port to views, which show a run while it is running."""

from typing import Protocol

from gharial.report.status import RunPlan, RunStatus


class RunView(Protocol):
    """
    Shows a run. Its methods are called on the event loop's thread and return at once.
    """

    def start(self, plan: RunPlan) -> None:
        """Show what is going to happen."""
        ...

    def update(self, status: RunStatus) -> None:
        """Show where the run stands; called several times a second."""
        ...

    def stop(self, status: RunStatus) -> None:
        """Show the end, and leave the terminal as it was."""
        ...
