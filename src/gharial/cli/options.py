"""``gharial options``: list all options."""

import json

import click
from rich.console import Console
from rich.table import Table

from gharial.cli.command import Command
from gharial.executors.catalog import SCENARIO_TYPES
from gharial.options.description import described_options


@click.command(cls=Command)
@click.option("--json", "is_json", is_flag=True, help="Print them as JSON.")
def options(is_json: bool) -> None:  # noqa: FBT001 - click passes all by name
    """
    List all options with default, environment variable and flag.

    The same names work in a script's exported options and in a config file.
    """
    if is_json:
        rows = [
            {
                "option": each.name,
                "default": each.default,
                "environment": each.environment,
                "flag": each.flag,
                "meaning": each.meaning.replace("``", ""),
            }
            for each in described_options()
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Option", "Default", "Environment", "Flag", "Meaning"):
        table.add_column(column, overflow="fold")
    for each in described_options():
        table.add_row(
            each.name,
            each.default,
            each.environment,
            each.flag,
            each.meaning.replace("``", ""),
        )
    console = Console()
    # In a pipe there is no width to fit into.
    (console if console.is_terminal else Console(width=200)).print(table)
    click.echo(
        "\nExecutors of scenarios: "
        + ", ".join(SCENARIO_TYPES)
        + ". Their fields are in "
        "the options reference."
    )
