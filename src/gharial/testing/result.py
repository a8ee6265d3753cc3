"""The result of a run, for a test to assert on."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from gharial.errors import ExitCode, GharialError, did_you_mean
from gharial.lazy_dataclass import dataclass
from gharial.lifecycle.run_result import RunResult
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.selectors import parse_selector
from gharial.options.model import Options
from gharial.report.numbers import format_number
from gharial.report.run_report import CheckSummary
from gharial.report.text import COMPACT, render
from gharial.testing.log import LogLine, RunLog
from gharial.testing.measured import MetricResult, metric_result

# pytest cuts what it shows of an object in an assertion in the middle beyond 240.
REPR_MAXIMUM: Final = 240
_PART_MAXIMUM: Final = 70
_EXAMPLES: Final = 2
_LAST_LINES: Final = 10
_NAMES_MAXIMUM: Final = 10

Value = TypeVar("Value")


class UnknownNameError(GharialError, KeyError):
    """
    A result has no metric or check of this name.

    Attributes:
        what: What was asked for: ``metric``, ``check``.
        name: Its name, as it was written.
        known: Names that there are.

    """

    def __init__(self, what: str, name: str, known: Sequence[str]) -> None:
        super().__init__(what, name, known)
        self.what = what
        self.name = name
        self.known = known

    def __str__(self) -> str:
        hint = did_you_mean(self.name, self.known)
        if not hint and len(self.known) <= _NAMES_MAXIMUM:
            hint = f"; there are {', '.join(map(repr, self.known)) or 'none'}"
        return f"there is no {self.what} {self.name!r}{hint}"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """
    How often a check held.

    Attributes:
        name: Its name.
        passes: How often it held.
        fails: How often it did not.

    """

    name: str
    passes: int
    fails: int

    @property
    def rate(self) -> float:
        """The share that held, 0 to 1."""
        total = self.passes + self.fails
        return self.passes / total if total else 0.0

    @property
    def total(self) -> int:
        """How often it was made."""
        return self.passes + self.fails


@dataclass(frozen=True, slots=True)
class ThresholdOutcome:
    """
    A threshold as the run ended.

    Attributes:
        metric: The metric, or the part of one.
        expression: The condition as it was written.
        value: What it was judged by; NaN if there were no values to judge.
        passed: Whether it holds; one without values does not, unless the option
            ``noDataThresholds`` is ``pass``.

    """

    metric: str
    expression: str
    value: float
    passed: bool

    def __str__(self) -> str:
        if math.isnan(self.value):
            return f"{self.metric}: {self.expression} had no values to judge"
        state = "holds" if self.passed else "failed"
        value = format_number(self.value)
        return f"{self.metric}: {self.expression} {state} ({value})"


class Metrics(Mapping[str, MetricResult]):
    """
    The metrics of a run by name, those without values among them.

    ``metrics["ws_connecting{scenario:chat}"]`` is the part of a metric that carries these
    tags, written as in thresholds.
    """

    def __init__(self, registry: Registry, duration_s: float) -> None:
        self._registry = registry
        self._duration_s = duration_s

    def __getitem__(self, name: str) -> MetricResult:
        """
        Return a metric, or a part of it.

        Raises:
            UnknownNameError: If there is no metric of this name; it is a ``KeyError``.
            SelectorSyntaxError: If the part in braces cannot be read.

        """
        selector = parse_selector(name)
        metric = self._registry.find(selector.metric)
        if metric is None:
            raise UnknownNameError("metric", selector.metric, list(self))
        sink = self._registry.merged(metric, selector)
        result = metric_result(metric, sink, name, self._duration_s)
        if sink.is_empty and selector.tags:
            result.present_tags = self._present(selector.metric, selector.tags)
        return result

    def __iter__(self) -> Iterator[str]:
        return (metric.name for metric in self._registry.metrics())

    def __len__(self) -> int:
        return len(self._registry.metrics())

    def __repr__(self) -> str:
        present = (self[name] for name in self)
        shown = ", ".join(repr(each) for each in present if not each.is_empty)
        return f"<Metrics: {shown}>" if shown else "<Metrics: none has values>"

    def _present(
        self, name: str, wanted: Sequence[tuple[str, str]]
    ) -> tuple[tuple[str, str], ...]:
        """Return which values the wanted tags have in a metric's series."""
        metric = self._registry.find(name)
        assert metric is not None
        keys = [key for key, _ in wanted]
        found = dict.fromkeys(
            (key, value)
            for tags, sink in self._registry.series_of(metric)
            for key in keys
            if not sink.is_empty and (value := tags.get(key))
        )
        return tuple(found)


class Checks(Mapping[str, CheckResult]):
    """
    The checks of a run by name.

    Checks of one name in several groups are added up; ``checks["::group::name"]`` is the
    one of a group.
    """

    def __init__(self, checks: Sequence[CheckSummary]) -> None:
        self._by_name: dict[str, CheckResult] = {}
        self._by_path: dict[str, CheckResult] = {}
        for each in checks:
            own = CheckResult(each.name, each.passes, each.fails)
            same = self._by_name.get(each.name, CheckResult(each.name, 0, 0))
            self._by_path[each.path] = own
            self._by_name[each.name] = CheckResult(
                each.name, same.passes + own.passes, same.fails + own.fails
            )

    def __getitem__(self, name: str) -> CheckResult:
        """
        Return a check.

        Raises:
            UnknownNameError: If none of this name was made; it is a ``KeyError``.

        """
        found = self._by_name.get(name) or self._by_path.get(name)
        if found is None:
            raise UnknownNameError("check", name, list(self))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"<Checks: {', '.join(map(repr, self._by_name.values())) or 'none'}>"


