"""Runs whose measurements go elsewhere, too, and what has to be there."""

import json
import math
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import program
import pytest

STATISTICS = "count,avg,min,max"

SCRIPT = """
import { check } from 'k6';
import { WebSocket } from 'k6/websockets';
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const bought = new Counter('bought'), lasted = new Trend('lasted', true);
const even = new Rate('even'), level = new Gauge('level');
export const options = {
  vus: 4, iterations: 24, tags: { team: 'a,b "c"' },
  systemTags: ['url', 'name', 'scenario', 'group', 'check', 'status', 'subproto', 'iter'],
  thresholds: {
    'ws_ping{scenario:default}': [{ threshold: 'p(95)<9000', abortOnFail: true }],
    bought: ['count>1'],
  },
};
export default function () {
  const socket = new WebSocket(__ENV.URL);
  bought.add(2.5, { what: 'naïve=tea & cake', iter: String(__ITER) });
  lasted.add(__ITER / 8);
  even.add(__ITER % 2 === 0);
  level.add(7);
  let got = 0;
  socket.onopen = () => {
    socket.ping();
    for (let i = 0; i < 10; i += 1) socket.send(`message ${i}`);
  };
  socket.onmessage = (event) => {
    check(event.data, { 'is "mine"': (data) => data.startsWith('message') });
    got += 1;
    if (got === 10) setTimeout(() => socket.close(), 250);
  };
}
"""


def gharial(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return program.gharial(*arguments, **{"TZ": "Asia/Kolkata", **variables})


@dataclass
class Measured:
    """One metric as an output has it."""

    values: list[float] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Run:
    """A run, its files and its summary."""

    folder: Path
    url: str
    summary: dict[str, dict[str, float]]
    stdout: str
    stderr: str


def run_script(folder: Path, url: str, *flags: str, **variables: str) -> Run:
    script, summary = folder / "script.js", folder / "summary.json"
    script.write_text(SCRIPT, encoding="utf-8")
    done = gharial(
        *("run", "-q", "-e", f"URL={url}", "--summary-trend-stats", STATISTICS),
        *("--summary-export", str(summary), *flags, str(script)),
        **variables,
    )
    # Said in full: pytest explains no assertion of a module that holds no tests.
    assert (done.returncode, done.stderr) == (0, ""), (done.returncode, done.stderr)
    metrics = json.loads(summary.read_text(encoding="utf-8"))["metrics"]
    return Run(folder, url, metrics, done.stdout, done.stderr)


def assert_equals_summary(
    measured: dict[str, Measured],
    summary: dict[str, dict[str, float]],
    precision: float = 1e-9,
) -> None:
    """Compare all of what a run's outputs and its summary say, metric by metric."""
    assert set(measured) == {name for name in summary if "{" not in name}
    for name, metric in measured.items():
        values, told = metric.values, summary[name]
        if "passes" in told:
            assert (sum(values), len(values)) == (
                told["passes"],
                told["passes"] + told["fails"],
            ), name
        elif "avg" in told:
            assert len(values) == told["count"], name
            assert math.fsum(values) / len(values) == pytest.approx(
                told["avg"], rel=1e-6, abs=precision
            ), name
            assert (min(values), max(values)) == pytest.approx(
                (told["min"], told["max"]), abs=precision
            ), name
        elif "count" in told:
            assert math.fsum(values) == pytest.approx(told["count"]), name
        elif name == "worker_cpu":
            # Each worker's own: which of them came last, an output need not tell.
            assert pytest.approx(told["value"], abs=precision) in values
        else:
            assert values[-1] == pytest.approx(told["value"], abs=precision), name
