"""Reads the record of a run; a damaged one is refused, never read in part."""

import json
import math
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gharial.lazy_dataclass import dataclass
from gharial.metrics import builtin
from gharial.metrics.builtin import is_ours
from gharial.metrics.metric import Contains, MetricType
from gharial.report.document import (
    FinalCheck,
    FinalMetric,
    FinalNamed,
    LoggedLine,
    RunDocument,
    RunIdentity,
)
from gharial.report.moments import Moment
from gharial.report.onsets import Slowdown
from gharial.report.record_schema import (
    FINISHED,
    FORMAT,
    NEW_IN_3,
    OF_A_SECOND,
    OF_THE_WHOLE,
    WITHOUT_EXCEPTIONS,
    WITHOUT_FAILURES,
    RecordError,
    Row,
    checksum,
    digest_back,
    number_back,
)
from gharial.report.record_writer import BUSY_S, is_record
from gharial.report.run_report import (
    ExceptionSummary,
    FailureSummary,
    ThresholdResult,
)
from gharial.report.timeline import Point, Share, Timeline, merged_point

_RUN: Final = (
    *("run_id", "script", "engine", "version", "began_at", "state", "duration_s"),
    *("exit_code", "problems", "options", "machine", "scenarios", "warnings"),
    *("seconds", "seconds_checksum", "checksum"),
)


_LAST_WITHOUT: Final = {
    "exceptions": WITHOUT_EXCEPTIONS,
    **dict.fromkeys(NEW_IN_3, WITHOUT_FAILURES),
}


@dataclass(frozen=True, slots=True)
class RunSummary:
    """
    A record in a few numbers.

    Attributes:
        path: The file.
        run_id: The run's id.
        script: The script's path as the user gave it.
        began_at_epoch_s: When, in seconds since the Unix epoch.
        duration_s: For how long load ran; of an unfinished one as far as it came.
        vus_max: The most virtual users.
        messages: Messages sent and received.
        errors: Sockets that failed.
        thresholds_passed: How many thresholds hold.
        thresholds_failed: How many do not.
        thresholds_without_values: How many had nothing to judge.
        exit_code: The exit code of the process; None for an unfinished run.

    """

    path: Path
    run_id: str
    script: str
    began_at_epoch_s: float
    duration_s: float
    vus_max: int
    messages: int
    errors: int
    thresholds_passed: int
    thresholds_failed: int
    thresholds_without_values: int
    exit_code: int | None


def read_record(path: Path) -> RunDocument:
    """
    Return the run that a file holds.

    Of long runs several seconds become one point, as in `Timeline`. A run that was killed
    has all until then: what its metrics came to is added up from its seconds, and
    ``is_finished`` is false.

    Raises:
        RecordError: If it is not a record, a newer one, or damaged.

    """
    with _opened(path) as database:
        run, tables = _whole(database, path)
        timeline = Timeline()
        chained = count = 0
        for point, second_checksum in _points(database, path):
            timeline.append(point)
            chained = second_checksum
            count += 1
        is_finished = run["state"] == FINISHED
        expected = run["seconds"], run["seconds_checksum"]
        if is_finished and (count, chained) != expected:
            raise _damaged(path, "seconds are missing")
        document = _document(run, tables, tuple(timeline.points))
        return document if is_finished else _as_far_as_it_came(document)


def read_summary(path: Path) -> RunSummary:
    """
    Return a record in a few numbers, without reading its seconds.

    Raises:
        RecordError: If it is not a record, a newer one, or visibly damaged.

    """
    with _opened(path) as database:
        return _summary(path, database, *_whole(database, path))


def _summary(
    path: Path,
    database: sqlite3.Connection,
    run: dict[str, Any],
    tables: dict[str, list[Row]],
) -> RunSummary:
    duration_s = run["duration_s"]
    metrics = {each.name: each for each in _metrics(tables)}
    if run["state"] != FINISHED:
        (duration_s,) = database.execute("SELECT max(end_s) FROM seconds").fetchone()
        metrics = {
            name: replace(metric, **_so_far(database, metric))
            for name, metric in metrics.items()
            if metric.type in (MetricType.COUNTER, MetricType.GAUGE)
        }

    def total(name: str) -> int:
        found = metrics.get(name)
        return 0 if found is None or found.is_custom else round(found.total)

    vus = metrics.get(builtin.VUS.name)
    judged = [row for row in tables["thresholds"] if row[3] is not None]
    passed = [bool(row[4]) for row in judged]
    began_at_epoch_s = number_back(run["began_at"])
    # Raises if there is no such time of day, as do the others if they are no numbers.
    datetime.fromtimestamp(began_at_epoch_s)
    exit_code = run["exit_code"]
    return RunSummary(
        path,
        str(run["run_id"]),
        str(run["script"]),
        began_at_epoch_s,
        _finite(duration_s or 0.0),
        round(vus.gauge[2]) if vus is not None else 0,
        total(builtin.WS_MSGS_SENT.name) + total(builtin.WS_MSGS_RECEIVED.name),
        total(builtin.WS_ERRORS.name),
        passed.count(True),
        passed.count(False),
        len(tables["thresholds"]) - len(judged),
        None if exit_code is None else int(exit_code),
    )


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"it lasted {value} seconds")
    return float(value)


