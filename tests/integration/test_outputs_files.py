"""Outputs of real runs, one worker and two, beside what the same runs' summaries say."""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from output_runs import (
    SCRIPT,
    Measured,
    Run,
    assert_equals_summary,
    gharial,
    run_script,
)
from servers import serving_echo

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving_echo() as server:
        yield server.url


@pytest.fixture(scope="module", params=[1, 2], ids=["1 worker", "2 workers"])
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, url: str
) -> Run:
    folder = tmp_path_factory.mktemp("outputs")
    return run_script(
        folder,
        url,
        f"--workers={request.param}",
        *(f"--out=json={folder / name}" for name in ("a.json", "a.json.gz")),
        *("--out", f"csv=fileName={folder / 'a.csv'},timeFormat=rfc3339_nano"),
        *("--out", f"csv={folder / 'a.csv.gz'}"),
    )


def lines_of(path: Path) -> list[str]:
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    return raw.decode("utf-8").splitlines()


def read_json(lines: list[str]) -> dict[str, Measured]:
    """Read lines of JSON; each metric has to be defined before its first point."""
    defined: dict[str, Any] = {}
    measured: dict[str, Measured] = defaultdict(Measured)
    for line in lines:
        entry = json.loads(line)
        name = entry["metric"]
        if entry["type"] == "Metric":
            assert list(entry) == ["type", "data", "metric"]
            assert name not in defined
            defined[name] = entry["data"]
            continue
        assert list(entry) == ["metric", "type", "data"]
        assert entry["type"] == "Point"
        assert name in defined
        measured[name].values.append(entry["data"]["value"])
        measured[name].tags.append(entry["data"]["tags"])
    assert set(measured) == set(defined)
    return dict(measured)


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_lines_of_json_hold_what_the_summary_says(run: Run, name: str) -> None:
    measured = read_json(lines_of(run.folder / name))
    assert_equals_summary(measured, run.summary)
    assert len(measured["ws_msgs_received"].values) == 240
    assert measured["bought"].values == [2.5] * 24


def test_lines_of_json_have_tags_in_order_and_metadata_apart(run: Run) -> None:
    points = [json.loads(line) for line in lines_of(run.folder / "a.json")]
    for point in (each["data"] for each in points if each["type"] == "Point"):
        assert list(point["tags"]) == sorted(point["tags"])
        assert point["tags"]["team"] == 'a,b "c"'
    bought = [each["data"] for each in points if each["metric"] == "bought"][1:]
    assert {each["tags"]["what"] for each in bought} == {"naïve=tea & cake"}
    assert all("iter" not in each["tags"] for each in bought)
    assert all(list(each) == ["time", "value", "tags", "metadata"] for each in bought)
    assert {"0", "1"} <= {each["metadata"]["iter"] for each in bought}
    sent = [each["data"] for each in points if each["metric"] == "ws_msgs_sent"][1:]
    assert {each["tags"]["url"] for each in sent} == {run.url}
    assert {each["tags"]["status"] for each in sent} == {"101"}


def test_lines_of_json_define_metrics_with_what_is_asked_of_them(run: Run) -> None:
    entries = [json.loads(line) for line in lines_of(run.folder / "a.json")]
    defined = {e["metric"]: e["data"] for e in entries if e["type"] == "Metric"}
    assert defined["bought"]["thresholds"] == ["count>1"]
    assert defined["bought"]["submetrics"] is None
    assert (defined["lasted"]["type"], defined["lasted"]["contains"]) == (
        "trend",
        "time",
    )
    assert defined["ws_ping"]["thresholds"] == []
    assert defined["ws_ping"]["submetrics"] == [
        {
            "name": "ws_ping{scenario:default}",
            "suffix": "scenario:default",
            "tags": {"scenario": "default"},
        }
    ]


