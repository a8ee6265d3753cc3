"""The options of the run, of its script and of its measurements: a row for each."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from gharial.errors import did_you_mean
from gharial.metrics.statistics import (
    DEFAULT_TREND_STATISTICS,
    TrendStatisticError,
    parse_trend_statistics,
)
from gharial.options.cluster_address import parse_cluster
from gharial.options.info import Group, OptionInfo, Settings
from gharial.options.records import After, Before, OptionRecord, ShownAs
from gharial.options.scenarios import ScenarioOptions, Stage
from gharial.options.values import (
    Count,
    Duration,
    Natural,
    Positive,
    PositiveDuration,
    RunDuration,
    Size,
    TextList,
    TextMap,
    at_least,
)
from gharial.options.written import read_json, read_pairs, read_stages

DEFAULT_SYSTEM_TAGS = frozenset(
    {
        *("proto", "subproto", "status", "method", "url", "name", "group", "check"),
        *("error", "error_code", "tls_version", "scenario", "service"),
        "expected_response",
    }
)
ALL_SYSTEM_TAGS = DEFAULT_SYSTEM_TAGS | {"iter", "vu", "ocsp_status", "ip"}


class ThresholdOption(OptionRecord):
    """
    One condition on a metric.

    Attributes:
        threshold: The condition: ``p(95)<200``.
        abort_on_fail: Whether the run ends as soon as it does not hold.
        delay_abort_eval_s: For so long after the start it ends no run.

    """

    threshold: str
    abort_on_fail: bool = False
    delay_abort_eval_s: Duration = 0.0

    def as_given(self) -> str | dict[str, object]:
        """Return the string, or a mapping if there is more to say, in k6's names."""
        if not self.abort_on_fail and not self.delay_abort_eval_s:
            return self.threshold
        return {
            "threshold": self.threshold,
            "abortOnFail": self.abort_on_fail,
            "delayAbortEval": self.delay_abort_eval_s * 1000.0,
        }


def _threshold_list(value: Any) -> Any:
    entries = [value] if isinstance(value, (str, Mapping)) else value
    if not isinstance(entries, (list, tuple)):
        return value
    for entry in entries:
        if not isinstance(entry, (str, Mapping)):
            raise ValueError(
                f"{entry!r} is not a threshold; write for example 'p(95)<200' or "
                "{threshold: 'p(95)<200', abortOnFail: true, delayAbortEval: '10s'}"
            )
    return [{"threshold": e} if isinstance(e, str) else e for e in entries]


def _stage_list(value: Any) -> Any:
    # An explicitly empty list says as little as none (k6 v2.2, lib/options.go).
    return None if value in ([], ()) else value


