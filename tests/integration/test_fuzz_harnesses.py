"""The harnesses of ``make fuzz``: each takes its inputs, and a finding is told of."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[1] / "fuzz"
PYTHONPATH = os.pathsep.join(map(str, (FUZZ, FUZZ.with_name("support"))))
NAMES = ("frames", "answers", "deflate", "urls", "lenses")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("atheris") is None,
        reason="atheris has wheels for CPython on Linux, x86-64, alone",
    ),
]


def fuzzed(
    folder: Path, *arguments: str, seed: int = 1
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments, f"-seed={seed}"],
        env={**os.environ, "FUZZ_FOLDER": str(folder), "PYTHONPATH": PYTHONPATH},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_is_a_test_of_each_harness() -> None:
    assert {path.stem for path in FUZZ.glob("fuzz_*.py")} == {
        f"fuzz_{name}" for name in NAMES
    }
    makefile = (FUZZ.parents[1] / "Makefile").read_text()
    assert f"for name in {' '.join(NAMES)};" in makefile


@pytest.mark.parametrize("name", NAMES)
def test_a_harness_finds_nothing_in_a_short_run(tmp_path: Path, name: str) -> None:
    ran = fuzzed(tmp_path, str(FUZZ / f"fuzz_{name}.py"), "-runs=600")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    # Its own corpus may be read beyond the number asked for.
    [executed] = re.findall(r"number_of_executed_units: (\d+)", ran.stderr)
    assert int(executed) >= 600
    assert list((tmp_path / "findings").iterdir()) == []
    # Coverage led it beyond the seeds: our code is instrumented.
    corpus = [path.name for path in (tmp_path / "corpus" / name).iterdir()]
    assert any(not one.startswith("seed-") for one in corpus)


def test_a_finding_is_kept_told_of_and_played_again(tmp_path: Path) -> None:
    harness = tmp_path / "fuzz_planted.py"
    harness.write_text(
        "from harness import run\n"
        "def check(data):\n"
        "    assert b'bad' not in data, 'planted'\n"
        "run('planted', check, [b'good', b'a bad one'])\n"
    )
    ran = fuzzed(tmp_path, str(harness), "-runs=10")
    assert ran.returncode != 0
    assert "AssertionError: planted" in ran.stdout + ran.stderr
    [finding] = (tmp_path / "findings").iterdir()
    assert finding.name.startswith("planted-crash-")
    assert b"bad" in finding.read_bytes()
    again = fuzzed(tmp_path, str(harness), str(finding))
    assert again.returncode != 0
    assert "AssertionError: planted" in again.stdout + again.stderr
