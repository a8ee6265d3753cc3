"""The single values of a batch as outputs pass them on."""

from array import array
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gharial.metrics.batch import Batch
from gharial.metrics.samples import SampleBlock
from gharial.metrics.sinks import GaugeSink
from gharial.metrics.tags import Pairs, TagSet

METADATA_TAGS: Final = frozenset({"vu", "iter"})
"""Tags of which k6 makes metadata: too many values to look anything up by."""


def points_of(batch: Batch) -> Iterator[SampleBlock]:
    """
    Yield the single values of a batch, series by series.

    Of a summed gauge (`Metric.is_summed`) each worker's samples are a share, which is no
    value of the run: it has one value here, the run's, at the batch's end.
    """
    for block in batch.samples.blocks:
        if not block.metric.is_summed:
            yield from _by_metadata(block)
    for metric, tags, sink in batch.delta:
        if metric.is_summed and isinstance(sink, GaugeSink):
            times_s = array("d", (batch.end_epoch_s,))
            yield SampleBlock(metric, tags, times_s, array("d", (sink.value,)))


def _by_metadata(block: SampleBlock) -> Iterator[SampleBlock]:
    """Yield a block in pieces of which each has one metadata, as that of its tags."""
    places = (*block.metadata, (len(block.values), ()))
    start = 0
    metadata: Pairs = ()
    for place, next_metadata in places:
        if place > start:
            yield replace(
                block,
                tags=block.tags.with_metadata(dict(metadata)),
                times_s=block.times_s[start:place],
                values=block.values[start:place],
                metadata=(),
            )
        start, metadata = place, next_metadata


def split_tags(tags: TagSet) -> tuple[dict[str, str], dict[str, str]]:
    """Return tags, and apart from them those that are metadata."""
    plain: dict[str, str] = {}
    metadata = dict(tags.metadata)
    for name, value in tags:
        (metadata if name in METADATA_TAGS else plain)[name] = value
    return plain, metadata
