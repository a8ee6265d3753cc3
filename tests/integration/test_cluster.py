"""Runs on a real Ray cluster of two machines, by the program itself."""

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from free_ports import free_port
from ray_nodes import CLOCK_AHEAD_S, TwoNodes, two_nodes
from servers import serving_echo
from test_control import attributes, gharial
from test_workers import until

from gharial.process.interruption import SAME_S

pytest.importorskip("ray")

from safety_net import LIMIT_S

pytestmark = [pytest.mark.slow, pytest.mark.alone]


COUNTED = """
import { WebSocket } from 'k6/websockets';
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import { greeting } from './parts/greeting.js';

const name = open('./name.txt');
const seen = new Counter('seen');
const numbers = new Counter('numbers');
export const options = { vus: 4, iterations: 40, thresholds: { seen: ['count==40'] } };
export function setup() { return { answer: 42 }; }
export default function (data) {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => socket.send(greeting + name + data.answer);
  socket.onmessage = (event) => {
    if (event.data === 'hello world42') seen.add(1);
    numbers.add(2 ** exec.scenario.iterationInTest);
    socket.close();
  };
}
export function teardown(data) { console.log('teardown ' + data.answer); }
"""
COUNTED_IN_PYTHON = """
from pathlib import Path

from gharial import Counter, WebSocket, env
from greeting import greeting

name = Path(__file__).with_name("name.txt").read_text()
seen = Counter("seen")
options = {"vus": 4, "iterations": 40, "thresholds": {"seen": ["count==40"]}}


async def default():
    async with WebSocket(env["URL"]) as socket:
        socket.send(greeting + name)
        if await socket.receive() == "hello world":
            seen.add(1)
"""
LOOPING = """
import { sleep } from 'k6';
export const options = { vus: 4, duration: '1h' };
export default function () {
  if (__ITER === 0) console.log('working');
  sleep(0.05);
}
export function teardown() { console.log('teardown ran'); }
"""
SLOW_TO_END = """
import { sleep } from 'k6';
export const options = { scenarios: { a: {
  executor: 'constant-vus', vus: 4, duration: '60s', gracefulStop: '30s' } } };
export default function () {
  if (__ITER === 0) console.log('working');
  sleep(20);
}
export function teardown() { sleep(5); console.log('teardown ran'); }
"""
SCALED = """
import { sleep } from 'k6';
export const options = { scenarios: { a: {
  executor: 'externally-controlled', vus: 1, maxVUs: 6, duration: '10m' } } };
export default function () {
  if (__ITER === 0) console.log('working');
  sleep(0.05);
}
"""
_ENDING = """
import { sleep } from 'k6';
import exec from 'k6/execution';
export const options = { vus: 4, duration: '60s', OPTIONS };
export function vuSetup() { console.log('user is ready'); }
export default function () { sleep(0.1); if (__ITER > 3) { LAST } }
export function teardown() { console.log('teardown ran'); }
"""
ENDING = {
    "aborting": _ENDING.replace("OPTIONS", "").replace(
        "LAST", "exec.test.abort('enough')"
    ),
    "abort_on_fail": _ENDING.replace(
        "OPTIONS",
        "thresholds: { iterations: [{ threshold: 'count<20', abortOnFail: true }] }",
    ).replace("LAST", ""),
}


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    with two_nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        yield nodes


def command(nodes: TwoNodes, script: Path, *arguments: str) -> list[str]:
    where = ["--cluster", nodes.address, "--workers", "2"]
    return [
        sys.executable,
        "-m",
        "gharial",
        "run",
        "-q",
        *where,
        *arguments,
        str(script),
    ]


