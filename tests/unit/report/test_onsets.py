"""Since when something is slow, or fails."""

import random

import pytest

from gharial.metrics import builtin
from gharial.metrics.batch import Batch
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.report.onsets import KEYS_MAXIMUM, SECONDS_MAXIMUM, Onsets


def heard(values_ms: list[float]) -> Onsets:
    onsets, registry = Onsets(), Registry()
    tags = TagSet.of({"name": "order"})
    for second, value_ms in enumerate(values_ms):
        registry.series(builtin.WS_REQ_DURATION, tags).add(value_ms)
        onsets.add(Batch(second, second + 1.0, second + 1.0, registry.drain()))
    return onsets


def test_what_rises_and_stays_up_is_slow_since_then() -> None:
    noise = random.Random(1)
    values = [noise.uniform(2, 5) for _ in range(20)]
    values += [noise.uniform(500, 700) for _ in range(20)]
    (found,) = heard(values).slowdowns()
    assert (found.metric, found.name, found.since_s) == ("ws_req_duration", "order", 20)
    assert 2 <= found.before_ms <= 5
    assert 500 <= found.after_ms <= 700


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([3.0] * 40, id="steady"),
        pytest.param([3.0] * 20 + [900.0] + [3.0] * 20, id="one slow second"),
        pytest.param([600.0] * 20 + [3.0] * 20, id="became quicker"),
        pytest.param([0.1] * 20 + [1.0] * 20, id="too quick to matter"),
        pytest.param([3.0, 900.0], id="too short"),
    ],
)
def test_anything_else_is_not(values: list[float]) -> None:
    assert heard(values).slowdowns() == ()


def test_a_long_run_takes_bounded_space() -> None:
    (found,) = heard(
        [3.0] * SECONDS_MAXIMUM * 2 + [600.0] * SECONDS_MAXIMUM
    ).slowdowns()
    assert found.since_s == pytest.approx(2 * SECONDS_MAXIMUM, abs=30)


def test_checks_have_the_time_of_their_first_failure() -> None:
    onsets, registry = Onsets(), Registry()
    tags = TagSet.of({"group": "::g", "check": "ok"})
    for second, value in enumerate((1, 0, 1, 0)):
        registry.series(builtin.CHECKS, tags).add(value)
        onsets.add(Batch(second, second + 1.0, second + 1.0, registry.drain()))
    assert onsets.check_times() == {"::g::ok": (1, 4.0)}


def test_of_many_names_the_first_are_followed_and_the_time_of_all_is_told() -> None:
    onsets, registry = Onsets(), Registry()
    for second in range(40):
        for name in range(KEYS_MAXIMUM + 1):
            tags = TagSet.of({"name": f"n{name}"})
            value_ms = 3.0 if second < 20 else 600.0
            registry.series(builtin.WS_REQ_DURATION, tags).add(value_ms)
        onsets.add(Batch(second, second + 1.0, second + 1.0, registry.drain()))
    found = {each.name for each in onsets.slowdowns()}
    assert found == {f"n{name}" for name in range(KEYS_MAXIMUM)}
    assert onsets.last_p95_ms == {"ws_req_duration": pytest.approx(600, rel=0.01)}
