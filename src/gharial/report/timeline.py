"""A run second by second, in bounded memory: the data of its charts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.metrics.batch import Batch
from gharial.metrics.builtin import row_of
from gharial.metrics.digest import Digest, digest_of, merged_digest
from gharial.metrics.metric import Metric
from gharial.metrics.selectors import Selector
from gharial.metrics.sinks import (
    CounterSink,
    GaugeSink,
    RateSink,
    Sink,
    TrendSink,
    combined,
)
from gharial.metrics.tags import TagSet

POINTS_MAXIMUM: Final = 900
"""With more points than this, every two become one, and each lasts twice as long."""

SHORT_S: Final = 0.5
"""A shorter batch becomes part of the point before it."""

KINDS_MAXIMUM: Final = 40
"""At most this many kinds of a metric are kept; further ones are ``OTHER``."""

OTHER: Final = "(others)"


@dataclass(frozen=True, slots=True)
class Share:
    """
    How many of some values were not zero.

    Attributes:
        passes: Values that were not zero.
        total: All values.

    """

    passes: int
    total: int


NO_SHARE: Final = Share(0, 0)


@dataclass(frozen=True, slots=True)
class Point:
    """
    What was measured between two moments.

    Keys are names of metrics, with ``{tag:value}`` behind them for a part.

    Attributes:
        begin_s: When it begins, in seconds since the run's beginning.
        end_s: When it ends.
        counters: What came to each sum.
        shares: Of rates.
        gauges: The last value of each, also from before.
        digests: Of trends.

    """

    begin_s: float
    end_s: float
    counters: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, Share] = field(default_factory=dict)
    gauges: Mapping[str, float] = field(default_factory=dict)
    digests: Mapping[str, Digest] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end_s - self.begin_s


class Timeline:
    """
    The points of a run, oldest first.

    Attributes:
        points: Adjacent, and never more than twice the maximum's half and one.

    """

    def __init__(
        self,
        selectors: Sequence[Selector] = (),
        *,
        points_maximum: int = POINTS_MAXIMUM,
    ) -> None:
        """
        Begin without points.

        Args:
            selectors: Parts of metrics that are wanted next to the kinds of built-in ones.
            points_maximum: The most points to keep.

        """
        self.points: list[Point] = []
        self._selectors = {each.text: each for each in selectors if each.tags}
        self._points_maximum = points_maximum
        self._batches_a_point = 1
        self._batches_in_last = 0
        self._gauges: dict[str, float] = {}
        self._kinds: dict[str, set[str]] = {}

    def add(self, batch: Batch) -> Point:
        """Add about a second; return it as a point of its own."""
        point = self._point_of(batch)
        self.append(point)
        return point

    def append(self, point: Point) -> None:
        """Add a point that follows the last one."""
        if self.points and point.seconds < SHORT_S:
            # The end of a run: what came a second in so little time says nothing.
            self.points[-1] = merged_point([self.points[-1], point])
            return
        if self.points and self._batches_in_last < self._batches_a_point:
            self.points[-1] = merged_point([self.points[-1], point])
        else:
            if len(self.points) >= self._points_maximum:
                self.points = thinned(self.points, self._points_maximum // 2)
                self._batches_a_point *= 2
            self.points.append(point)
            self._batches_in_last = 0
        self._batches_in_last += 1

    def _point_of(self, batch: Batch) -> Point:
        sinks: dict[str, tuple[Metric, list[Sink]]] = {}
        for metric, tags, sink in batch.delta:
            for key in self._keys(metric, tags):
                sinks.setdefault(key, (metric, []))[1].append(sink)
        counters: dict[str, float] = {}
        shares: dict[str, Share] = {}
        digests: dict[str, Digest] = {}
        for key, (metric, some) in sinks.items():
            whole = some[0] if len(some) == 1 else combined(metric, some)
            match whole:
                case CounterSink():
                    counters[key] = whole.value
                case RateSink():
                    shares[key] = Share(whole.passes, whole.total)
                case GaugeSink():
                    self._gauges[key] = whole.value
                case TrendSink():
                    digests[key] = digest_of(whole)
        return Point(
            batch.begin_s, batch.end_s, counters, shares, dict(self._gauges), digests
        )

    def _keys(self, metric: Metric, tags: TagSet) -> Iterable[str]:
        """Return what a series is a part of, each once."""
        name = metric.name
        keys = [name]
        row = row_of(metric)
        tag = row.kind_tag if row else ""
        if tag and (kind := tags.get(tag)) is not None:
            known = self._kinds.setdefault(name, set())
            if kind not in known:
                if len(known) < KINDS_MAXIMUM:
                    known.add(kind)
                else:
                    kind = OTHER
            keys.append(f"{name}{{{tag}:{kind}}}")
        keys += [
            text
            for text, selector in self._selectors.items()
            if selector.metric == name and selector.matches(tags)
        ]
        return dict.fromkeys(keys)


def merged_point(points: Sequence[Point]) -> Point:
    """Return one point for several adjacent ones."""
    counters: dict[str, float] = {}
    shares: dict[str, Share] = {}
    gauges: dict[str, float] = {}
    digests: dict[str, list[Digest]] = {}
    for point in points:
        for key, value in point.counters.items():
            counters[key] = counters.get(key, 0) + value
        for key, share in point.shares.items():
            before = shares.get(key, NO_SHARE)
            shares[key] = Share(
                before.passes + share.passes, before.total + share.total
            )
        gauges.update(point.gauges)
        for key, digest in point.digests.items():
            digests.setdefault(key, []).append(digest)
    return Point(
        points[0].begin_s,
        points[-1].end_s,
        counters,
        shares,
        gauges,
        {key: merged_digest(some) for key, some in digests.items()},
    )


def thinned(points: Sequence[Point], maximum: int) -> list[Point]:
    """Return at most ``maximum`` points, each for the same number of adjacent ones."""
    each = -(-len(points) // maximum)
    if each <= 1:
        return list(points)
    return [
        merged_point(points[start : start + each])
        for start in range(0, len(points), each)
    ]
