"""A run's record: what is written is read, what is damaged is refused."""

import json
import math
import sqlite3
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.report.record_samples import (
    by_name,
    digest,
    document,
    plain,
    points,
    write_record,
)

from gharial.metrics.digest import Digest
from gharial.metrics.metric import Contains, MetricType
from gharial.report import record_reader
from gharial.report.document import FinalMetric, LoggedLine, RunDocument
from gharial.report.record_reader import read_record, read_summary
from gharial.report.record_schema import (
    FORMAT,
    NEW_IN_3,
    OF_THE_WHOLE,
    RecordError,
    checksum,
    digest_back,
    packed,
    trend_values,
)
from gharial.report.record_writer import RecordWriter, check_target
from gharial.report.run_report import ThresholdResult
from gharial.report.timeline import POINTS_MAXIMUM, Point, Share

NAMES = st.text(max_size=12)
NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
COUNTS = st.integers(0, 2**40)
DIGESTS = st.lists(st.floats(-1e12, 1e12), max_size=20).map(lambda some: digest(*some))


@st.composite
def seconds(draw: st.DrawFn) -> tuple[Point, ...]:
    begin_s, made = 0.0, []
    for length_s in draw(st.lists(st.floats(0.6, 3), max_size=4)):
        shares = st.builds(Share, COUNTS, COUNTS)
        made.append(
            Point(
                begin_s,
                begin_s + length_s,
                draw(st.dictionaries(NAMES.map("c{}".format), NUMBERS, max_size=3)),
                draw(st.dictionaries(NAMES.map("r{}".format), shares, max_size=2)),
                draw(st.dictionaries(NAMES.map("g{}".format), NUMBERS, max_size=3)),
                draw(st.dictionaries(NAMES.map("t{}".format), DIGESTS, max_size=2)),
            )
        )
        begin_s += length_s
    return tuple(made)


def flipped(path: Path, place: int) -> Path:
    content = bytearray(path.read_bytes())
    content[place] ^= 0x41
    other = path.with_name("flipped.sqlite")
    other.write_bytes(content)
    return other


def grown(path: Path, seconds: tuple[Point, ...]) -> RecordWriter:
    """Return the writer of a run that goes on."""
    writer = RecordWriter(path, document().identity, {"ws_req_duration": Contains.TIME})
    for point in seconds:
        writer.add(point)
    return writer


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    write_record(path, document())
    assert by_name(read_record(path)) == by_name(document())


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    found=seconds(),
    gauge=st.tuples(NUMBERS, NUMBERS, NUMBERS),
    trend=DIGESTS,
    line=st.text(max_size=20),
)
def test_any_run_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    found: tuple[Point, ...],
    gauge: tuple[float, float, float],
    trend: Digest,
    line: str,
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.sqlite"
    whole = RunDocument(
        document().identity,
        (
            FinalMetric(
                "g", MetricType.GAUGE, Contains.DATA, gauge=gauge, is_custom=True
            ),
            FinalMetric(
                "t", MetricType.TREND, Contains.TIME, digest=trend, is_custom=True
            ),
        ),
        points=found,
        log=(LoggedLine(1.0, 20, line, ""),),
    )
    write_record(path, whole)
    assert plain(by_name(read_record(path))) == plain(by_name(whole))


