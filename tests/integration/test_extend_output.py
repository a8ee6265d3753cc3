"""The output of docs/how-to/extend/add-an-output.md, found and run like any other."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from safety_net import LIMIT_S
from tests.unit.examples_of_docs import examples_of

from gharial.testing import EchoServer, serving

pytestmark = pytest.mark.slow

EXAMPLES = examples_of("extend/add-an-output.md")
SCRIPT = """
export const options = { vus: 1, iterations: 1 };
export default function () {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => socket.send('hello');
  socket.onmessage = () => socket.close();
}
"""


def installed(folder: Path) -> None:
    """Have the package of the page where Python finds it, as pip would."""
    project = tomllib.loads(EXAMPLES["pyproject.toml"])["project"]
    (folder / "gharial_seconds.py").write_text(EXAMPLES["gharial_seconds.py"], "utf-8")
    facts = folder / f"{project['name'].replace('-', '_')}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1.0\n", "utf-8"
    )
    [(group, points)] = project["entry-points"].items()
    lines = [f"{name} = {place}" for name, place in points.items()]
    (facts / "entry_points.txt").write_text(
        "\n".join([f"[{group}]", *lines, ""]), "utf-8"
    )


def gharial(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gharial", "run", "s.js", "--quiet", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )


def test_the_output_of_the_page_writes_what_came_each_second(tmp_path: Path) -> None:
    installed(tmp_path)
    (tmp_path / "s.js").write_text(SCRIPT, "utf-8")
    with serving(EchoServer()) as server:
        ran = gharial(tmp_path, "-e", f"URL={server.url}", "--out", "seconds=out.txt")
    assert ran.returncode == 0, ran.stderr
    first, *seconds, last = (tmp_path / "out.txt").read_text("utf-8").splitlines()
    assert first.startswith("# s.js, run ")
    assert last == "# exit code 0"
    columns = [line.split() for line in seconds]
    assert sum(int(messages) for _, messages, _ in columns) == 1
    assert any(p95.endswith("ms") for *_, p95 in columns)


def test_its_mistakes_end_the_run_before_it_begins(tmp_path: Path) -> None:
    installed(tmp_path)
    (tmp_path / "s.js").write_text(SCRIPT, "utf-8")
    ran = gharial(tmp_path, "--out", "seconds")
    assert ran.returncode == 104
    assert "--out seconds: name a file, as in --out seconds=FILE" in ran.stderr
