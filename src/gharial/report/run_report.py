"""The results of a run, summed up for the summary and its JSON, as plain frozen data."""

import math
from collections.abc import Iterator
from dataclasses import field

from gharial.lazy_dataclass import dataclass
from gharial.metrics.metric import Metric
from gharial.metrics.selectors import Selector
from gharial.metrics.sinks import Sink
from gharial.report.finding import NO_VERDICT, RunVerdict
from gharial.report.name_table import NamedSummary
from gharial.report.onsets import Slowdown


@dataclass(frozen=True, slots=True)
class ThresholdResult:
    """
    A threshold as the run ended.

    Attributes:
        expression: As the user wrote it.
        statistic: What it asks of the metric: ``p(95)``.
        value: What that was; NaN if there were no values to judge.
        has_passed: Whether the condition holds, or may count as held without values.
        since_s: Since when it has been crossed, from the beginning of the run; NaN if it
            is not, or if that is unknown.

    """

    expression: str
    statistic: str
    value: float
    has_passed: bool
    since_s: float = math.nan

    @property
    def has_values(self) -> bool:
        """Whether there was anything to judge: if not, it neither held nor was crossed."""
        return not math.isnan(self.value)


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """
    The values of a metric, or of a part of it.

    Attributes:
        metric: The metric.
        sink: Its values, of all series together.
        selector: Which part, if it is one.
        thresholds: What was asked of it.
        parts: Its sub-metrics.
        breakdown: For a counter of kinds (reasons, close codes): the tag that tells the
            kind, its value and how many, most first.

    """

    metric: Metric
    sink: Sink
    selector: Selector | None = None
    thresholds: tuple[ThresholdResult, ...] = ()
    parts: tuple["MetricSummary", ...] = ()
    breakdown: tuple[tuple[str, str, float], ...] = ()

    @property
    def name(self) -> str:
        """The metric's name, with the selector's braces if it is a part."""
        return self.selector.text if self.selector else self.metric.name


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """
    One check.

    Attributes:
        name: Its name.
        path: Its group's path, ``::`` and its name.
        passes: How often it held.
        fails: How often it did not.
        first_failed_s: When it failed first, from the beginning of the run, to about a
            second; NaN if it did not, or if that is unknown.

    """

    name: str
    path: str
    passes: int
    fails: int
    first_failed_s: float = math.nan


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """
    One group, or the root of all.

    Attributes:
        name: Its name, empty for the root.
        path: ``::outer::inner``, empty for the root.
        checks: Checks made directly in it, in the order they were first made.
        groups: Groups inside it, in the order they were first met.
        metrics: What was measured in it and in the groups inside it; of the root, nothing.

    """

    name: str
    path: str
    checks: tuple[CheckSummary, ...] = ()
    groups: tuple["GroupSummary", ...] = ()
    metrics: tuple[MetricSummary, ...] = ()

    def all_checks(self) -> Iterator[CheckSummary]:
        """Yield the checks of this group and of all inside it."""
        yield from self.checks
        for group in self.groups:
            yield from group.all_checks()


@dataclass(frozen=True, slots=True)
class ScenarioSummary:
    """
    What was measured in one scenario.

    Attributes:
        name: The scenario's name.
        metrics: Its share of each metric.

    """

    name: str
    metrics: tuple[MetricSummary, ...] = ()


@dataclass(frozen=True, slots=True)
class ExceptionSummary:
    """
    Exceptions of iterations that are alike.

    Attributes:
        message: The first line of what they say.
        place: File and line of the script; empty if unknown.
        count: How many iterations they ended.
        first_s: When the first one came, from the beginning of the run.
        last_s: When the last one came.
        scenario: The scenario of the first one.
        stack: The stack of the first one.

    """

    message: str
    place: str
    count: int
    first_s: float
    last_s: float = 0.0
    scenario: str = ""
    stack: str = ""


@dataclass(frozen=True, slots=True)
class FailureSummary:
    """
    Failures that are alike, and the first of them as an example.

    Attributes:
        what: ``socket``, ``request`` (over a socket) or ``http``.
        reason: Why, as the tag ``reason`` has it.
        status: The HTTP status of the answer; 0 if there was none.
        name: The tag ``name``.
        scenario: The tag ``scenario``.
        count: How many.
        first_s: When the first one came, from the beginning of the run.
        last_s: When the last one came.
        url: The example's URL, secrets masked.
        text: What the example says, for people.
        body: The first 200 characters of the answer, secrets masked.

    """

    what: str
    reason: str
    status: int
    name: str
    scenario: str
    count: int
    first_s: float
    last_s: float
    url: str = ""
    text: str = ""
    body: str = ""

    @property
    def label(self) -> str:
        """The status if that is the reason, else the reason: ``429``, ``refused``."""
        return str(self.status) if self.status >= 200 else self.reason


@dataclass(frozen=True, slots=True)
class RunReport:
    """
    A run, summed up.

    Attributes:
        duration_s: For how long load ran, which rates are over: without setup,
            teardown and pauses.
        metrics: Metrics that had values or thresholds, by name.
        root: Checks and groups.
        scenarios: Shares of the scenarios; empty if there is only ``default``.
        warnings: What the reader has to know before trusting the numbers.
        run_s: From before setup to after teardown; 0 if unknown.
        exceptions: What ended iterations, the most frequent first.
        failures: What failed, the most frequent first.
        named: Connections and requests by name.
        slowdowns: What became slow.
        verdict: What came of the run, and why.

    """

    duration_s: float
    metrics: tuple[MetricSummary, ...] = ()
    root: GroupSummary = field(default_factory=lambda: GroupSummary("", ""))
    scenarios: tuple[ScenarioSummary, ...] = ()
    warnings: tuple[str, ...] = ()
    run_s: float = 0.0
    exceptions: tuple[ExceptionSummary, ...] = ()
    failures: tuple[FailureSummary, ...] = ()
    named: tuple[NamedSummary, ...] = ()
    slowdowns: tuple[Slowdown, ...] = ()
    verdict: RunVerdict = NO_VERDICT

    def metric(self, name: str) -> MetricSummary | None:
        """Return the metric of this name, None if there was nothing of it."""
        for summary in self.metrics:
            if summary.name == name:
                return summary
        return None