def _so_far(database: sqlite3.Connection, metric: FinalMetric) -> dict[str, Any]:
    counters = metric.type is MetricType.COUNTER
    what = "sum(value)" if counters else "max(value)"
    table = "counters" if counters else "gauges"
    (value,) = database.execute(
        f"SELECT {what} FROM {table} WHERE metric = ?", (metric.name,)
    ).fetchone()
    return {"total": value or 0.0} if counters else {"gauge": (0.0, 0.0, value or 0.0)}


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold a record open whose file is whole as a database."""
    _check_header(path)
    # To write is needed to take back what a killed run had half written.
    mode = "rw" if os.access(path, os.W_OK) else "ro"
    try:
        database = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_S,
            isolation_level=None,
        )
        with closing(database):
            for setting in ("trusted_schema = OFF", "cell_size_check = ON"):
                database.execute(f"PRAGMA {setting}")
            # One moment of a run that goes on.
            database.execute("BEGIN")
            # What is computed when it is read may never end.
            computed = database.execute(
                "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') "
                "OR sql LIKE '%VIRTUAL%' OR sql LIKE '%GENERATED%'"
            ).fetchone()
            if computed is not None:
                raise _damaged(path, f"{computed[0]!r} in it is not a plain table")
            (pages,) = database.execute("PRAGMA page_count").fetchone()
            (page_bytes,) = database.execute("PRAGMA page_size").fetchone()
            if path.stat().st_size < pages * page_bytes:
                raise _damaged(path, "its end is missing")
            (state,) = database.execute("PRAGMA quick_check(1)").fetchone()
            if state != "ok":
                raise _damaged(path, str(state).splitlines()[-1])
            yield database
    except RecursionError:
        raise _damaged(path, "it holds what is nested too deeply") from None
    except (
        *(sqlite3.Error, ValueError, TypeError, LookupError),
        *(AttributeError, ArithmeticError),
    ) as error:
        raise _damaged(path, str(error)) from error


def _check_header(path: Path) -> None:
    shown = repr(str(path))
    try:
        if not path.is_file():
            kind = "is a directory, not" if path.is_dir() else "does not exist; it is"
            raise RecordError(f"{shown} {kind} a run record")
        ours = is_record(path)
        with path.open("rb") as file:
            file.seek(60)
            version = int.from_bytes(file.read(4), "big")
    except OSError as error:
        raise RecordError(f"cannot read {shown}: {error.strerror or error}") from error
    if not ours:
        raise RecordError(
            f"{shown} is not a run record; 'gharial run --save' writes them"
        )
    if version > FORMAT:
        raise RecordError(
            f"{shown} is a run record of format {version}, and this Gharial reads up to "
            f"{FORMAT}; use the version that wrote it, or a newer one"
        )


def _whole(
    database: sqlite3.Connection, path: Path
) -> tuple[dict[str, Any], dict[str, list[Row]]]:
    """Return the row of ``run`` and the rows about the run as a whole."""
    rows = database.execute(f"SELECT {', '.join(_RUN)} FROM run").fetchall()
    if len(rows) != 1:
        raise _damaged(path, "it does not say which run it was")
    (row,) = rows
    tables: dict[str, list[Row]] = {}
    (version,) = database.execute("PRAGMA user_version").fetchone()
    for table in OF_THE_WHOLE:
        if version <= _LAST_WITHOUT.get(table, 0):
            tables[table] = []
            continue
        order = "name" if table == "metrics" else "rowid"
        tables[table] = database.execute(
            f"SELECT * FROM {table} ORDER BY {order}"
        ).fetchall()
    checked = [("run", row[:-1])]
    checked += [(table, each) for table, some in tables.items() for each in some]
    if checksum(checked) != row[-1]:
        raise _damaged(path, "its checksum is wrong")
    return dict(zip(_RUN, row, strict=True)), tables


def _points(database: sqlite3.Connection, path: Path) -> Iterator[tuple[Point, int]]:
    """Yield each second with its checksum, which was found right."""
    cursors = {
        table: _Ahead(
            database.execute(f"SELECT * FROM {table} ORDER BY begin_s, metric")
        )
        for table in OF_A_SECOND
    }
    chained = 0
    seconds = database.execute(
        "SELECT begin_s, end_s, checksum FROM seconds ORDER BY begin_s"
    )
    for begin_s, end_s, expected in seconds:
        rows = {table: ahead.of(begin_s) for table, ahead in cursors.items()}
        checked = [("seconds", (begin_s, end_s))]
        checked += [(table, row) for table, some in rows.items() for row in some]
        chained = checksum(checked, chained)
        if chained != expected:
            raise _damaged(path, f"the checksum of second {begin_s!r} is wrong")
        yield _point(begin_s, end_s, rows), chained
    if any(ahead.has_more for ahead in cursors.values()):
        raise _damaged(path, "there are values of no second")


class _Ahead:
    """Hands out rows by their seconds, in order."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._next: Row | None = next(rows, None)

    @property
    def has_more(self) -> bool:
        return self._next is not None

    def of(self, begin_s: float) -> list[Row]:
        found = []
        while self._next is not None and self._next[0] == begin_s:
            found.append(self._next)
            self._next = next(self._rows, None)
        return found


