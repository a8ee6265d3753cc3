"""The board for Grafana is one, and what it asks a real Prometheus has answers."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from free_ports import free_port
from monitoring_servers import needs_prometheus, serving_prometheus
from program import gharial
from servers import serving_echo

ROOT = Path(__file__).resolve().parents[2]
BOARD = json.loads((ROOT / "deploy/grafana.json").read_text("utf-8"))
WIDTH = 24
SCRIPT = """
import { check } from 'k6';
import { WebSocket } from 'k6/websockets';

export default async function () {
  const socket = new WebSocket(__ENV.URL, null, { tags: { name: 'echo' } });
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  const answer = await socket.request('hello', { name: 'hello' });
  check(answer, { 'is an echo': (text) => text === 'hello' });
  socket.close();
  if (__ITER % 5 === 0) new WebSocket(__ENV.NOWHERE).onerror = () => {};
}
"""


def panels() -> list[dict]:
    return [panel for panel in BOARD["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[str]:
    for panel in panels():
        yield from (target["expr"] for target in panel["targets"])


def test_the_board_has_what_grafana_reads() -> None:
    assert BOARD["title"] and BOARD["uid"] and BOARD["schemaVersion"] >= 36
    numbers = [panel["id"] for panel in BOARD["panels"]]
    assert len(set(numbers)) == len(numbers)
    variables = {each["name"]: each for each in BOARD["templating"]["list"]}
    assert variables["datasource"]["query"] == "prometheus"
    for panel in panels():
        assert panel["type"] in ("stat", "timeseries")
        assert panel["title"] and panel["description"]
        assert panel["datasource"]["uid"] == "${datasource}"
        for target in panel["targets"]:
            assert 'testid=~"$testid"' in target["expr"]
        names = [target["refId"] for target in panel["targets"]]
        assert len(set(names)) == len(names)


def test_no_panel_covers_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] >= 0 and place["x"] + place["w"] <= WIDTH
        cells = {
            (place["x"] + right, place["y"] + down)
            for right in range(place["w"])
            for down in range(place["h"])
        }
        assert not taken & cells, panel["title"]
        taken |= cells


@pytest.mark.slow
@needs_prometheus
def test_prometheus_has_an_answer_for_each_of_its_questions(tmp_path: Path) -> None:
    script = tmp_path / "script.js"
    script.write_text(SCRIPT)
    receives = "--web.enable-remote-write-receiver"
    with serving_prometheus(tmp_path, receives) as prometheus, serving_echo() as echo:
        out = f"prometheus={prometheus.write_url},pushInterval=1s,trendStats=med+p(95)+p(99)"
        run = gharial(
            *("run", "--quiet", "-u", "2", "-d", "5s", "--tag", "testid=one"),
            *("-e", f"URL={echo.url}", "-e", f"NOWHERE=ws://127.0.0.1:{free_port()}/"),
            *("--min-iteration-duration", "200ms", "--out", out, str(script)),
        )
        assert run.returncode == 0, run.stdout + run.stderr
        assert prometheus.get("/api/v1/label/testid/values") == ["one"]
        for chosen in ("one", ".*"):
            for expression in expressions():
                asked = expression.replace("$testid", chosen)
                asked = asked.replace("$__rate_interval", "5m")
                assert prometheus.query(asked), asked
        asked = 'sum by (reason) (k6_ws_errors_total{testid="one"})'
        assert [labels for labels, _ in prometheus.query(asked)] == [
            {"reason": "refused"}
        ]
