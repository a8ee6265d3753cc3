"""
Small faults, put into the code one at a time: those that no unit test notices are reported.

``make mutants`` runs it; docs/explanation/mutants.md says how to read what it says, and lists
the faults that may stay unnoticed, each with a reason. No file is changed: a fork loads the
faulty module instead of the real one, and runs the module's unit tests on the plain build,
until the first that fails.
"""

import argparse
import ast
import concurrent.futures
import copy
import gc
import importlib
import importlib.util
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, is_hypothesis_test, settings

ROOT = Path(__file__).parents[1]
KNOWN = ROOT / "docs/explanation/mutants.md"
# Per module in ``src/gharial`` the unit tests that have to notice. Not tables such as
# ``metrics/builtin``: what a row says is a choice, which a test would only repeat.
MODULES = {
    "executors/segment": "executors/test_segment.py",
    "virtual_user/settings": "virtual_user/test_settings.py",
    "metrics/batch": "metrics/test_batch.py",
    "metrics/digest": "metrics/test_digest.py",
    "metrics/exceptions": "metrics/test_exceptions.py",
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
    "websocket/back_pressure": "websocket/test_back_pressure.py",
    "websocket/connection": "websocket/test_connection.py",
    "websocket/deflate": "websocket/test_deflate.py",
    "websocket/extensions": "websocket/test_extensions.py",
    "websocket/handshake": "websocket/test_handshake.py",
    "websocket/pings": "websocket/test_pings.py",
    "websocket/size_list": "websocket/test_size_list.py",
    "websocket/wire/partial_message": "websocket/wire/test_partial_message.py",
    "websocket/wire/unsent": "websocket/wire/test_sender.py websocket/test_connection.py websocket/wire/test_picows.py",
    "python/websocket/posting_listener": "python/websocket/test_posting_listener.py",
    "virtual_user/waiting": "virtual_user/test_waiting.py",
}
# Loaded before the forks; nothing of ours, which might load the module meant.
PRELOADED = ("aiohttp", "numpy", "picows", "rich", "trustme", "zlib")
# Of the time that a fork spends on tests that pass, most would go into what they do not need:
# plugins, and assertions that explain themselves.
PYTEST = (
    "-x",
    "-q",
    "--assert=plain",
    "-p",
    "no:cacheprovider",
    "-m",
    "not slow and not long",
)
# A fork that takes this much longer than the tests without a fault hangs.
PATIENCE = 20
PATIENCE_S = 10.0
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
    seen: Counter[str] = Counter()
    for place in range(len(list(sites(tree)))):
        faulty = copy.deepcopy(tree)
        next(islice(sites(faulty), place, None))()
        text = ast.unparse(faulty)
        change = shown(plain, text)
        seen[change] += 1
        # Two methods of one name may have the same line.
        yield change if seen[change] == 1 else f"{change} ({seen[change]})", text


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
    """Finds one module, and loads another text for it; those of ours it finds uncompiled."""

    def __init__(self, module: str, text: str) -> None:
        self.name, self.text = named(module), text

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        path = ROOT / "src" / (fullname.replace(".", "/") + ".py")
        if not fullname.startswith("gharial.") or not path.is_file():
            return None
        loader = self if fullname == self.name else None
        return importlib.util.spec_from_file_location(fullname, path, loader=loader)

    def get_filename(self, fullname: str) -> str:
        return str(ROOT / "src" / (fullname.replace(".", "/") + ".py"))

    def get_data(self, path: str) -> bytes:
        return self.text.encode()

    def get_code(self, fullname: str) -> Any:
        return compile(self.text, self.get_filename(fullname), "exec")


class QuickFirst:
    """Has pytest run the tests of one example before those of many."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: is_hypothesis_test(getattr(item, "obj", None)))


def named(module: str) -> str:
    """Return how Python calls a module of ours."""
    return "gharial." + module.replace("/", ".")


def run_tests(module: str, text: str) -> int:
    """Run a module's tests with this text for it, in this process; return pytest's code."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    sys.meta_path.insert(0, Faulty(module, text))
    # First of all: a fault that does not even load is noticed.
    importlib.import_module(named(module))
    tests = [str(ROOT / "tests/unit" / one) for one in MODULES[module].split()]
    return int(pytest.main([*PYTEST, *tests], plugins=[QuickFirst()]))


def is_noticed(module: str, text: str, limit_s: float) -> bool:
    """Run a module's tests with this text for it, in a fork; one that hangs is noticed."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = run_tests(module, text)
        finally:
            os._exit(code)
    give_up_at_s = time.monotonic() + limit_s
    while time.monotonic() < give_up_at_s:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) != 0
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True


def prepare() -> None:
    """Load what each fork needs, and have it find nothing else to do."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in PRELOADED:
        importlib.import_module(name)
    # That a test fails is enough: no smaller example is looked for.
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile(
        "mutants", derandomize=True, database=None, deadline=None, phases=phases
    )
    settings.load_profile("mutants")
    gc.freeze()


def stale(known: str, told: set[str], modules: list[str]) -> list[str]:
    """Return the rows of the table, of these modules, that are no survivors (any more)."""
    rows = [
        line.removeprefix("| ").split(" | ")[0]
        for line in known.splitlines()
        if line.startswith(tuple(f"| {module} " for module in modules))
    ]
    return [row for row in rows if row not in told]


def main() -> int:
    """Try faults for so long; report those that nothing noticed and nobody explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "modules", nargs="*", metavar="MODULE", help="such as options/merge"
    )
    parser.add_argument("--seconds", type=float, default=1800.0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    prepare()
    every, modules = [], given.modules or list(MODULES)
    limits_s = {}
    for module in modules:
        source = (ROOT / f"src/gharial/{module}.py").read_text("utf-8")
        began_at_s = time.monotonic()
        if is_noticed(module, source, 60.0):
            sys.exit(f"the tests of {module} fail without any fault")
        limits_s[module] = PATIENCE_S + PATIENCE * (time.monotonic() - began_at_s)
        every += [(module, *mutant) for mutant in mutants(source)]
    # In any order, so that a run that is cut short has tried some of each.
    random.Random(0).shuffle(every)
    known, until_s = KNOWN.read_text("utf-8"), time.monotonic() + given.seconds
    tried, survivors, unknown = 0, set(), 0

    def survives(mutant: tuple[str, str, str]) -> bool | None:
        if time.monotonic() > until_s:
            return None
        return not is_noticed(mutant[0], mutant[2], limits_s[mutant[0]])

    with concurrent.futures.ThreadPoolExecutor(given.processes) as pool:
        results = pool.map(survives, every)
        for (module, change, _), result in zip(every, results, strict=True):
            tried += result is not None
            if result:
                row = f"{module} {change}"
                survivors.add(row)
                if f"| {row} |" not in known:
                    unknown += 1
                    print(row, flush=True)
    needless = stale(known, survivors, modules) if tried == len(every) else []
    for row in needless:
        print(f"listed, but noticed now: {row}")
    print(
        f"{tried} of {len(every)} faults tried, {len(survivors)} unnoticed, {unknown} of them unexplained"
    )
    return bool(unknown or needless)


if __name__ == "__main__":
    sys.exit(main())
