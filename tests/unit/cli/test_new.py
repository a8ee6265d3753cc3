from pathlib import Path

import pytest

from gharial.errors import ExitCode
from gharial.program.script_hosts import script_host
from gharial.scripting.languages import SUFFIXES


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "name", "text"),
    [
        pytest.param((), "script.js", "ramping-vus", id="a chat in JavaScript"),
        pytest.param(("a.ts",), "a.ts", "interface ChatEvent", id="by the name"),
        pytest.param(("--language", "python"), "script.py", "async def", id="Python"),
        pytest.param(("--template", "echo", "b.py"), "b.py", "hello", id="an echo"),
        pytest.param(
            ("--template", "arrival-rate", "c.js"), "c.js", "maxVUs", id="a rate"
        ),
    ],
)
def test_a_script_is_written(folder: Path, command_line, arguments, name, text):
    assert command_line("new", *arguments) == ExitCode.OK
    written = (folder / name).read_text("utf-8")
    assert text in written
    assert f"gharial run {name}" in written


@pytest.mark.parametrize("suffix", [s for each in SUFFIXES.values() for s in each])
def test_whatever_can_run_can_be_written(folder: Path, command_line, suffix):
    assert command_line("new", f"a{suffix}") == ExitCode.OK
    host = script_host(f"a{suffix}", {})
    host.read(lambda *record: None)
    assert "default" in host.exports
    host.close()


def test_nothing_is_overwritten_unless_forced(folder: Path, command_line, capsys):
    (folder / "script.js").write_text("mine")
    assert command_line("new") == ExitCode.INVALID_CONFIG
    assert "--force overwrites it" in capsys.readouterr().err
    assert (folder / "script.js").read_text() == "mine"
    assert command_line("new", "--force") == ExitCode.OK
    assert (folder / "script.js").read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--template", "ecko"), 'did you mean "echo"?'),
        (("--language", "javascrpt"), 'did you mean "javascript"?'),
        (("script.txt",), "unknown language"),
        (("nowhere/script.js",), "cannot write 'nowhere/script.js'"),
    ],
)
def test_mistakes_are_told(folder: Path, command_line, capsys, arguments, told):
    assert command_line("new", *arguments) == ExitCode.INVALID_CONFIG
    assert told in capsys.readouterr().err
    assert list(folder.iterdir()) == []
