"""The words of a comparison, for the terminal and the page."""

from typing import Any, Final

from gharial.metrics.metric import Contains, MetricType
from gharial.report.comparison import Change, Comparison, Verdict
from gharial.report.document import RunIdentity
from gharial.report.numbers import format_statistic, rounded
from gharial.report.resampling import CONFIDENCE

COLUMNS: Final = (
    "Metric",
    "",
    "First",
    "Second",
    "Change",
    f"{CONFIDENCE:.0%} sure",
    "",
)
"""Headings of what `cells` returns."""

_NOTHING: Final = "-"


def cells(change: Change) -> tuple[str, ...]:
    """Return the cells of a row."""
    return (
        change.metric,
        _statistic(change),
        *(_value(change, value) for value in (change.before, change.after)),
        _change(change),
        _interval(change),
        change.verdict.value,
    )


def conclusion(comparison: Comparison) -> str:
    """Return a line that counts what changed."""
    counts = {
        verdict: comparison.count(verdict)
        for verdict in (Verdict.WORSE, Verdict.BETTER, Verdict.CHANGED)
    }
    rest = len(comparison.changes) - sum(counts.values())
    told = [f"{count} {verdict.value}" for verdict, count in counts.items()]
    return f"{', '.join(told)}, {rest} without a change that is more than chance"


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data."""
    first, second = comparison.are_finished
    return {
        "first": _identity(comparison.before, is_finished=first),
        "second": _identity(comparison.after, is_finished=second),
        "confidence": CONFIDENCE,
        "notes": list(comparison.notes),
        "changes": [
            {
                "metric": change.metric,
                "type": change.type.value,
                "contains": change.contains.value,
                "statistic": change.statistic,
                "first": change.before,
                "second": change.after,
                "relative": change.relative,
                "interval": list(change.interval) if change.interval else None,
                "verdict": change.verdict.value or "unclear",
            }
            for change in comparison.changes
        ],
    }


def _identity(identity: RunIdentity, *, is_finished: bool) -> dict[str, Any]:
    return {
        "id": identity.run_id,
        "script": identity.script,
        "beganAt": identity.began_at_epoch_s,
        "durationSeconds": identity.duration_s,
        "exitCode": identity.exit_code if is_finished else None,
    }


def _statistic(change: Change) -> str:
    if change.type is MetricType.COUNTER:
        return {"count": "total", "rate": "a second"}[change.statistic]
    return "share" if change.type is MetricType.RATE else change.statistic


def _value(change: Change, value: float | None) -> str:
    if value is None:
        return _NOTHING
    if change.contains is Contains.DEFAULT and change.type is not MetricType.RATE:
        # Nobody compares more than six digits by eye.
        value = rounded(value, 6)
    return format_statistic(value, change.type, change.contains, change.statistic)


def _change(change: Change) -> str:
    if change.before is None or change.after is None:
        return _NOTHING
    if change.relative is None:
        return "from 0"
    return _per_cent(change.relative)


def _interval(change: Change) -> str:
    if change.interval is None:
        return ""
    low, high = change.interval
    return f"{_per_cent(low)} to {_per_cent(high)}"


def _per_cent(share: float) -> str:
    text = f"{share * 100:+.1f}%"
    return "0.0%" if text in {"+0.0%", "-0.0%"} else text
