"""What is summed up by name: one table for each kind of work that a test does."""

from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.metrics import builtin
from gharial.metrics.metric import Metric


@dataclass(frozen=True, slots=True)
class NamedKind:
    """
    A table by name.

    Attributes:
        kind: Its name in files and on the page.
        title: What stands above it.
        tags: The tags that rows are told apart by.
        count: How many there were: a counter, or a rate of failures.
        failures: How many failed: a counter, or a rate of failures.
        duration: How long each took.

    """

    kind: str
    title: str
    count: Metric
    failures: Metric
    duration: Metric
    tags: tuple[str, ...] = ("name", "scenario")


NAMED: Final = (
    NamedKind(
        "connections",
        "Connections",
        builtin.WS_SESSIONS,
        builtin.WS_ERRORS,
        builtin.WS_CONNECTING,
    ),
    NamedKind(
        "requests",
        "Requests over sockets",
        builtin.WS_REQ_FAILED,
        builtin.WS_REQ_FAILED,
        builtin.WS_REQ_DURATION,
    ),
    NamedKind(
        "http",
        "HTTP requests",
        builtin.HTTP_REQS,
        builtin.HTTP_REQ_FAILED,
        builtin.HTTP_REQ_DURATION,
    ),
)
"""All tables, in the order in which they are shown."""
