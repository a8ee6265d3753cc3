import json
from pathlib import Path
from typing import Any

import pytest

from gharial.errors import ExitCode


def test_declarations_and_a_project_are_written(
    command_line: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line("types", str(tmp_path)) == 0
    assert "declare module 'k6'" in (tmp_path / "gharial.d.ts").read_text("utf-8")
    project = json.loads((tmp_path / "jsconfig.json").read_text("utf-8"))
    assert "gharial.d.ts" in project["include"]
    assert capsys.readouterr().out.count("wrote ") == 2


def test_a_project_that_exists_is_left_as_it_is(
    command_line: Any, tmp_path: Path
) -> None:
    (tmp_path / "jsconfig.json").write_text("mine")
    assert command_line("types", str(tmp_path)) == 0
    assert (tmp_path / "jsconfig.json").read_text() == "mine"


def test_a_directory_that_is_missing_is_told(
    command_line: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = command_line("types", str(tmp_path / "missing"))
    assert code == ExitCode.INVALID_CONFIG
    assert "there is no directory" in capsys.readouterr().err
