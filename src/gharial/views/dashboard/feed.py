"""
The server-sent events for the viewers of a dashboard.

Each event is serialised once for all viewers; a viewer is only sent bytes.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from gharial.lazy_dataclass import dataclass
from gharial.metrics.batch import Batch
from gharial.metrics.digest import Digest, merged_digest
from gharial.metrics.metric import Metric
from gharial.metrics.thresholds.evaluate import Threshold, Verdict
from gharial.report.document import (
    FinalMetric,
    LoggedLine,
    final_checks,
    final_metrics,
    final_named,
)
from gharial.report.finding import RunVerdict
from gharial.report.json import verdict_data
from gharial.report.moments import Moment
from gharial.report.name_table import NameTable
from gharial.report.run_report import (
    ExceptionSummary,
    FailureSummary,
    RunReport,
    ThresholdResult,
)
from gharial.report.status import RunPlan, RunStatus
from gharial.report.timeline import NO_SHARE, Point, Share, Timeline
from gharial.report.verdict import Judged, Known, verdict_of
from gharial.views.page.data import (
    PERCENTS,
    charts_data,
    exceptions_data,
    failures_data,
    final_data,
    kinds_data,
    metrics_data,
    moments_data,
    named_data,
    point_data,
    tiles_data,
)

EVENTS_MAXIMUM: Final = 60
"""A viewer that is this many events behind is disconnected; its browser reconnects."""


@dataclass(frozen=True, slots=True)
class Happened:
    """
    What has happened so far, beside what was measured.

    Attributes:
        exceptions: What ended iterations.
        failures: What failed.
        moments: The lines on the charts.
        began_at_epoch_s: When the time of the points begins.

    """

    exceptions: Sequence[ExceptionSummary] = ()
    failures: Sequence[FailureSummary] = ()
    moments: Sequence[Moment] = ()
    began_at_epoch_s: float = 0.0


class Viewer:
    """
    One open page.

    Attributes:
        events: What it has not been sent yet.
        is_behind: Whether it was too slow.
        on_behind: Called when it is.

    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self.events: deque[bytes] = deque()
        self.is_behind = False
        self.on_behind: Callable[[], object] = lambda: None
        self._wake = wake

    def tell(self, event: bytes) -> None:
        """Have an event sent."""
        if len(self.events) >= EVENTS_MAXIMUM:
            self.is_behind = True
            self.events.clear()
            self.on_behind()
        if not self.is_behind:
            self.events.append(event)
        self._wake()


class Totals:
    """What was measured since the beginning, added up from points."""

    def __init__(self) -> None:
        self._counters: dict[str, float] = {}
        self._shares: dict[str, Share] = {}
        self._gauges: dict[str, tuple[float, float, float]] = {}
        self._digests: dict[str, Digest] = {}

    def add(self, point: Point) -> None:
        """Add about a second."""
        for key, value in point.counters.items():
            self._counters[key] = self._counters.get(key, 0) + value
        for key, share in point.shares.items():
            before = self._shares.get(key, NO_SHARE)
            self._shares[key] = Share(
                before.passes + share.passes, before.total + share.total
            )
        for key, value in point.gauges.items():
            _, lowest, highest = self._gauges.get(key, (value, value, value))
            self._gauges[key] = (value, min(lowest, value), max(highest, value))
        for key, digest in point.digests.items():
            known = self._digests.get(key)
            self._digests[key] = merged_digest([known, digest]) if known else digest

    def metrics(self, known: Mapping[str, Metric]) -> Iterable[FinalMetric]:
        """Yield each metric, and each part of one, with its values."""
        keys = {**self._counters, **self._shares, **self._gauges, **self._digests}
        for key in sorted(keys):
            metric = known.get(key.partition("{")[0])
            if metric is not None:
                yield FinalMetric(
                    key,
                    metric.type,
                    metric.contains,
                    total=self._counters.get(key, 0.0),
                    share=self._shares.get(key, NO_SHARE),
                    gauge=self._gauges.get(key, (0.0, 0.0, 0.0)),
                    digest=self._digests.get(key) or Digest(),
                    is_custom=metric.is_custom,
                )


