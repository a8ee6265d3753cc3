"""
Try client libraries of npm in virtual users, against their servers.

NAMES are names in npm (mqtt, @stomp/stompjs); without one, all libraries are tried.
"""

import sys
from pathlib import Path

import click
from tests.libraries import page, results
from tests.libraries.client_library import Library
from tests.libraries.installing import InstallError, install
from tests.libraries.results import Result, result
from tests.libraries.rows import LIBRARIES
from tests.libraries.running import TrialError, measure, try_out
from tests.libraries.server_process import ServerError

CACHE = Path.home() / ".cache" / "gharial-client-libraries"


@click.command(help=__doc__)
@click.argument("names", nargs=-1)
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    default=CACHE,
    show_default=True,
    help="Folder in which libraries and servers are installed.",
)
@click.option(
    "--cost/--no-cost", "has_cost", default=True, help="Measure what a user costs."
)
@click.option(
    "--save", "is_saved", is_flag=True, help="Write the results and the page."
)
def main(
    names: tuple[str, ...], cache: Path, *, has_cost: bool, is_saved: bool
) -> None:
    """Try the chosen libraries, and exit with 1 if one of them does not run."""
    found = []
    for library in _chosen(names):
        click.echo(f"{library.name} {library.version}: ", nl=False)
        found.append(_tried(library, cache.absolute(), has_cost=has_cost))
        if is_saved:
            results.save(found)
            page.write(*results.load())
    sys.exit(any(one.fault for one in found))


def _chosen(names: tuple[str, ...]) -> list[Library]:
    wanted = (
        {name: [] for name in names}
        if names
        else {one.npm_name: [] for one in LIBRARIES}
    )
    for library in LIBRARIES:
        if library.npm_name in wanted:
            wanted[library.npm_name].append(library)
    unknown = [name for name, chosen in wanted.items() if not chosen]
    if unknown:
        known = ", ".join(dict.fromkeys(one.npm_name for one in LIBRARIES))
        raise click.UsageError(
            f"no such library: {', '.join(unknown)}; there are {known}"
        )
    return [one for chosen in wanted.values() for one in chosen]


def _tried(library: Library, cache: Path, *, has_cost: bool) -> Result:
    try:
        folder = install(library, cache)
        try_out(library, folder)
        cost = measure(library, folder) if has_cost else None
    except (InstallError, ServerError, TrialError) as error:
        fault, *details = error.args
        click.echo("\n".join(["fails", str(fault), *map(str, details)]))
        return result(library, str(fault).partition("\n")[0])
    if cost is None:
        click.echo("runs")
    else:
        memory_mb = cost.memory_kb / 1024
        click.echo(f"runs; a user costs {cost.start_cpu_ms:.1f} ms, {memory_mb:.2f} MB")
    return result(library, cost=cost)


if __name__ == "__main__":
    main()
