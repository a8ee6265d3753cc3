"""
The format of a record: tables of an SQLite database, and their checksums.

``docs/reference/run-record.md`` says it for people who read records with other tools.
"""

import json
import math
import zlib
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import numpy as np

from gharial.errors import ConfigurationError
from gharial.metrics.digest import Digest
from gharial.metrics.histogram import BUCKETS_AT_MOST
from gharial.report.document import FinalMetric, RunDocument

APPLICATION_ID: Final = 0x4748524C
"""``GHRL``: distinguishes a record from any other SQLite database."""

FORMAT: Final = 3
"""SQLite's ``user_version``; a change that older readers cannot bear raises it."""

WITHOUT_EXCEPTIONS: Final = 1
"""The format before the table ``exceptions``."""

WITHOUT_FAILURES: Final = 2
"""The format before the tables of `NEW_IN_3`, with fewer columns in others."""

NEW_IN_3: Final = ("failures", "names", "slowdowns", "moments")

RUNNING: Final = "running"
FINISHED: Final = "finished"

PERCENTS: Final = (50.0, 90.0, 95.0, 99.0, 99.9)
_TREND: Final = (
    "count INTEGER, sum REAL, min REAL, max REAL, "
    "p50 REAL, p90 REAL, p95 REAL, p99 REAL, p99_9 REAL, buckets BLOB"
)
_KEY: Final = "begin_s REAL NOT NULL, metric TEXT NOT NULL"
_KEYED: Final = "PRIMARY KEY (begin_s, metric)) WITHOUT ROWID"

SCHEMA: Final = (
    "CREATE TABLE run (run_id TEXT, script TEXT, engine TEXT, version TEXT, "
    "began_at REAL, state TEXT, duration_s REAL, exit_code INTEGER, problems TEXT, "
    "options TEXT, machine TEXT, scenarios TEXT, warnings TEXT, seconds INTEGER, "
    "seconds_checksum INTEGER, checksum INTEGER)",
    "CREATE TABLE metrics (name TEXT PRIMARY KEY, type TEXT, contains TEXT, "
    f"total REAL, passes INTEGER, last REAL, {_TREND}) WITHOUT ROWID",
    "CREATE TABLE thresholds "
    "(metric TEXT, expression TEXT, statistic TEXT, value REAL, passed INTEGER, "
    "since_s REAL)",
    "CREATE TABLE checks "
    "(path TEXT, passes INTEGER, fails INTEGER, first_failed_s REAL)",
    "CREATE TABLE exceptions (message TEXT, place TEXT, count INTEGER, first_s REAL, "
    "last_s REAL, scenario TEXT, stack TEXT)",
    "CREATE TABLE failures (what TEXT, reason TEXT, status INTEGER, name TEXT, "
    "scenario TEXT, count INTEGER, first_s REAL, last_s REAL, url TEXT, text TEXT, "
    "body TEXT)",
    f"CREATE TABLE names (kind TEXT, labels TEXT, total REAL, failures REAL, {_TREND})",
    "CREATE TABLE slowdowns "
    "(metric TEXT, name TEXT, since_s REAL, before_ms REAL, after_ms REAL)",
    "CREATE TABLE moments (at_s REAL, kind TEXT, text TEXT)",
    "CREATE TABLE examples (reason TEXT, text TEXT)",
    "CREATE TABLE log (at REAL, level INTEGER, text TEXT, source TEXT)",
    "CREATE TABLE seconds "
    "(begin_s REAL PRIMARY KEY, end_s REAL, checksum INTEGER) WITHOUT ROWID",
    f"CREATE TABLE counters ({_KEY}, value REAL, {_KEYED}",
    f"CREATE TABLE rates ({_KEY}, passes INTEGER, count INTEGER, {_KEYED}",
    f"CREATE TABLE gauges ({_KEY}, value REAL, {_KEYED}",
    f"CREATE TABLE trends ({_KEY}, {_TREND}, {_KEYED}",
)

OF_A_SECOND: Final = ("counters", "rates", "gauges", "trends")
OF_THE_WHOLE: Final = (
    *("metrics", "thresholds", "checks", "examples", "log"),
    "exceptions",
    *NEW_IN_3,
)

Row: TypeAlias = tuple[Any, ...]


class RecordError(ConfigurationError):
    """A file is not a run record, or one that cannot be used."""


def checksum(rows: Iterable[tuple[str, Row]], before: int = 0) -> int:
    """
    Return a number that other rows hardly have.

    Args:
        rows: Each with its table's name.
        before: The checksum of the rows before these.

    """
    return zlib.crc32(repr(list(rows)).encode("utf-8", "backslashreplace"), before)


