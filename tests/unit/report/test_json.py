import json
from collections.abc import Callable
from dataclasses import replace

from gharial.report.json import summary_data, summary_export
from gharial.report.run_report import RunReport


def test_the_export_says_true_for_a_failed_threshold(
    report_of: Callable[..., RunReport],
) -> None:
    report = report_of(checks=["rate>0.9"], iterations__=["count==0"])
    data = json.loads(summary_export(report))
    assert data["metrics"]["checks"] == {
        "value": 0.75,
        "passes": 6,
        "fails": 2,
        "thresholds": {"rate>0.9": True},
    }
    assert data["metrics"]["iterations{group:::x}"]["thresholds"] == {"count==0": False}
    assert data["metrics"]["iterations"] == {"count": 4, "rate": 2}
    assert data["metrics"]["vus"] == {"value": 2, "min": 2, "max": 2}


def test_the_export_keys_groups_and_checks_by_name(
    report_of: Callable[..., RunReport],
) -> None:
    text = summary_export(report_of())
    assert text.startswith('{\n    "root_group"')
    root = json.loads(text)["root_group"]
    assert root["id"] == "d41d8cd98f00b204e9800998ecf8427e"
    assert root["checks"]["is open"]["path"] == "::is open"
    assert root["groups"]["room"]["groups"]["say"]["checks"]["echoed"]["fails"] == 2


def test_handle_summary_gets_types_values_and_verdicts(
    report_of: Callable[..., RunReport],
) -> None:
    report = report_of(checks_to_join=["avg<5"])
    data = summary_data(
        report, ["avg"], options={"noColor": True}, state={"isStdOutTTY": True}
    )
    assert data["metrics"]["checks_to_join"] == {
        "type": "trend",
        "contains": "time",
        "values": {"avg": 2.5},
        "thresholds": {"avg<5": {"ok": True}},
    }
    assert data["metrics"]["checks"]["values"] == {
        "rate": 0.75,
        "passes": 6,
        "fails": 2,
    }
    assert data["options"]["noColor"] is True
    assert data["state"] == {
        "isStdOutTTY": True,
        "isStdErrTTY": False,
        "testRunDurationMs": 2000.0,
    }
    assert data["root_group"]["groups"][0]["name"] == "room"
    json.dumps(data)


def test_the_export_has_what_setup_returned(
    report_of: Callable[..., RunReport],
) -> None:
    text = summary_export(report_of(), setup_data=({"token": "é"},))
    assert json.loads(text)["setup_data"] == {"token": "é"}
    assert "setup_data" not in json.loads(summary_export(report_of()))


def test_warnings_are_there_if_there_are_any(
    report_of: Callable[..., RunReport],
) -> None:
    calm = report_of()
    warned = replace(calm, warnings=("the generator was slow",))
    assert "warnings" not in summary_data(calm)
    assert "warnings" not in json.loads(summary_export(calm))
    assert summary_data(warned)["warnings"] == ["the generator was slow"]
    exported = json.loads(summary_export(warned))
    assert exported["warnings"] == ["the generator was slow"]


def test_a_threshold_without_values_is_named_and_judged_as_in_k6(
    report_of: Callable[..., RunReport],
) -> None:
    report = report_of(ws_ping=["p(95)<200", "p(95)>200"])
    exported = json.loads(summary_export(report, ["p(95)"]))["metrics"]["ws_ping"]
    assert exported == {
        "p(95)": 0,
        "thresholds": {"p(95)<200": False, "p(95)>200": True},
        "thresholds_without_values": ["p(95)<200", "p(95)>200"],
    }
    # k6 v1.1.0 hands over exactly this.
    assert summary_data(report, ["p(95)"])["metrics"]["ws_ping"] == {
        "type": "trend",
        "contains": "time",
        "values": {"p(95)": 0},
        "thresholds": {"p(95)<200": {"ok": True}, "p(95)>200": {"ok": False}},
    }