class Feed:
    """
    Sends a run to any number of viewers.

    Its methods take what happens in the run, and are called on its event loop.
    """

    def __init__(  # noqa: PLR0913 - each is one fact of the run
        self,
        plan: RunPlan,
        metrics: Sequence[Metric],
        thresholds: Sequence[Threshold] = (),
        *,
        version: str,
        began_at_epoch_s: float,
        zone: str = "",
        scale_maximum: int | None = None,
    ) -> None:
        """
        Take what is known before the run begins.

        Args:
            plan: What is going to happen.
            metrics: All metrics.
            thresholds: What is asked of them.
            version: Gharial's.
            began_at_epoch_s: When, in seconds since the Unix epoch.
            zone: The machine's time zone: ``UTC+01:00``.
            scale_maximum: To how many virtual users the run can be scaled; None if it
                cannot.

        """
        self._metrics = {metric.name: metric for metric in metrics}
        self._thresholds = thresholds
        self._timeline = Timeline([one.selector for one in thresholds])
        self._totals = Totals()
        self._names = NameTable()
        self._known = Happened()
        self._viewers: set[Viewer] = set()
        self._verdicts: dict[tuple[str, str], ThresholdResult] = {}
        self._lines_told = 0
        self._log: deque[list[Any]] = deque(maxlen=200)
        self._examples: dict[str, list[str]] = {}
        self._last: dict[str, bytes] = {}
        self._run = {
            "script": plan.script,
            "engine": plan.engine,
            "version": version,
            "began": began_at_epoch_s,
            "longest": plan.longest_s,
            "vusMax": plan.vus_max,
            "scenarios": [[one.name, one.description] for one in plan.scenarios],
            "metrics": metrics_data(metrics),
            "charts": charts_data(),
            "tiles": tiles_data(),
            "percents": list(PERCENTS),
            "kinds": kinds_data(),
            "zone": zone,
            "scaleMaximum": scale_maximum,
        }

    @property
    def viewers(self) -> int:
        """How many pages are open."""
        return len(self._viewers)

    def open(self, viewer: Viewer) -> None:
        """Tell a viewer what has happened so far, and from then on what happens."""
        points = [point_data(point, self._metrics) for point in self._timeline.points]
        viewer.tell(_event("run", {"run": self._run, "points": points}))
        viewer.tell(_event("log", {"lines": list(self._log), **self._examples_data()}))
        for event in self._last.values():
            viewer.tell(event)
        self._viewers.add(viewer)

    def close(self, viewer: Viewer) -> None:
        """Tell a viewer nothing more."""
        self._viewers.discard(viewer)

    def heard(
        self, batch: Batch, status: RunStatus, verdicts: Sequence[Verdict]
    ) -> None:
        """Tell of about a second."""
        point = self._timeline.add(batch)
        self._totals.add(point)
        self._names.add(batch.delta)
        for one in verdicts:
            expression = one.threshold.expression
            key = (one.threshold.selector.text, expression.text)
            self._verdicts[key] = ThresholdResult(
                expression.text, expression.stat, one.value, one.has_passed
            )
        self._tell("point", {"point": point_data(point, self._metrics)}, keeps=False)
        self.told_status(status)
        self._tell("totals", self._totals_data(status))

    def told_status(self, status: RunStatus) -> None:
        """Tell where the run stands."""
        self._tell("status", {"status": _status_data(status)})

    def happened(self, known: Happened) -> None:
        """Take what has failed so far, and when; told with the next totals."""
        self._known = known

    def logged(
        self, lines: Sequence[LoggedLine], examples: Mapping[str, Sequence[str]]
    ) -> None:
        """Tell of new lines of the log."""
        new = [[one.at_epoch_s, one.level, one.text, one.source] for one in lines]
        self._examples = {reason: list(texts) for reason, texts in examples.items()}
        if new:
            self._log.extend(new)
            self._tell("log", {"lines": new, **self._examples_data()}, keeps=False)

    def ended(self, report: RunReport, exit_code: int, problems: Sequence[str]) -> None:
        """Tell what came of the run."""
        final = [
            final_data(metric, report.duration_s) for metric in final_metrics(report)
        ]
        checks = [[one.path, one.passes, one.fails] for one in final_checks(report)]
        totals = {
            "final": final,
            "checks": checks,
            "duration": report.duration_s,
            **_happened_data(
                replace(
                    self._known,
                    exceptions=report.exceptions,
                    failures=report.failures,
                )
            ),
            "verdict": verdict_data(report.verdict),
            "names": [
                named_data(one, report.duration_s) for one in final_named(report.named)
            ],
        }
        self._tell("totals", totals)
        told = {
            "exit": exit_code,
            "problems": list(problems),
            "warnings": list(report.warnings),
        }
        self._tell("end", told)

    def _totals_data(self, status: RunStatus) -> dict[str, Any]:
        data = [
            final_data(metric, status.load_s or status.elapsed_s)
            for metric in self._totals.metrics(self._metrics)
        ]
        by_name = {one["name"]: one for one in data}
        for threshold in self._thresholds:
            name, text = threshold.selector.text, threshold.expression.text
            verdict = self._verdicts.get((name, text))
            shown: dict[str, Any] = {
                "text": text,
                "statistic": threshold.expression.stat,
            }
            if verdict is not None:
                shown |= {"value": verdict.value, "ok": verdict.has_passed}
            if name not in by_name:
                metric = self._metrics[threshold.selector.metric]
                by_name[name] = final_data(
                    FinalMetric(
                        name,
                        metric.type,
                        metric.contains,
                        is_custom=metric.is_custom,
                    ),
                    0,
                ) | {"empty": True}
                data.append(by_name[name])
            by_name[name]["thresholds"].append(shown)
        return {
            "final": data,
            "duration": status.elapsed_s,
            **_happened_data(self._known),
            "verdict": verdict_data(self._verdict_so_far()),
            "names": [
                named_data(one, status.load_s or status.elapsed_s)
                for one in final_named(self._names.rows)
            ],
        }

    def _verdict_so_far(self) -> RunVerdict:
        """Return what has gone wrong until now."""
        thresholds = tuple(
            Judged(name, metric.type, metric.contains, result)
            for (name, _), result in self._verdicts.items()
            if (metric := self._metrics.get(name.partition("{")[0])) is not None
        )
        known = self._known
        found = verdict_of(
            Known(0, (), thresholds, (), (*known.failures,), (*known.exceptions,), ())
        )
        return replace(found, state="RUNNING", reason="")

    def _examples_data(self) -> dict[str, Any]:
        return {"examples": self._examples}

    def _tell(self, name: str, data: Mapping[str, Any], *, keeps: bool = True) -> None:
        event = _event(name, data)
        if keeps:
            self._last[name] = event
        for viewer in list(self._viewers):
            viewer.tell(event)


def _happened_data(known: Happened) -> dict[str, Any]:
    return {
        "began": known.began_at_epoch_s,
        "exceptions": exceptions_data(known.exceptions),
        "failures": failures_data(known.failures),
        "moments": moments_data(known.moments),
    }


def _status_data(status: RunStatus) -> dict[str, Any]:
    data = asdict(status)
    data["phase"] = status.phase.value
    for scenario in data["scenarios"]:
        scenario["state"] = scenario["state"].value
    return data


def _event(name: str, data: Mapping[str, Any]) -> bytes:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return f"event: {name}\ndata: {text}\n\n".encode("utf-8", "replace")
