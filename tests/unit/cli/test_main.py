import io
import tarfile
from pathlib import Path
from typing import Any

import click
import pytest

from gharial.cli import main as main_module
from gharial.cli.main import main
from gharial.errors import ConfigurationError, ExitCode
from gharial.javascript.host import JavaScriptHost
from gharial.program.parts import ViewRequest
from gharial.program.script_hosts import script_host
from gharial.program.views import view
from gharial.python.host import PythonHost
from gharial.views.terminal.plain import PlainView
from gharial.views.terminal.progress import ProgressView
from gharial.views.terminal.quiet import QuietView
from gharial.virtual_user.script import ScriptError

Output = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnu"], 'gharial: there is no command "rnu"; did you mean "run"?'),
        (["xyzzy"], 'gharial: there is no command "xyzzy"'),
        (["a/b.js"], "did you mean 'gharial run a/b.js'?"),
        (["run"], "gharial run: missing argument 'SCRIPT'"),
        (["run", "a.js", "b.js"], "gharial run: got unexpected extra argument (b.js)"),
        (
            ["run", "--vsu", "3", "a.js"],
            'gharial run: there is no option --vsu; did you mean "--vus"?',
        ),
        (["run", "-Z", "a.js"], "gharial run: there is no option -Z"),
        (["run", "a.js", "-u"], "gharial run: option '-u' requires an argument"),
        (["serve", "echo", "--port"], "gharial serve echo: option '--port' requires"),
        (["run", "--log-format", "xml", "a.js"], "'xml' is not one of 'text', 'json'"),
        (["serve", "ech"], 'serve: there is no command "ech"; did you mean "echo"?'),
        (["serve", "echo", "--port", "99999"], "invalid value for '--port'"),
        (
            ["--verson"],
            'gharial: there is no option --verson; did you mean "--version"?',
        ),
    ],
)
def test_a_mistyped_command_gets_one_message_and_exit_code_104(
    arguments: list[str], message: str, command_line: Any, capsys: Output
) -> None:
    assert command_line(*arguments) == ExitCode.INVALID_CONFIG
    out, err = capsys.readouterr()
    assert message in err
    assert "--help'." in err
    assert "Traceback" not in err
    assert out == ""


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], ["-h"], ["run", "-h"], ["serve"]]
)
def test_help_is_no_mistake(
    arguments: list[str], command_line: Any, capsys: Output
) -> None:
    assert command_line(*arguments) == 0
    assert "Usage: gharial" in capsys.readouterr().out


def test_the_version_is_told(command_line: Any, capsys: Output) -> None:
    assert command_line("--version") == 0
    assert capsys.readouterr().out.startswith("gharial ")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ConfigurationError("a\nb"), 104, "gharial: a\n  b\n"),
        (
            ScriptError("Error: x", "    at a.js:1:2"),
            107,
            "Error: x\n      at a.js:1:2",
        ),
        (KeyboardInterrupt(), 105, "gharial: stopped\n"),
        (click.Abort(), 105, "gharial: stopped\n"),
        (ZeroDivisionError("oops"), 109, "internal error, ZeroDivisionError: oops"),
    ],
)
def test_any_error_becomes_one_message_and_its_code(
    error: BaseException, code: int, message: str, command_line: Any, capsys: Output
) -> None:
    command_line.read_error = error
    assert command_line("run", "--log-output", "none", "script.js") == code
    err = capsys.readouterr().err
    assert message in err
    assert "Traceback" not in err


def test_verbose_adds_the_traceback(command_line: Any, capsys: Output) -> None:
    command_line.read_error = ConfigurationError("no good")
    assert command_line("run", "-v", "script.js") == ExitCode.INVALID_CONFIG
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert err.endswith("gharial: no good\n")


def test_the_language_is_told_by_the_name(tmp_path: Path) -> None:
    for name, host in (
        ("a.js", JavaScriptHost),
        ("a.mjs", JavaScriptHost),
        ("a.cjs", JavaScriptHost),
        ("a.PY", PythonHost),
        ("a.txt", JavaScriptHost),
        ("a", JavaScriptHost),
    ):
        (tmp_path / name).write_text("")
        assert isinstance(script_host(str(tmp_path / name), {}), host)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://example.com/a.js", "from an https: address"),
        ("ftp://example.com/a.js", "from an https: address"),
        ("https://example.com/a.py?x=1", "Python are run from files"),
    ],
)
def test_an_address_that_cannot_be_run_is_told(url: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        script_host(url, {})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("scrpt.js", 'there is no script .*; did you mean "script.js"'),
        ("missing/script.js", "there is no script '.*missing/script.js'$"),
        ("folder.js", "is a directory"),
    ],
)
def test_a_path_that_is_no_script_is_told(
    name: str, message: str, tmp_path: Path
) -> None:
    for existing in ("script.js", "script.txt"):
        (tmp_path / existing).write_text("")
    (tmp_path / "folder.js").mkdir()
    with pytest.raises(ConfigurationError, match=message):
        script_host(str(tmp_path / name), {})


def test_an_archive_by_another_name_is_told(tmp_path: Path) -> None:
    path = tmp_path / "test"
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("metadata.json"))
    with pytest.raises(ConfigurationError, match=r"an archive; .* end in \.tar"):
        script_host(str(path), {})


def test_the_view_suits_where_it_is_shown() -> None:
    def shown(*, is_terminal: bool, is_quiet: bool) -> object:
        request = ViewRequest(io.StringIO(), is_terminal, False, is_quiet)
        return type(view(request).view)

    assert shown(is_terminal=True, is_quiet=False) is ProgressView
    assert shown(is_terminal=False, is_quiet=False) is PlainView
    assert shown(is_terminal=True, is_quiet=True) is QuietView


def test_a_pipe_that_nobody_reads_does_not_end_a_run() -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    stream = Closed()
    plain = view(ViewRequest(stream, False, False, False)).view
    plain._write("hello")  # type: ignore[attr-defined]


def test_main_returns_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    assert main(["--version"]) == 0
    monkeypatch.setattr(main_module.sys, "argv", ["gharial", "nonsense"])
    assert main() == ExitCode.INVALID_CONFIG
