"""``gharial run``: run a script, show its progress and a summary."""

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gharial.cli.k6_flags import add_note
from gharial.cli.optional_values import ScriptCommand
from gharial.cli.overwriting import files_of_outputs, refuse_overwriting
from gharial.cli.save_flag import save_option
from gharial.cli.screen import (
    Screen,
    ScreenFlags,
    open_for_lines,
    open_screen,
    screen_flags,
    screen_options,
    wants_color,
)
from gharial.cli.script_flags import script_options, script_request
from gharial.cli.secret_sources import read_secrets, secret_option
from gharial.cli.summary_texts import write_texts
from gharial.companions.addresses import (
    DEFAULT_HOST,
    DEFAULT_PORT,
    dashboard_as_in_k6,
    parse_address,
    parse_dashboard,
)
from gharial.errors import ConfigurationError
from gharial.harmless import whole
from gharial.lazy_dataclass import dataclass
from gharial.lifecycle.access import Companion
from gharial.lifecycle.execution import execute
from gharial.lifecycle.run_result import RunResult
from gharial.options.model import Options
from gharial.program.chosen_load import chosen_load
from gharial.program.forks import Forks
from gharial.program.parts import Parts
from gharial.program.read_script import ScriptRequest, read_script
from gharial.report.masking import secret_texts
from gharial.report.text import COMPACT, FULL, render
from gharial.report.text_verdict import wall_clock
from gharial.virtual_user.settings import network_settings

# What few runs need is loaded where it is used: each run would wait for it.
if TYPE_CHECKING:
    from gharial.outputs.base import Output
    from gharial.report.document import RunDocument

DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """
    What the user asked ``gharial run`` for.

    Attributes:
        script: The script, and what goes with it.
        summary_mode: ``compact``, ``full`` or ``disabled``.
        summary_export: The file to write the summary to as JSON, if any.
        address: Where the run can be steered from outside, if anywhere.
        secret_sources: Where secrets come from.
        outputs: Where measurements go, as the user wrote it.
        dashboard: Where to serve the dashboard, if anywhere; empty for the usual place.
        control: Whether the dashboard can steer the run.
        report: The file to write the report to as a web page, if any.
        include: Files and folders that go to the machines of a cluster, too.
        save: The file or folder for a record of the run; empty for where all saved runs
            are, None for no record.

    """

    script: ScriptRequest
    summary_mode: str = COMPACT
    summary_export: str | None = None
    address: str | None = None
    secret_sources: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    dashboard: str | None = None
    control: bool = False
    report: str | None = None
    save: str | None = None
    include: tuple[str, ...] = ()


output_option = click.option(
    "-o",
    "--out",
    "outputs",
    metavar="NAME[=ARGUMENT]",
    multiple=True,
    envvar=["GHARIAL_OUT", "K6_OUT"],
    help="Send measurements to a file or system: json=FILE, csv=FILE, prometheus=URL and "
    "others; repeatable.",
)