def number(value: float) -> float | None:
    """Return a number as SQLite gives it back: no NaN, and no zero below zero."""
    return None if math.isnan(value) else float(value) + 0.0


def number_back(value: float | None) -> float:
    """Return what `number` was given."""
    return math.nan if value is None else value


def text(value: str) -> str:
    """Return what SQLite accepts of it: half a surrogate pair becomes a question mark."""
    return value.encode("utf-8", "replace").decode("utf-8")


def as_json(value: Any) -> str:
    """Return plain data as JSON."""
    return json.dumps(value, default=str)


def trend_values(digest: Digest) -> Row:
    """Return a trend's columns, from ``count`` to ``buckets``."""
    percentiles = digest.percentiles(PERCENTS)
    return (
        int(digest.count),
        *(number(each) for each in (digest.sum, digest.minimum, digest.maximum)),
        *(number(each) for each in percentiles),
        packed(digest),
    )


def packed(digest: Digest) -> bytes:
    """
    Return a digest's buckets as a blob.

    It is zlib-compressed: signed 64-bit little-endian numbers, first the buckets' numbers,
    each as its distance from the one before (the first from 0), then as many counts.
    """
    distances = np.diff(digest.buckets, prepend=0)
    numbers = np.concatenate((distances, digest.counts)).astype("<i8")
    return zlib.compress(numbers.tobytes(), 1)


def digest_back(values: Row) -> Digest:
    """
    Return a digest from its columns.

    Raises:
        ValueError: If the blob is none.

    """
    count, total, minimum, maximum, *_, blob = values
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(blob, 16 * BUCKETS_AT_MOST)
    except zlib.error as error:
        raise ValueError("a digest's blob") from error
    if unpacking.unconsumed_tail or not unpacking.eof or len(content) % 16:
        raise ValueError("a digest's blob")
    numbers = np.frombuffer(content, "<i8").astype(np.int64)
    half = len(numbers) // 2
    return Digest(
        count,
        number_back(total),
        number_back(minimum),
        number_back(maximum),
        np.cumsum(numbers[:half]),
        numbers[half:],
    )


def metric_row(metric: FinalMetric) -> Row:
    """Return the row of ``metrics`` for what a metric was over the whole run."""
    nothing: Row = (None,) * 10
    total: float | None = None
    passes: int | None = None
    last: float | None = None
    values = nothing
    match metric.type.value:
        case "counter":
            total = number(metric.total)
        case "rate":
            passes = metric.share.passes
            values = (metric.share.total, *nothing[1:])
        case "gauge":
            last, low, high = (number(each) for each in metric.gauge)
            values = (None, None, low, high, *nothing[4:])
        case _:
            values = trend_values(metric.digest)
    kind = (metric.type.value, metric.contains.value)
    return (text(metric.name), *kind, total, passes, last, *values)


def whole_rows(document: RunDocument) -> dict[str, list[Row]]:
    """Return the rows of the tables about the run as a whole."""
    return {
        "metrics": list(
            {text(each.name): metric_row(each) for each in document.metrics}.values()
        ),
        "thresholds": [
            (
                text(metric.name),
                text(each.expression),
                text(each.statistic),
                number(each.value),
                int(each.has_passed),
                number(each.since_s),
            )
            for metric in document.metrics
            for each in metric.thresholds
        ],
        "checks": [
            (text(each.path), each.passes, each.fails, number(each.first_failed_s))
            for each in document.checks
        ],
        "examples": [
            (text(reason), text(each))
            for reason, some in document.examples.items()
            for each in some
        ],
        "log": [
            (number(each.at_epoch_s), each.level, text(each.text), text(each.source))
            for each in document.log
        ],
        "exceptions": [
            (
                *(text(each.message), text(each.place), each.count),
                *(number(each.first_s), number(each.last_s)),
                *(text(each.scenario), text(each.stack)),
            )
            for each in document.exceptions
        ],
        "failures": [
            (
                *(text(each.what), text(each.reason), each.status, text(each.name)),
                *(text(each.scenario), each.count),
                *(number(each.first_s), number(each.last_s)),
                *(text(each.url), text(each.text), text(each.body)),
            )
            for each in document.failures
        ],
        "names": [
            (
                *(text(each.kind), text(as_json(each.labels))),
                *(number(each.count), number(each.failures)),
                *trend_values(each.digest),
            )
            for each in document.named
        ],
        "slowdowns": [
            (
                *(text(each.metric), text(each.name)),
                *map(number, (each.since_s, each.before_ms, each.after_ms)),
            )
            for each in document.slowdowns
        ],
        "moments": [
            (number(each.at_s), text(each.kind), text(each.text))
            for each in document.moments
        ],
    }