def finished(
    nodes: TwoNodes, script: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(nodes, script, *arguments),
        env=nodes.environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


class Running:
    """A run in the background; its lines are read as they come."""

    def __init__(self, nodes: TwoNodes, script: Path, *arguments: str) -> None:
        self._start(command(nodes, script, *arguments), nodes.environment)

    @classmethod
    def of(cls, command: list[str]) -> "Running":
        """Start any command."""
        running = cls.__new__(cls)
        running._start(command, dict(os.environ))
        return running

    def _start(self, command: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._timer = threading.Timer(LIMIT_S, self.process.kill)
        self._timer.start()
        self.lines: list[str] = []

    def says(self, text: str, times: int = 1) -> None:
        """Return once it has written so many lines with this text."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            times -= text in line
            if not times:
                return
        raise AssertionError(f"it never said {text!r}: {''.join(self.lines)}")

    def ended(self) -> tuple[int, str]:
        """Wait for its end; return the exit code and all that it wrote."""
        assert self.process.stdout is not None
        self.lines += self.process.stdout.readlines()
        code = self.process.wait()
        self.process.stdout.close()
        self._timer.cancel()
        return code, "".join(self.lines)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def gone(processes: list[psutil.Process], limit_s: float) -> bool:
    give_up_at_s = time.monotonic() + limit_s
    while time.monotonic() < give_up_at_s:
        if not any(_is_worker(each) for each in processes):
            return True
        time.sleep(0.1)
    return False


def _is_worker(process: psutil.Process) -> bool:
    # An idle process of Ray may serve another actor later.
    with contextlib.suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE and "WorkerActor" in " ".join(
            process.cmdline()
        )
    return False


def test_a_script_with_all_its_files_is_counted_exactly_on_two_unlike_machines(
    nodes, tmp_path
):
    script = written(tmp_path, "script.js", COUNTED)
    written(tmp_path, "parts/greeting.js", "export const greeting = 'hello ';")
    written(tmp_path, "name.txt", "world")
    summary, samples = tmp_path / "summary.json", tmp_path / "samples.json"
    record = tmp_path / "run.gharial"
    began_s = time.time()
    with serving_echo() as server:
        ran = finished(
            *(nodes, script, "-e", f"URL={server.url}", "--worker-weights", "auto"),
            *("--save", str(record)),
            *("--summary-export", str(summary), "--out", f"json={samples}"),
        )
    ended_s = time.time()
    assert ran.returncode == 0, ran.stderr
    metrics = json.loads(summary.read_text("utf-8"))["metrics"]
    assert metrics["seen"]["count"] == 40
    assert metrics["iterations"]["count"] == 40
    # Each iteration of the whole test had a number of its own.
    assert metrics["numbers"]["count"] == 2**40 - 1
    assert "Node 1" in ran.stderr and "Node 2" in ran.stderr
    # Measured over sockets of a busy machine, beside one whose clock is right.
    ahead = [abs(float(ms)) for ms in re.findall(r"clock ([+-][\d.]+)", ran.stderr)]
    assert max(ahead) == pytest.approx(CLOCK_AHEAD_S * 1e3, abs=500)
    assert "teardown 42" in ran.stderr
    # The second machine's clock is ahead by more than the whole run takes.
    points = [json.loads(line) for line in samples.read_text("utf-8").splitlines()]
    times = [_epoch_s(p["data"]["time"]) for p in points if p["type"] == "Point"]
    assert began_s <= min(times) and max(times) <= ended_s
    # It calculates a quarter as fast, and takes less.
    shares = [int(share) for share in re.findall(r"(\d+)% of the load", ran.stderr)]
    assert len(shares) == 2 and 99 <= sum(shares) <= 101
    assert 8 <= min(shares) <= 40
    # A report is made of the record.
    with contextlib.closing(sqlite3.connect(record)) as database:
        [(machine,)] = database.execute("SELECT machine FROM run")
    assert all(f"{share}% of the load" in machine for share in shares)


@pytest.mark.long
def test_a_python_script_travels_with_its_modules_and_named_files(nodes, tmp_path):
    script = written(tmp_path, "script.py", COUNTED_IN_PYTHON)
    written(tmp_path, "greeting.py", "greeting = 'hello '")
    name = written(tmp_path, "name.txt", "world")
    with serving_echo() as server:
        ran = finished(nodes, script, "-e", f"URL={server.url}", "--include", str(name))
    assert ran.returncode == 0, ran.stderr


def test_more_workers_than_cpus_are_refused_with_the_numbers(nodes, tmp_path):
    script = written(tmp_path, "script.js", LOOPING)
    ran = finished(nodes, script, "--workers", "3", "--cluster-timeout", "1s")
    assert ran.returncode == 104
    assert "the cluster has 2 CPUs" in ran.stderr
    assert "this run needs 3" in ran.stderr


def test_a_node_with_another_version_is_refused_with_one_message(nodes, tmp_path):
    script = written(tmp_path, "script.js", LOOPING)
    with nodes.other_version():
        ran = finished(nodes, script)
    assert ran.returncode == 104
    assert ran.stdout == ""
    messages = [
        line for line in ran.stderr.splitlines() if "source=cluster" not in line
    ]
    assert len(messages) == 1, ran.stderr
    assert "has picows 0.0.1, this machine has" in messages[0]


@pytest.mark.long
def test_one_interrupt_ends_the_workers_of_all_machines_in_order(nodes, tmp_path):
    running = Running(nodes, written(tmp_path, "script.js", LOOPING))
    running.says('msg="working"', times=4)
    workers = nodes.workers()
    assert len(workers) == 2
    os.killpg(running.process.pid, signal.SIGINT)
    code, output = running.ended()
    assert code == 105
    assert "teardown ran" in output
    assert "iterations" in output
    assert gone(workers, LIMIT_S)


def test_a_run_goes_on_without_a_lost_worker_if_that_is_allowed(nodes, tmp_path):
    running = Running(
        *(nodes, written(tmp_path, "script.js", LOOPING), "-d", "6s"),
        *("--on-worker-lost", "continue", "--allow-lost", "1"),
    )
    running.says('msg="working"', times=4)
    nodes.workers()[0].kill()
    code, output = running.ended()
    assert code == 0, output
    # What Ray prints of it has no place in our output.
    assert "raylet" not in output
    assert "50% of the load was missing" in output
    assert "teardown ran" in output


@pytest.mark.long
def test_a_lost_worker_fails_a_run_that_goes_on_without_it(nodes, tmp_path):
    running = Running(
        *(nodes, written(tmp_path, "script.js", LOOPING), "-d", "6s"),
        *("--on-worker-lost", "continue"),
    )
    running.says('msg="working"', times=4)
    nodes.workers()[0].kill()
    code, output = running.ended()
    assert code == 111, output
    assert "50% of the load was missing" in output


@pytest.mark.long
def test_workers_end_soon_after_their_coordinator_was_killed(nodes, tmp_path):
    running = Running(nodes, written(tmp_path, "script.js", LOOPING))
    running.says('msg="working"', times=4)
    workers = nodes.workers()
    running.process.kill()
    running.ended()
    assert gone(workers, LIMIT_S)


@pytest.mark.long
def test_a_worker_that_hangs_is_noticed(nodes, tmp_path):
    running = Running(nodes, written(tmp_path, "script.js", LOOPING))
    running.says('msg="working"', times=4)
    workers = nodes.workers()
    workers[0].suspend()
    running.says("was silent for")
    code, output = running.ended()
    assert code == 111, output
    assert "teardown ran" in output
    assert gone(workers, LIMIT_S)


@pytest.mark.long
@pytest.mark.parametrize("seconds", [9, 14])
def test_a_run_that_stood_still_says_why_its_load_ended(nodes, tmp_path, seconds):
    running = Running(nodes, written(tmp_path, "script.js", LOOPING))
    running.says('msg="working"', times=4)
    workers = nodes.workers()
    own = psutil.Process(running.process.pid)
    own.suspend()
    # Meanwhile its workers stop, with nobody to tell them.
    time.sleep(seconds)
    assert gone(workers, LIMIT_S)
    own.resume()
    code, output = running.ended()
    assert code == 111, output
    assert (
        "did not hear from the coordinator for 8 s" in output
        or "stood still for" in output
    )
    assert "teardown ran" in output


@pytest.mark.long
def test_two_interrupts_leave_at_once_and_nothing_is_left(nodes, tmp_path):
    running = Running(nodes, written(tmp_path, "script.js", SLOW_TO_END))
    running.says('msg="working"', times=4)
    workers = nodes.workers()
    os.killpg(running.process.pid, signal.SIGINT)
    running.says("stopping gracefully")
    # What comes at once is taken for the same press of a key.
    time.sleep(SAME_S * 2)
    os.killpg(running.process.pid, signal.SIGINT)
    code, output = running.ended()
    assert code == 105, output
    assert "teardown ran" not in output
    assert gone(workers, LIMIT_S)


@pytest.mark.long
def test_a_run_on_a_cluster_is_steered_from_outside(nodes, tmp_path):
    address = f"127.0.0.1:{free_port()}"
    script = written(tmp_path, "script.js", SCALED)
    running = Running(nodes, script, "-a", address)
    running.says("working")
    assert gharial("scale", "-a", address, "-u", "5").returncode == 0
    until(lambda: attributes(address)["vus"] == "5")
    assert "paused: true" in gharial("pause", "-a", address).stdout
    counts = [attributes(address)["iterations"] for _ in range(2)]
    assert counts[0] == counts[1]
    gharial("resume", "-a", address)
    until(lambda: attributes(address)["iterations"] != counts[1])
    gharial("stop", "-a", address)
    code, output = running.ended()
    assert code == 103, output
    assert "stopped from outside" in output


@pytest.mark.long
@pytest.mark.parametrize(
    ("script", "code", "text"),
    [("aborting", 108, "enough"), ("abort_on_fail", 99, "thresholds")],
)
def test_a_script_and_a_threshold_end_a_run_on_all_machines(
    nodes, tmp_path, script, code, text
):
    running = Running(nodes, written(tmp_path, "script.js", ENDING[script]))
    ended, output = running.ended()
    assert ended == code, output
    assert text in output
    assert "teardown ran" in output
    # Each virtual user of both machines was set up once.
    assert output.count("user is ready") == 4


@pytest.mark.long
def test_a_killed_machine_is_noticed_and_the_run_ends(tmp_path):
    with two_nodes(tmp_path) as nodes:
        running = Running(nodes, written(tmp_path, "script.js", LOOPING))
        running.says('msg="working"', times=4)
        workers = nodes.workers()
        psutil.Process(nodes.raylets[1]).kill()
        running.says("was lost")
        code, output = running.ended()
        assert code == 111, output
        assert gone(workers, LIMIT_S)


@pytest.mark.long
def test_a_signal_to_the_whole_group_ends_a_cluster_of_one_run_in_order(tmp_path):
    nodes = TwoNodes("local", dict(os.environ), ())
    running = Running(nodes, written(tmp_path, "script.js", LOOPING))
    running.says('msg="working"', times=4)
    left = psutil.Process(running.process.pid).children(recursive=True)
    os.killpg(running.process.pid, signal.SIGTERM)
    code, output = running.ended()
    assert code == 105, output
    assert "teardown ran" in output
    # Ray has a handler of its own, which prints a stack.
    assert "SIGTERM received" not in output
    _, alive = psutil.wait_procs(left, timeout=LIMIT_S)
    assert not alive


@pytest.mark.long
def test_a_cluster_can_be_started_for_one_run(tmp_path):
    nodes = TwoNodes("local", dict(os.environ), ())
    script = written(tmp_path, "script.js", "export default function () {}")
    ran = finished(nodes, script, "-u", "2", "-i", "10")
    assert ran.returncode == 0, ran.stderr
    assert "10" in ran.stdout


def _epoch_s(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()
