import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.report.record_samples import document, points, write_record

from gharial.errors import ExitCode

Output = pytest.CaptureFixture[str]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run and one that is half as slow again."""
    folder = tmp_path / "runs"
    folder.mkdir()
    monkeypatch.setenv("GHARIAL_RUNS", str(folder))
    write_record(folder / "a.sqlite", document(points(30), run_id="a-usual"))
    slow = points(30, seed=2, slower=1.5)
    write_record(folder / "b.sqlite", document(slow, run_id="b-slow"))
    return folder


def test_both_runs_are_shown_side_by_side(
    runs: Path, command_line: Any, capsys: Output
) -> None:
    assert command_line("compare", "a-usual", str(runs / "b.sqlite")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "First:  a-usual  chat.js"
    assert lines[1] == "Second: b-slow  chat.js"
    (mean,) = [line for line in lines if line.startswith("ws_req_duration")]
    assert mean.split()[1] == "avg"
    assert mean.endswith("worse")
    assert "5 worse" in lines[-1]
    assert "\x1b" not in "".join(lines)


def test_a_condition_that_holds_is_named_and_ends_with_1(
    runs: Path, command_line: Any, capsys: Output
) -> None:
    code = command_line(
        *("compare", "a-usual", "b-slow"),
        *("--fail-on", "ws_req_duration:p(95)>+10%"),
        *("--fail-on", "ws_errors:count>+0"),
    )
    assert code == ExitCode.COMPARISON_FAILED == 1  # type: ignore[comparison-overlap]
    told = capsys.readouterr().err
    assert told.startswith("gharial: --fail-on 'ws_req_duration:p(95)>+10%' holds: ")
    assert told.count("\n") == 1


def test_conditions_that_do_not_hold_end_with_0(
    runs: Path, command_line: Any, capsys: Output
) -> None:
    given = ("compare", "a-usual", "b-slow", "--fail-on", "ws_errors:count>+0")
    assert command_line(*given) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("text", ["nonsense", "nothing:avg>+1%"])
def test_a_condition_that_cannot_be_judged_ends_with_104(
    runs: Path, command_line: Any, capsys: Output, text: str
) -> None:
    code = command_line("compare", "a-usual", "b-slow", "--fail-on", text)
    assert code == ExitCode.INVALID_CONFIG
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"gharial: --fail-on {text!r}: ")


def test_as_json(runs: Path, command_line: Any, capsys: Output) -> None:
    given = ("--json", "--fail-on", "ws_req_duration:p(95)>+10%")
    assert command_line("compare", "a-usual", "b-slow", *given) == 1
    content = json.loads(capsys.readouterr().out)
    assert content["first"]["id"] == "a-usual"
    assert content["conditions"][0]["holds"]
    assert len(content["changes"]) > 10


def test_as_a_page(
    runs: Path, tmp_path: Path, command_line: Any, capsys: Output
) -> None:
    page = tmp_path / "page.html"
    assert command_line("compare", "a-usual", "b-slow", "--html", str(page)) == 0
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_a_page_that_cannot_be_written(
    runs: Path, command_line: Any, capsys: Output
) -> None:
    code = command_line("compare", "a-usual", "b-slow", "--html", str(runs))
    assert code == ExitCode.INVALID_CONFIG
    assert capsys.readouterr().err.startswith("gharial: --html: cannot write ")


def test_a_damaged_record_is_refused_by_name(
    runs: Path, command_line: Any, capsys: Output
) -> None:
    damaged = runs / "damaged.sqlite"
    damaged.write_bytes((runs / "a.sqlite").read_bytes()[:9000])
    assert command_line("compare", "a-usual", str(damaged)) == ExitCode.INVALID_CONFIG
    told = capsys.readouterr().err
    assert "damaged.sqlite' is damaged: " in told
    assert told.count("\n") == 1
