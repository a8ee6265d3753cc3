"""Real runs, saved by the command line, listed and compared."""

import base64
import gzip
import json
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import program
import pytest
from safety_net import LIMIT_S
from servers import serving_echo

from gharial.report.record_reader import read_record, read_summary
from gharial.report.record_schema import RecordError

pytestmark = pytest.mark.slow

GHARIAL = [sys.executable, "-m", "gharial"]
SCRIPT = """
import { WebSocket } from 'k6/websockets';
export const options = { thresholds: { ws_req_duration: ['p(95)<5000'] } };
export default async function () {
  const socket = new WebSocket(__ENV.URL);
  await new Promise((go) => { socket.onopen = go; });
  for (let count = 0; count < 10; count++) {
    await socket.request('hello', { timeout: '5s' });
    await new Promise((go) => setTimeout(go, Number(__ENV.PAUSE || 5)));
  }
  socket.close();
}
"""


def gharial(runs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return program.gharial(*arguments, GHARIAL_RUNS=str(runs))


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "talk.js"
    path.write_text(SCRIPT, "utf-8")
    return path


def test_a_saved_run_is_listed_and_holds_what_it_measured(
    tmp_path: Path, script: Path
) -> None:
    runs = tmp_path / "runs"
    with serving_echo() as server:
        ran = gharial(
            runs,
            *("run", "--save", str(script), "-u", "2", "-i", "6", "-q"),
            *("-e", f"URL={server.url}", "--workers", "1"),
        )
    assert ran.returncode == 0, ran.stderr
    (path,) = runs.iterdir()
    assert path.name.endswith("-talk.sqlite")
    assert f"the run is saved in {path}" in ran.stderr
    document = read_record(path)
    assert document.is_finished
    requests = document.metric("ws_req_duration")
    assert requests is not None
    assert requests.digest.count == 60
    assert requests.thresholds[0].has_passed
    sent = sum(point.counters.get("ws_msgs_sent", 0) for point in document.points)
    assert sent == 60
    listed = gharial(runs, "runs", "--json")
    (row,) = json.loads(listed.stdout)
    assert row["id"] == document.identity.run_id
    assert row["id"] in ran.stderr
    assert (row["state"], row["messages"], row["exitCode"]) == ("finished", 120, 0)
    assert row["thresholdsPassed"] == 1


def _data_in(page: Path) -> dict[str, Any]:
    packed = re.search(r'id="data">([^<]*)<', page.read_text("utf-8"))
    assert packed is not None
    data: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    return data


def test_the_report_of_a_saved_run_is_that_of_the_run(
    tmp_path: Path, script: Path
) -> None:
    runs, first, again = (tmp_path / name for name in ("runs", "a.html", "b.html"))
    with serving_echo() as server:
        ran = gharial(
            runs,
            *("run", "--save", "--report", str(first), str(script), "-u", "2"),
            *("-d", "2s", "-q", "-e", f"URL={server.url}", "--workers", "2"),
        )
    assert ran.returncode == 0, ran.stderr
    told = gharial(runs, "report", "latest", str(again))
    assert (told.returncode, told.stdout) == (0, f"{again}\n"), told.stderr
    one, other = _data_in(first), _data_in(again)
    # Whichever was told first does not have what the log said of the other.
    one.pop("log"), other.pop("log")
    assert one == other
    wrong = gharial(runs, "report", "lastest", str(again))
    assert wrong.returncode == 104
    assert 'did you mean "latest"?' in wrong.stderr
    nowhere = gharial(runs, "report", "latest", str(tmp_path / "no" / "r.html"))
    assert nowhere.returncode == 104
    assert "cannot write" in nowhere.stderr


def test_workers_are_saved_as_one_run(tmp_path: Path, script: Path) -> None:
    path = tmp_path / "both.sqlite"
    with serving_echo() as server:
        ran = gharial(
            tmp_path,
            *("run", str(script), "--save", str(path), "-u", "4", "-i", "8", "-q"),
            *("-e", f"URL={server.url}", "--workers", "2"),
        )
    assert ran.returncode == 0, ran.stderr
    document = read_record(path)
    sent = document.metric("ws_msgs_sent")
    assert sent is not None
    assert sent.total == 80
    assert sum(p.counters.get("ws_msgs_sent", 0) for p in document.points) == 80


def test_a_run_that_was_killed_leaves_what_it_had(tmp_path: Path, script: Path) -> None:
    path = tmp_path / "killed.sqlite"
    with serving_echo() as server:
        process = subprocess.Popen(
            [
                *(*GHARIAL, "run", str(script), "--save", str(path), "-q"),
                *("-u", "2", "-d", "50s", "--workers", "1", "-e", f"URL={server.url}"),
            ],
            env=program.environment(GHARIAL_RUNS=str(tmp_path)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until_s = time.monotonic() + LIMIT_S
            while time.monotonic() < until_s and _messages(path) == 0:
                time.sleep(0.1)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(LIMIT_S)
    document = read_record(path)
    assert not document.is_finished
    sent = document.metric("ws_msgs_sent")
    requests = document.metric("ws_req_duration")
    assert sent is not None
    assert requests is not None
    assert sent.total > 0
    assert requests.digest.count > 0
    assert "was killed" in document.warnings[-1]
    listed = gharial(tmp_path, "runs", str(tmp_path))
    assert "unfinished" in listed.stdout


def test_a_run_that_does_not_begin_leaves_no_record(
    tmp_path: Path, script: Path
) -> None:
    path = tmp_path / "a.sqlite"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = gharial(
            tmp_path,
            *("run", str(script), "--save", str(path), "-q"),
            *("--address", f"127.0.0.1:{taken.getsockname()[1]}"),
        )
    assert ran.returncode == 106
    assert not path.exists()


@pytest.mark.parametrize("name", ["notes.txt", "missing/a.sqlite"])
def test_what_cannot_be_written_is_said_before_the_script_is_read(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "notes.txt").write_text("precious")
    script = tmp_path / "broken.js"
    script.write_text("this is no script")
    ran = gharial(tmp_path, "run", str(script), "--save", str(tmp_path / name))
    assert ran.returncode == 104
    assert ran.stderr.startswith("gharial: cannot write the record ")
    assert ran.stderr.count("\n") == 1
    assert (tmp_path / "notes.txt").read_text() == "precious"


def _messages(path: Path) -> Any:
    try:
        return read_summary(path).messages
    except RecordError:
        return 0


def test_two_runs_are_compared(tmp_path: Path, script: Path) -> None:
    runs, page = tmp_path / "runs", tmp_path / "page.html"
    runs.mkdir()
    with serving_echo() as server:
        # At the same time; each is saved under a name of its own.
        def run(pause: str) -> subprocess.CompletedProcess[str]:
            return gharial(
                runs,
                *("run", str(script), "-u", "2", "-d", "12s", "-q", "--workers", "1"),
                *("-e", f"URL={server.url}", "-e", f"PAUSE={pause}"),
                *("--save", str(runs / f"{pause}.sqlite")),
            )

        with ThreadPoolExecutor() as pool:
            for ran in pool.map(run, ("5", "60")):
                assert ran.returncode == 0, ran.stderr
    compared = gharial(
        runs,
        *("compare", str(runs / "5.sqlite"), str(runs / "60.sqlite")),
        *("--html", str(page), "--json"),
        *("--fail-on", "ws_msgs_sent:rate<-50%", "--fail-on", "ws_errors:count>+0"),
    )
    # A pause that is twelve times as long leaves no doubt, whatever the machine does.
    assert compared.returncode == 1, compared.stderr
    assert "--fail-on 'ws_msgs_sent:rate<-50%' holds: " in compared.stderr
    assert "ws_errors" not in compared.stderr
    content = json.loads(compared.stdout)
    verdicts = {
        (each["metric"], each["statistic"]): each["verdict"]
        for each in content["changes"]
    }
    assert verdicts["ws_msgs_sent", "rate"] == "worse"
    assert verdicts["iteration_duration", "avg"] == "worse"
    assert "</html>" in page.read_text("utf-8")


WRITER = """
import sys
from itertools import count
from pathlib import Path
from gharial.report.document import RunIdentity
from gharial.report.record_writer import RecordWriter
from gharial.report.timeline import Point

identity = RunIdentity("id", "s.js", "Python", "1", 0.0, 0.0)
writer = RecordWriter(Path(sys.argv[1]), identity, {})
for second in count():
    counters = {f"metric_{number}": 1.0 for number in range(300)}
    writer.add(Point(float(second), second + 1.0, counters))
    print(second + 1, flush=True)
"""


@pytest.mark.parametrize("seconds", range(1, 9))
def test_wherever_writing_is_cut_off_what_was_written_is_whole(
    tmp_path: Path, seconds: int
) -> None:
    path = tmp_path / "a.sqlite"
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as told:
        while int(told.readline()) < seconds:
            pass
        # The next second is being written now: somewhere between its rows.
        process.kill()
        rest = told.read().split()
    process.wait(LIMIT_S)
    written = max(map(int, rest), default=seconds)
    document = read_record(path)
    assert len(document.points) in (written, written + 1)
    assert all(point.counters["metric_299"] == 1 for point in document.points)
