"""``gharial compare``: two saved runs side by side."""

import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gharial.cli.command import Command
from gharial.cli.overwriting import refuse_overwriting
from gharial.cli.saved_runs import find_run, runs_folder
from gharial.errors import ConfigurationError, ExitCode
from gharial.harmless import harmless_json, harmless_line
from gharial.report.comparison import Change, Comparison, Verdict, compare
from gharial.report.comparison_cells import COLUMNS, as_json, cells, conclusion
from gharial.report.comparison_html import comparison_page
from gharial.report.fail_on import Judgement, judge, parse_condition
from gharial.report.record_reader import read_record

_LOOKS = {
    Verdict.WORSE: "bold red",
    Verdict.BETTER: "green",
    Verdict.CHANGED: "yellow",
    Verdict.UNCLEAR: "",
}


@click.command(
    "compare", cls=Command, short_help="Show what changed between two saved runs."
)
@click.argument("first")
@click.argument("second")
@click.option("--html", metavar="FILE", help="Write the comparison as a page, too.")
@click.option("--json", "is_json", is_flag=True, help="Print it as JSON.")
@click.option(
    "--fail-on",
    "conditions",
    metavar="CONDITION",
    multiple=True,
    help="End with exit code 1 if this holds: 'ws_req_duration:p(95)>+10%', "
    "'checks:rate<-1%', 'ws_errors:count>+0'; repeatable.",
)
def compare_command(
    first: str,
    second: str,
    html: str | None,
    is_json: bool,  # noqa: FBT001 - click passes all by name
    conditions: tuple[str, ...],
) -> int:
    """
    Show what changed from run FIRST to run SECOND, and how certain that is.

    A run is a file that 'gharial run --save' wrote, the id of a saved run (see 'gharial
    runs') or the beginning of one, 'latest' or 'latest~1', the one before.
    """
    parsed = [parse_condition(text) for text in conditions]
    folder = runs_folder()
    paths = find_run(first, folder), find_run(second, folder)
    refuse_overwriting((("--html", html),), paths)
    before, after = map(read_record, paths)
    judgements = [judge(condition, before, after) for condition in parsed]
    comparison = compare(before, after)
    if html is not None:
        _write(html, comparison_page(comparison, judgements))
    if is_json:
        _print_json(comparison, judgements)
    else:
        _print(comparison)
    failed = [each for each in judgements if each.holds]
    for judged in failed:
        click.echo(
            f"gharial: --fail-on {judged.condition.text!r} holds: {judged.reason}",
            err=True,
        )
    return int(ExitCode.COMPARISON_FAILED if failed else ExitCode.OK)


def _print(comparison: Comparison) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(COLUMNS):
        is_number = 2 <= place < len(COLUMNS) - 1
        table.add_column(
            column,
            justify="right" if is_number else "left",
            overflow="fold",
            no_wrap=is_number,
        )
    last = ""
    for change in comparison.changes:
        table.add_row(*_row(change, last))
        last = change.metric
    console = Console(highlight=False)
    # In a pipe there is no width to fit into.
    console = console if console.is_terminal else Console(width=200, highlight=False)
    runs = ((comparison.before, "First"), (comparison.after, "Second"))
    for identity, which in runs:
        console.print(
            Text(
                f"{which + ':':8}{harmless_line(f'{identity.run_id}  {identity.script}')}"
            )
        )
    console.print()
    console.print(table)
    console.print()
    for note in comparison.notes:
        console.print(Text(f"Note: {harmless_line(note)}"))
    console.print(Text(f"{conclusion(comparison)}."))


def _row(change: Change, last: str) -> list[Text]:
    metric, *others, verdict = map(harmless_line, cells(change))
    shown = "" if metric == last else metric
    look = _LOOKS[change.verdict]
    return [Text(shown, "bold"), *(Text(each) for each in others), Text(verdict, look)]


def _print_json(comparison: Comparison, judgements: Sequence[Judgement]) -> None:
    content = as_json(comparison)
    content["conditions"] = [
        {"condition": each.condition.text, "holds": each.holds, "reason": each.reason}
        for each in judgements
    ]
    click.echo(harmless_json(json.dumps(content, indent=2, ensure_ascii=False)))


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, "utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"--html: cannot write {path!r}: {error.strerror or error}"
        ) from error
