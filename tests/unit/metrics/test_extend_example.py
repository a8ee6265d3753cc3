"""The metric of docs/how-to/extend/add-a-metric.md: one row, and all else follows."""

from collections.abc import Iterator

import pytest
from tests.unit.docs.test_reference import generator
from tests.unit.examples_of_docs import examples_of

from gharial.metrics import builtin
from gharial.metrics.batch import Batch
from gharial.metrics.charts import Chart
from gharial.metrics.metric import Metric
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.metrics.thresholds.evaluate import judge, parse_thresholds
from gharial.report.build import build_report
from gharial.report.comparison import worse_direction
from gharial.report.text import render
from gharial.report.timeline import Timeline
from gharial.views.page.data import charts_data, tiles_data
from gharial.virtual_user.instruments import Measurements

EXAMPLES = examples_of("extend/add-a-metric.md")


@pytest.fixture(autouse=True)
def row(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the row of the page in the table."""
    names = {**vars(builtin), "Chart": Chart}
    exec(EXAMPLES["row"], names)
    made = names["WS_RETRIES"]
    assert isinstance(made, Metric)
    monkeypatch.setattr(builtin, "WS_RETRIES", made, raising=False)
    yield
    del builtin._rows[made.name]


def measured() -> Registry:
    registry = Registry()
    named = {
        "builtin": builtin,
        "measurements": Measurements(registry, lambda text, reason: None),
        "tags": TagSet.of({"scenario": "chat"}),
    }
    exec(EXAMPLES["measuring"], named)
    return registry


def test_summary_and_thresholds_know_it() -> None:
    registry = measured()
    thresholds = parse_thresholds({"ws_retries": ["count<1"]})
    verdicts = judge(thresholds, registry, duration_s=1.0, is_final=True)
    report = build_report(registry, duration_s=1.0, verdicts=verdicts)
    lines = [line.strip() for line in render(report).splitlines()]
    assert "✗ 'count<1' count=1" in lines
    shown = lines[lines.index("WEBSOCKET") + 1 :]
    assert shown[0].startswith("ws_retries...")
    assert shown[1].startswith("{ reason:refused }...")


def test_a_comparison_knows_which_way_is_worse() -> None:
    assert worse_direction("ws_retries") == 1


def test_the_page_shows_it_and_its_kinds() -> None:
    point = Timeline().add(Batch(0, 1, 1e9, measured().drain()))
    assert point.counters["ws_retries{reason:refused}"] == 1
    charts = {chart["id"]: chart for chart in charts_data()}
    shared = [line["label"] for line in charts["connections"]["lines"]]
    assert shared == ["attempts", "failures", "retries"]
    [own] = charts["retries"]["lines"]
    assert (own["metric"], own["kindTag"]) == ("ws_retries", "reason")
    assert tiles_data()[-1] == {
        "metric": "ws_retries",
        "title": "Retries",
        "value": "total",
    }


def test_the_reference_lists_it() -> None:
    lines = generator().metrics_page().splitlines()
    [line] = [each for each in lines if "`ws_retries`" in each]
    assert "again after one that failed, by reason." in line
    assert line.endswith("| higher |")
