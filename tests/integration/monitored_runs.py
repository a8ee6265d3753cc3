"""A run by the command line whose numbers are known, with outputs of the test's choice."""

import json
import subprocess
from pathlib import Path
from typing import Any

from program import gharial

ITERATIONS = 12
SCRIPT = """
import { check, group } from 'k6';
import { WebSocket } from 'k6/websockets';
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const answer = new Trend('answer_time', true);
const level = new Gauge('level');
const odd = new Rate('odd_ones');
const things = new Counter('things');
export const options = {
  scenarios: { talk: { executor: 'shared-iterations', vus: 3, iterations: ITERATIONS } },
  thresholds: {
    ws_msgs_sent: ['count>5', 'count<3'],
    'answer_time{scenario:talk}': ['p(95)<60000'],
  },
  tags: { team: 'a "b" \\\\ c' },
};
export default function () {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => socket.send('hello');
  socket.onmessage = (event) => {
    check(event.data, {
      'is echoed': (data) => data === 'hello',
      'is never, 100% | <b>': () => false,
    });
    answer.add(1.5 ** (__ITER + 1));
    level.add(7);
    odd.add(__ITER % 2);
    things.add(2.5);
    socket.close();
  };
}
""".replace("ITERATIONS", str(ITERATIONS))


class Run:
    """A finished run."""

    def __init__(self, process: "subprocess.CompletedProcess[str]", export: Path):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr
        self.metrics: dict[str, Any] = (
            json.loads(export.read_text("utf-8"))["metrics"] if export.exists() else {}
        )

    def counters(self) -> dict[str, float]:
        return {
            name: each["count"]
            for name, each in self.metrics.items()
            if set(each) - {"thresholds"} == {"count", "rate"}
        }


def command(tmp_path: Path, url: str, *flags: str, script: str = SCRIPT) -> list[str]:
    path = tmp_path / "talk.js"
    path.write_text(script)
    export = str(tmp_path / "summary.json")
    return [
        *("run", "-q", "-e", f"URL={url}"),
        *("--summary-export", export),
        *("--summary-trend-stats", "avg,min,med,max,p(90),p(95),p(99),count"),
        *(*flags, str(path)),
    ]


def finished_run(
    tmp_path: Path, url: str, *flags: str, script: str = SCRIPT, **variables: str
) -> Run:
    process = gharial(*command(tmp_path, url, *flags, script=script), **variables)
    return Run(process, tmp_path / "summary.json")


def assert_as_planned(run: Run) -> None:
    # One of the thresholds does not hold, on purpose.
    assert run.code == 99, run.err
    assert "output" not in run.err
    assert run.metrics["things"]["count"] == 2.5 * ITERATIONS
    assert run.metrics["odd_ones"]["passes"] > 0
