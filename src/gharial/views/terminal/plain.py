"""The view for pipes and files: a line every few seconds."""

from collections.abc import Callable

from gharial.report.status import Phase, RunPlan, RunStatus
from gharial.views.terminal.wording import RateMeter, header, headline, traffic

INTERVAL_S = 5.0


class PlainView:
    """Writes the header, then one line at each change of phase and every few seconds."""

    def __init__(
        self,
        write: Callable[[str], None],
        *,
        output: str = "-",
        interval_s: float = INTERVAL_S,
    ) -> None:
        self._write = write
        self._output = output
        self._interval_s = interval_s
        self._meter = RateMeter()
        self._shown: tuple[Phase, bool] | None = None
        self._shown_at_s = 0.0

    def start(self, plan: RunPlan) -> None:
        """Write what is going to happen."""
        self._write(header(plan, output=self._output))

    def update(self, status: RunStatus) -> None:
        """Write a line if the phase changed, or the last one is old."""
        rates = self._meter.rates(status)
        is_due = status.elapsed_s - self._shown_at_s >= self._interval_s
        stands = (status.phase, status.is_paused)
        if stands == self._shown and not is_due:
            return
        # A run begins with a phase of zero seconds: a line of zeros says nothing.
        is_empty = status.phase is Phase.INITIALISING and not status.is_paused
        if status.phase is not Phase.DONE and not is_empty:
            self._write(f"{headline(status)}; {traffic(status, rates)}\n")
        self._shown = stands
        self._shown_at_s = status.elapsed_s

    def stop(self, status: RunStatus) -> None:
        """Write the last line."""
        rates = self._meter.rates(status)
        self._write(f"{headline(status)}; {traffic(status, rates)}\n")
