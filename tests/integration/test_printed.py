"""What scripts and servers say on a terminal, and standard streams that are not there."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from safety_net import LIMIT_S

pytestmark = pytest.mark.slow

GHARIAL = [sys.executable, "-m", "gharial"]
HOSTILE = {
    "script.js": r"""
import { check, group } from 'k6';
import { Counter } from 'k6/metrics';
import exec from 'k6/execution';
const bad = '\x1b[2J\n::error::x\ud800\u202e\x9b2J';
const counter = new Counter('counter');
export const options = {
  iterations: 1, thresholds: { [`counter{who:${bad}}`]: ['count<1'] },
};
export default function () {
  exec.vu.tags[bad] = bad;
  counter.add(1, { who: bad });
  group(bad.replace('::', ''), () => check(1, { [bad.replaceAll('::', '')]: () => false }));
  console.log(bad);
  throw new Error(bad);
}
export function setup() { console.warn(bad); }
""",
    "script.py": r"""
from gharial import Counter, check, group, log, vu
bad = '\x1b[2J\n::error::x\ud800\u202e\x9b2J'
counter = Counter('counter')
options = {
    'iterations': 1, 'thresholds': {f'counter{{who:{bad}}}': ['count<1']},
}
def default():
    vu.tags[bad] = bad
    counter.add(1, {'who': bad})
    with group(bad.replace('::', '')):
        check(1, {bad.replace('::', ''): lambda value: False})
    log(bad)
    raise ValueError(bad)
""",
}


def on_terminal(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run a command on a terminal; return its exit code and what was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*GHARIAL, *arguments], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            some = os.read(ours, 65536)
        except OSError:
            break
        if not some:
            break
        shown += some
    os.close(ours)
    return process.wait(LIMIT_S), shown.decode("utf-8", "replace")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_hostile_names_reach_neither_the_terminal_nor_stop_an_output(
    tmp_path: Path, name: str, workers: str
) -> None:
    (tmp_path / name).write_text(HOSTILE[name], "utf-8")
    code, shown = on_terminal(
        tmp_path,
        *("run", "--workers", workers, "--out", "json=points.json"),
        *("--out", "junit=junit.xml", "--save=run.gharial", "--report", "report.html"),
        *("--summary-export", "export.json", name),
    )
    assert code == 99, shown
    for harmful in ("\x1b[2J", "\x9b", "\u202e", "\n::error"):
        assert harmful not in shown
    assert "\\x1b[2J" in shown
    assert "output" not in shown.partition("TOTAL RESULTS")[2]
    points = (tmp_path / "points.json").read_text("utf-8").splitlines()
    whos = {json.loads(line)["data"].get("tags", {}).get("who") for line in points}
    assert "\x1b[2J\n::error::x\ufffd\u202e\x9b2J" in whos
    for file in ("junit.xml", "run.gharial", "report.html", "export.json"):
        assert (tmp_path / file).stat().st_size > 0


@pytest.mark.parametrize(
    "streams",
    ["<&- >&- 2>&-", ">&- 2>err", "2>&- >out", ">/dev/full 2>err", ">out 2>/dev/full"],
)
def test_a_run_needs_no_standard_streams(tmp_path: Path, streams: str) -> None:
    if "full" in streams and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    (tmp_path / "script.js").write_text(
        "export const options = { iterations: 1, thresholds: { iterations: ['count>1'] } };"
        "export default function () { console.log('hi'); }"
    )
    command = " ".join([*GHARIAL, "run --summary-export e.json script.js", streams])
    ran = subprocess.run(["sh", "-c", command], cwd=tmp_path, check=False)
    assert ran.returncode == 99
    exported = json.loads((tmp_path / "e.json").read_text("utf-8"))
    assert exported["metrics"]["iterations"]["count"] == 1
    if "/dev/full 2>err" in streams:
        assert "cannot write to standard output" in (tmp_path / "err").read_text()


def test_a_command_whose_output_got_nowhere_says_so(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    command = " ".join([*GHARIAL, "options >/dev/full"])
    ran = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 104
    assert "No space left on device" in ran.stderr
