from dataclasses import replace
from typing import Any

import pytest
from tests.unit.report.record_samples import digest, document, points

from gharial.metrics import builtin
from gharial.metrics.metric import Contains, Metric, MetricType
from gharial.metrics.statistics import Statistic
from gharial.report.comparison import (
    Change,
    Comparison,
    Verdict,
    compare,
    relative_change,
    value_of,
    verdict_of,
    worse_direction,
)
from gharial.report.document import FinalMetric, RunDocument
from gharial.report.timeline import Point

DURATIONS = ("avg", "p(50)", "p(90)", "p(95)")


def verdicts(comparison: Comparison, metric: str) -> dict[str, Verdict]:
    return {
        change.statistic: change.verdict
        for change in comparison.changes
        if change.metric == metric
    }


def change(comparison: Comparison, metric: str, statistic: str) -> Change:
    return next(
        each
        for each in comparison.changes
        if (each.metric, each.statistic) == (metric, statistic)
    )


def run(seconds: int = 60, **how: Any) -> RunDocument:
    return document(points(seconds, **how))


def test_a_run_and_itself_differ_in_nothing() -> None:
    found = compare(run(), run())
    assert found.changes
    assert {each.verdict for each in found.changes} == {Verdict.UNCLEAR}
    assert {each.relative for each in found.changes} == {0.0}


@pytest.mark.slow
def test_runs_of_one_distribution_hardly_ever_differ() -> None:
    found = [
        compare(run(seed=2 * pair), run(seed=2 * pair + 1)) for pair in range(8, 20)
    ]
    numbers = [each for one in found for each in one.changes if each.interval]
    marked = [each for each in numbers if each.verdict is not Verdict.UNCLEAR]
    assert len(numbers) > 100
    # One in a hundred is what is promised.
    assert len(marked) <= 3


@pytest.mark.parametrize("seed", range(3))
def test_a_run_that_is_a_tenth_slower_is_worse_and_the_other_way_better(
    seed: int,
) -> None:
    usual, slow = run(seed=seed), run(seed=seed + 50, slower=1.1)
    found = compare(usual, slow)
    marked = verdicts(found, "ws_req_duration")
    assert {marked[name] for name in DURATIONS} == {Verdict.WORSE}
    mean = change(found, "ws_req_duration", "avg")
    assert mean.relative == pytest.approx(0.1, abs=0.03)
    assert mean.interval is not None
    assert mean.interval[0] < 0.1 < mean.interval[1]
    back = verdicts(compare(slow, usual), "ws_req_duration")
    assert {back[name] for name in DURATIONS} == {Verdict.BETTER}


def test_the_same_seed_gives_the_same_intervals() -> None:
    first, second = run(seed=1), run(seed=2)
    assert compare(first, second) == compare(first, second)
    assert compare(first, second) != compare(first, second, seed=4)


def test_short_runs_are_shown_without_verdicts() -> None:
    found = compare(run(5), run(5, seed=2, slower=3.0))
    assert {each.verdict for each in found.changes} == {Verdict.UNCLEAR}
    assert {each.interval for each in found.changes} == {None}
    assert any("first run has 5 seconds" in note for note in found.notes)
    mean = change(found, "ws_req_duration", "avg")
    assert mean.relative == pytest.approx(2.0, abs=0.2)


def test_errors_from_none_are_worse_though_there_is_no_share_of_nothing() -> None:
    def failing(errors: float) -> RunDocument:
        made = tuple(
            replace(point, counters={**point.counters, "ws_errors": errors})
            for point in points(30)
        )
        whole = document(made)
        # A run without errors has no such metric at all.
        kept = tuple(m for m in whole.metrics if m.name != "ws_errors" or m.digest)
        metrics = {each.name: each for each in kept}
        metrics["ws_errors"] = replace(metrics["ws_errors"], total=errors * 30)
        if not errors:
            del metrics["ws_errors"]
        return replace(whole, metrics=tuple(metrics.values()))

    found = compare(failing(0.0), failing(2.0))
    errors = change(found, "ws_errors", "rate")
    assert (errors.before, errors.after) == (0.0, 2.0)
    assert (errors.relative, errors.interval) == (None, None)
    assert errors.verdict is Verdict.WORSE
    back = change(compare(failing(2.0), failing(0.0)), "ws_errors", "rate")
    assert (back.relative, back.verdict) == (-1.0, Verdict.BETTER)


def test_one_error_may_be_chance() -> None:
    seconds = points(30)
    once = replace(seconds[7], counters={**seconds[7].counters, "ws_errors": 1.0})
    found = compare(document(seconds), document((*seconds[:7], once, *seconds[8:])))
    assert change(found, "ws_errors", "rate").verdict is Verdict.UNCLEAR


def test_what_only_one_run_has_is_shown_without_a_change() -> None:
    own = FinalMetric(
        "own_time", MetricType.TREND, Contains.TIME, digest=digest(1.0, 2.0)
    )
    found = compare(document(), document(extra=(own,)))
    mean = change(found, "own_time", "avg")
    assert (mean.before, mean.after, mean.relative) == (None, 1.5, None)
    assert mean.verdict is Verdict.UNCLEAR


