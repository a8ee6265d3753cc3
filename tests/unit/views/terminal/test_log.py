import json
import logging
import re
from typing import Any

import pytest

from gharial.views.terminal.log import (
    LogFormat,
    LogWriter,
    captured_logging,
    file_format,
    json_format,
    log_format,
    raw_format,
    terminal_format,
)

CONSOLE = {"source": "console", "scenario": "chat", "executor": "constant-vus"}
TRACE = {"source": "stacktrace", "scenario": "chat", "executor": "constant-vus"}


def test_files_get_pairs_of_key_and_value() -> None:
    line = file_format(logging.INFO, 'say "hi"\nthere', CONSOLE)
    assert re.fullmatch(
        r'time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d" level=info '
        r'msg="say \\"hi\\"\\nthere" executor=constant-vus scenario=chat '
        r"source=console\n",
        line,
    )


def test_a_value_with_spaces_is_quoted() -> None:
    assert ' scenario="a b"' in file_format(logging.INFO, "x", {"scenario": "a b"})


def test_json_lines_hold_the_same() -> None:
    record = json.loads(json_format(logging.WARNING, "é\n", CONSOLE))
    assert record.pop("time")
    assert record == {**CONSOLE, "level": "warning", "msg": "é\n"}


def test_raw_lines_are_the_text_alone() -> None:
    assert raw_format(logging.ERROR, "text", CONSOLE) == "text\n"


@pytest.mark.parametrize(
    ("level", "short", "name"),
    [
        (logging.CRITICAL, "ERRO", "error"),
        (logging.ERROR, "ERRO", "error"),
        (logging.WARNING, "WARN", "warning"),
        (logging.INFO, "INFO", "info"),
        (logging.DEBUG, "DEBU", "debug"),
        (1, "DEBU", "debug"),
    ],
)
def test_levels_have_k6s_names(level: int, short: str, name: str) -> None:
    assert terminal_format(color=False)(level, "x", {}) == f"{short}[0000] x\n"
    assert f"level={name} " in file_format(level, "x", {})


def test_terminals_get_colours_only_if_wanted() -> None:
    line = terminal_format(color=True)(logging.ERROR, "x", TRACE)
    assert line == "\x1b[31mERRO\x1b[0m[0000] x\x1b[2m scenario=chat\x1b[0m\n"
    line = terminal_format(color=False)(logging.ERROR, "x", TRACE)
    assert line == "ERRO[0000] x scenario=chat\n"


def test_terminals_are_spared_what_is_always_the_same() -> None:
    shape = terminal_format(color=False)
    assert shape(logging.INFO, "x", CONSOLE) == "INFO[0000] x\n"
    assert shape(logging.INFO, "x", {**TRACE, "scenario": "default"}).endswith(" x\n")


def test_the_fields_follow_the_first_line_of_a_stack() -> None:
    line = terminal_format(color=False)(logging.ERROR, "Error: x\n    at a.js:1", TRACE)
    assert line == "ERRO[0000] Error: x scenario=chat\n    at a.js:1\n"


def test_seconds_are_counted_from_the_start() -> None:
    import time

    shape = terminal_format(color=False, began_at_s=time.monotonic() - 75.5)
    assert shape(logging.INFO, "x", {}) == "INFO[0075] x\n"


def test_a_message_cannot_steer_the_terminal() -> None:
    line = terminal_format(color=False)(logging.INFO, "\x1b[2J\ta\nb\x9b\r", {})
    assert line == "INFO[0000] \\x1b[2J\ta\nb\\x9b\\r\n"


@pytest.mark.parametrize(
    ("name", "is_terminal", "start"),
    [
        (LogFormat.TEXT, True, "INFO["),
        (LogFormat.TEXT, False, 'time="'),
        (LogFormat.JSON, True, "{"),
        (LogFormat.RAW, False, "x"),
    ],
)
def test_the_shape_suits_where_the_log_goes(
    name: LogFormat, is_terminal: bool, start: str
) -> None:
    shape = log_format(name, is_terminal=is_terminal, color=False)
    assert shape(logging.INFO, "x", {}).startswith(start)


def test_lower_levels_are_left_out() -> None:
    lines: list[str] = []
    log = LogWriter(lines.append, raw_format, level=logging.WARNING)
    log(logging.INFO, "info", {})
    log(logging.WARNING, "warning", {})
    assert lines == ["warning\n"]


def test_console_lines_go_where_they_are_wanted() -> None:
    lines: list[str] = []
    console: list[str] = []
    log = LogWriter(lines.append, raw_format, console=console.append)
    log(logging.INFO, "from the script", CONSOLE)
    log(logging.ERROR, "an exception", TRACE)
    assert lines == ["an exception\n"]
    assert [' msg="from the script" ' in line for line in console] == [True]


def test_libraries_log_into_ours() -> None:
    lines: list[tuple[int, str, str]] = []

    def log(level: int, text: str, fields: object) -> None:
        lines.append((level, text, str(fields)))

    library = logging.getLogger("other.package")
    with captured_logging(log, debug=False):
        library.info("too low")
        library.warning("careful: %s", "hot")
        library.error("failed", exc_info=ValueError("why"))
    library.warning("too late")
    assert [(level, text) for level, text, _ in lines] == [
        (logging.WARNING, "careful: hot"),
        (logging.ERROR, "failed: ValueError('why')"),
    ]
    assert lines[0][2] == "{'source': 'other.package'}"


def test_debug_lets_more_through() -> None:
    lines: list[str] = []
    with captured_logging(lambda level, text, fields: lines.append(text), debug=True):
        logging.getLogger("other.package").debug("details")
    assert lines == ["details"]


def test_secrets_are_hidden_wherever_they_occur() -> None:
    lines: list[str] = []
    log = LogWriter(lines.append, lambda level, text, fields: text)
    log.secrets = ("hunter2",)
    log(logging.INFO, "the password is hunter2, yes hunter2", {})
    assert lines == ["the password is ***SECRET_REDACTED***, yes ***SECRET_REDACTED***"]


class OddError(Exception):
    def __repr__(self) -> str:
        raise AttributeError("made by compiled code")


def test_what_cannot_be_printed_is_logged_all_the_same() -> None:
    lines: list[str] = []

    def record(text: str, *arguments: object, error: Any = None) -> logging.LogRecord:
        told = (type(error), error, None) if error is not None else None
        return logging.LogRecord("odd", logging.ERROR, "", 0, text, arguments, told)

    with captured_logging(lambda level, text, fields: lines.append(text), debug=False):
        handler = logging.getLogger().handlers[-1]
        handler.emit(record("%d things", "no"))
        handler.emit(record("broken", error=OddError()))
    assert lines == ["%d things", "broken: OddError"]
