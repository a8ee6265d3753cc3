import numpy as np
import pytest
from tests.unit.report.record_samples import digest, points

from gharial.report.resampling import (
    POINTS_MAXIMUM,
    RESAMPLES,
    Resampled,
    interval,
)
from gharial.report.timeline import Point, Share


def counted(*values: float) -> list[Point]:
    return [Point(n, n + 1.0, {"c": value}) for n, value in enumerate(values)]


def test_the_same_seed_draws_the_same_resamples():
    run = points(20)
    first, again, other = (Resampled(run, seed=seed) for seed in (1, 1, 2))
    assert (first.rate_per_s("ws_msgs_sent") == again.rate_per_s("ws_msgs_sent")).all()
    assert (first.rate_per_s("ws_msgs_sent") != other.rate_per_s("ws_msgs_sent")).any()


def test_what_is_the_same_in_each_second_is_so_in_each_resample():
    rates = Resampled(counted(*[3.0] * 12)).rate_per_s("c")
    assert len(rates) == RESAMPLES
    assert (rates == 3).all()


def test_resamples_lie_around_the_run_and_within_its_seconds():
    rates = Resampled(counted(*range(30))).rate_per_s("c")
    assert np.mean(rates) == pytest.approx(14.5, abs=0.5)
    assert rates.min() > 0
    assert rates.max() < 29
    assert rates.std() > 1


def test_blocks_keep_neighbours_together():
    # Ten quiet seconds, ten loud ones: drawn one by one, the mean would vary less.
    halves = Resampled(counted(*[0.0] * 10, *[1.0] * 10)).rate_per_s("c")
    turns = Resampled(counted(*[0.0, 1.0] * 10)).rate_per_s("c")
    assert halves.std() > 2 * turns.std()


def test_a_long_run_is_thinned_and_keeps_its_length():
    drawn = Resampled(counted(*[1.0] * 900))
    assert drawn.seconds.mean() == pytest.approx(900)
    assert drawn.spread < Resampled(counted(*[1.0] * 12)).spread
    assert drawn._weights.shape[1] <= POINTS_MAXIMUM


def test_shares_gauges_and_means_are_weighted():
    run = [
        Point(
            float(n),
            n + 1.0,
            {},
            {"r": Share(n % 2, 1)},
            {"g": 4.0} if n > 5 else {},
            {"t": digest(*[10.0] * 9, 20.0)},
        )
        for n in range(30)
    ]
    drawn = Resampled(run)
    assert drawn.share("r").mean() == pytest.approx(0.5, abs=0.05)
    assert set(drawn.gauge_mean("g")) == {4.0}
    assert drawn.trend_mean("t") == pytest.approx(11.0)
    median, high = drawn.percentiles("t", [50, 95])
    assert median == pytest.approx(10, rel=0.01)
    assert high == pytest.approx(20, rel=0.01)


def test_of_what_was_not_measured_nothing_is_known():
    drawn = Resampled(counted(*[1.0] * 12))
    for values in (
        drawn.share("x"),
        drawn.gauge_mean("x"),
        drawn.trend_mean("x"),
        *drawn.percentiles("x", [50, 99]),
    ):
        assert np.isnan(values).all()
        assert interval(values, 1.0, 1.0) is None
    assert (drawn.rate_per_s("x") == 0).all()


def test_percentiles_of_resamples_follow_the_distribution():
    random = np.random.default_rng(5)
    values = random.lognormal(3, 0.5, (40, 200))
    run = [
        Point(float(n), n + 1.0, digests={"t": digest(*row)})
        for n, row in enumerate(values)
    ]
    for percent, found in zip(
        (1, 50, 99), Resampled(run).percentiles("t", (1, 50, 99)), strict=True
    ):
        assert found.mean() == pytest.approx(np.percentile(values, percent), rel=0.03)


def test_an_interval_is_moved_away_from_the_center():
    values = np.linspace(-1, 1, RESAMPLES)
    assert interval(values, 0.0, 1.0) == pytest.approx((-0.99, 0.99))
    assert interval(values, 0.0, 2.0) == pytest.approx((-1.98, 1.98))
    assert interval(values, 5.0, 2.0)[1] == 5.0  # type: ignore[index]
    assert interval(values, float("inf"), 1.0) is None
