"""The view for terminals: bars that stay below, log lines that scroll above them."""

import contextlib
import threading
from collections import deque
from typing import IO

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from gharial.report.status import (
    Phase,
    RunPlan,
    RunStatus,
    ScenarioState,
    ScenarioStatus,
)
from gharial.views.terminal.wording import (
    MARKS,
    RateMeter,
    Rates,
    header,
    headline,
    iterations_column,
    quality,
    short_name,
    time_column,
    traffic,
    vus_column,
)

REFRESH_S = 0.1
WIDEST_BAR = 40
# Lines that wait for a slow terminal; more than these are left out, and counted.
MOST_LINES_WAITING = 10_000
# How long the end may wait for a terminal that takes nothing.
PAINTER_END_S = 1.0

_LOOKS = {
    ScenarioState.WAITING: "dim",
    ScenarioState.RUNNING: "cyan",
    ScenarioState.STOPPING: "yellow",
    ScenarioState.DONE: "green",
    ScenarioState.INTERRUPTED: "red",
}


class ProgressView:
    """
    Shows a run as one bar a scenario, redrawn several times a second.

    All writing is done by a thread of its own: a terminal that takes nothing (Ctrl+S,
    a slow line) then holds up the picture, not the test.
    """

    def __init__(
        self,
        stream: IO[str],
        *,
        color: bool,
        output: str = "-",
        width: int | None = None,
        refresh_s: float = REFRESH_S,
    ) -> None:
        self._console = Console(
            file=stream,
            force_terminal=True,
            no_color=not color,
            highlight=False,
            markup=False,
            width=width,
        )
        self._color = color
        self._output = output
        self._refresh_s = refresh_s
        self._meter = RateMeter()
        self._frame: RenderableType | None = None
        self._lines: deque[str] = deque()
        self._lines_left_out = 0
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._is_over = threading.Event()
        self._painter = threading.Thread(
            target=self._paint_on, name="gharial-progress", daemon=True
        )

    def start(self, plan: RunPlan) -> None:
        """Show what is going to happen, and begin to redraw."""
        self._lines.append(header(plan, output=self._output, color=self._color))
        self._painter.start()

    def update(self, status: RunStatus) -> None:
        """Show this status from the next redrawing on."""
        self._frame = frame(status, self._meter.rates(status))

    def write_above(self, text: str) -> None:
        """Have whole lines scroll by above the bars, while there are any."""
        if not self._painter.is_alive():
            with contextlib.suppress(OSError):
                self._console.file.write(text)
                self._console.file.flush()
        elif len(self._lines) < MOST_LINES_WAITING:
            self._lines.append(text)
        else:
            self._lines_left_out += 1

    def stop(self, status: RunStatus) -> None:
        """Show the last status, and leave it standing."""
        self.update(status)
        self.end()

    def end(self) -> None:
        """Show what is yet to be shown; without effect once that is done."""
        self._is_over.set()
        if self._painter.is_alive():
            self._painter.join(PAINTER_END_S)

    def _paint_on(self) -> None:
        # A terminal that has gone is no reason to end a test.
        with contextlib.suppress(OSError):
            while not self._is_over.wait(self._refresh_s):
                self._paint()
            self._paint()
            self._live.stop()

    def _paint(self) -> None:
        shown, self._frame = self._frame, None
        text = self._take_lines()
        if shown is not None:
            self._live.update(shown)
            if not self._live.is_started:
                self._live.start()
                # Were it hidden, a process that is killed would leave it so.
                self._console.show_cursor(True)
        if text:
            self._console.print(_Verbatim(text), soft_wrap=True, end="")
        elif shown is not None:
            self._live.refresh()

    def _take_lines(self) -> str:
        lines = self._lines
        parts = [lines.popleft() for _ in range(len(lines))]
        left_out, self._lines_left_out = self._lines_left_out, 0
        if left_out:
            parts.append(f"({left_out:,} lines left out: the terminal is too slow)\n")
        return "".join(parts)


class _Verbatim:
    """Text that already holds its colours and line breaks."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        yield Segment(self._text)


def frame(status: RunStatus, rates: Rates) -> RenderableType:
    """Return what a status looks like, between the log lines and the prompt."""
    bars = Table.grid(padding=(0, 1))
    for _ in range(2):
        bars.add_column(no_wrap=True)
    bars.add_column(max_width=WIDEST_BAR)
    for _ in range(4):
        bars.add_column(no_wrap=True, justify="right")
    for each in status.scenarios:
        bars.add_row(*_row(each))
    # Whole words: a narrow terminal takes another line rather than half of one.
    traffic_line = Text(traffic(status, rates))
    if status.errors:
        traffic_line.highlight_regex(r"[\d,]+ errors?$", "red")
    lines = [Text(), Text(headline(status), style="bold"), traffic_line]
    said = quality(status)
    if said:
        lines.append(Text(said, style="red" if status.crossed else ""))
    if status.phase is Phase.STOPPING:
        lines.append(Text("stopping: press Ctrl+C again to force", style="yellow"))
    return Group(*lines, bars)


def _row(status: ScenarioStatus) -> tuple[RenderableType, ...]:
    look = _LOOKS[status.state]
    return (
        Text(MARKS[status.state], style=look),
        Text(short_name(status.name)),
        ProgressBar(
            total=1.0,
            completed=min(1.0, max(0.0, status.progress)),
            width=WIDEST_BAR,
            complete_style=look,
            finished_style=look,
        ),
        Text(f"{int(status.progress * 100)}%"),
        Text(vus_column(status)),
        Text(time_column(status)),
        Text(iterations_column(status)),
    )
