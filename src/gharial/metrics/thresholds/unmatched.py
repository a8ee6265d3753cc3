"""Thresholds on tags that no value carries: a misspelled name looks like a good run."""

from collections.abc import Sequence
from typing import Final

from gharial.metrics.metric import MetricType
from gharial.metrics.registry import Registry
from gharial.metrics.selectors import Selector
from gharial.metrics.thresholds.evaluate import Threshold

SHOWN_MAXIMUM: Final = 5
KINDS_OF_FAILURE: Final = frozenset(
    {
        "reason",
        "code",
        "kind",
        "status",
        "error",
        "error_code",
        "expected_response",
    }
)
"""Tags by which counters tell failures apart: that there was none is what is hoped for."""


def unmatched(thresholds: Sequence[Threshold], registry: Registry) -> tuple[str, ...]:
    """
    Return a sentence for each part of a metric that is judged and never had a value.

    Left out are metrics without any value, and counters of failures, which are not
    measured where nothing failed.
    """
    selectors = {each.selector.text: each.selector for each in thresholds}
    found = (_sentence(selector, registry) for selector in selectors.values())
    return tuple(sentence for sentence in found if sentence)


def _sentence(selector: Selector, registry: Registry) -> str:
    metric = registry.find(selector.metric)
    if metric is None or not selector.tags:
        return ""
    if (
        registry.merged(metric).is_empty
        or not registry.merged(metric, selector).is_empty
    ):
        return ""
    keys = [key for key, _ in selector.tags]
    if metric.type is MetricType.COUNTER and not KINDS_OF_FAILURE.isdisjoint(keys):
        return ""
    present = [_values(key, registry, selector.metric) for key in dict.fromkeys(keys)]
    return (
        f"the threshold on {selector.text!r} had nothing to judge: no value of "
        f"{selector.metric} carries {'these tags' if len(keys) > 1 else 'this tag'}; "
        f"there {'; '.join(present)}"
    )


def _values(key: str, registry: Registry, name: str) -> str:
    metric = registry.find(name)
    assert metric is not None
    values = list(
        dict.fromkeys(
            value
            for tags, sink in registry.series_of(metric)
            if not sink.is_empty and (value := tags.get(key)) is not None
        )
    )
    if not values:
        return f"is no tag {key!r}"
    shown = ", ".join(repr(value) for value in values[:SHOWN_MAXIMUM])
    more = (
        f" and {len(values) - SHOWN_MAXIMUM} more"
        if len(values) > SHOWN_MAXIMUM
        else ""
    )
    return f"{'is' if len(values) == 1 else 'are'} {key} {shown}{more}"
