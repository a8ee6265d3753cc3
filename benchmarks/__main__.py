"""Run the benchmarks, print their table, and keep it."""

import statistics
import sys
from collections.abc import Iterable

import click
from rich.console import Console
from rich.table import Table

from benchmarks import clients, results
from benchmarks.cases import CASES, Case, Unit, quick
from benchmarks.measure import (
    BenchmarkError,
    Load,
    Reading,
    Server,
    free_address,
    measure,
    server,
)
from benchmarks.results import Line, line


def figure(
    case: Case, client: str, where: Server, seconds: float
) -> tuple[float, tuple[float, float] | None]:
    """Measure a client in a case, once; return the figure and its loop's lag."""
    reading = _reading(case, case.load, client, where, seconds)
    if case.smaller is None:
        return reading.cpu_us, reading.lag_ms
    smaller = _reading(case, case.smaller, client, where, 1.0)
    if case.unit is Unit.MEMORY:
        return (reading.memory_bytes - smaller.memory_bytes) / case.items / 1024, None
    users = case.load.users - case.smaller.users
    return (reading.start_cpu_s - smaller.start_cpu_s) / users * 1e3, None


def _reading(
    case: Case, load: Load, client: str, where: Server, seconds: float
) -> Reading:
    tells_lag = client in clients.OURS and case.smaller is None
    address = free_address() if tells_lag else ""
    flags = (*case.flags, *clients.flags_for_lag(address))
    command, environment = clients.command(
        client, load, where.url(load), workers=case.workers, flags=flags
    )
    is_spread = case.workers > 1 and client in clients.OURS
    return measure(
        command,
        environment,
        load,
        where,
        seconds=seconds,
        cores=(0, 1) if is_spread else (1,),
        address=address,
    )


def run(
    case: Case, repetitions: int, seconds: float, peers: Iterable[str], console: Console
) -> list[Line]:
    """Measure a case, its clients taking turns; return a line for each."""
    chosen = [*case.clients]
    load = case.load
    is_plain = case.workers == 1 and not case.flags and load.sockets == 1
    if load.mode == "echo" and load.kind == "text" and is_plain:
        chosen += peers
    figures: dict[str, list[float]] = {client: [] for client in chosen}
    lags: dict[str, list[tuple[float, float]]] = {client: [] for client in chosen}
    with server(is_secure=case.load.is_secure) as where:
        for _ in range(repetitions):
            for client in chosen:
                try:
                    took, lag_ms = figure(case, client, where, seconds)
                    figures[client].append(took)
                    lags[client] += [lag_ms] if lag_ms else []
                except BenchmarkError as error:
                    console.print(f"[red]{case.name}, {client}: {error}")
    floor = figures.get(clients.FLOOR, [])
    return [
        line(case, who, took, floor, _middle(lags[who]))
        for who, took in figures.items()
        if took
    ]


def _middle(lags_ms: list[tuple[float, float]]) -> tuple[float, float] | None:
    if not lags_ms:
        return None
    median, high = (statistics.median(each) for each in zip(*lags_ms, strict=True))
    return median, high


def table(lines: list[Line]) -> Table:
    """Return the lines as a table, with a mark on each that misses its budget."""
    shown = Table(title="What it costs, medians")
    shown.add_column("case")
    shown.add_column("client")
    for title in ("figure", "lowest", "highest", "× floor", "budget", "lag p50/p99 ms"):
        shown.add_column(title, justify="right")
    shown.add_column("")
    case = ""
    for one in lines:
        budget = ""
        if one.allowed is not None:
            budget = f"{one.allowed:g}{'' if one.is_absolute else ' ×'}"
        shown.add_row(
            f"{one.title}\n[dim]{one.unit}" if one.case != case else "",
            one.client,
            f"{one.median:.2f}",
            f"{min(one.figures):.2f}",
            f"{max(one.figures):.2f}",
            "" if one.ratio is None else f"{one.ratio:.2f}",
            budget,
            "" if one.lag_ms is None else f"{one.lag_ms[0]:.2f} / {one.lag_ms[1]:.2f}",
            ""
            if one.allowed is None
            else "[red]missed"
            if one.is_missed
            else "[green]met",
        )
        case = one.case
    return shown


@click.command(help=__doc__)
@click.option("--case", "names", multiple=True, help="Only cases whose name begins so.")
@click.option("--repetitions", default=3, show_default=True, type=click.IntRange(1))
@click.option("--seconds", default=3.0, show_default=True, help="Length of a window.")
@click.option("--quick", "is_quick", is_flag=True, help="Once, shorter and smaller.")
@click.option("--peers", "has_peers", is_flag=True, help="Measure other tools, too.")
@click.option("--save/--no-save", "is_saved", default=True, show_default=True)
def main(
    names: tuple[str, ...],
    repetitions: int,
    seconds: float,
    is_quick: bool,
    has_peers: bool,
    is_saved: bool,
) -> None:
    """Run the chosen cases."""
    console = Console(width=150)
    chosen = [one for one in CASES if not names or one.name.startswith(names)]
    if not chosen:
        known = ", ".join(one.name for one in CASES)
        raise click.UsageError(f"there is no such case; there are {known}")
    if is_quick:
        chosen, repetitions, seconds = [quick(one) for one in chosen], 1, 1.0
    others = clients.peers() if has_peers else []
    if has_peers:
        console.print(f"Other tools found: {', '.join(others) or 'none'}")
    console.print(results.machine())
    lines: list[Line] = []
    for case in chosen:
        taken = run(case, repetitions, seconds, others, console)
        lines += taken
        console.print(table(taken))
    console.print(table(lines))
    if is_saved:
        console.print(f"Kept in {results.save(lines)}")
    sys.exit(any(one.is_missed for one in lines) and not is_quick)


if __name__ == "__main__":
    main()
