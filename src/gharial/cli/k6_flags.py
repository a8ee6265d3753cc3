"""
Flags of k6 that mean nothing to Gharial: accepted, and said so where it matters.

None of them is in ``--help``; the reference lists them.

Source:
    k6 v1.1, ``k6 run --help`` and the help of its other commands.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])
_NOTES = "gharial.notes"

# The flags of k6 that may stand before its commands.
_GLOBAL_SWITCHES = frozenset(
    {"-q", "--quiet", "-v", "--verbose", "--no-color", "--profiling-enabled"}
)
_GLOBAL_VALUES = frozenset(
    {
        *("-a", "--address", "-c", "--config", "--log-format", "--log-output"),
        "--secret-source",
    }
)
_SEGMENT = (
    "Gharial has no execution segments: --workers shares a run among processes, "
    "--cluster among machines"
)


def command_first(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the flags that stand before the command behind it."""
    index = 0
    while index < len(arguments):
        flag, equals, _ = arguments[index].partition("=")
        if flag in _GLOBAL_VALUES:
            index += 1 if equals else 2
        elif flag in _GLOBAL_SWITCHES:
            index += 1
        else:
            break
    if index == 0 or index >= len(arguments) or arguments[index].startswith("-"):
        return list(arguments)
    return [arguments[index], *arguments[:index], *arguments[index + 1 :]]


def add_note(text: str) -> None:
    """Have a warning logged once there is a log."""
    click.get_current_context().meta.setdefault(_NOTES, []).append(text)


def notes() -> tuple[str, ...]:
    """Return the warnings of the command that is running."""
    return tuple(click.get_current_context().meta.get(_NOTES, ()))


def script_flags_of_k6(command: _Command) -> _Command:
    """Accept the flags of k6's commands that take a script."""
    for add in (
        _switch("--no-usage-report"),
        _switch("--profiling-enabled", note="has no effect: nothing is profiled"),
        ignored_value("--compatibility-mode", callback=_compatibility_mode),
        ignored_value("--traces-output", callback=_traces_output),
        ignored_value("--execution-segment", callback=_refused(_SEGMENT)),
        ignored_value("--execution-segment-sequence", callback=_refused(_SEGMENT)),
    ):
        command = add(command)
    return command


def run_flags_of_k6(command: _Command) -> _Command:
    """Accept the flags of ``k6 run`` that do nothing in its ``archive`` and ``inspect``."""
    for add in (
        _switch("--no-summary"),
        ignored_value("--summary-mode"),
        ignored_value("--summary-export"),
        ignored_value("-a", "--address"),
        ignored_value("--secret-source"),
    ):
        command = add(command)
    return command


def global_flags_of_k6(command: _Command) -> _Command:
    """Accept the flags that all commands of k6 have, where they do nothing."""
    for add in (
        _switch("-q", "--quiet"),
        _switch("-v", "--verbose"),
        _switch("--no-color"),
        _switch("--profiling-enabled"),
        ignored_value("-c", "--config"),
        ignored_value("--log-format"),
        ignored_value("--log-output"),
        ignored_value("--secret-source"),
    ):
        command = add(command)
    return command


def refused_flag(*flags: str, reason: str) -> Callable[[_Command], _Command]:
    """Refuse a flag of k6 with a reason of its own."""
    return ignored_value(*flags, callback=_refused(reason))


def _switch(*flags: str, note: str = "") -> Callable[[_Command], _Command]:
    def told(ctx: click.Context, option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click passes it so
        if value and note:
            add_note(f"{flags[-1]} {note}")

    return click.option(
        *flags,
        is_flag=True,
        hidden=True,
        expose_value=False,
        callback=told,
        help="From k6; means nothing here.",
    )


def ignored_value(
    *flags: str, callback: Callable[..., None] | None = None
) -> Callable[[_Command], _Command]:
    """Accept a flag that has a value; a callback may look at that."""
    return click.option(
        *flags,
        hidden=True,
        expose_value=False,
        callback=callback,
        help="From k6; means nothing here.",
    )


def _refused(
    reason: str,
) -> Callable[[click.Context, click.Parameter, str | None], None]:
    def refuse(ctx: click.Context, option: click.Parameter, value: str | None) -> None:
        if value is not None:
            raise click.UsageError(
                f"there is no option {option.opts[-1]}: {reason}", ctx
            )

    return refuse


def _compatibility_mode(
    ctx: click.Context, option: click.Parameter, value: str | None
) -> None:
    if value == "base":
        add_note(
            "--compatibility-mode base has no effect: scripts run as with extended"
        )
    elif value not in (None, "extended"):
        raise click.UsageError(
            f"--compatibility-mode takes extended or base, not '{value}'", ctx
        )


def _traces_output(
    ctx: click.Context, option: click.Parameter, value: str | None
) -> None:
    if value not in (None, "none"):
        add_note(
            "--traces-output has no effect: Gharial makes no traces; --out opentelemetry "
            "sends measurements"
        )
