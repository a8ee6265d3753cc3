"""Runs that several processes share: their counts, and how they end."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from program import GHARIAL, environment, gharial
from safety_net import LIMIT_S
from servers import serving_echo

from gharial.process.interruption import SAME_S
from gharial.report.record_reader import read_record

pytestmark = pytest.mark.slow

LOOPING = """
import { sleep } from 'k6';
export const options = { vus: 8, duration: '1h', gracefulStop: '0s' };
export default function () {
  if (__ITER === 0) console.log('working');
  sleep(0.05);
}
export function teardown() { console.log('teardown ran'); }
"""


def command(*arguments: str) -> list[str]:
    return [*GHARIAL, "run", "-q", *arguments]


def finished(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return gharial("run", "-q", *arguments, **variables)


class Running:
    """A run in the background, with its workers."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            command(*arguments),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def workers(self, count: int) -> list[psutil.Process]:
        """Return the worker processes, once there are so many."""

        def found() -> list[psutil.Process]:
            children = psutil.Process(self.process.pid).children(recursive=True)
            return [each for each in children if _is_worker(each)]

        until(lambda: len(found()) == count)
        return found()

    def says(self, text: str) -> None:
        """Return once it has written a line with this text."""
        assert self.process.stdout is not None
        with deadline(LIMIT_S, self.process.kill):
            for line in self.process.stdout:
                if text in line:
                    return
        raise AssertionError(f"it never said {text!r}")

    def ended(self) -> tuple[int, str]:
        """Wait for its end; return the exit code and all that it wrote."""
        output, _ = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, output


@contextmanager
def deadline(limit_s: float, act: Callable[[], None]) -> Iterator[None]:
    """Act once the block has taken too long."""
    timer = threading.Timer(limit_s, act)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _is_worker(process: psutil.Process) -> bool:
    """Return whether it is one, forked or, where that cannot be, started anew."""
    try:
        name, command = process.name(), " ".join(process.cmdline())
    except psutil.Error:
        return False
    return name == "gharial-worker" or "spawn_main" in command