class _SummaryMode(click.Choice):  # type: ignore[type-arg]  # no generic before click 8.2
    """Takes k6's ``legacy`` for the one that shows as much."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        if value == "legacy":
            add_note(
                "the summary mode legacy is not there; full shows all metrics, too"
            )
            value = FULL
        return super().convert(value, param, ctx)


@click.command(cls=ScriptCommand)
@click.argument("script")
@script_options
@click.option(
    "--summary-mode",
    type=_SummaryMode([COMPACT, FULL, DISABLED]),
    default=COMPACT,
    envvar=["GHARIAL_SUMMARY_MODE", "K6_SUMMARY_MODE"],
    show_default=True,
    help="How much the summary shows.",
)
@click.option(
    "--no-summary",
    is_flag=True,
    envvar="K6_NO_SUMMARY",
    hidden=True,
    help="Same as --summary-mode disabled (from k6).",
)
@click.option(
    "--summary-export",
    metavar="FILE",
    envvar=["GHARIAL_SUMMARY_EXPORT", "K6_SUMMARY_EXPORT"],
    help="Write the summary to FILE as JSON.",
)
@click.option(
    "-a",
    "--address",
    metavar="HOST:PORT",
    envvar=["GHARIAL_ADDRESS", "K6_ADDRESS"],
    help="Listen here for 'gharial pause', 'scale' and other commands.",
)
@click.option(
    "--dashboard",
    metavar="[HOST:PORT][,open]",
    is_flag=False,
    flag_value="",
    envvar="GHARIAL_DASHBOARD",
    help=f"Serve a live dashboard (default: {DEFAULT_HOST}:{DEFAULT_PORT}); 'open' opens a "
    "browser.",
)
@click.option(
    "--control",
    is_flag=True,
    envvar="GHARIAL_CONTROL",
    help="Let the dashboard pause, resume, scale and stop the run.",
)
@click.option(
    "--report",
    metavar="FILE.html",
    envvar=["GHARIAL_REPORT", "K6_WEB_DASHBOARD_EXPORT"],
    help="Write a report to FILE: one web page that works offline.",
)
@click.option(
    "--include",
    metavar="PATH",
    multiple=True,
    help="With --cluster, also send this file or folder; repeatable.",
)
@output_option
@save_option
@secret_option
@screen_options
@click.pass_obj
def run(
    parts: Parts,
    /,
    script: str,
    **flags: Any,
) -> int:
    """
    Run SCRIPT (JavaScript, TypeScript or Python) and show a summary.

    SCRIPT is a file, an archive, an https: address, or - for standard input.

    Flags override environment variables (GHARIAL_* and K6_*), which override the
    script's own options, which override a config file.
    """
    shown = screen_flags(flags)
    if flags.pop("no_summary"):
        flags["summary_mode"] = DISABLED
    names = [each.name for each in fields(RunRequest) if each.name != "script"]
    asked = {name: flags.pop(name) for name in names}
    if asked["dashboard"] is None:
        asked["dashboard"] = dashboard_as_in_k6(os.environ)
    request = RunRequest(script_request(script, flags), **asked)
    return run_script(parts, request, shown)


def run_script(parts: Parts, request: RunRequest, flags: ScreenFlags) -> int:
    """
    Run a script and show its progress and results.

    Returns:
        The exit code.

    Raises:
        GharialError: If the run cannot begin.

    """
    with open_screen(parts, flags) as screen, ExitStack() as stack:
        _check_targets(request, flags)
        outputs = _outputs(request.outputs)
        companions = _companions(request, outputs, screen)
        secrets = read_secrets(request.secret_sources)
        screen.log.secrets = secret_texts(secrets)
        forks = Forks(stack)
        read = read_script(
            parts,
            request.script,
            screen.log,
            stack,
            before_reading=forks.before_reading,
        )
        options = read.options
        if options.console_output is not None:
            console = (("the script's console", options.console_output),)
            refuse_overwriting(console, (request.script.script, request.script.config))
            screen.log.console = open_for_lines(
                options.console_output, "the script's console", stack
            )
        _check_tls(options)
        load = stack.enter_context(
            chosen_load(parts, read, screen.log, request.include, forks)
        )
        for warning in load.warnings:
            screen.log(logging.WARNING, warning, {"source": "preflight"})

        def show(result: RunResult) -> None:
            _show(result, options, request, screen)
            for problem in result.problems:
                screen.tell(problem)

        # Lines of an output on the standard output come before the summary there.
        shares_stdout = _write_to_stdout(outputs)
        result = execute(
            read.host,
            options,
            environment=read.environment,
            view=screen.view,
            log=screen.log,
            make_load=load.make_load,
            companions=companions,
            secrets=secrets,
            keeps_samples=any(each.wants_samples for each in outputs.values()),
            on_result=(lambda result: None) if shares_stdout else show,
            say=screen.say_at_once,
            machines=load.machines,
            no_color=not wants_color(flags.no_color),
            lingers=options.linger,
        )
        if shares_stdout:
            show(result)
    return int(result.exit_code)


def _outputs(wanted: tuple[str, ...]) -> "Mapping[str, Output]":
    if not wanted:
        return {}
    from gharial.outputs.catalog import make_outputs

    return make_outputs(wanted, os.environ)


def _write_to_stdout(outputs: "Mapping[str, Output]") -> bool:
    if not outputs:
        return False
    from gharial.outputs.base import writes_to_stdout

    return any(map(writes_to_stdout, outputs.values()))


def _companions(
    request: RunRequest, outputs: "Mapping[str, Output]", screen: Screen
) -> list[Companion]:
    companions = []
    if request.dashboard is not None:
        wanted = parse_dashboard(request.dashboard, can_control=request.control)
        from gharial.companions.dashboard import dashboard_companion

        companions.append(dashboard_companion(wanted, screen.tell_dashboard))
    elif request.control:
        raise ConfigurationError("--control has no effect without --dashboard")
    if request.report is not None:
        from gharial.companions.record import document_companion

        companions.append(
            document_companion(report_to(request.report), name="--report")
        )
    if outputs:
        from gharial.companions.outputs import outputs_companion

        companions.append(outputs_companion(outputs))
    if request.save is not None:
        from gharial.cli.saved_runs import save_target
        from gharial.companions.saving import saving_companion

        companions.append(saving_companion(save_target(request.save)))
    if request.address is not None:
        host, port = parse_address(request.address)
        from gharial.companions.control_server import control_server

        companions.append(control_server(host, port))
    return companions


def _show(
    result: RunResult, options: Options, request: RunRequest, screen: Screen
) -> None:
    problems = []
    if result.texts is not None:
        problems += write_texts(result.texts, screen)
    elif request.summary_mode != DISABLED:
        screen.print(
            render(
                result.report,
                color=screen.color,
                width=screen.width,
                trend_stats=options.summary_trend_stats,
                time_unit=options.summary_time_unit,
                mode=request.summary_mode,
                clock=wall_clock(result.began_at_epoch_s),
            )
        )
    if request.summary_export is not None:
        from gharial.report.json import summary_export

        text = summary_export(
            result.report, options.summary_trend_stats, result.setup_data
        )
        problems += write_texts({request.summary_export: text}, screen)
    # As in k6: what came of the run stands, whether it can be written or not.
    for problem in problems:
        screen.log(logging.ERROR, problem, {"source": "summary"})


def _check_tls(options: Options) -> None:
    settings = network_settings(options).tls
    # Without these there is nothing that could be wrong, and it takes a while.
    if settings.ca_certificates or settings.tls_auth or settings.tls_cipher_suites:
        from gharial.net.tls import build_context

        for certificate in (None, *settings.tls_auth):
            build_context(settings, certificate)


def _check_targets(request: RunRequest, flags: ScreenFlags) -> None:
    """Raise if a file to write at the end cannot be written, or is an input."""
    written = (
        ("--summary-export", request.summary_export),
        ("--report", request.report),
    )
    _check_page(request.report)
    log_file = flags.log_output.partition("file=")[2].split(",")[0]
    refuse_overwriting(
        (
            *written,
            ("--save", request.save),
            ("--log-output", log_file),
            *files_of_outputs(request.outputs),
        ),
        (request.script.script, request.script.config),
    )
    for flag, path in written:
        if path is not None:
            _check_writable(path, flag)


def _check_page(report: str | None) -> None:
    """Raise if the name of a report says that it is to be something other than a page."""
    path = Path(report or "")
    if path.suffix.lower() not in ("", ".html", ".htm"):
        raise ConfigurationError(
            f"--report: {report!r} does not end in .html; a report is a web page, for "
            f"example {path.with_suffix('.html').name}"
        )


def _check_writable(path: str, flag: str) -> None:
    # Better now than after an hour of testing.
    existed = Path(path).exists()
    _write(path, "", flag, mode="a")
    if not existed:
        Path(path).unlink()


def report_to(path: str) -> "Callable[[RunDocument], None]":
    """Return what writes a run's report to a file."""
    from gharial.views.page.page import report_page

    def write(document: "RunDocument") -> None:
        _write(path, report_page(document), "--report")

    return write


def _write(path: str, text: str, source: str, *, mode: str = "w") -> None:
    try:
        with Path(path).open(mode, encoding="utf-8") as file:
            file.write(whole(text))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(
            f"{source}: cannot write {path!r}: {reason}"
        ) from error