def test_halves_of_characters_do_not_stop_a_record(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    counters = {f"own{{x:{chr(0xD800 + n)}}}": float(n) for n in range(2)}
    whole = replace(document((Point(0.0, 1.0, counters),)), warnings=("half \udfff",))
    write_record(path, whole)
    found = read_record(path)
    assert list(found.points[0].counters) == ["own{x:?}"]
    assert found.warnings == ("half \udfff",)


def test_a_run_without_seconds_has_a_record(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    whole = RunDocument(document().identity)
    write_record(path, whole)
    assert plain(by_name(read_record(path))) == plain(by_name(whole))


@pytest.mark.slow
def test_a_long_run_is_read_in_bounded_space(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    count = POINTS_MAXIMUM + 11
    many = tuple(Point(float(n), n + 1.0, {"iterations": 1.0}) for n in range(count))
    write_record(path, replace(document(), points=many))
    found = read_record(path).points
    assert len(found) < POINTS_MAXIMUM
    assert sum(point.counters["iterations"] for point in found) == count
    assert (found[0].begin_s, found[-1].end_s) == (0, count)


def test_a_record_can_be_read_while_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    found = points(3)
    writer = grown(path, found)
    so_far = read_record(path)
    assert not so_far.is_finished
    assert plain(so_far.points) == plain(found)
    assert so_far.identity.duration_s == 3
    assert "is not complete" in so_far.warnings[-1]
    sent, requests = so_far.metric("ws_msgs_sent"), so_far.metric("ws_req_duration")
    checks, vus = so_far.metric("checks"), so_far.metric("vus")
    assert sent is not None
    assert requests is not None
    assert checks is not None
    assert vus is not None
    assert sent.total == sum(point.counters["ws_msgs_sent"] for point in found)
    assert requests.contains is Contains.TIME
    assert requests.digest.count == sent.total == checks.share.total
    assert vus.gauge == (5, 5, 5)
    summary = read_summary(path)
    assert (summary.duration_s, summary.exit_code) == (3, None)
    assert (summary.vus_max, summary.messages) == (5, sent.total)
    writer.close()


def test_a_run_that_was_killed_at_once_has_a_record(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    grown(path, ()).close()
    assert not read_record(path).is_finished
    assert read_summary(path).duration_s == 0


def test_seconds_that_overlap_are_kept_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    times = ((0.0, 2.0), (0.0, 1.0), (1.5, 3.0))
    counted = [Point(begin, end, {"iterations": 1.0}) for begin, end in times]
    grown(path, tuple(counted)).close()
    found = sqlite3.connect(path)
    rows = found.execute("SELECT begin_s, end_s FROM seconds").fetchall()
    found.close()
    assert rows == [(0.0, 2.0), (2.0, 2.001), (2.001, 3.0)]
    assert sum(each.counters["iterations"] for each in read_record(path).points) == 3


def test_a_reader_that_stays_does_not_end_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.sqlite"
    monkeypatch.setattr("gharial.report.record_writer.BUSY_S", 0.0)
    first, second, third = points(3)
    writer = grown(path, (first,))
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM seconds").fetchall()
    with pytest.raises(OSError, match="locked"):
        writer.add(second)
    reader.close()
    writer.add(third)
    assert plain(read_record(path).points) == plain((first, third))
    writer.close()


def test_a_summary_has_the_numbers_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    whole = document()
    write_record(path, whole)
    summary = read_summary(path)
    assert summary.run_id == whole.identity.run_id
    assert (summary.duration_s, summary.exit_code) == (5, 99)
    assert (summary.vus_max, summary.errors) == (5, 3)
    assert (summary.thresholds_passed, summary.thresholds_failed) == (1, 1)


@pytest.mark.slow
def test_no_flipped_byte_is_taken_for_another_run(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    whole = document(points(3))
    write_record(path, whole)
    expected, refused = by_name(whole), 0
    size = path.stat().st_size
    for place in {*range(110), *range(110, size, 61)}:
        try:
            found = read_record(flipped(path, place))
        except RecordError as error:
            refused += 1
            assert "flipped.sqlite" in str(error)
            assert "\n" not in str(error)
        else:
            # Not every byte means something: a page has room that is not used.
            assert by_name(found) == expected, place
    assert refused > 100


@pytest.mark.slow
def test_no_part_of_a_record_is_taken_for_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    write_record(path, document(points(3)))
    content, part = path.read_bytes(), tmp_path / "part.sqlite"
    for size in {*range(1, len(content), 1531), *range(4096, len(content), 4096)}:
        part.write_bytes(content[:size])
        with pytest.raises(RecordError, match=r"part.sqlite' is"):
            read_record(part)
        with pytest.raises(RecordError, match=r"part.sqlite' is"):
            read_summary(part)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE trends SET p95 = p95 + 1 WHERE begin_s = 2",
        "DELETE FROM seconds WHERE begin_s = 4",
        "DELETE FROM counters WHERE begin_s = 1",
        "UPDATE seconds SET end_s = 17 WHERE begin_s = 4",
        "UPDATE metrics SET total = 1 WHERE name = 'iterations'",
        "UPDATE run SET exit_code = 0",
        "UPDATE thresholds SET passed = 1",
        "UPDATE log SET text = x'ff'",
        "DELETE FROM run",
        "DROP TABLE log",
        "INSERT INTO gauges VALUES (99, 'vus', 1)",
    ],
)
def test_a_changed_record_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.sqlite"
    write_record(path, document())
    with sqlite3.connect(path) as database:
        database.execute(change)
    database.close()
    with pytest.raises(RecordError, match=r"^the run record '.*a.sqlite' is damaged: "):
        read_record(path)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE run SET options = '" + "[" * 100_000 + "'",
        "UPDATE run SET problems = '5'",
        "UPDATE run SET scenarios = '[5]'",
        "UPDATE run SET machine = x'ff'",
        "UPDATE metrics SET type = 'odd'",
    ],
)
def test_what_makes_no_sense_is_refused_whatever_its_checksum_says(
    tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = signed(tmp_path, change, monkeypatch)
    with pytest.raises(RecordError, match=r"a.sqlite' is damaged: "):
        read_record(path)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE run SET began_at = 1e300",
        "UPDATE run SET began_at = 'yesterday'",
        "UPDATE run SET duration_s = 9e999",
        "UPDATE run SET exit_code = 'none'",
        "UPDATE metrics SET total = 9e999 WHERE type = 'counter'",
        "UPDATE metrics SET max = 9e999 WHERE name = 'vus'",
        "CREATE VIEW endless AS WITH RECURSIVE n(i) AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT * FROM n",
        "CREATE TRIGGER t AFTER INSERT ON log BEGIN DELETE FROM log; END",
    ],
)
def test_a_summary_that_nobody_could_show_is_refused(
    tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = signed(tmp_path, change, monkeypatch)
    with pytest.raises(RecordError, match=r"a.sqlite' is damaged: "):
        read_summary(path)


def signed(folder: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a record that was changed by somebody who knows how checksums are made."""
    path = folder / "a.sqlite"
    write_record(path, document())
    with sqlite3.connect(path) as database:
        database.execute(change)
        database.execute("UPDATE run SET checksum = 7, seconds_checksum = 7")
        database.execute("UPDATE seconds SET checksum = 7")
    database.close()
    monkeypatch.setattr(record_reader, "checksum", lambda rows, before=0: 7)
    return path


def test_missing_seconds_at_the_end_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    write_record(path, document())
    with sqlite3.connect(path) as database:
        for table in ("seconds", "counters", "rates", "gauges", "trends"):
            database.execute(f"DELETE FROM {table} WHERE begin_s >= 3")
    database.close()
    with pytest.raises(RecordError, match="seconds are missing"):
        read_record(path)


def test_a_newer_record_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    write_record(path, document())
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {FORMAT + 1}")
    database.close()
    for read in (read_record, read_summary):
        with pytest.raises(RecordError, match=rf"format {FORMAT + 1}, .*reads up to 3"):
            read(path)


def test_other_files_are_no_records(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE t (x)")
    database.close()
    notes = tmp_path / "notes.txt"
    notes.write_text("x" * 500)
    empty = tmp_path / "empty"
    empty.touch()
    for path in (other, notes, empty):
        with pytest.raises(RecordError, match="is not a run record; 'gharial run"):
            read_record(path)
    with pytest.raises(RecordError, match="does not exist"):
        read_record(tmp_path / "missing")
    with pytest.raises(RecordError, match="is a directory"):
        read_record(tmp_path)
    assert not (tmp_path / "missing").exists()


def test_a_record_is_replaced_with_what_was_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    write_record(path, document(run_id="first"))
    journal = tmp_path / "a.sqlite-journal"
    journal.write_bytes(b"left by a run that was killed")
    write_record(path, document(run_id="second"))
    assert read_record(path).identity.run_id == "second"
    assert not journal.exists()


def test_another_file_is_never_overwritten(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("precious")
    with pytest.raises(RecordError, match="exists and is not a record"):
        write_record(notes, document())
    assert notes.read_text() == "precious"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("missing/a.sqlite", "there is no directory"),
        ("folder", "it is a directory"),
    ],
)
def test_what_cannot_be_written_is_said_before(
    tmp_path: Path, name: str, problem: str
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(RecordError, match=problem):
        check_target(tmp_path / name)


def test_a_new_file_an_empty_one_and_a_record_are_good_targets(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    write_record(tmp_path / "record", document())
    for name in ("new", "empty", "record"):
        check_target(tmp_path / name)
    assert not (tmp_path / "new").exists()


def test_a_record_of_no_run_is_taken_away(tmp_path: Path) -> None:
    writer = grown(tmp_path / "a.sqlite", points(1))
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_the_buckets_can_be_read_as_documented() -> None:
    some = digest(-5.0, 0.0, 0.25, 10.0, 10.0, 1e6)
    numbers = np.frombuffer(zlib.decompress(packed(some)), "<i8").reshape(2, -1)
    assert np.cumsum(numbers[0]).tolist() == some.buckets.tolist()
    assert numbers[1].tolist() == some.counts.tolist()


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"no zlib",
        zlib.compress(b"12345678"),
        zlib.compress(bytes(16))[:-1],
        zlib.compress(bytes(100_000_000)),
    ],
)
def test_a_blob_that_is_none_is_refused(blob: bytes) -> None:
    with pytest.raises(ValueError, match="blob"):
        digest_back((*trend_values(digest(1.0))[:-1], blob))


def test_other_tools_find_what_they_ask_for(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    whole = document()
    write_record(path, whole)
    database = sqlite3.connect(path)
    rows = database.execute(
        "SELECT begin_s, count, p95, p99_9 FROM trends WHERE metric = 'ws_req_duration'"
    ).fetchall()
    (options,) = database.execute("SELECT options FROM run").fetchone()
    database.close()
    assert [row[0] for row in rows] == [0, 1, 2, 3, 4]
    for point, (_, count, p95, p999) in zip(whole.points, rows, strict=True):
        found = point.digests["ws_req_duration"]
        assert (count, [p95, p999]) == (found.count, found.percentiles([95, 99.9]))
    assert json.loads(options)["tags"] == {"a": "ü"}
    assert not math.isnan(rows[0][2])


def test_a_threshold_without_values_comes_back_as_one(tmp_path: Path) -> None:
    judged = (
        ThresholdResult("avg<5", "avg", math.nan, True),
        ThresholdResult("avg>5", "avg", math.nan, False),
    )
    ping = FinalMetric("ws_ping", MetricType.TREND, Contains.TIME, thresholds=judged)
    path = tmp_path / "a.sqlite"
    write_record(path, document(extra=(ping,)))
    found = read_record(path).metric("ws_ping")
    assert found is not None
    assert [(one.has_values, one.has_passed) for one in found.thresholds] == [
        (False, True),
        (False, False),
    ]
    before, after = (
        read_summary(each) for each in (_written(tmp_path / "b.sqlite"), path)
    )
    assert after.thresholds_without_values == 2
    assert after.thresholds_failed == before.thresholds_failed


def _written(path: Path) -> Path:
    write_record(path, document())
    return path


@pytest.mark.parametrize("version", [1, 2])
def test_a_record_of_an_older_format_is_read(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.sqlite"
    whole = replace(
        document(),
        exceptions=tuple(
            replace(one, last_s=0.0, scenario="", stack="")
            for one in (document().exceptions if version > 1 else ())
        ),
        checks=tuple(
            replace(one, first_failed_s=math.nan) for one in document().checks
        ),
        failures=(),
        named=(),
        slowdowns=(),
        moments=(),
    )
    write_record(path, whole)
    with sqlite3.connect(path) as database:
        for table in (*NEW_IN_3, *(("exceptions",) if version == 1 else ())):
            database.execute(f"DROP TABLE {table}")
        newer = {
            "thresholds": ["since_s"],
            "checks": ["first_failed_s"],
            "exceptions": ["last_s", "scenario", "stack"] if version > 1 else [],
        }
        for table, columns in newer.items():
            for column in columns:
                database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        rows = [("run", database.execute("SELECT * FROM run").fetchone()[:-1])]
        for table in OF_THE_WHOLE:
            if table not in NEW_IN_3 and (table, version) != ("exceptions", 1):
                order = "name" if table == "metrics" else "rowid"
                found = database.execute(f"SELECT * FROM {table} ORDER BY {order}")
                rows += [(table, row) for row in found]
        database.execute("UPDATE run SET checksum = ?", (checksum(rows),))
        database.execute(f"PRAGMA user_version = {version}")
    database.close()
    assert plain(by_name(read_record(path))) == plain(by_name(whole))