def until(is_so: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
    """Wait for something that other processes do."""
    give_up_at_s = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < give_up_at_s, "it never came"
        time.sleep(0.02)


def script(folder: Path, text: str, name: str = "script.js") -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


COUNTED = """
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
const seen = new Counter('seen');
export const options = {
  scenarios: {
    shared: { executor: 'shared-iterations', vus: 5, iterations: 23, exec: 'each' },
    own: { executor: 'per-vu-iterations', vus: 3, iterations: 4, exec: 'each' },
    rate: {
      executor: 'constant-arrival-rate', rate: 20, duration: '1s', exec: 'each',
      preAllocatedVUs: 7,
    },
    ramp: {
      executor: 'ramping-arrival-rate', stages: [{ duration: '1s', target: 30 }],
      preAllocatedVUs: 6, exec: 'each',
    },
    sockets: { executor: 'per-vu-iterations', vus: 4, iterations: 2, exec: 'talk' },
  },
  thresholds: {
    'seen{scenario:shared}': ['count==23'],
    ws_msgs_received: ['count==16'],
    checks: ['rate==1'],
  },
};
export function setup() { return { greeting: 'hello' }; }
export function each() {
  seen.add(1);
  console.log(`${exec.scenario.name} ${exec.scenario.iterationInTest}`);
}
export function talk(data) {
  const socket = new WebSocket(__ENV.URL);
  let heard = 0;
  socket.onopen = () => { socket.send(data.greeting); socket.send(`vu ${__VU}`); };
  socket.onmessage = () => { heard += 1; if (heard === 2) socket.close(); };
}
"""
EXPECTED = {
    "seen": 23 + 12 + 20 + 15,
    "iterations": 23 + 12 + 20 + 15 + 8,
    "ws_sessions": 8,
    "ws_msgs_sent": 16,
    "ws_msgs_received": 16,
}


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_all_counts_are_the_same_with_any_number_of_workers(
    tmp_path: Path, workers: int
):
    export = tmp_path / "summary.json"
    text = COUNTED.replace("    checks: ['rate==1'],\n", "")
    with serving_echo() as server:
        ran = finished(
            "--workers",
            str(workers),
            "--summary-export",
            str(export),
            "-e",
            f"URL={server.url}",
            script(tmp_path, text),
        )
    assert ran.returncode == 0, ran.stderr
    metrics = json.loads(export.read_text())["metrics"]
    assert {name: metrics[name]["count"] for name in EXPECTED} == EXPECTED
    assert metrics["vus_max"]["max"] == 5 + 3 + 7 + 6 + 4
    assert "dropped_iterations" not in metrics
    # Every iteration of a scenario has a number of its own, from 0 on.
    for scenario, count in (("shared", 23), ("own", 12), ("rate", 20), ("ramp", 15)):
        numbers = [
            int(line.split(f'msg="{scenario} ')[1].split('"')[0])
            for line in ran.stderr.splitlines()
            if f'msg="{scenario} ' in line
        ]
        assert sorted(numbers) == list(range(count)), scenario


def test_virtual_users_have_numbers_of_their_own(tmp_path: Path):
    source = """
import { sleep } from 'k6';
export const options = { scenarios: { a: { executor: 'per-vu-iterations', vus: 7 } } };
export default function () { console.log(`vu ${__VU}`); sleep(0.1); }
"""
    ran = finished("--workers", "3", script(tmp_path, source))
    assert ran.returncode == 0
    numbers = [line.split('msg="vu ')[1][0] for line in ran.stderr.splitlines()]
    assert sorted(numbers) == list("1234567")


def test_a_python_script_runs_in_workers_too(tmp_path: Path):
    source = """
from gharial import log, vu

options = {"vus": 4, "iterations": 10}

def setup():
    return {"a": 1}

def default(data):
    log(f"it {data['a']}")
"""
    ran = finished("--workers", "2", script(tmp_path, source, "script.py"))
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count('msg="it 1"') == 10


def test_a_killed_worker_is_noticed_and_the_run_ends_in_order(tmp_path: Path):
    running = Running("--workers", "2", script(tmp_path, LOOPING))
    workers = running.workers(2)
    running.says("working")
    workers[0].send_signal(signal.SIGKILL)
    code, output = running.ended()
    assert code == 111
    assert "was lost: killed by SIGKILL; its 4 virtual users are lost" in output
    assert "teardown ran" in output
    assert "iterations" in output
    until(lambda: not workers[1].is_running())


def test_workers_end_when_their_coordinator_is_killed(tmp_path: Path):
    running = Running("--workers", "2", script(tmp_path, LOOPING))
    workers = running.workers(2)
    running.says("working")
    running.process.kill()
    running.ended()
    _, alive = psutil.wait_procs(workers, timeout=LIMIT_S)
    assert alive == []


def test_workers_that_loop_without_end_die_with_their_coordinator_too(tmp_path: Path):
    source = """
export default function () { console.log('working'); for (;;) {} }
"""
    running = Running("--workers", "2", "-u", "2", "-d", "1h", script(tmp_path, source))
    workers = running.workers(2)
    running.says("working")
    running.process.kill()
    running.ended()
    _, alive = psutil.wait_procs(workers, timeout=LIMIT_S)
    assert alive == []


def test_one_interrupt_ends_all_workers_in_order(tmp_path: Path):
    running = Running("--workers", "2", script(tmp_path, LOOPING))
    workers = running.workers(2)
    running.says("working")
    # As a terminal does: the whole group of processes is told.
    os.killpg(running.process.pid, signal.SIGINT)
    code, output = running.ended()
    assert code == 105
    assert "teardown ran" in output
    assert "iterations" in output
    assert not any(worker.is_running() for worker in workers)


def test_an_interrupt_while_workers_start_kills_none_of_them(tmp_path: Path):
    running = Running("--workers", "2", script(tmp_path, LOOPING))
    workers = running.workers(2)
    # Their interpreters have only just begun, and know nothing of us yet.
    os.killpg(running.process.pid, signal.SIGINT)
    code, output = running.ended()
    assert code == 105
    assert "KeyboardInterrupt" not in output
    assert "lost" not in output
    assert not any(worker.is_running() for worker in workers)


def test_two_interrupts_leave_at_once(tmp_path: Path):
    source = """
export const options = { vus: 4, duration: '1h', closeTimeout: '1h' };
export default function () { console.log('working'); setInterval(() => 0, 1000); }
export function teardown() { console.log('cleaning'); setTimeout(() => 0, 3600000); }
"""
    running = Running("--workers", "2", script(tmp_path, source))
    workers = running.workers(2)
    running.says("working")
    os.killpg(running.process.pid, signal.SIGINT)
    running.says("cleaning")
    # Sooner, it would be taken for the same one, come by two ways.
    time.sleep(2 * SAME_S)
    os.killpg(running.process.pid, signal.SIGINT)
    code, _ = running.ended()
    assert code == 105
    psutil.wait_procs(workers, timeout=LIMIT_S)
    assert not any(worker.is_running() for worker in workers)


def test_a_script_that_aborts_in_one_worker_ends_the_others(tmp_path: Path):
    source = """
import exec from 'k6/execution';
import { sleep } from 'k6';
export const options = { vus: 4, duration: '1h' };
export default function () { sleep(0.05); if (__VU === 3) exec.test.abort('enough'); }
"""
    ran = finished("--workers", "2", script(tmp_path, source))
    assert ran.returncode == 108
    assert "enough" in ran.stderr


def test_a_clock_that_is_set_back_blinds_nobody(tmp_path: Path):
    source = """
import time
from gharial import sleep

if not hasattr(time, "as_it_was"):
    # In the coordinator and in each worker, an hour is gained soon after the start.
    time.as_it_was, began_at_s = time.time, time.monotonic()
    time.time = lambda: time.as_it_was() - 3600 * (time.monotonic() - began_at_s > 1.5)

options = {
    "vus": 4, "duration": "1h",
    "thresholds": {
        "iterations": [{"threshold": "count<100", "abortOnFail": True}],
    },
}

def default():
    sleep(0.1)
"""
    points = tmp_path / "points.json"
    ran = finished(
        *("--workers", "2", "--out", f"csv={points}"),
        script(tmp_path, source, "script.py"),
    )
    assert ran.returncode == 99, ran.stderr
    assert "abortOnFail" in ran.stderr
    assert points.read_text("utf-8").count("iterations,") >= 100


def test_a_threshold_is_judged_on_what_all_workers_measured(tmp_path: Path):
    source = """
import { Counter } from 'k6/metrics';
import { sleep } from 'k6';
const done = new Counter('done');
export const options = {
  vus: 4, duration: '1h',
  thresholds: { done: [{ threshold: 'count<40', abortOnFail: true }] },
};
export default function () { sleep(0.05); done.add(1); }
"""
    ran = finished("--workers", "2", script(tmp_path, source))
    assert ran.returncode == 99
    assert "abortOnFail" in ran.stderr


def test_a_script_that_throws_when_a_worker_reads_it_ends_the_run(tmp_path: Path):
    source = """
if (__VU > 2) throw new Error('not here');
export const options = { vus: 4, duration: '1h' };
export default function () {}
"""
    ran = finished("--workers", "2", script(tmp_path, source))
    assert ran.returncode == 107
    assert "not here" in ran.stderr
    assert "script.js:2" in ran.stderr


def test_a_worker_count_that_is_none_is_refused(tmp_path: Path):
    path = script(tmp_path, "export default function () {}")
    for given in ("0", "two", "-1"):
        ran = finished("--workers", given, path)
        assert ran.returncode == 104
        assert "workers (flag --workers)" in ran.stderr


def test_two_thousand_iterations_a_second_begin_or_are_counted_as_dropped(
    tmp_path: Path,
):
    source = """
export const options = { scenarios: { rate: {
  executor: 'constant-arrival-rate', rate: 2000, duration: '2s',
  preAllocatedVUs: 20, maxVUs: 40 } } };
export default function () {}
"""
    export = tmp_path / "summary.json"
    ran = finished("--summary-export", str(export), script(tmp_path, source))
    assert ran.returncode == 0, ran.stderr
    metrics = json.loads(export.read_text())["metrics"]
    dropped = metrics.get("dropped_iterations", {"count": 0})["count"]
    assert metrics["iterations"]["count"] + dropped == 4_000


def test_numbers_within_a_worker_and_within_the_test_differ(tmp_path: Path):
    source = """
import exec from 'k6/execution';
import { sleep } from 'k6';
export const options = { vus: 4, iterations: 4 };
export default function () {
  const { vu, scenario } = exec;
  console.log(`got ${vu.idInTest}/${vu.idInInstance} ${scenario.iterationInInstance}`);
  sleep(0.2);
}
"""
    ran = finished("--workers", "2", script(tmp_path, source))
    found = sorted(
        line.split('msg="got ')[1].split('"')[0] for line in ran.stderr.splitlines()
    )
    assert found == ["1/1 0", "2/1 0", "3/2 1", "4/2 1"]


RATED = """
import { sleep } from 'k6';
export const options = { vus: 8, iterations: 400 };
export function setup() { sleep(1); return Date.now(); }
export default function () {}
export function teardown(beganMs) {
  console.log(`between=${Date.now() - beganMs}.`);
  sleep(1);
}
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_rates_are_over_the_time_that_load_ran(tmp_path, workers):
    record = tmp_path / "rated.gharial"
    exported = tmp_path / "exported.json"
    done = finished(
        *("--workers", workers, "--save", str(record)),
        *("--summary-export", str(exported), script(tmp_path, RATED)),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    ran_s = 400 / json.loads(exported.read_text())["metrics"]["iterations"]["rate"]
    # Neither the second of setup nor the one of teardown is in it.
    between_ms = int(done.stderr.split("between=")[1].split(".")[0])
    assert ran_s * 1e3 <= between_ms
    assert read_record(record).identity.duration_s == pytest.approx(ran_s)
