"""Signals from a run's first line to its last, and what scripts leave behind at its end."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from safety_net import LIMIT_S
from test_workers import until

from gharial.process.interruption import signals

pytestmark = pytest.mark.slow

SLEEPING = """
import { sleep } from 'k6';
export const options = { vus: 4, duration: '1h' };
export default function () { if (__ITER === 2) console.log('working'); sleep(0.2); }
export function teardown() { console.log('teardown ran'); }
"""
MANY_POINTS = """
import { Trend } from 'k6/metrics';
const trend = new Trend('many');
export const options = { vus: 2, iterations: 2 };
export default function () { for (let i = 0; i < 5000; i++) trend.add(i); }
"""


def _heed_hangups() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Running:
    """A run in a group of processes of its own."""

    def __init__(self, folder: Path, *arguments: str, script: str, name: str) -> None:
        (folder / name).write_text(script, "utf-8")
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("K6_", "GHAR"))
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gharial", "run", "-q", *arguments, name],
            cwd=folder,
            env={**kept, "NO_PROXY": "*"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # Or it is left out where these tests were started with `nohup`.
            preexec_fn=_heed_hangups,
        )
        self.output = ""
        self._guard = threading.Timer(LIMIT_S, self._kill)
        self._guard.start()

    def _kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)

    def says(self, text: str) -> None:
        """Return once it has written a line with this text."""
        assert self.process.stdout is not None
        while text not in self.output:
            line = self.process.stdout.readline()
            assert line, f"it never said {text!r}, but {self.output}"
            self.output += line

    def tell(self, number: int, *, group: bool) -> None:
        (os.killpg if group else os.kill)(self.process.pid, number)

    def ended(self) -> int:
        """Wait for its end, and return the exit code; no process may be left."""
        rest, _ = self.process.communicate()
        self._guard.cancel()
        self.output += rest
        assert "Traceback" not in self.output
        return self.process.returncode


@pytest.mark.parametrize(
    ("number", "workers", "group"),
    [
        (signal.SIGINT, "1", True),
        (signal.SIGINT, "2", True),
        (signal.SIGTERM, "1", True),
        (signal.SIGTERM, "2", True),
        (signal.SIGTERM, "2", False),
        (signal.SIGHUP, "2", True),
    ],
)
def test_one_signal_ends_a_run_in_order(
    tmp_path: Path, number: signal.Signals, workers: str, *, group: bool
) -> None:
    running = Running(
        tmp_path,
        *("--workers", workers, "--summary-export", "export.json"),
        *("--report", "report.html", "--out", "json=points.json"),
        script=SLEEPING,
        name="script.js",
    )
    running.says("working")
    running.tell(number, group=group)
    # As `timeout` does, and what passes on signals that the group got anyway.
    running.tell(number, group=group)
    assert running.ended() == 105, running.output
    assert "stopping gracefully" in running.output
    assert "teardown ran" in running.output
    assert "TOTAL RESULTS" in running.output
    assert "lost" not in running.output
    exported = json.loads((tmp_path / "export.json").read_text("utf-8"))
    assert exported["metrics"]["iterations"]["count"] >= 2
    assert "</html>" in (tmp_path / "report.html").read_text("utf-8")
    points = (tmp_path / "points.json").read_text("utf-8").splitlines()
    assert json.loads(points[-1])["type"] == "Point"


def _catches(process: subprocess.Popen[str], number: signal.Signals) -> bool:
    [mask] = re.findall(
        r"^SigCgt:\s*([0-9a-f]+)$",
        Path(f"/proc/{process.pid}/status").read_text("ascii"),
        re.MULTILINE,
    )
    return bool(int(mask, 16) >> number - 1 & 1)


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="nobody says which signals it takes"
)
@pytest.mark.parametrize("wait_s", [0.0, 0.2, 0.6])
def test_a_signal_in_the_first_moments_leaves_without_a_traceback(
    tmp_path: Path, wait_s: float
) -> None:
    running = Running(tmp_path, script=SLEEPING, name="script.js")
    # Until then Python itself is starting. It takes SIGINT by itself, but no other.
    until(lambda: all(_catches(running.process, number) for number in signals()))
    time.sleep(wait_s)
    running.tell(signal.SIGINT, group=True)
    assert running.ended() == 105, running.output


def test_a_signal_while_outputs_get_ready_leaves_nothing_behind(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    running = Running(
        tmp_path,
        *("--workers", "1", "--out", "json=fifo", "--save=run.gharial"),
        script="console.log('read'); export default () => 0;",
        name="script.js",
    )
    running.says("read")
    # Until somebody reads there, opening it does not return.
    time.sleep(0.5)
    running.tell(signal.SIGINT, group=True)
    assert running.ended() == 105, running.output
    assert not list(tmp_path.glob("*.gharial"))


def test_a_signal_while_an_output_drains_loses_nothing(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    # Somebody who reads there, but does not read on.
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        running = Running(
            tmp_path,
            *("--workers", "1", "--summary-export", "export.json"),
            *("--report", "report.html", "--out", "json=fifo"),
            script=MANY_POINTS,
            name="script.js",
        )
        # The summary is there before the output is done, or given up.
        running.says("TOTAL RESULTS")
        running.tell(signal.SIGTERM, group=True)
        running.says("the run is over")
        assert running.ended() == 0, running.output
    finally:
        os.close(reader)
    assert "did not end within 10 s" in running.output
    assert (tmp_path / "export.json").stat().st_size > 0
    assert "</html>" in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "script", "workers"),
    [
        pytest.param(
            "script.py",
            "options = {'vus': 1, 'duration': '600s'}\n"
            "def default():\n    print('working', flush=True)\n    sum(range(10**11))\n",
            "1",
            id="python",
        ),
        pytest.param(
            "script.py",
            "options = {'vus': 1, 'duration': '600s'}\n"
            "def default():\n    print('working', flush=True)\n    sum(range(10**11))\n",
            "2",
            id="python in workers",
        ),
        pytest.param(
            "script.js",
            "export const options = { vus: 1, duration: '600s' };\n"
            "export default function () {\n  console.log('working');\n"
            "  for (;;) 'x'.repeat(5e7).indexOf('y');\n}",
            "1",
            id="javascript",
        ),
        pytest.param(
            "script.py",
            "print('working', flush=True)\nsum(range(10**11))\ndef default(): pass\n",
            "1",
            id="at the top level",
        ),
        pytest.param(
            "script.py",
            "def setup():\n    print('working', flush=True)\n    sum(range(10**11))\n"
            "def default(): pass\n",
            "1",
            id="setup",
        ),
    ],
)
def test_a_second_signal_leaves_whatever_runs(
    tmp_path: Path, name: str, script: str, workers: str
) -> None:
    from gharial.process.build import IS_POSIX_COMPILED

    if not IS_POSIX_COMPILED:
        pytest.skip("what takes no turn of the interpreter's is compiled")
    running = Running(tmp_path, "--workers", workers, script=script, name=name)
    running.says("working")
    children = psutil.Process(running.process.pid).children(recursive=True)
    time.sleep(0.5)
    running.tell(signal.SIGINT, group=True)
    # It says so at once, or is already gone: nothing was measured yet.
    time.sleep(1.5)
    if running.process.poll() is None:
        running.tell(signal.SIGINT, group=True)
    assert running.ended() == 105, running.output
    # Or it ended in order, where its script could be stopped in time.
    assert re.search(
        "(leaves|left) at once|ended at once by the second signal|stopped by SIGINT",
        running.output,
    )
    _, alive = psutil.wait_procs(children, timeout=LIMIT_S)
    assert alive == []


LEFT_BEHIND = {
    "thread": "await asyncio.wait_for(asyncio.to_thread(time.sleep, 1000), 0.2)",
    "executor": "loop.run_in_executor(None, time.sleep, 1000)",
    "swallowed cancel": "loop.create_task(endless())",
    "non-daemon thread": "threading.Thread(target=time.sleep, args=(1000,)).start()",
}


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("what", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
def test_what_a_script_leaves_behind_does_not_keep_a_run_from_ending(
    tmp_path: Path, what: str, workers: str
) -> None:
    script = f"""
import asyncio, threading, time

options = {{"scenarios": {{"all": {{
    "executor": "per-vu-iterations", "vus": 2, "maxDuration": "1s", "gracefulStop": "0s",
}}}}}}

async def endless():
    while True:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            pass

async def default():
    loop = asyncio.get_running_loop()
    {what}
"""
    running = Running(
        tmp_path,
        *("--workers", workers, "--summary-export", "export.json"),
        *("--close-timeout", "500ms"),
        script=script,
        name="script.py",
    )
    assert running.ended() == 0, running.output
    assert "TOTAL RESULTS" in running.output
    assert "lost" not in running.output
    assert (tmp_path / "export.json").stat().st_size > 0
    if workers == "1" and what.startswith(("loop.run", "threading")):
        assert "left behind: the thread" in running.output
