"""How much a run's numbers would differ if it were repeated, judged by its own seconds."""

import math
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gharial.metrics.digest import Digest, merged_digest
from gharial.metrics.histogram import bucket_values
from gharial.report.timeline import NO_SHARE, Point, thinned

RESAMPLES: Final = 2000
POINTS_MAXIMUM: Final = 240
"""Longer runs are thinned to this many points: more do not improve the interval."""

POINTS_MINIMUM: Final = 10
"""With fewer points than this there is no interval."""

CONFIDENCE: Final = 0.99
SEED: Final = 20260101

Floats: TypeAlias = NDArray[np.float64]


class Resampled:
    """
    A run, resampled many times from its own seconds.

    Each resample has as many points as the run, in blocks of adjacent ones, for what
    happens in one second is seldom independent of the second before.

    Attributes:
        seconds: How long each resample is.
        spread: By how much what is found here is narrower than the truth, as a factor:
            blocks of few points vary less than the run would.

    Source:
        D. N. Politis and J. P. Romano, "A circular block-resampling procedure for
        stationary data", 1992.

    """

    def __init__(self, points: Sequence[Point], *, seed: int = SEED) -> None:
        """
        Draw the resamples.

        Args:
            points: The run, at least `POINTS_MINIMUM` points.
            seed: The same seed draws the same resamples.

        """
        self._points = thinned(points, POINTS_MAXIMUM)
        count = len(self._points)
        length = math.ceil(count ** (1 / 3))
        blocks = math.ceil(count / length)
        random = np.random.default_rng(seed)
        starts = random.integers(0, count, (RESAMPLES, blocks))
        chosen = (starts[:, :, None] + np.arange(length)) % count
        chosen = chosen.reshape(RESAMPLES, -1)[:, :count]
        self._weights = np.zeros((RESAMPLES, count))
        rows = np.repeat(np.arange(RESAMPLES), count)
        np.add.at(self._weights, (rows, chosen.ravel()), 1.0)
        self._lengths = np.array([point.seconds for point in self._points])
        self.seconds: Floats = self._weights @ self._lengths
        self.spread = _student(count // length) * math.sqrt(count / (count - length))

    def rate_per_s(self, name: str) -> Floats:
        """Return what a counter grew by in each second, of each resample."""
        return self._sums(lambda point: point.counters.get(name, 0.0)) / self.seconds

    def share(self, name: str) -> Floats:
        """Return the share of values of a rate that were not zero."""
        passes = self._sums(lambda point: point.shares.get(name, NO_SHARE).passes)
        return _ratio(
            passes, self._sums(lambda point: point.shares.get(name, NO_SHARE).total)
        )

    def gauge_mean(self, name: str) -> Floats:
        """Return a gauge's average over time."""
        known = self._sums(lambda point: point.seconds if name in point.gauges else 0.0)
        return _ratio(
            self._sums(lambda point: point.gauges.get(name, 0.0) * point.seconds), known
        )

    def trend_mean(self, name: str) -> Floats:
        """Return a trend's average."""
        counts = self._sums(lambda point: _digest(point, name).count)
        return _ratio(self._sums(lambda point: _digest(point, name).sum), counts)

    def percentiles(self, name: str, percents: Sequence[float]) -> list[Floats]:
        """Return percentiles of a trend, one array for each."""
        digests = [_digest(point, name) for point in self._points]
        whole = merged_digest(digests)
        if not whole.count:
            return [np.full(RESAMPLES, np.nan) for _ in percents]
        table = np.zeros((len(digests), len(whole.buckets)))
        for row, digest in zip(table, digests, strict=True):
            row[np.searchsorted(whole.buckets, digest.buckets)] = digest.counts
        sums = np.cumsum(self._weights @ table, axis=1)
        middles = bucket_values(whole.buckets)
        return [_percentile(sums, middles, percent) for percent in percents]

    def _sums(self, value: Callable[[Point], float]) -> Floats:
        sums: Floats = self._weights @ np.array([value(each) for each in self._points])
        return sums


def interval(
    values: Floats, center: float, spread: float
) -> tuple[float, float] | None:
    """
    Return between which bounds a number lies with a probability of `CONFIDENCE`.

    Args:
        values: The number of each resample.
        center: The number itself.
        spread: By how much the bounds are to be moved away from it, as a factor.

    Returns:
        None if there is no such interval: nearly all resamples have no such number.

    """
    found = values[np.isfinite(values)]
    if len(found) < 0.9 * len(values) or not math.isfinite(center):
        return None
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(found, (tail, 1 - tail)).tolist()
    return (
        center - max(center - low, 0.0) * spread,
        center + max(high - center, 0.0) * spread,
    )


def _percentile(sums: Floats, middles: Floats, percent: float) -> Floats:
    totals = sums[:, -1]
    places = percent / 100 * np.maximum(totals - 1, 0)
    # The first bucket whose end lies beyond the place.
    found = np.minimum((sums <= places[:, None]).sum(axis=1), len(middles) - 1)
    rows = np.arange(len(sums))
    ends = sums[rows, found]
    begins = np.where(found > 0, sums[rows, found - 1], 0.0)
    # Inside the bucket as if its values were spread evenly, or else steps of one bucket
    # would be all that there is to see.
    inside = (places - begins + 0.5) / np.maximum(ends - begins, 1.0)
    values = middles[found] * (1 + (np.clip(inside, 0, 1) - 0.5) / 128)
    return np.where(totals > 0, values, np.nan)


def _ratio(above: Floats, below: Floats) -> Floats:
    ratios: Floats = np.full(len(above), np.nan)
    np.divide(above, below, out=ratios, where=below > 0)
    return ratios


def _digest(point: Point, name: str) -> Digest:
    return point.digests.get(name, _NO_DIGEST)


def _student(blocks: int) -> float:
    """
    Return how much wider Student's distribution is than the normal one.

    Source:
        Abramowitz and Stegun, 26.7.5, of which two terms do for 99 % and 3 degrees of
        freedom or more.

    """
    freedom, z = max(blocks - 1, 3), 2.5758
    first = (z**3 + z) / (4 * freedom)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return (z + first + second) / z


_NO_DIGEST: Final = Digest()
