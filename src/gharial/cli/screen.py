"""Where a command writes: colours, log, view; and the flags for them."""

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from gharial.errors import ConfigurationError, GharialError
from gharial.harmless import harmless
from gharial.lazy_dataclass import dataclass
from gharial.process.interruption import say
from gharial.program.parts import Parts, ViewRequest
from gharial.views.base import RunView
from gharial.views.terminal.log import (
    LogFormat,
    LogWriter,
    Write,
    captured_logging,
    log_format,
)

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ScreenFlags:
    """
    What the user said about output.

    Attributes:
        is_quiet: No header, no progress.
        is_verbose: Debug log, tracebacks.
        no_color: No colours.
        log_format: ``text``, ``json`` or ``raw``.
        log_output: ``stderr``, ``stdout``, ``none`` or ``file=PATH``.

    """

    is_quiet: bool
    is_verbose: bool
    no_color: bool
    log_format: LogFormat
    log_output: str


@dataclass(frozen=True, slots=True)
class Screen:
    """
    Where a command writes.

    Attributes:
        log: The log.
        view: The view.
        color: Whether the standard output takes colours.
        width: Columns of the standard output; None if it is no terminal.
        is_json: Whether a program reads the log, and so what goes wrong as well.
        write_above: Writes lines so that they and the view do not garble each other;
            None if the view does not mind.

    """

    log: LogWriter
    view: RunView
    color: bool
    width: int | None
    is_json: bool = False
    write_above: Write | None = None

    def tell(self, problem: str) -> None:
        """Tell the user why the exit code is not 0."""
        if self.is_json:
            self.log(logging.ERROR, problem, {})
        else:
            click.echo(f"gharial: {harmless(problem)}", err=True)

    def say_at_once(self, text: str) -> None:
        """Print at once what a signal does, even if the program is busy."""
        if self.is_json:
            self.log(logging.INFO, text, {"source": "signals"})
        elif self.write_above is not None and sys.stderr.isatty():
            self.write_above(f"gharial: {text}\n")
        else:
            say(text)

    def tell_dashboard(self, url: str) -> None:
        """Tell the user where the dashboard is, also if nothing else is to be shown."""
        if self.is_json:
            self.log(logging.INFO, f"dashboard: {url}", {"source": "dashboard"})
        else:
            click.echo(f"dashboard: {url}", err=True)

    def print(self, text: str | bytes) -> None:
        """Write to the standard output."""
        click.echo(text, nl=False)
        sys.stdout.flush()


def screen_options(command: _Command) -> _Command:
    """Add the flags of output to a command."""
    for option in reversed(
        (
            click.option(
                "-q", "--quiet", is_flag=True, help="Hide header and progress."
            ),
            click.option("-v", "--verbose", is_flag=True, help="Show debug messages."),
            click.option(
                "--no-color", is_flag=True, help="Show no colours, as with NO_COLOR."
            ),
            click.option(
                "--log-format",
                type=click.Choice([each.value for each in LogFormat]),
                default=LogFormat.TEXT.value,
                envvar=["GHARIAL_LOG_FORMAT", "K6_LOG_FORMAT"],
                show_default=True,
                help="Format of log lines.",
            ),
            click.option(
                "--log-output",
                metavar="WHERE",
                default="stderr",
                envvar=["GHARIAL_LOG_OUTPUT", "K6_LOG_OUTPUT"],
                show_default=True,
                help="Where to write the log: stderr, stdout, none or file=PATH.",
            ),
        )
    ):
        command = option(command)
    return command


def screen_flags(given: dict[str, Any]) -> ScreenFlags:
    """Take the flags of output out of a command's parameters."""
    return ScreenFlags(
        is_quiet=given.pop("quiet"),
        is_verbose=given.pop("verbose"),
        no_color=given.pop("no_color"),
        log_format=LogFormat(given.pop("log_format")),
        log_output=given.pop("log_output"),
    )


