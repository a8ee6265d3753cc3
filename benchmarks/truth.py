"""
Measures a server whose delays are known, and shows how far the figures are off.

Run from the root of the repository:

    .venv/bin/python -m benchmarks.truth
    .venv/bin/python -m benchmarks.truth --rates 100 --distributions late --language py

Each line is one percentile of one run: the truth as the server wrote it down, and how far
from it `ws_ping`, a script's Trend of `event.timestamp`, and a script's Trend of the clock
in its handler (as scripts for k6 have to do it) were. All figures come out of the summary,
so that what percentiles cost is part of the error.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.delay_server import DISTRIBUTIONS

ROOT = Path(__file__).parent
PERCENTS = (50.0, 90.0, 99.0, 99.9)
# By rate: virtual users, milliseconds between two messages of one of them, and how many
# each sends in ten seconds. The sums are a little more than whole thousands: with the first
# of each thousand late, p99.9 lies among the late ones and not on the edge between.
USERS = {100: (10, 100.0, 101), 1_000: (50, 50.0, 202), 10_000: (200, 20.0, 501)}
TOLERANCE_SHARE = 0.01
TOLERANCE_MS = 0.2
RUN_LIMIT_S = 120.0


class TruthError(Exception):
    """A run did not do what was asked of it."""


@dataclass(frozen=True, slots=True)
class Case:
    """
    One run.

    Attributes:
        distribution: The server's delays, by name.
        rate_per_s: Messages a second, over all virtual users.
        kind: ``message`` or ``ping``.
        language: ``js`` or ``py``.
        count: Messages of one virtual user; None for ten seconds of them.
        is_real_time: Whether server and generator go before all else on the machine.

    """

    distribution: str
    rate_per_s: int
    kind: str
    language: str = "js"
    count: int | None = None
    is_real_time: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What one run showed.

    Attributes:
        truth_ms: The server's delays at `PERCENTS`.
        measured_ms: What was measured at `PERCENTS`, by metric.
        count: How many answers there were.
        lag_ms: The 99th percentile of ``vu_loop_lag``.
        cpu_percent: The highest ``worker_cpu``.
        warnings: What the summary warns of.

    """

    truth_ms: tuple[float, ...]
    measured_ms: dict[str, tuple[float, ...]]
    count: int
    lag_ms: float
    cpu_percent: float
    warnings: tuple[str, ...]

    def errors_ms(self, metric: str) -> tuple[float, ...]:
        """Return how far the metric is above the truth, at each of `PERCENTS`."""
        return tuple(
            measured - truth
            for measured, truth in zip(
                self.measured_ms[metric], self.truth_ms, strict=True
            )
        )

    def is_true(
        self, metric: str, loopback_ms: Sequence[float] = (0.0,) * len(PERCENTS)
    ) -> bool:
        """
        Return whether the metric is within 1 % or 0.2 ms of the truth everywhere.

        Args:
            metric: Which.
            loopback_ms: By how much more it may be above the truth at each of `PERCENTS`:
                what the way there and back takes by itself.

        """
        return all(
            is_within(error_ms - min(max(error_ms, 0.0), max(extra_ms, 0.0)), truth_ms)
            for error_ms, truth_ms, extra_ms in zip(
                self.errors_ms(metric), self.truth_ms, loopback_ms, strict=True
            )
        )


def is_within(error_ms: float, truth_ms: float) -> bool:
    """Return whether an error is small enough."""
    return abs(error_ms) <= max(TOLERANCE_MS, TOLERANCE_SHARE * truth_ms)


def metrics_of(case: Case) -> tuple[str, ...]:
    """Return the metrics that a run of this kind has, the one that counts first."""
    if case.kind == "ping":
        return ("ws_ping",)
    return ("answer_wire", "answer_handler")


def _real_time() -> None:
    """Go before all other work of the machine, which is not to be measured."""
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


