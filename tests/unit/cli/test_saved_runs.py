import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.report.record_samples import document, write_record

from gharial.cli.saved_runs import (
    find_run,
    record_name,
    runs_folder,
    save_target,
    saved_runs,
)
from gharial.errors import ConfigurationError
from gharial.report.record_writer import RecordWriter

Output = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three runs, the last of which was killed, a damaged one, and other files."""
    for number in range(2):
        whole = document(run_id=f"20260102-03040{number}-aaaaa{number}")
        began = replace(whole.identity, began_at_epoch_s=1000.0 + number)
        name = record_name(began.run_id, began.script)
        write_record(tmp_path / name, replace(whole, identity=began))
    killed = replace(document().identity, run_id="20260102-030409-bbbbbb")
    killed = replace(killed, began_at_epoch_s=1010.0)
    # Whatever its name ends in: it is what is in it that makes it a record.
    RecordWriter(tmp_path / "killed.run", killed, {}).close()
    damaged = tmp_path / "20260102-030411-cccccc-chat.sqlite"
    damaged.write_bytes((tmp_path / "killed.run").read_bytes()[:5000])
    os.utime(damaged, (1005, 1005))
    (tmp_path / "notes.txt").write_text("no run")
    (tmp_path / "a.db").write_text("no run")
    return tmp_path


def test_saved_runs_come_newest_first_and_damaged_ones_among_them(folder: Path) -> None:
    assert [run.run_id for run in saved_runs(folder)] == [
        "20260102-030409-bbbbbb",
        "20260102-030411-cccccc",
        "20260102-030401-aaaaa1",
        "20260102-030400-aaaaa0",
    ]


def test_the_list_tells_all_of_each_run(
    folder: Path, command_line: Any, capsys: Output
) -> None:
    assert command_line("runs", str(folder)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert "20260102-030409-bbbbbb" in lines[1]
    assert "unfinished" in lines[1]
    assert "damaged" in lines[2]
    assert "1 passed, 1 failed" in lines[3]
    assert "chat.js" in lines[3]
    assert lines[3].endswith("99")
    assert lines[5].startswith("the run record '")


def test_the_list_as_json(folder: Path, command_line: Any, capsys: Output) -> None:
    assert command_line("runs", str(folder), "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    states = [row["state"] for row in rows]
    assert states == ["unfinished", "damaged", "finished", "finished"]
    assert rows[2]["vusMax"] == 5
    assert rows[2]["thresholdsFailed"] == 1
    assert "damaged" in rows[1]["problem"]


def test_without_runs_the_list_says_how_to_save_one(
    tmp_path: Path, command_line: Any, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GHARIAL_RUNS", str(tmp_path / "none"))
    assert command_line("runs") == 0
    assert "'gharial run --save' saves one" in capsys.readouterr().out
    assert command_line("runs", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_folder_that_is_named_must_be_there(
    tmp_path: Path, command_line: Any, capsys: Output
) -> None:
    assert command_line("runs", str(tmp_path / "none")) == 104
    assert "cannot read the folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "run_id"),
    [
        ("latest", "20260102-030409-bbbbbb"),
        ("latest~0", "20260102-030409-bbbbbb"),
        ("latest~1", "20260102-030401-aaaaa1"),
        ("latest~2", "20260102-030400-aaaaa0"),
        ("20260102-030400-aaaaa0", "20260102-030400-aaaaa0"),
        ("20260102-030401", "20260102-030401-aaaaa1"),
    ],
)
def test_a_run_has_several_names(folder: Path, name: str, run_id: str) -> None:
    found = {run.path: run.run_id for run in saved_runs(folder)}
    assert found[find_run(name, folder)] == run_id


def test_a_file_is_taken_as_it_is(folder: Path) -> None:
    path = folder / "killed.run"
    assert find_run(str(path), folder / "elsewhere") == path


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("latest~3", "only 3 runs are saved in"),
        ("20260102", "several ids begin with '20260102': 20260102-030409-bbbbbb, "),
        ("lates", 'did you mean "latest"'),
        ("x", "no run with this id in"),
    ],
)
def test_a_name_of_no_run_is_refused(folder: Path, name: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        find_run(name, folder)


def test_runs_are_kept_where_the_environment_says_or_the_system_wants() -> None:
    assert runs_folder({"GHARIAL_RUNS": "here"}) == Path("here")
    usual = runs_folder({})
    assert usual.is_absolute()
    assert usual.parts[-2:] == ("gharial", "runs")


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("load/chat.js", "id-chat.sqlite"),
        ("load/ünï chat!.test.js", "id-n-chat-.test.sqlite"),
        ("/", "id-script.sqlite"),
    ],
)
def test_a_record_is_named_after_the_run_and_the_script(script: str, name: str) -> None:
    assert record_name("id", script) == name


def test_the_folder_of_all_runs_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "all" / "runs"
    monkeypatch.setenv("GHARIAL_RUNS", str(folder))
    save_target("")
    assert folder.is_dir()


def test_a_file_in_place_of_the_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs").write_text("")
    monkeypatch.setenv("GHARIAL_RUNS", str(tmp_path / "runs"))
    with pytest.raises(ConfigurationError, match="--save: cannot make the folder"):
        save_target("")


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--save", "script.js"),
        ("run", "script.js", "--save"),
        ("run", "--save", "-q", "script.js"),
        ("run", "script.js", "--save=FILE"),
        ("run", "--save", "FILE", "script.js"),
    ],
)
def test_save_takes_a_file_or_none(
    command_line: Any,
    tmp_path: Path,
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GHARIAL_RUNS", str(tmp_path))
    given = [each.replace("FILE", str(tmp_path / "a.sqlite")) for each in arguments]
    assert command_line(*given) == 0
    assert command_line.hosts[0].path == "script.js"
