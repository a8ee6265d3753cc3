"""
Small faults, put into the code one at a time: those that no unit test notices are reported.

``make mutants`` runs it; docs/explanation/mutants.md says how to read what it says, and lists
the faults that may stay unnoticed, each with a reason. No file is changed: a fork loads the
faulty module instead of the real one, and runs the module's unit tests.
"""

import argparse
import ast
import concurrent.futures
import copy
import importlib
import importlib.util
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
KNOWN = ROOT / "docs/explanation/mutants.md"
# Per module in ``src/gharial`` the unit tests that have to notice. Not tables such as
# ``metrics/builtin``: what a row says is a choice, which a test would only repeat.
MODULES = {
    "executors/segment": "executors/test_segment.py",
    "virtual_user/settings": "virtual_user/test_settings.py",
    "metrics/batch": "metrics",
    "metrics/digest": "metrics/test_digest.py",
    "metrics/exceptions": "metrics",
    "metrics/histogram": "metrics/test_histogram.py metrics/test_sinks.py metrics/test_digest.py",
    "metrics/registry": "metrics/test_registry.py metrics/test_samples.py",
    "metrics/samples": "metrics/test_samples.py metrics/test_registry.py",
    "metrics/selectors": "metrics/test_selectors.py",
    "metrics/sinks": "metrics/test_sinks.py metrics/test_registry.py",
    "metrics/statistics": "metrics/test_statistics.py",
    "metrics/tags": "metrics/test_tags.py",
    "metrics/thresholds/evaluate": "metrics/thresholds",
    "metrics/thresholds/expression": "metrics/thresholds",
    "metrics/thresholds/unmatched": "metrics/thresholds",
    "options/merge": "options/test_merge.py",
    "websocket/connection": "websocket/test_connection.py",
    "websocket/deflate": "websocket/test_deflate.py",
    "websocket/extensions": "websocket/test_extensions.py",
    "websocket/handshake": "websocket/test_handshake.py",
    "websocket/pings": "websocket/test_pings.py",
    "websocket/wire/partial_message": "websocket/wire/test_picows.py",
    "python/websocket/posting_listener": "python/websocket/test_posting_listener.py",
    "virtual_user/waiting": "virtual_user/test_waiting.py",
}
# Loaded before the forks; nothing of ours, which might load the module meant.
PRELOADED = ("aiohttp", "numpy", "picows", "pydantic", "rich", "trustme", "zlib")
LIMIT_S = 60.0
CONTEXT = 30
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Not: ast.UAdd,
}
# Faults in these would be faults of nothing that runs.
SKIPPED = (ast.Assert, ast.Import, ast.ImportFrom, ast.Raise)


def changes(node: Any) -> Iterator[Callable[[], object]]:
    """Yield what turns this node into a faulty one, each to be called on a fresh tree."""
    for place, operator in enumerate(getattr(node, "ops", ())):
        yield partial(node.ops.__setitem__, place, SWAPS[type(operator)]())
    if type(getattr(node, "op", None)) in SWAPS:
        yield partial(setattr, node, "op", SWAPS[type(node.op)]())
    if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        is_bool = isinstance(node.value, bool)
        yield partial(
            setattr, node, "value", not node.value if is_bool else node.value + 1
        )
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield partial(setattr, node, "value", ast.Constant(None))
    if isinstance(node, ast.AugAssign):
        yield partial(setattr, node, "value", ast.Constant(0))
    for place, _ in enumerate(getattr(node, "keywords", ())):
        yield partial(node.keywords.pop, place)


def sites(node: ast.AST) -> Iterator[Callable[[], object]]:
    """Yield the changes of a node and of all in it, in a steady order."""
    if isinstance(node, SKIPPED):
        return
    yield from changes(node)
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from sites(child)


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Yield each fault as a line that shows it, and the module's text that has it."""
    tree = ast.parse(source)
    plain = ast.unparse(tree)
    for place in range(len(list(sites(tree)))):
        faulty = copy.deepcopy(tree)
        list(sites(faulty))[place]()
        text = ast.unparse(faulty)
        yield shown(plain, text), text


