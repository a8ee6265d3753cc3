"""Whole runs, and what they are said to have shown."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from program import gharial
from safety_net import LIMIT_S

from gharial.report.record_reader import read_record, read_summary

pytestmark = pytest.mark.slow

OPTIONS = {
    "vus": 4,
    "iterations": 8,
    "thresholds": {
        "checks": ["rate>0.99"],
        "answer_time": ["p(95)<200"],
        "iterations{scenario:typo}": ["count<100"],
        "ws_errors": ["count>0"],
    },
}
# Nobody listens on port 1.
DEAD_JAVASCRIPT = """
import { check } from 'k6';
import { Trend } from 'k6/metrics';
const answerTime = new Trend('answer_time', true);
export const options = OPTIONS;
export default function () {
  const socket = new WebSocket('ws://127.0.0.1:1/');
  socket.onmessage = () => { answerTime.add(1); check(1, { echoed: true }); };
}
"""
DEAD_PYTHON = """
from gharial import Trend, WebSocket, check
answer_time = Trend("answer_time", is_time=True)
options = OPTIONS
def default():
    socket = WebSocket("ws://127.0.0.1:1/")
    def heard(event):
        answer_time.add(1)
        check(1, {"echoed": True})
    socket.on_message = heard
"""
SCRIPTS = {"dead.js": DEAD_JAVASCRIPT, "dead.py": DEAD_PYTHON}


def run(
    folder: Path, name: str, source: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    script = folder / name
    script.write_text(source)
    return gharial("run", "-q", *arguments, str(script), **variables)


@pytest.mark.parametrize(
    ("name", "workers", "no_data", "exit_code"),
    [
        ("dead.js", "1", "fail", 99),
        ("dead.js", "2", "pass", 0),
        ("dead.py", "2", "fail", 99),
        ("dead.py", "1", "pass", 0),
    ],
)
def test_a_test_against_a_dead_server_says_so_and_holds_no_threshold(
    tmp_path: Path, name: str, workers: str, no_data: str, exit_code: int
) -> None:
    source = SCRIPTS[name].replace("OPTIONS", json.dumps(OPTIONS))
    record = tmp_path / "record.gharial"
    done = run(
        tmp_path,
        name,
        source,
        *("--workers", workers, "--save", str(record)),
        K6_NO_DATA_THRESHOLDS=no_data,
    )
    assert done.returncode == exit_code, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    said = "no socket ever opened in 8 attempts: 8 refused"
    assert lines[0].startswith("  █ FAILED: " if exit_code else "  █ PASSED: 2 of 4")
    place = lines.index(f"  ! {said}")
    assert "'iterations{scenario:typo}' had nothing to judge" in lines[place + 1]
    assert "there is scenario 'default'" in lines[place + 1]
    assert "- 'rate>0.99' no values" in done.stdout
    assert "- 'p(95)<200' no values" in done.stdout
    assert "✓ 'count>0' count=8" in done.stdout
    summary = read_summary(record)
    assert (summary.thresholds_passed, summary.thresholds_without_values) == (2, 2)
    assert read_record(record).warnings[0] == said
    if exit_code:
        assert "answer_time, checks' had no values to judge" in done.stderr


THROWING = {
    "thrown.js": """
export const options = OPTIONS;
export default function () {
  if (__ITER % 2) throw new TypeError('odd');
}
export function later() {
  setTimeout(() => { throw new RangeError('late'); }, 1);
}
""",
    "thrown.py": """
from gharial import set_timeout, vu
options = OPTIONS
def default():
    if vu.iteration_in_scenario % 2:
        raise TypeError("odd")
def later():
    def throw():
        raise RuntimeError("late")
    set_timeout(throw, 1)
""",
}
SCENARIOS = {
    "looping": {"executor": "per-vu-iterations", "vus": 4, "iterations": 10},
    "arriving": {
        "executor": "constant-arrival-rate",
        "rate": 10,
        "duration": "1s",
        "preAllocatedVUs": 10,
        "exec": "later",
    },
}


@pytest.mark.parametrize(
    ("name", "workers", "late"),
    [
        ("thrown.js", "1", "RangeError"),
        ("thrown.js", "2", "RangeError"),
        ("thrown.py", "2", "RuntimeError"),
    ],
)
def test_iterations_that_throw_are_counted_and_shown_with_what_they_threw(
    tmp_path: Path, name: str, workers: str, late: str
) -> None:
    thresholds = {
        "iterations_failed": ["count<1"],
        "iterations_failed{scenario:looping}": ["count==20"],
        f"iterations_failed{{kind:{late}}}": ["count>0"],
    }
    options = json.dumps({"scenarios": SCENARIOS, "thresholds": thresholds})
    record, exported = tmp_path / "record.gharial", tmp_path / "exported.json"
    done = run(
        tmp_path,
        name,
        THROWING[name].replace("OPTIONS", options),
        *("--workers", workers, "--save", str(record)),
        *("--summary-export", str(exported)),
    )
    assert done.returncode == 99, done.stdout + done.stderr
    assert "on metrics 'iterations_failed' have been crossed" in done.stderr
    found = json.loads(exported.read_text())
    metrics, exceptions = found["metrics"], found["exceptions"]
    complete, failed = (
        metrics[each]["count"] for each in ("iterations", "iterations_failed")
    )
    assert failed == complete - 20
    assert f"iterations: {complete} complete, {failed} of them failed" in done.stdout
    assert [one["message"] for one in exceptions] == ["TypeError: odd", f"{late}: late"]
    assert [one["count"] for one in exceptions] == [20, failed - 20]
    lines = (tmp_path / name).read_text().splitlines()
    for one in exceptions:
        place, _, number = one["place"].rpartition(":")
        assert place.endswith(name)
        assert one["message"].partition(": ")[2] in lines[int(number) - 1]
        assert f"{one['count']} x {one['message']}" in done.stdout
    saved = read_record(record).exceptions
    assert [(one.message, one.count) for one in saved] == [
        (one["message"], one["count"]) for one in exceptions
    ]


TIMED = {
    "timed.js": """
import exec from 'k6/execution';
const told = (where) => console.log(where, exec.instance.currentTestRunDuration);
export const options = { vus: 2, iterations: 2 };
export function setup() { told('setup'); }
export default function () {}
export function teardown() { told('teardown'); }
""",
    "timed.py": """
from gharial import execution, log
options = {"vus": 2, "iterations": 2}
def setup():
    log("setup", execution.instance.current_test_run_duration_ms)
def default():
    pass
def teardown():
    log("teardown", execution.instance.current_test_run_duration_ms)
""",
}


@pytest.mark.parametrize("name", ["timed.js", "timed.py"])
def test_setup_and_teardown_know_for_how_long_the_run_goes_on(
    tmp_path: Path, name: str
) -> None:
    done = run(tmp_path, name, TIMED[name], "--workers", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.findall(r"(setup|teardown) ([0-9.e-]+)", done.stderr)
    (_, before), (_, after) = ((where, float(ms)) for where, ms in found)
    # Not since the machine was started, and not 0.
    assert 0 <= before < after < LIMIT_S * 1000
