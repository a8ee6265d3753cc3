"""Runs by the command line that tell a CI system what came of them."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from monitored_runs import ITERATIONS, assert_as_planned, finished_run
from servers import serving_echo

pytestmark = pytest.mark.slow


@pytest.fixture
def url() -> Iterator[str]:
    with serving_echo() as server:
        yield server.url


def test_junit_has_thresholds_and_checks_as_cases(tmp_path: Path, url: str) -> None:
    run = finished_run(tmp_path, url, "--out", f"junit={tmp_path / 'results.xml'}")
    assert_as_planned(run)
    root = ElementTree.parse(tmp_path / "results.xml").getroot()
    assert root.tag == "testsuites"
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == (
        *("6", "2", "0"),
    )
    failures = {
        case.get("name"): case.find("failure").get("message")
        for case in root.iter("testcase")
        if case.find("failure") is not None
    }
    assert failures == {
        "ws_msgs_sent: count<3": (
            f"ws_msgs_sent: 'count<3' does not hold: count is {ITERATIONS}"
        ),
        "is never, 100% | <b>": (
            f"is never, 100% | <b>: failed {ITERATIONS} of {ITERATIONS} times "
            "(0.00% held)"
        ),
    }
    names = {case.get("name") for case in root.iter("testcase")}
    assert {"is echoed", "ws_msgs_sent: count>5", str(tmp_path / "talk.js")} <= names
    assert "answer_time{scenario:talk}: p(95)<60000" in names


def test_a_broken_script_is_an_error_in_junit(tmp_path: Path, url: str) -> None:
    run = finished_run(
        tmp_path,
        url,
        *("--out", f"junit={tmp_path / 'results.xml'}"),
        script="import exec from 'k6/execution';\n"
        "export default () => exec.test.abort('the shop is closed');",
    )
    assert run.code == 108
    root = ElementTree.parse(tmp_path / "results.xml").getroot()
    [error] = root.iter("error")
    assert "the shop is closed" in (error.get("message") or "")


def test_github_gets_annotations_and_a_summary(tmp_path: Path, url: str) -> None:
    summary = tmp_path / "step_summary.md"
    summary.write_text("# Of another step\n")
    run = finished_run(
        tmp_path,
        url,
        *("--out", "github"),
        GITHUB_ACTIONS="true",
        GITHUB_STEP_SUMMARY=str(summary),
    )
    assert_as_planned(run)
    commands = [line for line in run.out.splitlines() if line.startswith("::")]
    assert commands == [
        "::error title=Threshold of ws_msgs_sent::ws_msgs_sent: 'count<3' does not hold: "
        f"count is {ITERATIONS}",
        "::warning title=Check::is never, 100%25 | <b>: failed "
        f"{ITERATIONS} of {ITERATIONS} times (0.00%25 held)",
    ]
    text = summary.read_text("utf-8")
    assert text.startswith("# Of another step\n## ❌ Load test ")
    assert "2 of 3 thresholds held, 1 of 2 checks always held" in text
    assert f"| ❌ | ws\\_msgs\\_sent | count&lt;3 | count = {ITERATIONS} |" in text
    assert f"| ❌ | is never, 100% \\| &lt;b&gt; | 0 | {ITERATIONS} | 0.00% |" in text
    assert f"| ✅ | is echoed | {ITERATIONS} | 0 | 100.00% |" in text
    # Whatever is in a cell, each row has as many as its table's head.
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = table.splitlines()
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1


def test_outside_of_github_a_file_is_needed(tmp_path: Path, url: str) -> None:
    refused = finished_run(tmp_path, url, "--out", "github")
    assert refused.code == 104
    assert "not a job of GitHub Actions" in refused.err
    run = finished_run(tmp_path, url, "--out", f"github={tmp_path / 'summary.md'}")
    assert_as_planned(run)
    assert "::error" not in run.out
    assert "Load test" in (tmp_path / "summary.md").read_text("utf-8")
