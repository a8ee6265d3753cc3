"""Batches with single values, for tests of outputs that pass them on."""

from array import array

from gharial.metrics.batch import Batch
from gharial.metrics.metric import Metric
from gharial.metrics.samples import SampleBlock, Samples
from gharial.metrics.tags import TagSet


def block(
    metric: Metric, tags: dict[str, str], *samples: tuple[float, float]
) -> SampleBlock:
    """Return samples of one series, each a time and a value."""
    times_s, values = zip(*samples, strict=True)
    return SampleBlock(metric, TagSet.of(tags), array("d", times_s), array("d", values))


def batch(*blocks: SampleBlock, end_s: float = 1.0) -> Batch:
    """Return a batch that holds samples and nothing else."""
    return Batch(end_s - 1, end_s, 1000 + end_s, samples=Samples(blocks))
