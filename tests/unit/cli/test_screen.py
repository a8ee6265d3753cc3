import io
import json
import logging
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gharial.cli.screen import ScreenFlags, open_for_lines, open_screen
from gharial.errors import ConfigurationError, ExitCode
from gharial.program.parts import ChosenView, Parts, ViewRequest
from gharial.views.terminal.log import LogFormat
from gharial.views.terminal.quiet import QuietView

Output = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Fakes:
    def __init__(self) -> None:
        self.above: list[str] = []
        self.requests: list[ViewRequest] = []
        self.ends = 0
        self.parts = Parts(script_host=None, view=self.view)  # type: ignore[arg-type]

    def view(self, request: ViewRequest) -> ChosenView:
        self.requests.append(request)
        return ChosenView(QuietView(), self.above.append, self.end)

    def end(self) -> None:
        self.ends += 1


def _flags(**changes: Any) -> ScreenFlags:
    given: dict[str, Any] = {
        "is_quiet": False,
        "is_verbose": False,
        "no_color": False,
        "log_format": LogFormat.TEXT,
        "log_output": "stderr",
    }
    return ScreenFlags(**{**given, **changes})


@pytest.fixture(autouse=True)
def usual_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "K6_NO_COLOR", "GHARIAL_NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


def _use_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    # Not a fixture: pytest puts its own streams in place after the fixtures ran.
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def test_the_log_is_on_stderr(capsys: Output) -> None:
    with open_screen(Fakes().parts, _flags()) as screen:
        screen.log(logging.INFO, "hello", {})
        screen.log(logging.DEBUG, "details", {})
        assert (screen.color, screen.width) == (False, None)
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert 'level=info msg="hello"' in err


def test_the_log_can_be_on_stdout(capsys: Output) -> None:
    with open_screen(Fakes().parts, _flags(log_output="stdout")) as screen:
        screen.log(logging.INFO, "hello", {})
    out, err = capsys.readouterr()
    assert 'msg="hello"' in out
    assert err == ""


def test_the_log_can_be_nowhere(capsys: Output) -> None:
    with open_screen(Fakes().parts, _flags(log_output="none")) as screen:
        screen.log(logging.ERROR, "hello", {})
    assert capsys.readouterr() == ("", "")


def test_the_log_can_be_in_a_file_that_is_added_to(
    tmp_path: Path, capsys: Output
) -> None:
    file = tmp_path / "log.txt"
    for text in ("first", "second"):
        flags = _flags(log_output=f"file={file}", log_format=LogFormat.RAW)
        with open_screen(Fakes().parts, flags) as screen:
            screen.log(logging.INFO, text, {})
    assert file.read_text("utf-8") == "first\nsecond\n"
    assert capsys.readouterr() == ("", "")


def test_the_log_in_a_file_can_have_its_own_level(tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    flags = _flags(log_output=f"file={file},level=error", log_format=LogFormat.RAW)
    with open_screen(Fakes().parts, flags) as screen:
        screen.log(logging.WARNING, "warning", {})
        screen.log(logging.ERROR, "error", {})
    assert file.read_text("utf-8") == "error\n"


@pytest.mark.parametrize(
    "where", ["nowhere", "file", "file=", "stderr=x", "file=/x/y/z", "file=log,level=a"]
)
def test_a_log_that_cannot_be_had_is_refused(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with (
        pytest.raises(ConfigurationError, match="log"),
        open_screen(Fakes().parts, _flags(log_output=where)),
    ):
        pass


def test_debug_messages_are_shown_if_wanted(capsys: Output) -> None:
    with open_screen(Fakes().parts, _flags(is_verbose=True)) as screen:
        screen.log(logging.DEBUG, "details", {})
    assert 'level=debug msg="details"' in capsys.readouterr().err


def test_an_error_of_ours_is_json_if_the_log_is(capsys: Output) -> None:
    with (
        pytest.raises(SystemExit) as caught,
        open_screen(Fakes().parts, _flags(log_format=LogFormat.JSON)),
    ):
        raise ConfigurationError("no good")
    assert caught.value.code == ExitCode.INVALID_CONFIG
    record = json.loads(capsys.readouterr().err)
    assert (record["level"], record["msg"]) == ("error", "no good")


def test_a_pipe_is_no_terminal(capsys: Output) -> None:
    fakes = Fakes()
    with open_screen(fakes.parts, _flags(is_quiet=True)):
        pass
    (request,) = fakes.requests
    assert not request.is_terminal
    assert not request.color
    assert request.is_quiet
    assert fakes.ends == 1


def test_on_a_terminal_the_log_scrolls_above_the_view(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = _use_terminal(monkeypatch)
    fakes = Fakes()
    with open_screen(fakes.parts, _flags()) as screen:
        screen.log(logging.INFO, "hello", {})
        assert screen.color
        assert screen.width is not None
    assert fakes.above == ["\x1b[36mINFO\x1b[0m[0000] hello\n"]
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(
    "name", ["NO_COLOR", "K6_NO_COLOR", "GHARIAL_NO_COLOR", "flag"]
)
def test_colours_can_be_switched_off(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use_terminal(monkeypatch)
    fakes = Fakes()
    if name != "flag":
        monkeypatch.setenv(name, "1")
    with open_screen(fakes.parts, _flags(no_color=name == "flag")) as screen:
        screen.log(logging.INFO, "hello", {})
        assert not screen.color
    assert fakes.above == ["INFO[0000] hello\n"]
    assert not fakes.requests[0].color


def test_a_dumb_terminal_is_treated_as_a_pipe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = _use_terminal(monkeypatch)
    monkeypatch.setenv("TERM", "dumb")
    fakes = Fakes()
    with open_screen(fakes.parts, _flags()) as screen:
        screen.log(logging.INFO, "hello", {})
    assert not fakes.requests[0].is_terminal
    assert 'msg="hello"' in terminal.getvalue()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_once_and_does_not_end_a_run(capsys: Output) -> None:
    with ExitStack() as stack:
        write = open_for_lines("/dev/full", "the log", stack)
        write("first\n")
        write("second\n")
    assert capsys.readouterr().err == (
        "gharial: the log can no longer be written to '/dev/full': "
        "No space left on device\n"
    )
