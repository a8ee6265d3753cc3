"""Writes the record of a run while it goes on."""

import contextlib
import math
import os
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from gharial.metrics.metric import Contains, MetricType
from gharial.report.document import FinalMetric, RunDocument, RunIdentity
from gharial.report.record_schema import (
    APPLICATION_ID,
    FINISHED,
    FORMAT,
    OF_THE_WHOLE,
    RUNNING,
    SCHEMA,
    RecordError,
    Row,
    as_json,
    checksum,
    metric_row,
    number,
    text,
    trend_values,
    whole_rows,
)
from gharial.report.timeline import Point

BUSY_S: Final = 5.0
"""How long a reader may keep the writer waiting."""

LEAST_S: Final = 1e-3
"""No second is shorter than this."""

_BESIDE: Final = ("", "-journal", "-wal", "-shm")
"""Ends of the names of the files that are one database."""

_SQLITE: Final = b"SQLite format 3\0"


class RecordWriter:
    """
    A record that grows, second by second.

    After each call the file can be read, also if the process dies. It may be used by
    several threads, one after the other.
    """

    def __init__(
        self, path: Path, identity: RunIdentity, contains: Mapping[str, Contains]
    ) -> None:
        """
        Create the file; a record that is there is replaced.

        Args:
            path: The file.
            identity: What is known of the run when it begins.
            contains: Units of the metrics, by name.

        Raises:
            RecordError: If something else than a record is there, or it cannot be written.

        """
        check_target(path)
        self._path = path
        self._identity = identity
        self._contains = contains
        self._metrics: dict[str, FinalMetric] = {}
        self._seconds = 0
        self._told_until_s = -math.inf
        self._checksum = 0
        try:
            self._remove()
            self._database = sqlite3.connect(
                path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
            self._begin()
        except (OSError, sqlite3.Error) as error:
            raise RecordError(f"cannot write the record {str(path)!r}: {error}") from (
                error
            )

    def add(self, point: Point) -> None:
        """
        Add about a second.

        Raises:
            OSError: If it cannot be written; the record is as it was before.

        """
        if point.begin_s < self._told_until_s:
            # Seconds are found by where they begin, so none may begin before another ends.
            begin_s = self._told_until_s
            end_s = max(point.end_s, begin_s + LEAST_S)
            point = replace(point, begin_s=begin_s, end_s=end_s)
        rows = _rows_of(point)
        chained = checksum(
            [("seconds", _bounds(point)), *((table, row) for table, row in rows)],
            self._checksum,
        )
        new = self._new_metrics(point)
        with self._transaction():
            self._insert("seconds", (*_bounds(point), chained))
            for table, row in rows:
                self._insert(table, row)
            for metric in new.values():
                self._insert("metrics", metric_row(metric))
            if new:
                known = {**self._metrics, **new}
                self._write_run(self._document(known), RUNNING)
        self._checksum = chained
        self._told_until_s = point.end_s
        self._seconds += 1
        self._metrics.update(new)

    def finish(self, document: RunDocument) -> None:
        """
        Add what came of the run, and close the file.

        Args:
            document: All of it; its points were added before.

        Raises:
            OSError: If it cannot be written; the record is one of a run without an end.

        """
        try:
            with self._transaction():
                for table in OF_THE_WHOLE:
                    self._database.execute(f"DELETE FROM {table}")
                for table, rows in whole_rows(document).items():
                    for row in rows:
                        self._insert(table, row)
                self._write_run(document, FINISHED)
        finally:
            self.close()

    def close(self) -> None:
        """Leave the file as it is."""
        self._database.close()

    def discard(self) -> None:
        """Remove the file: there was no run."""
        self.close()
        with contextlib.suppress(OSError):
            self._remove()

    def _begin(self) -> None:
        run = self._database.execute
        run("PRAGMA journal_mode = DELETE")
        run("PRAGMA synchronous = NORMAL")
        run(f"PRAGMA application_id = {APPLICATION_ID}")
        run(f"PRAGMA user_version = {FORMAT}")
        with self._transaction():
            for statement in SCHEMA:
                run(statement)
            self._write_run(self._document({}), RUNNING)

    def _document(self, metrics: Mapping[str, FinalMetric]) -> RunDocument:
        return RunDocument(self._identity, tuple(metrics.values()))

    def _write_run(self, document: RunDocument, state: str) -> None:
        row = run_row(document, state)
        # While the run goes on, each second's checksum stands for itself.
        ended = (self._seconds, self._checksum) if state == FINISHED else (None, None)
        row = (*row, *ended)
        whole = [("run", row)]
        for table, rows in whole_rows(document).items():
            whole += [(table, each) for each in in_order(table, rows)]
        self._database.execute("DELETE FROM run")
        self._insert("run", (*row, checksum(whole)))

    def _insert(self, table: str, row: Row) -> None:
        places = ", ".join("?" * len(row))
        self._database.execute(f"INSERT INTO {table} VALUES ({places})", row)

    def _new_metrics(self, point: Point) -> dict[str, FinalMetric]:
        kinds = {
            MetricType.COUNTER: point.counters,
            MetricType.RATE: point.shares,
            MetricType.GAUGE: point.gauges,
            MetricType.TREND: point.digests,
        }
        named = {text(name): kind for kind, some in kinds.items() for name in some}
        return {
            name: FinalMetric(
                name,
                kind,
                self._contains.get(name.partition("{")[0], Contains.DEFAULT),
            )
            for name, kind in named.items()
            if name not in self._metrics
        }

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise OSError(f"{str(self._path)!r}: {error}") from error

    def _remove(self) -> None:
        # A journal left next to it would be replayed into the new file.
        for end in _BESIDE:
            Path(f"{self._path}{end}").unlink(missing_ok=True)


def check_target(path: Path) -> None:
    """
    Return if a record can be written to a file, as far as can be seen without doing so.

    Raises:
        RecordError: If something else is there, or it may not be written.

    """
    shown = f"cannot write the record {str(path)!r}"
    try:
        if path.is_dir():
            raise RecordError(f"{shown}: it is a directory; name a file in it")
        if path.exists() and path.stat().st_size and not is_record(path):
            raise RecordError(
                f"{shown}: the file exists and is not a record, so it is not overwritten; "
                "choose another name"
            )
        if not path.parent.is_dir():
            raise RecordError(f"{shown}: there is no directory {str(path.parent)!r}")
        writable = path if path.exists() else path.parent
        if not os.access(writable, os.W_OK):
            raise RecordError(f"{shown}: permission denied")
    except OSError as error:
        raise RecordError(f"{shown}: {error.strerror or error}") from error


def is_record(path: Path) -> bool:
    """
    Return whether a file begins as records do, whole or not.

    Raises:
        OSError: If it cannot be read.

    """
    with path.open("rb") as file:
        header = file.read(100)
    is_ours = header[68:72] == APPLICATION_ID.to_bytes(4, "big")
    return header.startswith(_SQLITE) and is_ours


def run_row(document: RunDocument, state: str) -> Row:
    """Return the columns of ``run`` about the run itself, without checksums."""
    identity, is_over = document.identity, state == FINISHED
    return (
        text(identity.run_id),
        text(identity.script),
        text(identity.engine),
        text(identity.version),
        number(identity.began_at_epoch_s),
        state,
        number(identity.duration_s) if is_over else None,
        int(identity.exit_code) if is_over else None,
        as_json(identity.problems),
        as_json(dict(identity.options)),
        as_json(dict(identity.machine)),
        as_json(identity.scenarios),
        as_json(document.warnings),
    )


def in_order(table: str, rows: list[Row]) -> list[Row]:
    """Return rows in the order in which they are read."""
    return sorted(rows, key=lambda row: str(row[0])) if table == "metrics" else rows


def _bounds(point: Point) -> Row:
    return (number(point.begin_s), number(point.end_s))


def _rows_of(point: Point) -> list[tuple[str, Row]]:
    """Return the rows of a second, in the order in which they are read."""
    begin_s = number(point.begin_s)
    tables: dict[str, list[Row]] = {
        "counters": [
            (begin_s, text(name), number(value))
            for name, value in point.counters.items()
        ],
        "rates": [
            (begin_s, text(name), share.passes, share.total)
            for name, share in point.shares.items()
        ],
        "gauges": [
            (begin_s, text(name), number(value)) for name, value in point.gauges.items()
        ],
        "trends": [
            (begin_s, text(name), *trend_values(digest))
            for name, digest in point.digests.items()
        ],
    }
    # Names that differ only in what no file can hold are one.
    unique = {(table, row[1]): row for table, rows in tables.items() for row in rows}
    places = {table: place for place, table in enumerate(tables)}
    return sorted(
        ((table, row) for (table, _), row in unique.items()),
        key=lambda each: (places[each[0]], str(each[1][1])),
    )
