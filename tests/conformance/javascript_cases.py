"""
Cases in files of JavaScript, which run alike here and in Node.js.

A case is a line ``//// name``, the body of an async function, and a line ``//= value``: what it
returns, as JSON. What comes before the first case belongs to all.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations

_CASE = re.compile(r"^//// (.*)\n((?:(?!//).*\n)*)//= (.*)$", re.MULTILINE)
_ONE = [PerVuIterations(ScenarioPlan(), 1, 1, 15.0)]
# `kind` and `kindOf` give what a function returns, or the name of what it throws.
_HELPERS = """
const shown = (key, value) => (value === undefined ? '(undefined)'
  : typeof value === 'function' ? '(function)'
  : typeof value === 'bigint' ? `${value}n` : value instanceof Error ? value.name : value);
const wait = (ms = 0) => new Promise((resolve) => { setTimeout(resolve, ms); });
const turns = async (count = 20) => { for (let n = 0; n < count; n++) await null; };
const nameOf = (error) => error?.name ?? error;
const kind = (action) => { try { return action(); } catch (error) { return nameOf(error); } };
const kindOf = async (action) => {
  try { return await action(); } catch (error) { return nameOf(error); }
};
const run = async (cases) => {
  for (const [name, body] of cases) {
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, 2000, '(never settled)');
    });
    const value = await kindOf(() => Promise.race([body(), late]));
    clearTimeout(timer);
    console.log(`@${JSON.stringify([name, value], shown)}`);
  }
};
"""


@dataclass(frozen=True)
class Case:
    """
    One case.

    Attributes:
        name: What it is about.
        body: Statements that end in a ``return``.
        expected: What they return.

    """

    name: str
    body: str
    expected: object


def cases_in(path: Path) -> Iterator[Case]:
    """Yield the cases of a file."""
    for name, body, expected in _CASE.findall(path.read_text("utf-8")):
        yield Case(name, body, json.loads(expected))


def script_of(path: Path) -> str:
    """Return a script whose function ``all`` runs the cases and logs what they give."""
    common = path.read_text("utf-8").partition("\n//// ")[0]
    listed = ",\n".join(
        f"[{json.dumps(case.name)}, async () => {{\n{case.body}}}]"
        for case in cases_in(path)
    )
    return f"{_HELPERS}\n{common}\nconst all = () => run([{listed}]);\n"


def values_given(path: Path, folder: Path) -> dict[str, object]:
    """Return what each case gives, by its name."""
    source = script_of(path) + "export default async function () { await all(); }"
    ran = run_whole(folder, "cases.js", source, _ONE)
    assert ran.errors == []
    return dict(json.loads(line[1:]) for line in ran.console if line.startswith("@"))
