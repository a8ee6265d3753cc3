"""The wording of the terminal views (no input or output)."""

from collections import deque

from gharial.harmless import harmless_line
from gharial.lazy_dataclass import dataclass
from gharial.process.build import IS_COMPILED
from gharial.report.numbers import format_share, format_time, rounded
from gharial.report.status import (
    Phase,
    RunPlan,
    RunStatus,
    ScenarioState,
    ScenarioStatus,
)
from gharial.timing import format_duration

_LOGO = (
    r"          _                _       _ ",
    r"     __ _| |__   __ _ _ __(_) __ _| |",
    r"    / _` | '_ \ / _` | '__| |/ _` | |",
    r"   | (_| | | | | (_| | |  | | (_| | |",
    r"    \__, |_| |_|\__,_|_|  |_|\__,_|_|",
    r"    |___/  ~~~~~^v^v^v^v^v^v^v^v^~~~~",
)
_LANGUAGES = {"javascript": "JavaScript", "python": "Python"}
_LABEL_WIDTH = 12
_LONGEST_NAME = 30
_RATE_WINDOW_S = 1.0

MARKS = {
    ScenarioState.WAITING: "•",
    ScenarioState.RUNNING: " ",
    ScenarioState.STOPPING: "↓",
    ScenarioState.DONE: "✓",
    ScenarioState.INTERRUPTED: "✗",
}
"""How a scenario's state looks; k6's marks."""


@dataclass(frozen=True, slots=True)
class Rates:
    """
    What passes through all sockets, in data messages a second.

    Attributes:
        sent_per_s: To the servers.
        received_per_s: From the servers.

    """

    sent_per_s: float
    received_per_s: float


