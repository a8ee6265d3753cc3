"""``gharial runs``: list the saved runs."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gharial.cli.command import Command
from gharial.cli.saved_runs import SavedRun, runs_folder, saved_runs
from gharial.errors import ExitCode
from gharial.harmless import harmless_json, harmless_line
from gharial.report.numbers import format_time


@click.command(cls=Command)
@click.argument("folder", required=False)
@click.option("--json", "is_json", is_flag=True, help="Print them as JSON.")
def runs(folder: str | None, is_json: bool) -> int:  # noqa: FBT001 - click passes all by name
    """
    List the saved runs, newest first.

    FOLDER is by default where 'gharial run --save' writes them (GHARIAL_RUNS).
    """
    place = Path(folder) if folder is not None else runs_folder()
    found = saved_runs(place) if folder is not None or place.is_dir() else []
    if is_json:
        rows = [_as_json(each) for each in found]
        click.echo(harmless_json(json.dumps(rows, indent=2, ensure_ascii=False)))
    elif not found:
        click.echo(f"No runs are saved in {place}; 'gharial run --save' saves one.")
    else:
        _print(found)
    return int(ExitCode.OK)


def _print(found: list[SavedRun]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Run", no_wrap=True)
    table.add_column("Began", no_wrap=True)
    table.add_column("Script", overflow="fold")
    for column in ("Duration", "VUs", "Messages", "Errors", "Thresholds", "Exit"):
        table.add_column(column, justify="right")
    for run in found:
        table.add_row(*_cells(run))
    console = Console(highlight=False)
    # In a pipe there is no width to fit into.
    wide = Console(width=200, highlight=False)
    (console if console.is_terminal else wide).print(table)
    for run in found:
        if run.problem:
            click.echo(harmless_line(run.problem))


def _cells(run: SavedRun) -> list[str | Text]:
    summary = run.summary
    if summary is None:
        return [Text(harmless_line(run.run_id)), "", Text("damaged", "red"), *[""] * 6]
    failed = summary.thresholds_failed
    judged = f"{summary.thresholds_passed} passed, {failed} failed"
    unjudged = summary.thresholds_without_values
    judged += f", {unjudged} without values" if unjudged else ""
    has_any = failed or summary.thresholds_passed or unjudged
    code = summary.exit_code
    return [
        Text(harmless_line(summary.run_id)),
        f"{datetime.fromtimestamp(summary.began_at_epoch_s):%Y-%m-%d %H:%M:%S}",
        Text(harmless_line(summary.script)),
        format_time(summary.duration_s * 1000),
        f"{summary.vus_max:,}",
        f"{summary.messages:,}",
        f"{summary.errors:,}",
        Text(judged if has_any else "-", "red" if failed else ""),
        Text("unfinished", "yellow") if code is None else Text(str(code)),
    ]


def _as_json(run: SavedRun) -> dict[str, Any]:
    summary = run.summary
    if summary is None:
        return {
            "id": run.run_id,
            "file": str(run.path),
            "state": "damaged",
            "problem": run.problem,
        }
    began = datetime.fromtimestamp(summary.began_at_epoch_s).astimezone()
    return {
        "id": summary.run_id,
        "file": str(run.path),
        "state": "unfinished" if summary.exit_code is None else "finished",
        "began": began.isoformat(),
        "script": summary.script,
        "durationSeconds": summary.duration_s,
        "vusMax": summary.vus_max,
        "messages": summary.messages,
        "errors": summary.errors,
        "thresholdsPassed": summary.thresholds_passed,
        "thresholdsFailed": summary.thresholds_failed,
        "thresholdsWithoutValues": summary.thresholds_without_values,
        "exitCode": summary.exit_code,
    }
