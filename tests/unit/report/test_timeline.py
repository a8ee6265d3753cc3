import itertools
from dataclasses import replace

import pytest

from gharial.metrics import builtin
from gharial.metrics.batch import Batch
from gharial.metrics.registry import Registry
from gharial.metrics.selectors import parse_selector
from gharial.metrics.tags import TagSet
from gharial.report.timeline import (
    KINDS_MAXIMUM,
    OTHER,
    Share,
    Timeline,
    merged_point,
    thinned,
)


def batch(second, *values):
    registry = Registry()
    for metric, value, tags in values:
        registry.series(metric, TagSet.of(tags)).add(value)
    return Batch(second, second + 1, 1e9 + second, registry.drain())


def test_a_point_has_all_metrics_over_all_tags():
    timeline = Timeline()
    point = timeline.add(
        batch(
            0,
            (builtin.WS_MSGS_SENT, 3, {"url": "a"}),
            (builtin.WS_MSGS_SENT, 4, {"url": "b"}),
            (builtin.CHECKS, 1, {}),
            (builtin.CHECKS, 0, {}),
            (builtin.VUS, 7, {}),
            (builtin.WS_PING, 5, {"url": "a"}),
            (builtin.WS_PING, 7, {"url": "b"}),
        )
    )
    assert point.counters == {"ws_msgs_sent": 7}
    assert point.shares == {"checks": Share(1, 2)}
    assert point.gauges == {"vus": 7}
    assert (point.digests["ws_ping"].count, point.digests["ws_ping"].mean) == (2, 6)
    assert timeline.points == [point]


def test_kinds_and_wanted_parts_are_told_apart_once_each():
    timeline = Timeline(
        [
            parse_selector("ws_errors{reason:refused}"),
            parse_selector("ws_msgs_sent{url:a}"),
            parse_selector("ws_msgs_sent{url:a}"),
            parse_selector("ws_msgs_sent"),
        ]
    )
    point = timeline.add(
        batch(
            0,
            (builtin.WS_ERRORS, 2, {"reason": "refused"}),
            (builtin.WS_ERRORS, 1, {"reason": "timeout"}),
            (builtin.WS_MSGS_SENT, 3, {"url": "a"}),
            (builtin.WS_MSGS_SENT, 4, {"url": "b"}),
        )
    )
    assert point.counters == {
        "ws_errors": 3,
        "ws_errors{reason:refused}": 2,
        "ws_errors{reason:timeout}": 1,
        "ws_msgs_sent": 7,
        "ws_msgs_sent{url:a}": 3,
    }


def test_kinds_without_end_share_one_name():
    timeline = Timeline()
    errors = [
        (builtin.WS_ERRORS, 1, {"reason": str(n)}) for n in range(KINDS_MAXIMUM + 5)
    ]
    point = timeline.add(batch(0, *errors))
    assert len(point.counters) == 1 + KINDS_MAXIMUM + 1
    assert point.counters[f"ws_errors{{reason:{OTHER}}}"] == 5


def test_a_gauge_stays_until_it_changes():
    timeline = Timeline()
    timeline.add(batch(0, (builtin.WS_OPEN, 5, {})))
    assert timeline.add(batch(1)).gauges == {"ws_open": 5}
    assert timeline.add(batch(2, (builtin.WS_OPEN, 2, {}))).gauges == {"ws_open": 2}


def test_a_last_moment_is_part_of_the_second_before_it():
    timeline = Timeline()
    timeline.add(batch(0, (builtin.ITERATIONS, 5, {})))
    moment = batch(1, (builtin.ITERATIONS, 1, {}))
    short = timeline.add(replace(moment, end_s=1.1))
    assert (short.begin_s, short.end_s, short.counters["iterations"]) == (1, 1.1, 1)
    (point,) = timeline.points
    assert (point.begin_s, point.end_s, point.counters["iterations"]) == (0, 1.1, 6)


def test_a_long_run_keeps_few_points_and_loses_nothing():
    timeline = Timeline(points_maximum=10)
    for second in range(1000):
        timeline.add(
            batch(
                second,
                (builtin.ITERATIONS, 1, {}),
                (builtin.WS_PING, second + 1, {}),
            )
        )
        assert len(timeline.points) <= 10
    points = timeline.points
    assert sum(point.counters["iterations"] for point in points) == 1000
    assert sum(point.digests["ws_ping"].count for point in points) == 1000
    assert (points[0].begin_s, points[-1].end_s) == (0, 1000)
    for one, next_one in itertools.pairwise(points):
        assert one.end_s == next_one.begin_s
    lengths = {point.seconds for point in points[:-1]}
    assert lengths == {max(lengths)}


def test_thinning_keeps_adjacent_points_together():
    timeline = Timeline()
    for second in range(7):
        timeline.add(batch(second, (builtin.ITERATIONS, second, {})))
    few = thinned(timeline.points, 3)
    assert [(point.begin_s, point.end_s) for point in few] == [(0, 3), (3, 6), (6, 7)]
    assert [point.counters["iterations"] for point in few] == [3, 12, 6]
    assert thinned(timeline.points, 7) == timeline.points
    assert thinned([], 5) == []


def test_shares_and_gauges_merge():
    timeline = Timeline()
    for second, value in enumerate((1, 0)):
        timeline.add(
            batch(second, (builtin.CHECKS, value, {}), (builtin.VUS, second, {}))
        )
    point = merged_point(timeline.points)
    assert point.shares["checks"] == Share(1, 2)
    assert point.gauges["vus"] == 1
    assert point.seconds == pytest.approx(2)
