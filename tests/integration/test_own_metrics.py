"""A script's metrics that have names of ours, in both languages and with two workers."""

import json
from pathlib import Path

import pytest
from output_runs import gharial
from servers import serving_echo

pytestmark = pytest.mark.slow

SCRIPTS = {
    "script.js": """
import { Counter, Gauge, Trend } from 'k6/metrics';
const errors = new Trend('ws_errors');
const closed = new Counter('ws_close');
const open = new Gauge('ws_open');
export default function () {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => { open.add(5); errors.add(3); socket.close(); };
  socket.onclose = () => closed.add(10);
}
""",
    "script.py": """
from gharial import Counter, Gauge, Trend, WebSocket, env
errors = Trend("ws_errors")
closed = Counter("ws_close")
opened = Gauge("ws_open")
async def default():
    async with WebSocket(env["URL"]):
        opened.add(5)
        errors.add(3)
    closed.add(10)
""",
}


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("workers", [1, 2])
def test_the_scripts_metric_wins(name: str, workers: int, tmp_path: Path) -> None:
    script, out, page = tmp_path / name, tmp_path / "out.json", tmp_path / "page.html"
    script.write_text(SCRIPTS[name])
    thresholds = {
        "ws_errors": ["max==3"],
        "ws_close": ["count==40"],
        "ws_open": ["value==5"],
    }
    (tmp_path / "config.json").write_text(json.dumps({"thresholds": thresholds}))
    with serving_echo() as server:
        run = gharial(
            *("run", "-q", f"--config={tmp_path / 'config.json'}", "-u2", "-i4"),
            *(f"--workers={workers}", f"--summary-export={out}", f"--report={page}"),
            *("-e", f"URL={server.url}", str(script)),
        )
    assert run.returncode == 0, run.stderr
    metrics = json.loads(out.read_text())["metrics"]
    assert metrics["ws_close"]["count"] == 40
    assert metrics["ws_errors"]["max"] == 3
    assert metrics["ws_open"]["value"] == 5
    for metric in thresholds:
        told = f"the script's own metric '{metric}' replaces Gharial's metric of"
        assert run.stderr.count(told) == 1
    assert "sockets ended" not in run.stdout
    assert "CUSTOM" in run.stdout