@pytest.mark.parametrize(
    ("saved", "asked", "value"),
    [
        pytest.param({}, "ws_errors", 0.0, id="nothing was counted"),
        pytest.param({}, "ws_errors{reason:dns}", 0.0, id="nor of any part"),
        pytest.param(
            {"ws_errors": 3.0, "ws_errors{reason:tls}": 3.0},
            "ws_errors{reason:dns}",
            0.0,
            id="all kinds are saved",
        ),
        pytest.param(
            {"ws_errors": 3.0, "ws_errors{reason:tls}": 3.0},
            "ws_errors{scenario:chat}",
            None,
            id="a part that was not saved",
        ),
        pytest.param(
            {"ws_errors": 3.0, "ws_errors{scenario:b}": 1.0},
            "ws_errors{scenario:chat}",
            None,
            id="nor was the rest of the whole",
        ),
    ],
)
def test_a_part_that_a_run_did_not_save_is_unknown_and_not_zero(
    saved: dict[str, float], asked: str, value: float | None
) -> None:
    metrics = tuple(
        FinalMetric(name, MetricType.COUNTER, Contains.DEFAULT, total=total)
        for name, total in saved.items()
    )
    counted = replace(run(), metrics=metrics)
    metric = Metric(asked, MetricType.COUNTER)
    assert value_of(counted, metric, Statistic("count")) == value


def test_a_custom_metric_is_changed_and_nothing_more() -> None:
    def renamed(whole: RunDocument) -> RunDocument:
        made = tuple(
            Point(p.begin_s, p.end_s, digests={"own": p.digests["ws_req_duration"]})
            for p in whole.points
        )
        return document(made)

    found = compare(renamed(run(seed=1)), renamed(run(seed=2, slower=1.5)))
    assert verdicts(found, "own")["avg"] is Verdict.CHANGED


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("ws_req_duration", 1),
        ("ws_req_duration{name:join}", 1),
        ("ws_connecting", 1),
        ("vu_loop_lag", 1),
        ("ws_errors", 1),
        ("dropped_iterations", 1),
        ("ws_req_failed", 1),
        ("checks", -1),
        ("ws_msgs_received", -1),
        ("iterations", -1),
        ("ws_session_duration", 0),
        ("data_sent", 0),
        ("vus", 0),
        ("my_own", 0),
    ],
)
def test_which_way_is_worse(name: str, direction: int) -> None:
    assert worse_direction(name) == direction


@pytest.mark.parametrize(
    ("name", "bounds", "verdict"),
    [
        ("ws_ping", (0.01, 0.2), Verdict.WORSE),
        ("ws_ping", (-0.2, -0.01), Verdict.BETTER),
        ("ws_ping", (-0.01, 0.2), Verdict.UNCLEAR),
        ("ws_ping", (0.0005, 0.2), Verdict.UNCLEAR),
        ("checks", (-0.2, -0.1), Verdict.WORSE),
        ("checks", (0.1, 0.2), Verdict.BETTER),
        ("own", (0.1, 0.2), Verdict.CHANGED),
    ],
)
def test_a_verdict_needs_both_bounds_on_one_side(
    name: str, bounds: tuple[float, float], verdict: Verdict
) -> None:
    assert verdict_of(name, bounds, 0.001) is verdict


@pytest.mark.parametrize(
    ("before", "after", "relative"),
    [
        (2.0, 3.0, 0.5),
        (-2.0, -3.0, -0.5),
        (0.0, 0.0, 0.0),
        (0.0, 1.0, None),
        (None, 1.0, None),
        (1.0, float("nan"), None),
    ],
)
def test_a_relative_change(
    before: float | None, after: float | None, relative: float | None
) -> None:
    assert relative_change(before, after) == relative


@pytest.mark.parametrize(
    ("metric", "statistic", "value"),
    [
        (builtin.WS_MSGS_SENT, Statistic("rate"), 101.0),
        (builtin.WS_CLOSE, Statistic("count"), 0.0),
        (builtin.VUS, Statistic("value"), 5.0),
        (builtin.VUS, Statistic("min"), 0.0),
        (builtin.VUS, Statistic("avg"), 5.0),
        (builtin.WS_OPEN, Statistic("avg"), None),
        (builtin.WS_PING, Statistic("avg"), None),
        (builtin.WS_REQ_DURATION, Statistic("count"), 505.0),
    ],
)
def test_a_number_of_a_run(
    metric: Any, statistic: Statistic, value: float | None
) -> None:
    assert value_of(document(points(5)), metric, statistic) == value


def test_what_else_differs_is_told() -> None:
    one = document()
    identity = replace(
        one.identity,
        version="0.2.0",
        machine={"CPU": "Z80", "Cores": "4"},
        options={"vus": 7, "tags": one.identity.options["tags"]},
    )
    other = replace(one, identity=identity, is_finished=False, warnings=())
    notes = "\n".join(compare(one, other).notes)
    assert "another version of Gharial: 0.1.0, then 0.2.0" in notes
    assert "another machine, Cores: 2, then 4" in notes
    assert "other options: vus, thresholds" in notes
    assert "CPU" not in notes
    assert "script" not in notes
    assert "the record of the second run is not complete" in notes
    assert "warning of the first run: the loop was late" in notes
