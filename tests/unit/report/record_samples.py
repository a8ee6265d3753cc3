"""Documents of runs to write, and how to tell whether two are the same."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gharial.metrics import builtin
from gharial.metrics.digest import Digest, digest_of
from gharial.metrics.metric import Contains, MetricType
from gharial.metrics.sinks import TrendSink
from gharial.report.document import (
    FinalCheck,
    FinalMetric,
    FinalNamed,
    LoggedLine,
    RunDocument,
    RunIdentity,
)
from gharial.report.moments import Moment
from gharial.report.onsets import Slowdown
from gharial.report.record_writer import RecordWriter
from gharial.report.run_report import (
    ExceptionSummary,
    FailureSummary,
    ThresholdResult,
)
from gharial.report.timeline import Point, Share, merged_point


def digest(*values: float) -> Digest:
    sink = TrendSink()
    sink.add_all(np.array(values, np.float64))
    return digest_of(sink)


def points(count: int, *, seed: int = 1, slower: float = 1.0) -> tuple[Point, ...]:
    """Return seconds of a steady run whose requests take 20 ms, give or take."""
    random = np.random.default_rng(seed)
    made = []
    for second in range(count):
        requests = int(random.integers(90, 110))
        times = random.lognormal(math.log(20), 0.4, requests) * slower
        made.append(
            Point(
                float(second),
                second + 1.0,
                {"ws_msgs_sent": float(requests), "iterations": 10.0},
                {"checks": Share(requests - int(random.integers(0, 3)), requests)},
                {"vus": 5.0},
                {"ws_req_duration": digest(*times)},
            )
        )
    return tuple(made)


def document(
    seconds: tuple[Point, ...] | None = None,
    *,
    run_id: str = "20260102-030405-abcdef",
    extra: tuple[FinalMetric, ...] = (),
) -> RunDocument:
    seconds = points(5) if seconds is None else seconds
    whole = merged_point(seconds)
    passed = ThresholdResult("p(95)<200", "p(95)", 30.5, True)
    failed = ThresholdResult("count<1", "count", 3.0, False)
    metrics = (
        *(
            FinalMetric(name, MetricType.COUNTER, Contains.DEFAULT, total=value)
            for name, value in whole.counters.items()
        ),
        *(
            FinalMetric(name, MetricType.RATE, Contains.DEFAULT, share=share)
            for name, share in whole.shares.items()
        ),
        FinalMetric("vus", MetricType.GAUGE, Contains.DEFAULT, gauge=(5.0, 0.0, 5.0)),
        *(
            FinalMetric(
                name,
                MetricType.TREND,
                Contains.TIME,
                digest=value,
                thresholds=(passed,),
            )
            for name, value in whole.digests.items()
        ),
        FinalMetric(
            builtin.WS_ERRORS.name,
            MetricType.COUNTER,
            Contains.DEFAULT,
            total=3.0,
            thresholds=(failed,),
        ),
        *extra,
    )
    return RunDocument(
        RunIdentity(
            run_id,
            "chat.js",
            "JavaScript (QuickJS)",
            "0.1.0",
            1_700_000_000.25,
            whole.end_s,
            99,
            ("a threshold does not hold",),
            {"vus": 5, "tags": {"a": "ü"}, "thresholds": {"ws_errors": ["count<1"]}},
            {"CPU": "Z80", "Cores": "2"},
            (("default", "5 looping VUs"),),
        ),
        metrics,
        (FinalCheck("::a::ok", 3, 1, 0.5),),
        seconds,
        {"refused": ("one", "two"), "reset": ("three",)},
        (LoggedLine(1.5, 30, "careful", "console"), LoggedLine(2.5, 20, "", "")),
        ("the loop was late",),
        exceptions=(
            ExceptionSummary("TypeError: ü", "/s/x.js:5", 3, 0.5, 2.5, "a", "at x"),
            ExceptionSummary("oops", "", 1, 0.0),
        ),
        failures=(
            FailureSummary(
                *("socket", "handshake_status", 429, "visit", "a", 137, 1.5, 4.0),
                *("ws://h/v", "bad handshake", "slow down"),
            ),
        ),
        named=(
            FinalNamed("connections", ("visit", "a"), 200.0, 137.0, digest(1, 2, 3)),
            FinalNamed("http", ("", ""), 1.0, 0.0, Digest()),
        ),
        slowdowns=(Slowdown("ws_req_duration", "order", 2.0, 3.0, 600.0),),
        moments=(Moment(0.0, "start", "a starts"), Moment(2.0, "mark", "careful")),
    )


def plain(value: Any) -> Any:
    """Return a document, or a part of one, as what can be compared with ``==``."""
    if isinstance(value, Digest):
        return (
            value.count,
            *(
                repr(number + 0.0)
                for number in (value.sum, value.minimum, value.maximum)
            ),
            value.buckets.tolist(),
            value.counts.tolist(),
        )
    if hasattr(value, "__dataclass_fields__"):
        return {
            name: plain(getattr(value, name)) for name in value.__dataclass_fields__
        }
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return repr(value + 0.0) if isinstance(value, float) else value


def by_name(value: RunDocument) -> Any:
    """Return a document with its metrics in the order of their names."""
    found = plain(value)
    found["metrics"].sort(key=lambda metric: metric["name"])
    return found


def write_record(path: Path, document: RunDocument) -> None:
    """Write a record of a run that is over."""
    contains = {each.name.partition("{")[0]: each.contains for each in document.metrics}
    begun = replace(document.identity, duration_s=0.0, exit_code=0, problems=())
    writer = RecordWriter(path, begun, contains)
    for point in document.points:
        writer.add(point)
    if document.is_finished:
        writer.finish(document)
    else:
        writer.close()
