"""``gharial report``: write the report of a saved run."""

from pathlib import Path

import click

from gharial.cli.command import Command
from gharial.cli.overwriting import refuse_overwriting
from gharial.cli.saved_runs import find_run, runs_folder
from gharial.errors import ConfigurationError
from gharial.report.record_reader import read_record
from gharial.views.page.page import report_page


@click.command(cls=Command, short_help="Write the report of a saved run.")
@click.argument("run")
@click.argument("file", required=False)
def report(run: str, file: str | None) -> None:
    """
    Write the report of the saved run RUN to FILE, as 'gharial run --report' does.

    RUN is a file that 'gharial run --save' wrote, the id of a saved run (see 'gharial
    runs') or the beginning of one, 'latest' or 'latest~1', the one before. Without
    FILE, the report is written to the current folder, named after the record.
    """
    record = find_run(run, runs_folder())
    page = report_page(read_record(record))
    path = Path(file) if file is not None else Path(f"{record.stem}.html")
    refuse_overwriting((("the report", str(path)),), (record,))
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(f"cannot write {str(path)!r}: {reason}") from error
    click.echo(path)
