"""What is known of a built-in metric: the columns of the table in `builtin`."""

from enum import StrEnum

from gharial.lazy_dataclass import dataclass
from gharial.metrics.charts import Line, Tile
from gharial.metrics.metric import Metric


class Heading(StrEnum):
    """Under which heading of the summary a metric stands, in the summary's order."""

    CHECKS = "CHECKS"
    HTTP = "HTTP"
    EXECUTION = "EXECUTION"
    NETWORK = "NETWORK"
    WEBSOCKET = "WEBSOCKET"


class Worse(StrEnum):
    """Which way a metric's values get worse, if that can be said."""

    HIGHER = "higher"
    LOWER = "lower"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    All that is known of a built-in metric.

    Attributes:
        metric: Name, type and unit.
        text: What it means, in one sentence.
        tags: Names of the tags that its values carry by default.
        heading: Where it stands in the summary.
        is_of_k6: Whether k6 has it, too: no script can take its name for something else.
        is_detail: Whether the compact summary leaves it out unless a threshold is set.
        worse: Which way its values get worse, for comparisons.
        kind_tag: The tag that divides it into kinds, which are shown one by one.
        is_sum_of_kinds: Whether its sum says little without its kinds: the summary shows
            them all.
        lines: What the charts of the page show of it.
        tile: Its number at the top of the page.

    """

    metric: Metric
    text: str
    heading: Heading = Heading.WEBSOCKET
    tags: tuple[str, ...] = ()
    is_of_k6: bool = False
    is_detail: bool = False
    worse: Worse = Worse.UNKNOWN
    kind_tag: str = ""
    is_sum_of_kinds: bool = False
    lines: tuple[Line, ...] = ()
    tile: Tile | None = None
