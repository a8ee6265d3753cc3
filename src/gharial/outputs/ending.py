"""The thresholds and checks of a run that ended, for outputs that report failures."""

from collections.abc import Iterator

from gharial.errors import ExitCode
from gharial.lazy_dataclass import dataclass
from gharial.metrics.metric import MetricType
from gharial.outputs.base import RunEnd
from gharial.report.numbers import NO_VALUES, format_share, format_value
from gharial.report.run_report import (
    CheckSummary,
    MetricSummary,
    RunReport,
    ThresholdResult,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """
    A threshold, with what it was judged by.

    Attributes:
        metric: The metric's name, with the selector's braces if it is a part.
        expression: As the user wrote it.
        statistic: What it asks of the metric: ``p(95)``.
        value: What that was, as a reader wants it.
        has_passed: Whether the condition holds, or may count as held without values.
        has_values: Whether there was anything to judge.

    """

    metric: str
    expression: str
    statistic: str
    value: str
    has_passed: bool
    has_values: bool

    @property
    def sentence(self) -> str:
        """What came of it."""
        if not self.has_values:
            return f"{self.metric}: '{self.expression}' had no values to judge"
        verb = "holds" if self.has_passed else "does not hold"
        found = f"{self.statistic} is {self.value}"
        return f"{self.metric}: '{self.expression}' {verb}: {found}"


def all_judged(report: RunReport) -> list[Judged]:
    """Return all thresholds, in the order of the metrics."""
    return [
        Judged(
            summary.name,
            result.expression,
            result.statistic,
            _value(summary, result),
            result.has_passed,
            result.has_values,
        )
        for metric in report.metrics
        for summary in (metric, *metric.parts)
        for result in summary.thresholds
    ]


def all_checks(report: RunReport) -> Iterator[CheckSummary]:
    """Yield all checks that were made, whatever their group."""
    return (check for check in report.root.all_checks() if check.passes + check.fails)


def sentence_of(check: CheckSummary) -> str:
    """Return how often a check held."""
    made = check.passes + check.fails
    return (
        f"{check.name}: failed {check.fails} of {made} times "
        f"({format_share(check.passes / made)} held)"
    )


def group_of(check: CheckSummary) -> str:
    """Return the path of a check's group, empty for none."""
    return check.path.removesuffix(f"::{check.name}").removeprefix("::")


def troubles(end: RunEnd) -> tuple[str, ...]:
    """Return why a run did not come to its end as planned, thresholds apart."""
    if end.exit_code in (ExitCode.OK, ExitCode.THRESHOLDS_FAILED):
        return ()
    return end.problems or (f"the run ended with exit code {end.exit_code}",)


def _value(summary: MetricSummary, result: ThresholdResult) -> str:
    if not result.has_values:
        return NO_VALUES
    if summary.metric.type is MetricType.RATE:
        return format_share(result.value)
    value = format_value(result.value, summary.metric.contains)
    is_rate = summary.metric.type is MetricType.COUNTER and result.statistic == "rate"
    return f"{value}/s" if is_rate else value