def shown(plain: str, faulty: str) -> str:
    """Return the place where two texts differ, and how."""
    same = len(
        list(
            takewhile(lambda pair: pair[0] == pair[1], zip(plain, faulty, strict=False))
        )
    )
    row = plain[:same].count("\n")
    lines = plain.splitlines()
    one, other = lines[row].strip(), faulty.splitlines()[row].strip()
    start = len(
        list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    )
    window = slice(max(0, start - CONTEXT), start + CONTEXT)
    scope = [
        line
        for line in lines[:row]
        if line.lstrip().startswith(("def ", "class ", "async def "))
    ]
    name = (
        scope[-1].split("def ")[-1].split("class ")[-1].split("(")[0].strip(":")
        if scope
        else "module"
    )
    return f"{name}: `{one[window]}` → `{other[window]}`"


class Faulty(MetaPathFinder, SourceLoader):  # type: ignore[misc]
    """Finds one module, and loads another text for it."""

    def __init__(self, name: str, path: Path, text: str) -> None:
        self.name, self.path, self.text = name, path, text

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_filename(self, fullname: str) -> str:
        return str(self.path)

    def get_data(self, path: str) -> bytes:
        return self.text.encode()

    def get_code(self, fullname: str) -> Any:
        return compile(self.text, self.path, "exec")


def is_noticed(module: str, text: str) -> bool:
    """Run a module's tests with this text for it, in a fork; one that hangs is noticed."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, 1)
            os.dup2(sink, 2)
            path = ROOT / f"src/gharial/{module}.py"
            name = "gharial." + module.replace("/", ".")
            sys.meta_path.insert(0, Faulty(name, path, text))
            # Before pytest finds it: it has a loader of its own for plugins like ours.
            importlib.import_module(name)
            tests = [str(ROOT / "tests/unit" / one) for one in MODULES[module].split()]
            quick = [
                "-x",
                "-q",
                "-p",
                "no:cacheprovider",
                "-m",
                "not slow and not long",
            ]
            # Hypothesis is loaded already; so nothing in it is rewritten.
            quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
            code = pytest.main([*quick, *quiet, *tests])
        finally:
            os._exit(int(code))
    give_up_at_s = time.monotonic() + LIMIT_S
    while time.monotonic() < give_up_at_s:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) != 0
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True


def main() -> int:
    """Try faults for so long; report those that nothing noticed and nobody explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "modules", nargs="*", metavar="MODULE", help="such as options/merge"
    )
    parser.add_argument("--seconds", type=float, default=900.0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    for name in PRELOADED:
        importlib.import_module(name)
    settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
    settings.load_profile("mutants")
    every = []
    for module in given.modules or MODULES:
        source = (ROOT / f"src/gharial/{module}.py").read_text("utf-8")
        if not is_noticed(module, source):
            every += [(module, *mutant) for mutant in mutants(source)]
        else:
            sys.exit(f"the tests of {module} fail without any fault")
    # In any order, so that a run that is cut short has tried some of each.
    random.Random(0).shuffle(every)
    known, until_s = KNOWN.read_text("utf-8"), time.monotonic() + given.seconds

    def survives(mutant: tuple[str, str, str]) -> bool | None:
        if time.monotonic() > until_s:
            return None
        return not is_noticed(mutant[0], mutant[2])

    with concurrent.futures.ThreadPoolExecutor(given.processes) as pool:
        results = list(pool.map(survives, every))
    told = [
        f"{module} {change}"
        for (module, change, _), result in zip(every, results, strict=True)
        if result
    ]
    unknown = sorted(line for line in set(told) if line not in known)
    tried = len(results) - results.count(None)
    print(*unknown, sep="\n")
    print(
        f"{tried} of {len(every)} faults tried, {len(told)} unnoticed, {len(unknown)} of them unexplained"
    )
    return bool(unknown)


if __name__ == "__main__":
    sys.exit(main())
