"""What a command loads: a list, so that one more package is seen, and not a time."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

# Of the packages that are installed with Gharial.
FOR_COMMANDS = {"click"}
FOR_RUNS = FOR_COMMANDS | {
    *("aiofastnet", "greenlet", "multidict", "picows", "python_socks", "uvloop"),
}
FOR_JAVASCRIPT = FOR_RUNS | {"quickjs"}
# Of Python's own, those that take milliseconds to load and that few runs need.
SLOW = {"argparse", "http.server", "multiprocessing", "sqlite3", "tomllib", "xml"}
# What the interpreter and its installation load by themselves.
NOT_OURS = {
    "cython_runtime",
    "org",
    "sitecustomize",
    "typing_extensions",
    "usercustomize",
}


def loaded(*arguments: str) -> set[str]:
    """Return all modules that a command loads, with their parents."""
    command = [sys.executable, "-X", "importtime", "-m", "gharial", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return set(re.findall(r"^import time:.*\| +(\S+)$", ran.stderr, re.MULTILINE))


def packages(modules: set[str]) -> set[str]:
    """Return the packages of these that are neither Python's nor ours."""
    names = {module.partition(".")[0] for module in modules}
    return {
        name
        for name in names - sys.stdlib_module_names - NOT_OURS - {"gharial"}
        if not name.startswith("_")
    }


@pytest.mark.slow
@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_load_hardly_anything(flag: str) -> None:
    modules = loaded(flag)
    assert packages(modules) <= FOR_COMMANDS
    assert not modules & {*SLOW, "asyncio", "ssl"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("empty.js", "export default function () {}", FOR_JAVASCRIPT),
        ("empty.py", "def default(): pass", FOR_RUNS),
    ],
)
def test_a_run_loads_what_its_script_uses(
    tmp_path: Path, name: str, text: str, allowed: set[str]
) -> None:
    script = tmp_path / name
    script.write_text(text)
    modules = loaded("run", "--quiet", "--workers", "1", str(script))
    assert packages(modules) <= allowed
    assert not modules & SLOW
    # Rooms that such a run has nothing to do in.
    other = {"gharial.javascript", "gharial.python"} - {
        "gharial.javascript" if name.endswith(".js") else "gharial.python"
    }
    rooms = {".".join(module.split(".")[:2]) for module in modules}
    assert not rooms & {*other, "gharial.http", "gharial.cluster"}
