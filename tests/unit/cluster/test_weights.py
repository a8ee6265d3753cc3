import itertools

import pytest

from gharial.cluster.weights import STEPS, measured_speed, weights_of


@pytest.mark.parametrize(
    ("speeds", "weights"),
    [
        pytest.param([100.0], (), id="one worker"),
        pytest.param([100.0, 95.0, 91.0], (), id="alike"),
        pytest.param([100.0, 50.0], (STEPS, STEPS // 2), id="half as fast"),
        pytest.param([100.0, 0.01], (STEPS, 1), id="nobody is left out"),
    ],
)
def test_weights_are_in_proportion_to_speeds(speeds, weights):
    assert weights_of(speeds) == weights


def test_a_speed_is_rounds_for_each_second_of_cpu_time():
    clock = itertools.count(0.0, 0.05)
    assert measured_speed(lambda: next(clock), limit_s=0.2) == pytest.approx(3 / 0.2)
