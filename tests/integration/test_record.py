"""All that is known of a real run, as reports and records are made from it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from script_runs import ENGINE
from servers import serving_echo

from gharial.companions.record import document_companion, without_private_keys
from gharial.javascript.host import JavaScriptHost
from gharial.lifecycle.access import RunAccess
from gharial.lifecycle.execution import execute
from gharial.lifecycle.load import LoadRequest, MakeLoad
from gharial.lifecycle.local_load import local_load
from gharial.lifecycle.run_result import RunResult
from gharial.metrics.batch import Batch
from gharial.metrics.metric import MetricType
from gharial.metrics.sinks import CounterSink
from gharial.options.model import Options
from gharial.report.document import RunDocument
from gharial.report.masking import REDACTED
from gharial.views.terminal.quiet import QuietView

SCRIPT = """
import { check } from 'k6';
import { Trend } from 'k6/metrics';
import { WebSocket } from 'k6/websockets';
const own = new Trend('own_time', true);
export default function () {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => socket.send('hello');
  socket.onmessage = (event) => {
    own.add(12);
    check(event.data, { 'is echoed': (data) => data === 'hello' });
    socket.close();
  };
  new WebSocket('ws://127.0.0.1:1/').onerror = () => console.log('refused');
}
"""


class Heard:
    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def heard(self, batch: Batch) -> None:
        self.batches.append(batch)

    def ended(self, result: RunResult) -> None:
        pass

    def iterations(self) -> float:
        return sum(
            sink.value
            for batch in self.batches
            for metric, _, sink in batch.delta
            if metric.name == "iterations" and isinstance(sink, CounterSink)
        )


def run(
    folder: Path, *beside: Any, make_load: MakeLoad = local_load, **options: Any
) -> Any:
    script = folder / "s.js"
    script.write_text(SCRIPT, "utf-8")
    log: list[tuple[int, str, Any]] = []
    with serving_echo() as server:
        environment = {"URL": server.url}
        host = JavaScriptHost(str(script), ENGINE, environment=environment)
        host.read(lambda *record: None)
        result = execute(
            host,
            Options.read({"vus": 2, "iterations": 6, **options}),
            environment=environment,
            view=QuietView(),
            log=lambda *record: log.append(record),
            companions=beside,
            make_load=make_load,
        )
        host.close()
    return result, log


@pytest.mark.slow
def test_a_run_is_handed_over_whole_once_it_has_ended(tmp_path: Path) -> None:
    documents: list[RunDocument] = []
    thresholds = {"own_time": ["avg<20"], "ws_errors{reason:refused}": ["count<1"]}
    run(tmp_path, document_companion(documents.append), thresholds=thresholds)
    (document,) = documents
    identity = document.identity
    assert identity.script.endswith("s.js")
    assert identity.engine == "JavaScript (QuickJS)"
    assert identity.exit_code == 99
    assert len(identity.problems) == 1
    assert identity.options["thresholds"]["own_time"] == ["avg<20"]
    assert identity.scenarios[0][0] == "default"
    assert {"CPU", "Cores", "Memory", "System", "Python", "Wire"} <= set(
        identity.machine
    )
    assert identity.duration_s > 0
    own, refused = (
        document.metric("own_time"),
        document.metric("ws_errors{reason:refused}"),
    )
    assert own is not None
    assert refused is not None
    assert (own.type, own.digest.count, own.digest.mean) == (MetricType.TREND, 6, 12)
    assert own.thresholds[0].has_passed
    assert refused.total == 6
    assert not refused.thresholds[0].has_passed
    assert [(check.passes, check.fails) for check in document.checks] == [(6, 0)]
    points = document.points
    assert sum(each.counters.get("iterations", 0) for each in points) == 6
    assert (
        sum(each.counters.get("ws_errors{reason:refused}", 0) for each in points) == 6
    )
    assert "refused" in document.examples
    assert any("refused" in line.text for line in document.log)


@pytest.mark.slow
def test_seconds_are_counted_once_however_long_it_takes_to_get_ready(
    tmp_path: Path,
) -> None:
    def slow_load(request: LoadRequest) -> Any:
        load = local_load(request)
        prepare = load.prepare

        async def prepare_slowly() -> None:
            await asyncio.sleep(2.5)
            await prepare()

        load.prepare = prepare_slowly  # type: ignore[method-assign]
        return load

    @asynccontextmanager
    async def listening(access: RunAccess) -> AsyncIterator[None]:
        access.results.tell(heard)
        yield

    heard = Heard()
    run(tmp_path, listening, make_load=slow_load)
    assert heard.batches[0].begin_s == 0
    for batch, later in pairwise(heard.batches):
        assert batch.begin_s < batch.end_s == later.begin_s
    assert heard.iterations() == 6


@pytest.mark.slow
def test_what_cannot_be_written_is_told_and_changes_nothing(tmp_path: Path) -> None:
    def fail(document: RunDocument) -> None:
        raise PermissionError(13, "Permission denied", "report.html")

    result, log = run(tmp_path, document_companion(fail))
    assert result.exit_code == 0
    assert any(
        "report" in text and "Permission denied 'report.html'" in text
        for _, text, _ in log
    )


def test_private_keys_are_not_kept() -> None:
    options = {"tlsAuth": [{"cert": "a.pem", "key": "secret", "password": "pw"}]}
    assert without_private_keys(options) == {
        "tlsAuth": [{"cert": "a.pem", "key": REDACTED, "password": REDACTED}]
    }
    assert options["tlsAuth"][0]["key"] == "secret"
    assert without_private_keys({"vus": 1}) == {"vus": 1}