class RateMeter:
    """Computes rates from successive statuses, over about the last second."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int, int]] = deque()

    def rates(self, status: RunStatus) -> Rates:
        """Take in a status; return the rates up to it."""
        seen = self._seen
        if seen and status.elapsed_s < seen[-1][0]:
            # The run's time starts anew when the scenarios begin.
            seen.clear()
        seen.append((status.elapsed_s, status.messages_sent, status.messages_received))
        while len(seen) > 2 and status.elapsed_s - seen[1][0] >= _RATE_WINDOW_S:
            seen.popleft()
        began_s, sent, received = seen[0]
        span_s = status.elapsed_s - began_s
        if span_s <= 0:
            return Rates(0.0, 0.0)
        return Rates(
            (status.messages_sent - sent) / span_s,
            (status.messages_received - received) / span_s,
        )


def header(
    plan: RunPlan,
    *,
    output: str = "-",
    color: bool = False,
    is_compiled: bool = IS_COMPILED,
) -> str:
    """Return the logo and what is going to happen, as k6 shows it."""
    green, bold, off = ("\x1b[32m", "\x1b[1m", "\x1b[0m") if color else ("", "", "")
    count = len(plan.scenarios)
    total = (
        f"{count} scenario{'s' if count != 1 else ''}, {plan.vus_max} max VUs, "
        f"{format_duration(plan.longest_s)} max duration (incl. graceful stop):"
    )
    lines = ["", *(f"{green}{line.rstrip()}{off}" for line in _LOGO), ""]
    place = f"cluster ({plan.cluster})" if plan.cluster else "local"
    execution = f"{harmless_line(place)}, {_LANGUAGES.get(plan.engine, plan.engine)}"
    if not is_compiled:
        execution += ", not compiled (each message takes more CPU)"
    for label, text in (
        ("execution", execution),
        ("script", harmless_line(plan.script)),
        ("output", output),
        ("scenarios", total),
    ):
        lines.append(f"{label:>{_LABEL_WIDTH}}: {bold}{text}{off}")
    indent = " " * (_LABEL_WIDTH + 2)
    lines += [
        harmless_line(f"{indent}* {each.name}: {each.description}")
        for each in plan.scenarios
    ]
    return "\n".join([*lines, "", ""])


def headline(status: RunStatus) -> str:
    """Return the first line of a status: what the run does, VUs and iterations."""
    vus = f"{status.vus}/{status.vus_max} VUs"
    match status.phase:
        case Phase.INITIALISING if status.is_paused:
            return f"paused before the start ({status.vus_max} VUs); resume to begin"
        case Phase.INITIALISING:
            return f"starting ({status.vus_max} VUs so far)"
        case Phase.SETUP:
            return f"setup() {format_elapsed(status.elapsed_s)}"
        case Phase.TEARDOWN:
            return f"teardown() {format_elapsed(status.elapsed_s)}"
        case Phase.RUNNING:
            verb = "paused" if status.is_paused else "running"
        case Phase.STOPPING:
            verb = "stopping"
        case Phase.DONE:
            verb = "done"
    return (
        f"{verb} ({format_elapsed(status.elapsed_s)}), {vus}, "
        f"{complete(status.iterations_completed, status.iterations_failed)} and "
        f"{status.iterations_interrupted:,} interrupted iterations"
    )


def complete(iterations: int, failed: int) -> str:
    """Return how many iterations are complete, and how many of them failed."""
    if not failed:
        return f"{iterations:,} complete"
    return f"{iterations:,} complete ({failed:,} of them failed)"


def traffic(status: RunStatus, rates: Rates) -> str:
    """Return the second line of a status: sockets, messages, errors."""
    sockets = f"{status.open_sockets:,} open {_plural('socket', status.open_sockets)}"
    errors = f"{status.errors:,} {_plural('error', status.errors)}"
    if status.phase is Phase.DONE:
        messages = (
            f"messages {status.messages_sent:,} out {status.messages_received:,} in"
        )
    else:
        messages = (
            f"messages/s {format_rate(rates.sent_per_s)} out "
            f"{format_rate(rates.received_per_s)} in"
        )
    return f"{sockets}, {messages}, {errors}"


def quality(status: RunStatus) -> str:
    """Return the third line of a status: times, checks, thresholds; empty for none."""
    parts = [
        f"{name} p95 {format_time(rounded(value, 3))}"
        for name, value in (
            ("connecting", status.connecting_p95_ms),
            ("requests", status.request_p95_ms),
        )
        if value is not None
    ]
    if status.checks_made:
        share = format_share(status.checks_passed / status.checks_made)
        parts.append(f"checks {share} passed")
    if status.crossed:
        first, *others = status.crossed
        more = f" and {len(others)} more" if others else ""
        parts.append(f"✗ crossed: {harmless_line(first)}{more}")
    elif status.thresholds:
        parts.append(f"{status.thresholds} {_plural('threshold', status.thresholds)}")
    return ", ".join(parts)


def short_name(name: str) -> str:
    """Return a scenario's name, cut to what fits a column."""
    name = harmless_line(name)
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 3] + "..."


def vus_column(status: ScenarioStatus) -> str:
    """Return how many VUs work for a scenario: ``8/10 VUs``."""
    width = len(str(status.vus_max))
    return f"{status.vus:>{width}}/{status.vus_max} VUs"


def time_column(status: ScenarioStatus) -> str:
    """Return how long a scenario has run, and may run: ``0m05.0s/30s``."""
    elapsed_s = min(status.elapsed_s, status.duration_s)
    return f"{format_elapsed(elapsed_s)}/{format_duration(status.duration_s)}"


def iterations_column(status: ScenarioStatus) -> str:
    """Return how many iterations ended: ``3/20 iters``, or ``3 iters``."""
    if status.iterations_total is None:
        return f"{status.iterations:,} iters"
    return f"{status.iterations:,}/{status.iterations_total:,} iters"


def format_elapsed(elapsed_s: float) -> str:
    """Return a time that counts up without jumping about: ``0m05.3s``, ``1h02m05s``."""
    # Cut, not rounded: 59.96 s must not read 60.0.
    tenths = int(max(0.0, elapsed_s) * 10 + 1e-6)
    minutes, rest = divmod(tenths, 600)
    if minutes < 60:
        return f"{minutes}m{rest / 10:04.1f}s"
    return f"{minutes // 60}h{minutes % 60:02d}m{rest // 10:02d}s"


def format_rate(rate_per_s: float) -> str:
    """Return a rate with the digits that matter: ``4.2``, ``1,234``."""
    return f"{rate_per_s:.1f}" if 0 < rate_per_s < 10 else f"{rate_per_s:,.0f}"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