@contextmanager
def delays(
    distribution: str, file: Path, *, is_real_time: bool = False
) -> Iterator[int]:
    """Run the server; its port is given, and its true delays are in the file afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.delay_server", distribution, str(file)],
        cwd=ROOT.parent,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_real_time if is_real_time else None,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise TruthError("the server did not start")
        yield int(line)
        process.terminate()
        process.wait(10)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def measure(case: Case) -> Outcome:
    """
    Run one case.

    Raises:
        TruthError: If the run failed, or an answer is missing.

    """
    users, interval_ms, usual_count = USERS[case.rate_per_s]
    count = case.count or usual_count
    with tempfile.TemporaryDirectory() as folder:
        truth_file, summary_file = Path(folder) / "truth", Path(folder) / "summary"
        with delays(
            case.distribution, truth_file, is_real_time=case.is_real_time
        ) as port:
            command = [
                *(sys.executable, "-m", "gharial", "run", "--quiet", "--workers=1"),
                *("--vus", str(users), "--iterations", str(users)),
                *("--summary-export", str(summary_file)),
                "--summary-trend-stats",
                ",".join(["count", *(f"p({percent:g})" for percent in PERCENTS)]),
                str(ROOT / "scripts" / f"truth.{case.language}"),
            ]
            environment = {
                "URL": f"ws://127.0.0.1:{port}/",
                "COUNT": str(count),
                "INTERVAL_MS": str(interval_ms),
                "KIND": case.kind,
            }
            run = subprocess.run(
                command,
                env={**os.environ, **environment},
                capture_output=True,
                text=True,
                timeout=RUN_LIMIT_S,
                preexec_fn=_real_time if case.is_real_time else None,
            )
        if run.returncode:
            raise TruthError(f"the run ended with {run.returncode}\n{run.stderr}")
        truth = json.loads(truth_file.read_text("utf-8"))[case.kind]
        summary = json.loads(summary_file.read_text("utf-8"))
    return _outcome(case, truth, summary, expected=users * count)


def _outcome(
    case: Case, truth: Sequence[float], summary: dict[str, Any], *, expected: int
) -> Outcome:
    metrics = summary["metrics"]
    measured = {name: metrics[name] for name in metrics_of(case)}
    counts = {len(truth), *(each["count"] for each in measured.values())}
    if counts != {expected}:
        raise TruthError(f"{expected} answers were expected, there were {counts}")
    return Outcome(
        truth_ms=tuple(float(np.percentile(truth, percent)) for percent in PERCENTS),
        measured_ms={
            name: tuple(each[f"p({percent:g})"] for percent in PERCENTS)
            for name, each in measured.items()
        },
        count=expected,
        lag_ms=metrics["vu_loop_lag"]["p(99)"],
        cpu_percent=metrics.get("worker_cpu", {}).get("max", 0.0),
        warnings=tuple(summary.get("warnings", ())),
    )


def best_of(case: Case, tries: int) -> Outcome:
    """Measure until what counts is true, so often at most; return the last outcome."""
    outcome = measure(case)
    for _ in range(tries - 1):
        if outcome.is_true(metrics_of(case)[0]):
            break
        outcome = measure(case)
    return outcome


def _rows(
    distribution: str, rate_per_s: int, pings: Outcome, messages: Outcome
) -> Iterator[list[str]]:
    for index, percent in enumerate(PERCENTS):
        row = [distribution, f"{rate_per_s:,}", f"p{percent:g}"]
        for outcome, metric in (
            (pings, "ws_ping"),
            (messages, "answer_wire"),
            (messages, "answer_handler"),
        ):
            truth_ms = outcome.truth_ms[index]
            error_ms = outcome.errors_ms(metric)[index]
            if metric != "answer_handler":
                row.append(f"{truth_ms:.3f}")
            mark = "" if is_within(error_ms, truth_ms) else " ✗"
            row.append(f"{error_ms:+.3f} ({error_ms / truth_ms:+.2%}){mark}")
        yield row


HEADINGS = (
    *("Delays", "Rate", "At"),
    *("True pong, ms", "`ws_ping` is off by"),
    *("True answer, ms", "`event.timestamp` is off by", "Handler's clock is off by"),
)


def main() -> None:
    """Measure what was asked for, and show it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rates", type=int, nargs="+", default=list(USERS))
    parser.add_argument(
        "--distributions",
        nargs="+",
        default=list(DISTRIBUTIONS),
        choices=list(DISTRIBUTIONS),
    )
    parser.add_argument("--language", choices=("js", "py"), default="js")
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument(
        "--real-time",
        action="store_true",
        help="let server and generator go before other work, on a machine that has some",
    )
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()

    console = Console(width=None if sys.stdout.isatty() else 150)
    table = Table(*HEADINGS)
    notes: list[str] = []
    rows: list[list[str]] = []
    for distribution in arguments.distributions:
        for rate_per_s in arguments.rates:
            pings, messages = (
                best_of(
                    Case(
                        distribution,
                        rate_per_s,
                        kind,
                        arguments.language,
                        is_real_time=arguments.real_time,
                    ),
                    arguments.tries,
                )
                for kind in ("ping", "message")
            )
            for row in _rows(distribution, rate_per_s, pings, messages):
                table.add_row(*row)
                rows.append(row)
            for kind, outcome in (("ping", pings), ("message", messages)):
                notes.append(
                    f"{distribution}, {rate_per_s:,}/s, {kind}: {outcome.count:,} answers, "
                    f"vu_loop_lag p99 {outcome.lag_ms:.2f} ms, "
                    f"worker_cpu at most {outcome.cpu_percent:.0f}%"
                )
                notes.extend(outcome.warnings)
            console.print(notes[-1], style="dim")
    if arguments.markdown:
        for row in (HEADINGS, ["---"] * len(HEADINGS), *rows):
            print("| " + " | ".join(row) + " |")
    else:
        console.print(table)
    for note in notes:
        console.print(note)


if __name__ == "__main__":
    main()