def _point(begin_s: float, end_s: float, rows: dict[str, list[Row]]) -> Point:
    return Point(
        begin_s,
        end_s,
        {name: number_back(value) for _, name, value in rows["counters"]},
        {name: Share(passes, count) for _, name, passes, count in rows["rates"]},
        {name: number_back(value) for _, name, value in rows["gauges"]},
        {row[1]: digest_back(row[2:]) for row in rows["trends"]},
    )


def _document(
    run: dict[str, Any], tables: dict[str, list[Row]], points: tuple[Point, ...]
) -> RunDocument:
    examples: dict[str, tuple[str, ...]] = {}
    for reason, example in tables["examples"]:
        examples[reason] = (*examples.get(reason, ()), example)
    return RunDocument(
        RunIdentity(
            run["run_id"],
            run["script"],
            run["engine"],
            run["version"],
            number_back(run["began_at"]),
            number_back(run["duration_s"] or 0.0),
            run["exit_code"] or 0,
            tuple(json.loads(run["problems"])),
            json.loads(run["options"]),
            json.loads(run["machine"]),
            tuple((name, text) for name, text in json.loads(run["scenarios"])),
        ),
        tuple(_metrics(tables)),
        tuple(
            FinalCheck(path, passes, fails, *map(number_back, first))
            for path, passes, fails, *first in tables["checks"]
        ),
        points,
        examples,
        tuple(LoggedLine(*row) for row in tables["log"]),
        tuple(json.loads(run["warnings"])),
        run["state"] == FINISHED,
        tuple(ExceptionSummary(*row) for row in tables["exceptions"]),
        tuple(FailureSummary(*row) for row in tables["failures"]),
        tuple(
            FinalNamed(
                kind,
                tuple(json.loads(labels)),
                number_back(total),
                number_back(failures),
                digest_back(tuple(trend)),
            )
            for kind, labels, total, failures, *trend in tables["names"]
        ),
        tuple(Slowdown(*row) for row in tables["slowdowns"]),
        tuple(Moment(*row) for row in tables["moments"]),
    )


def _metrics(tables: dict[str, list[Row]]) -> Iterator[FinalMetric]:
    thresholds: dict[str, list[ThresholdResult]] = {}
    for metric, expression, statistic, value, passed, *since in tables["thresholds"]:
        thresholds.setdefault(metric, []).append(
            ThresholdResult(
                expression,
                statistic,
                number_back(value),
                bool(passed),
                *map(number_back, since),
            )
        )
    for name, kind, contains, total, passes, last, *rest in tables["metrics"]:
        values: dict[str, Any] = {}
        match MetricType(kind):
            case MetricType.COUNTER:
                values["total"] = number_back(total)
            case MetricType.RATE:
                values["share"] = Share(passes, rest[0])
            case MetricType.GAUGE:
                gauge = (last, rest[2], rest[3])
                values["gauge"] = tuple(number_back(each) for each in gauge)
            case MetricType.TREND:
                values["digest"] = digest_back(tuple(rest))
        yield FinalMetric(
            name,
            MetricType(kind),
            Contains(contains),
            thresholds=tuple(thresholds.get(name, ())),
            is_custom=not is_ours(
                name.partition("{")[0], MetricType(kind), Contains(contains)
            ),
            **values,
        )


def _as_far_as_it_came(document: RunDocument) -> RunDocument:
    """Return the document of a run that was killed, with what its seconds add up to."""
    if not document.points:
        return document
    whole = merged_point(document.points)
    metrics = []
    for metric in document.metrics:
        values: dict[str, Any] = {}
        name = metric.name
        match metric.type:
            case MetricType.COUNTER:
                values["total"] = whole.counters.get(name, 0.0)
            case MetricType.RATE:
                values["share"] = whole.shares.get(name, metric.share)
            case MetricType.GAUGE:
                seen = [p.gauges[name] for p in document.points if name in p.gauges]
                values["gauge"] = (seen[-1], min(seen), max(seen))
            case MetricType.TREND:
                values["digest"] = whole.digests.get(name, metric.digest)
        metrics.append(replace(metric, **values))
    return replace(
        document,
        identity=replace(document.identity, duration_s=whole.end_s),
        metrics=tuple(metrics),
        warnings=(
            *document.warnings,
            "the record is not complete: the run is still going, or was killed",
        ),
    )


def _damaged(path: Path, how: str) -> RecordError:
    reason = " ".join(how.split()) or "it cannot be read"
    return RecordError(f"the run record {str(path)!r} is damaged: {reason}")
