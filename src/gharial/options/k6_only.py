"""Options and variables of k6 that Gharial knows and ignores."""

from collections.abc import Mapping
from typing import Final

from gharial.options.names import folded

# No local run heeds them, in k6 itself as well; and no use is reported here anyway.
HARMLESS: Final = ("cloud", "ext", "noUsageReport")
# These would change something, were they heeded.
WITHOUT_EFFECT: Final = (
    "collectors",
    "executionSegment",
    "executionSegmentSequence",
    "features",
    "metricSamplesBufferSize",
    "out",
    "webDashboard",
)
# A script's own variables may begin with K6_ as well, so no other is reported.
# With the value that stands for what is so here anyway.
VARIABLES_WITHOUT_EFFECT: Final = {
    "K6_AUTO_EXTENSION_RESOLUTION": "false",
    "K6_BINARY_PROVISIONING": "false",
    "K6_COMPATIBILITY_MODE": "extended",
    "K6_EXECUTION_SEGMENT": "",
    "K6_EXECUTION_SEGMENT_SEQUENCE": "",
    "K6_FEATURES": "",
    "K6_METRIC_SAMPLES_BUFFER_SIZE": "",
    "K6_NEW_MACHINE_READABLE_SUMMARY": "",
    "K6_PROFILING_ENABLED": "false",
    "K6_TRACES_OUTPUT": "none",
}
_HARMLESS = frozenset(map(folded, HARMLESS))
_WITHOUT_EFFECT = frozenset(map(folded, WITHOUT_EFFECT))


def is_harmless(name: str) -> bool:
    """Return whether it is an option of k6 that need not be reported."""
    return folded(name) in _HARMLESS


def is_without_effect(name: str) -> bool:
    """Return whether it is an option of k6 that would change the run, and does not here."""
    return folded(name) in _WITHOUT_EFFECT


def ignored_variables(environment: Mapping[str, str]) -> list[str]:
    """Return the variables of k6 that are set and ignored."""
    return [
        name
        for name, as_here in VARIABLES_WITHOUT_EFFECT.items()
        if environment.get(name) not in (None, "", as_here)
    ]