def test_times_are_within_the_run_in_local_time_with_nanoseconds(run: Run) -> None:
    entries = [json.loads(line) for line in lines_of(run.folder / "a.json")]
    texts = [e["data"]["time"] for e in entries if e["type"] == "Point"]
    assert {len(text) for text in texts} == {len("2026-01-02T03:04:05.678901234+05:30")}
    assert {text[-6:] for text in texts} == {"+05:30"}
    began_at_s = (run.folder / "script.js").stat().st_mtime
    ended_at_s = (run.folder / "summary.json").stat().st_mtime
    moments = [datetime.fromisoformat(text).timestamp() for text in texts]
    assert began_at_s <= min(moments)
    assert max(moments) <= ended_at_s


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_rows_hold_what_the_summary_says(run: Run, name: str) -> None:
    rows = list(csv.DictReader(lines_of(run.folder / name)))
    assert list(rows[0]) == [
        *("metric_name", "timestamp", "metric_value"),
        *("check", "group", "name", "scenario", "status", "subproto", "url"),
        *("extra_tags", "metadata"),
    ]
    measured: dict[str, Measured] = defaultdict(Measured)
    for row in rows:
        assert len(row["metric_value"].partition(".")[2]) == 6
        measured[row["metric_name"]].values.append(float(row["metric_value"]))
    assert_equals_summary(measured, run.summary, precision=1e-6)
    checks = [row for row in rows if row["metric_name"] == "checks"]
    assert {row["check"] for row in checks} == {'is "mine"'}
    bought = [row for row in rows if row["metric_name"] == "bought"]
    assert {row["extra_tags"] for row in bought} == {
        'team=a,b "c"&what=naïve=tea & cake'
    }
    assert {"iter=0", "iter=1"} <= {row["metadata"] for row in bought}
    sent = [row for row in rows if row["metric_name"] == "ws_msgs_sent"]
    assert {row["url"] for row in sent} == {run.url}


def test_both_formats_hold_the_same_at_the_same_times(run: Run) -> None:
    entries = [json.loads(line) for line in lines_of(run.folder / "a.json")]
    points = [
        (e["metric"], e["data"]["time"], f"{e['data']['value']:.6f}")
        for e in entries
        if e["type"] == "Point"
    ]
    rows = [tuple(row[:3]) for row in csv.reader(lines_of(run.folder / "a.csv"))]
    assert sorted(rows[1:]) == sorted(points)


def test_the_standard_output_takes_lines_before_the_summary(
    tmp_path: Path, url: str
) -> None:
    run = run_script(tmp_path, url, "--out=json=-")
    lines = run.stdout.splitlines()
    is_json = [line.startswith("{") for line in lines]
    count = is_json.index(False)
    assert not any(is_json[count:])
    assert_equals_summary(read_json(lines[:count]), run.summary)
    assert any("ws_msgs_sent" in line for line in lines[count:])


def test_without_a_summary_the_standard_output_is_json_alone(
    tmp_path: Path, url: str
) -> None:
    run = run_script(tmp_path, url, "--out=json", "--summary-mode=disabled")
    assert_equals_summary(read_json(run.stdout.splitlines()), run.summary)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            "json=/nonexistent/x.json",
            "--out json: cannot write '/nonexistent/x.json': No such file or directory",
        ),
        ("csv=/", "--out csv: cannot write '/': Is a directory"),
        (
            "csv=x.csv,timeFormat=unixx",
            "--out csv: there is no timeFormat 'unixx'; did you mean \"unix\"?",
        ),
        (
            "influxdb=http://127.0.0.1:1/db",
            "--out influxdb: http://127.0.0.1:1 does not answer: Connection refused",
        ),
        (
            "statsd=127.0.0.1",
            "--out statsd: '127.0.0.1' is not a valid address; write for example 127.0.0.1:8125",
        ),
    ],
)
def test_what_cannot_start_ends_the_run_before_any_load(
    tmp_path: Path, wanted: str, message: str
) -> None:
    script = tmp_path / "script.js"
    script.write_text("export default () => console.log('load');")
    done = gharial("run", "-q", "--out", wanted, str(script))
    assert (done.returncode, done.stderr) == (104, f"gharial: {message}\n")
    assert done.stdout == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_told_and_ends_no_run(tmp_path: Path, url: str) -> None:
    script = tmp_path / "script.js"
    script.write_text(SCRIPT, encoding="utf-8")
    done = gharial(
        *("run", "-q", "-e", f"URL={url}", "--out=json=/dev/full", str(script))
    )
    assert done.returncode == 0
    assert (
        "output json=/dev/full: No space left on device; the run goes on" in done.stderr
    )
    assert "Traceback" not in done.stderr
    assert "ws_msgs_sent" in done.stdout