class TestResult:
    """
    What came of a run.

    Attributes:
        exit_code: The exit code that ``gharial run`` would have had.
        problems: Why it is not 0, in sentences.
        duration_s: For how long load ran, which rates are over: without ``setup`` and
            ``teardown``.
        metrics: The metrics by name: see :class:`Metrics`.
        checks: The checks by name: see :class:`Checks`.
        thresholds: The thresholds, each with what it was judged by.
        errors: How many WebSockets failed, by reason (``refused``, ``handshake``, …).
        exceptions: What the script raised in iterations, each text once, with the
            script's lines. They fail their iteration and, as in ``gharial run``, not the
            run.
        log: The last lines of the log.
        texts: What ``handleSummary`` returned, by target; nothing is written anywhere.

    """

    __test__ = False

    def __init__(
        self,
        result: RunResult,
        registry: Registry,
        options: Options,
        log: RunLog,
    ) -> None:
        """
        Take what is left of a run.

        Args:
            result: What came of it.
            registry: All that it measured.
            options: Its options.
            log: Its log.

        """
        self.exit_code: ExitCode = result.exit_code
        self.problems: tuple[str, ...] = result.problems
        self.duration_s: float = result.report.duration_s
        self.metrics = Metrics(registry, self.duration_s)
        self.checks = Checks(tuple(result.report.root.all_checks()))
        self.thresholds: tuple[ThresholdOutcome, ...] = tuple(
            ThresholdOutcome(part.name, each.expression, each.value, each.has_passed)
            for metric in result.report.metrics
            for part in (metric, *metric.parts)
            for each in part.thresholds
        )
        self.errors: Mapping[str, int] = _errors(result)
        self.exceptions: tuple[str, ...] = tuple(log.exceptions)
        self.log: tuple[LogLine, ...] = tuple(log.lines)
        self.texts: Mapping[str, str | bytes] = dict(result.texts or {})
        self._report = result.report
        self._options = options

    @property
    def passed(self) -> bool:
        """Whether the exit code is 0 and no threshold failed."""
        return self.exit_code is ExitCode.OK and all(
            threshold.passed for threshold in self.thresholds
        )

    def summary(self, *, mode: str = COMPACT) -> str:
        """
        Return the summary that ``gharial run`` shows.

        Args:
            mode: ``compact`` or ``full``.

        """
        return render(
            self._report,
            trend_stats=self._options.summary_trend_stats,
            time_unit=self._options.summary_time_unit,
            mode=mode,
        )

    def account(self) -> str:
        """Return the summary, the problems and the end of the log, to explain a failure."""
        parts = [self.summary().strip("\n")]
        parts += [f"problem: {problem}" for problem in self.problems]
        if self.log:
            lines = self.log[-_LAST_LINES:]
            left_out = len(self.log) - len(lines)
            title = f"log (the last {len(lines)} lines):" if left_out else "log:"
            parts.append(
                "\n".join([title, *(f"  {_indented(line)}" for line in lines)])
            )
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        state = "passed" if self.passed else "failed"
        iterations = self.metrics[builtin.ITERATIONS.name].count
        head = f"{state}, exit code {int(self.exit_code)}, {iterations:g} iterations"
        text = "; ".join([f"{head} in {self.duration_s:.1f} s", *self._remarks()])
        if len(text) > REPR_MAXIMUM - 14:
            text = text[: REPR_MAXIMUM - 15] + "…"
        return f"<TestResult: {text}>"

    def _remarks(self) -> Iterator[str]:
        yield from _some([str(each) for each in self.thresholds if not each.passed])
        failed = [each for each in self.checks.values() if each.fails]
        yield from _some(
            [f"check {e.name!r} failed {e.fails} of {e.total} times" for e in failed]
        )
        yield from _some(
            [f"ws_errors {reason}: {count}" for reason, count in self.errors.items()]
        )
        yield from _some([each.partition("\n")[0] for each in self.exceptions])
        # That thresholds were crossed is said already.
        if self.exit_code not in (ExitCode.OK, ExitCode.THRESHOLDS_FAILED):
            yield from _some([each.partition("\n")[0] for each in self.problems])


def _errors(result: RunResult) -> dict[str, int]:
    summary = result.report.metric(builtin.WS_ERRORS.name)
    if summary is None or summary.metric.is_custom:
        return {}
    return {reason: int(count) for _, reason, count in summary.breakdown}


def _some(texts: list[str]) -> Iterator[str]:
    """Yield the first of some texts, cut short, and how many more there are."""
    for text in texts[:_EXAMPLES]:
        yield text if len(text) <= _PART_MAXIMUM else text[: _PART_MAXIMUM - 1] + "…"
    if len(texts) > _EXAMPLES:
        yield f"{len(texts) - _EXAMPLES} more"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
