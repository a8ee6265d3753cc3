"""Log lines of scripts and the program, in the format that the user chose."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum

from gharial.harmless import harmless, harmless_json, whole
from gharial.lazy_pattern import lazy_pattern
from gharial.log_lines import Log
from gharial.report.masking import redacted

Format = Callable[[int, str, Mapping[str, str]], str]
Write = Callable[[str], None]

_LEVELS = (
    (logging.ERROR, "error", "ERRO", "31"),
    (logging.WARNING, "warning", "WARN", "33"),
    (logging.INFO, "info", "INFO", "36"),
)
_DEBUG = ("debug", "DEBU", "37")
# What nearly all lines of a run have in common is not worth a column of a terminal.
_OBVIOUS = frozenset({"source", "executor"})
_USUAL = ("scenario", "default")
_PLAIN_VALUE = lazy_pattern(r"[A-Za-z0-9\-._/@^+]+")


class LogFormat(StrEnum):
    """The shapes of a log line."""

    TEXT = "text"
    JSON = "json"
    RAW = "raw"


def terminal_format(*, color: bool, began_at_s: float | None = None) -> Format:
    """
    Return the shape for people: ``INFO[0003] hello``, seconds since now in brackets.

    Args:
        color: Whether to colour the level.
        began_at_s: The monotonic instant to count from; now, if left out.

    """
    origin_s = time.monotonic() if began_at_s is None else began_at_s

    def shape(level: int, text: str, fields: Mapping[str, str]) -> str:
        _, short, code = _level(level)
        seconds = f"{max(0, int(time.monotonic() - origin_s)):04d}"
        head = f"\x1b[{code}m{short}\x1b[0m" if color else short
        shown = harmless(text)
        # A console line is the script's own: it says what its author wants to see.
        hidden = fields if fields.get("source") == "console" else _OBVIOUS
        rest = "".join(
            f" {key}={_value(value)}"
            for key, value in fields.items()
            if key not in hidden and (key, value) != _USUAL
        )
        tail = f"\x1b[2m{rest}\x1b[0m" if color and rest else rest
        first, line_break, more = shown.partition("\n")
        return f"{head}[{seconds}] {first}{tail}{line_break}{more}\n"

    return shape


def file_format(level: int, text: str, fields: Mapping[str, str]) -> str:
    """
    Return the shape for files and pipes: ``time="…" level=info msg="hello" source=…``.

    Source:
        k6 v2.2, which uses logrus' text format.

    """
    pairs = [f'time="{_now()}"', f"level={_level(level)[0]}", f"msg={_quoted(text)}"]
    pairs += [f"{key}={_value(value)}" for key, value in sorted(fields.items())]
    return " ".join(pairs) + "\n"


def json_format(level: int, text: str, fields: Mapping[str, str]) -> str:
    """Return one JSON object a line, with k6's keys."""
    record = {**fields, "level": _level(level)[0], "msg": text, "time": _now()}
    return _json(record) + "\n"


def raw_format(level: int, text: str, fields: Mapping[str, str]) -> str:
    """Return the text and nothing else."""
    return f"{text}\n"


def harmless_raw_format(level: int, text: str, fields: Mapping[str, str]) -> str:
    """Return the text and nothing else, with control characters shown."""
    return f"{harmless(text)}\n"


def log_format(name: LogFormat, *, is_terminal: bool, color: bool) -> Format:
    """Return the shape that a format's name stands for where the log goes."""
    match name:
        case LogFormat.JSON:
            return json_format
        case LogFormat.RAW:
            return harmless_raw_format if is_terminal else raw_format
        case LogFormat.TEXT:
            return terminal_format(color=color) if is_terminal else file_format


class LogWriter:
    """
    Writes log lines of one level and above; it is itself a ``Log``.

    Attributes:
        level: The lowest level that is written.
        write: Where lines go; a view that owns the terminal puts itself here.
        console: Where lines of the script's console go instead, if anywhere.
        secrets: Texts that are replaced wherever they occur, longest first.

    """

    def __init__(
        self,
        write: Write,
        shape: Format,
        *,
        level: int = logging.INFO,
        console: Write | None = None,
    ) -> None:
        self.write = write
        self.level = level
        self.console = console
        self.secrets: tuple[str, ...] = ()
        self._shape = shape

    def __call__(self, level: int, text: str, fields: Mapping[str, str]) -> None:
        """Write a line, unless its level is too low."""
        if level < self.level:
            return
        text = redacted(whole(text), self.secrets)
        if self.console is not None and fields.get("source") == "console":
            self.console(file_format(level, text, fields))
        else:
            self.write(self._shape(level, text, fields))


class _Forward(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        # What libraries log may not be printable: an argument too few, an exception of
        # compiled code that lacks what its own methods read.
        try:
            text = record.getMessage()
        except Exception:
            text = str(record.msg)
        if record.exc_info and record.exc_info[1] is not None:
            try:
                text = f"{text}: {record.exc_info[1]!r}"
            except Exception:
                text = f"{text}: {type(record.exc_info[1]).__name__}"
        self._log(record.levelno, text, {"source": record.name})


@contextmanager
def captured_logging(log: Log, *, debug: bool) -> Iterator[None]:
    """Send what libraries log to ours inside the block: warnings, or all if ``debug``."""
    root = logging.getLogger()
    handler = _Forward(log)
    level_before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debug else logging.WARNING)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level_before)


def _level(level: int) -> tuple[str, str, str]:
    for lowest, name, short, code in _LEVELS:
        if level >= lowest:
            return name, short, code
    return _DEBUG


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def _value(value: str) -> str:
    return value if _PLAIN_VALUE.fullmatch(value) else _quoted(value)


def _quoted(text: str) -> str:
    return _json(text)


def _json(value: object) -> str:
    return harmless_json(json.dumps(value, ensure_ascii=False, sort_keys=True))