def _system_tags(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return [name.strip() for name in value.split(",") if name.strip()]


def _system_tag(name: str) -> str:
    if name not in ALL_SYSTEM_TAGS:
        raise ValueError(
            f"{name!r} is not a system tag{did_you_mean(name, ALL_SYSTEM_TAGS)} (there "
            f"are {', '.join(sorted(ALL_SYSTEM_TAGS))})"
        )
    return name


def _trend_statistics(texts: tuple[str, ...]) -> tuple[str, ...]:
    try:
        parse_trend_statistics(texts)
    except TrendStatisticError as error:
        # Whoever shows it says first which option it is.
        raise ValueError(str(error).removeprefix("summaryTrendStats: ")) from None
    return texts


def _cluster(text: str) -> str:
    return parse_cluster(text).text


# Read by `find_problems`, which knows the executors.
GivenScenario = ScenarioOptions
Stages = Annotated[tuple[Stage, ...] | None, Before(_stage_list)]
Thresholds = Annotated[tuple[ThresholdOption, ...], Before(_threshold_list)]
SystemTags = Annotated[
    frozenset[Annotated[str, After(_system_tag)]],
    Before(_system_tags),
    ShownAs(sorted),
]
TrendStatistics = Annotated[TextList, After(_trend_statistics)]
Cluster = Annotated[str, After(_cluster)]


class RunOptions(OptionRecord):
    """What a run does, with how many virtual users, and what it measures."""

    vus: Annotated[
        Natural | None,
        OptionInfo(
            "Number of virtual users.",
            group=Group.LOAD,
            flags="-u --vus",
            metavar="COUNT",
            used_by="options",
        ),
    ] = None
    iterations: Annotated[
        Positive | None,
        OptionInfo(
            "Total number of iterations, shared by the virtual users.",
            group=Group.LOAD,
            flags="-i --iterations",
            metavar="COUNT",
            used_by="options",
        ),
    ] = None
    duration_s: Annotated[
        RunDuration | None,
        OptionInfo(
            "How long to run, for example 30s or 1m30s.",
            group=Group.LOAD,
            flags="-d --duration",
            metavar="TIME",
            details="With ``iterations``, the longest that they may take.",
            used_by="options",
        ),
    ] = None
    stages: Annotated[
        Stages,
        OptionInfo(
            "Ramp to VUS virtual users within TIME.",
            group=Group.LOAD,
            flags="-s --stage",
            metavar="TIME:VUS...",
            used_by="options",
            read=read_stages,
        ),
    ] = None
    scenarios: Annotated[
        dict[str, GivenScenario],
        OptionInfo(
            "Scenarios by name, each with an executor.",
            group=Group.LOAD,
            used_by="executors",
            read=read_json,
            variables=(),
        ),
    ] = field(default_factory=dict)
    min_iteration_duration_s: Annotated[
        Duration,
        OptionInfo(
            "Minimum duration of an iteration; a shorter one waits.",
            group=Group.LOAD,
            flags="--min-iteration-duration",
            metavar="TIME",
            settings=Settings.VUS,
        ),
    ] = 0.0
    paused: Annotated[
        bool,
        OptionInfo(
            "Start paused and wait for 'gharial resume'.",
            group=Group.LOAD,
            flags="-p --paused",
            used_by="lifecycle",
        ),
    ] = False
    linger: Annotated[
        bool,
        OptionInfo(
            "Keep the dashboard and --address alive after the end, until Ctrl+C.",
            group=Group.LOAD,
            flags="-l --linger",
            details="The summary is shown before that.",
            used_by="cli",
        ),
    ] = False
    throw: Annotated[
        bool,
        OptionInfo(
            "Throw an exception where a failed call would only warn.",
            group=Group.SCRIPT,
            flags="-w --throw",
            settings=Settings.VUS,
        ),
    ] = False
    no_setup: Annotated[
        bool,
        OptionInfo(
            "Skip setup().",
            group=Group.SCRIPT,
            flags="--no-setup",
            used_by="lifecycle",
        ),
    ] = False
    no_teardown: Annotated[
        bool,
        OptionInfo(
            "Skip teardown().",
            group=Group.SCRIPT,
            flags="--no-teardown",
            used_by="lifecycle",
        ),
    ] = False
    setup_timeout_s: Annotated[
        Duration,
        OptionInfo(
            "Longest time that setup() may take.",
            group=Group.SCRIPT,
            settings=Settings.VUS,
        ),
    ] = 60.0
    teardown_timeout_s: Annotated[
        Duration,
        OptionInfo(
            "Longest time that teardown() may take.",
            group=Group.SCRIPT,
            settings=Settings.VUS,
        ),
    ] = 60.0
    handle_summary_timeout_s: Annotated[
        Duration,
        OptionInfo(
            "Longest time that handleSummary() may take.",
            group=Group.SCRIPT,
            used_by="lifecycle",
            in_k6=False,
        ),
    ] = 120.0
    callback_timeout_s: Annotated[
        PositiveDuration,
        OptionInfo(
            "Longest time that script code may run without a pause.",
            group=Group.SCRIPT,
            flags="--callback-timeout",
            metavar="TIME",
            settings=Settings.VUS,
            in_k6=False,
        ),
    ] = 10.0
    memory_limit_bytes: Annotated[
        Annotated[Size, at_least(1024 * 1024)],
        OptionInfo(
            "Memory limit per virtual user, for example 256MiB.",
            group=Group.SCRIPT,
            flags="--memory-limit",
            metavar="SIZE",
            details="For JavaScript only.",
            settings=Settings.VUS,
            in_k6=False,
        ),
    ] = 256 * 1024 * 1024
    random_seed: Annotated[
        Count | None,
        OptionInfo(
            "Seed for random numbers, to get the same ones in every run.",
            group=Group.SCRIPT,
            flags="--random-seed",
            metavar="NUMBER",
            details="Each virtual user has its own sequence.",
            settings=Settings.VUS,
            in_k6=False,
        ),
    ] = None
    browser_globals: Annotated[
        bool,
        OptionInfo(
            "Let JavaScript have window, another name of self.",
            group=Group.SCRIPT,
            flags="--browser-globals",
            details="For libraries that look for nothing else. Many others take it for the "
            "window of a page, so that it is not there unless asked for.",
            settings=Settings.VUS,
            in_k6=False,
        ),
    ] = False
    console_output: Annotated[
        str | None,
        OptionInfo(
            "Write the script's console output to FILE.",
            group=Group.SCRIPT,
            flags="--console-output",
            metavar="FILE",
            used_by="cli",
            for_scripts=False,
        ),
    ] = None
    tags: Annotated[
        TextMap,
        OptionInfo(
            "Add a tag to every measurement.",
            group=Group.MEASUREMENTS,
            flags="--tag",
            metavar="NAME=VALUE...",
            used_by="lifecycle",
            read=read_pairs,
        ),
    ] = field(default_factory=dict)
    system_tags: Annotated[
        SystemTags,
        OptionInfo(
            "Built-in tags to record, separated by commas.",
            group=Group.MEASUREMENTS,
            flags="--system-tags",
            metavar="NAMES",
            settings=Settings.VUS,
        ),
    ] = DEFAULT_SYSTEM_TAGS
    thresholds: Annotated[
        dict[str, Thresholds],
        OptionInfo(
            "Conditions that the run must meet, by metric or sub-metric.",
            group=Group.MEASUREMENTS,
            used_by="options",
            read=read_json,
        ),
    ] = field(default_factory=dict)
    no_thresholds: Annotated[
        bool,
        OptionInfo(
            "Ignore thresholds.",
            group=Group.MEASUREMENTS,
            flags="--no-thresholds",
            used_by="options",
        ),
    ] = False
    no_data_thresholds: Annotated[
        Literal["pass", "fail"],
        OptionInfo(
            "Whether thresholds without data pass or fail.",
            group=Group.MEASUREMENTS,
            flags="--no-data",
            metavar="pass|fail",
            details="In k6 they pass.",
            used_by="lifecycle",
            in_k6=False,
        ),
    ] = "pass"
    summary_trend_stats: Annotated[
        TrendStatistics,
        OptionInfo(
            "What the summary shows of trends, for example avg,max,count,p(99).",
            group=Group.MEASUREMENTS,
            flags="--summary-trend-stats",
            metavar="NAMES",
            used_by="cli",
        ),
    ] = DEFAULT_TREND_STATISTICS
    summary_time_unit: Annotated[
        Literal["s", "ms", "us"] | None,
        OptionInfo(
            "Unit of times in the summary: s, ms or us.",
            group=Group.MEASUREMENTS,
            flags="--summary-time-unit",
            metavar="UNIT",
            details="Unless set, each time is shown in a suitable unit.",
            used_by="cli",
        ),
    ] = None
    workers: Annotated[
        Positive | None,
        OptionInfo(
            "Processes that share the load (default: one per core).",
            group=Group.WORKERS,
            flags="--workers",
            metavar="COUNT",
            used_by="workers",
            in_k6=False,
        ),
    ] = None
    cluster: Annotated[
        Cluster | None,
        OptionInfo(
            "Run on a Ray cluster: auto, HOST:PORT or local.",
            group=Group.WORKERS,
            flags="--cluster",
            metavar="ADDRESS",
            details="``auto`` is the one that this machine belongs to, ``HOST:PORT`` names "
            "its head, ``local`` is started for this run; ``workers`` then counts for the "
            "whole cluster. Unless set, workers are processes of this machine.",
            used_by="cluster",
            in_k6=False,
        ),
    ] = None
    cluster_timeout_s: Annotated[
        PositiveDuration,
        OptionInfo(
            "Longest wait for free CPUs in the cluster.",
            group=Group.WORKERS,
            flags="--cluster-timeout",
            metavar="TIME",
            used_by="cluster",
            in_k6=False,
        ),
    ] = 60.0
    worker_weights: Annotated[
        Literal["equal", "auto"],
        OptionInfo(
            "Shares of the load: equal, or auto for more on faster machines.",
            group=Group.WORKERS,
            flags="--worker-weights",
            metavar="KIND",
            used_by="cluster",
            in_k6=False,
        ),
    ] = "equal"
    on_worker_lost: Annotated[
        Literal["stop", "continue"],
        OptionInfo(
            "What to do when a worker is lost: stop or continue.",
            group=Group.WORKERS,
            flags="--on-worker-lost",
            metavar="ACTION",
            used_by="workers",
            in_k6=False,
        ),
    ] = "stop"
    allow_lost: Annotated[
        Natural,
        OptionInfo(
            "Number of workers that may be lost without failing the run.",
            group=Group.WORKERS,
            flags="--allow-lost",
            metavar="COUNT",
            used_by="workers",
            in_k6=False,
        ),
    ] = 0
