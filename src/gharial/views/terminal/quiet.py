"""The view that shows nothing."""

from gharial.report.status import RunPlan, RunStatus


class QuietView:
    """Shows nothing; the summary comes all the same."""

    def start(self, plan: RunPlan) -> None:
        """Show nothing."""

    def update(self, status: RunStatus) -> None:
        """Show nothing."""

    def stop(self, status: RunStatus) -> None:
        """Show nothing."""