@contextmanager
def open_screen(parts: Parts, flags: ScreenFlags) -> Iterator[Screen]:
    """
    Hold the view and the log open inside the block.

    Raises:
        ConfigurationError: If the log cannot be written where the user wants it.
        SystemExit: In place of an error of ours that was logged as JSON.

    """
    with ExitStack() as stack:
        is_terminal = _is_terminal(sys.stdout)
        color = is_terminal and wants_color(flags.no_color)
        chosen = parts.view(ViewRequest(sys.stdout, is_terminal, color, flags.is_quiet))
        stack.callback(chosen.end)
        log = _log(flags, chosen.write_above, stack)
        stack.enter_context(captured_logging(log, debug=flags.is_verbose))
        is_json = flags.log_format is LogFormat.JSON
        width = _terminal_width() if is_terminal else None
        try:
            yield Screen(
                log,
                chosen.view,
                color,
                width,
                is_json=is_json,
                write_above=chosen.write_above,
            )
        except GharialError as error:
            if not is_json:
                raise
            log(logging.ERROR, str(error), {})
            raise SystemExit(int(error.exit_code)) from error


def open_for_lines(path: str, purpose: str, stack: ExitStack) -> Write:
    """
    Return a function that appends to a file, which is closed with ``stack``.

    Args:
        path: The file.
        purpose: For whom, for the message if it cannot be opened.
        stack: Closes the file.

    Raises:
        ConfigurationError: If the file cannot be opened.

    """
    try:
        # Line by line, so that another program can follow the file.
        file = Path(path).open(  # noqa: SIM115 - the stack closes it
            "a", encoding="utf-8", errors="replace", buffering=1
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(
            f"cannot write {purpose} to {path!r}: {reason}"
        ) from error
    stack.callback(_close, file)
    return _until_it_fails(file, f"{purpose} can no longer be written to {path!r}")


def _log(flags: ScreenFlags, above: Write | None, stack: ExitStack) -> LogWriter:
    level = logging.DEBUG if flags.is_verbose else logging.INFO
    where, _, path = flags.log_output.partition("=")
    if where == "file" and path:
        # k6 allows more after a comma; only the level means something here.
        path, _, rest = path.partition(",")
        if rest.startswith("level="):
            level = _level(rest.removeprefix("level="))
        write = open_for_lines(path, "the log", stack)
        shape = log_format(flags.log_format, is_terminal=False, color=False)
        return LogWriter(write, shape, level=level)
    streams: Mapping[str, IO[str] | None] = {
        "stderr": sys.stderr,
        "stdout": sys.stdout,
        "none": None,
    }
    if path or where not in streams:
        raise ConfigurationError(
            f"--log-output {flags.log_output!r}: expected stderr, stdout, none or "
            "file=PATH"
        )
    stream = streams[where]
    if stream is None:
        return LogWriter(lambda text: None, log_format(flags.log_format, **_PIPE))
    is_terminal = _is_terminal(stream)
    color = is_terminal and wants_color(flags.no_color)
    shape = log_format(flags.log_format, is_terminal=is_terminal, color=color)
    write = above if above is not None and is_terminal else _flushed(stream)
    return LogWriter(write, shape, level=level)


_PIPE = {"is_terminal": False, "color": False}


def _level(name: str) -> int:
    level = logging.getLevelNamesMapping().get(name.upper())
    if level is None:
        raise ConfigurationError(
            f"--log-output: {name!r} is not a log level; use error, warning, info or debug"
        )
    return level


def _flushed(stream: IO[str]) -> Write:
    def write(text: str) -> None:
        # Whoever read the log has gone; that is no reason to end a test.
        with contextlib.suppress(OSError):
            stream.write(text)
            stream.flush()

    return write


def _until_it_fails(file: IO[str], problem: str) -> Write:
    has_failed = False

    def write(text: str) -> None:
        nonlocal has_failed
        try:
            file.write(text)
        except OSError as error:
            # A full disk must not end a test that goes well otherwise.
            if not has_failed:
                has_failed = True
                click.echo(f"gharial: {problem}: {error.strerror or error}", err=True)

    return write


def _close(file: IO[str]) -> None:
    # What a full disk did not take was told when it was written.
    with contextlib.suppress(OSError):
        file.close()


def _terminal_width() -> int:
    import shutil  # For people: it loads all kinds of compression.

    return shutil.get_terminal_size().columns


def _is_terminal(stream: IO[str]) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def wants_color(no_color: bool) -> bool:  # noqa: FBT001 - it is the flag
    """Return whether colours may be shown where they can be."""
    names = ("NO_COLOR", "K6_NO_COLOR", "GHARIAL_NO_COLOR")
    return not (no_color or any(os.environ.get(name) for name in names))
