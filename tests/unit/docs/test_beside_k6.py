import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.clients import JAVASCRIPT
from benchmarks.measure import BenchmarkError, server
from benchmarks.whole_run_rows import EPOLL, K6, rows
from benchmarks.whole_runs import WHOLE, Taken, figure, judged, taken


def test_every_row_has_its_scripts() -> None:
    for row in rows():
        for work in (row.work, row.smaller, row.base_work):
            if work is not None and work.script:
                assert (WHOLE / f"{work.script}.js").exists()
                assert (
                    "python" not in row.tools or (WHOLE / f"{work.script}.py").exists()
                )


def test_a_figure_is_the_difference_for_each_item_in_its_unit() -> None:
    whole, smaller = Taken(3.0, 3072), Taken(1.0, 1024)
    assert figure("s of CPU", whole, None, 1) == 3.0
    assert figure("ms of CPU", whole, smaller, 4) == 500
    assert figure("µs of CPU", whole, smaller, 4) == 500_000
    assert figure("KB", whole, smaller, 2) == 1024
    assert figure("MB", whole, None, 1) == 3
    assert figure("µs of user CPU", Taken(9.0, 0, 2.0), Taken(8.0, 0, 1.0), 1) == 1e6
    with pytest.raises(ValueError, match="no unit 'hours'"):
        figure("hours", whole, None, 1)


def test_only_ours_are_judged_and_ratios_are_of_the_same_turn() -> None:
    by_name = {row.name: row for row in rows()}
    echo = by_name["echo"]
    slow = judged(echo, JAVASCRIPT, [2.0, 9.0, 4.0], [1.0, 9.0, 2.0])
    assert slow.ratio == 2.0 and slow.is_missed and not slow.is_absolute
    assert not judged(echo, K6, [9.0], [1.0]).is_missed
    assert judged(echo, EPOLL, [1.0], [1.0]).ratio is None
    start = by_name["empty"]
    assert judged(start, JAVASCRIPT, [0.26], []).is_missed
    assert not judged(start, JAVASCRIPT, [0.25], []).is_missed


def test_what_a_process_takes_is_counted_and_a_failure_is_told(tmp_path: Path) -> None:
    code = "sum(range(10**6)); x = bytearray(50 << 20)"
    took = taken([sys.executable, "-c", code], {})
    assert took.cpu_s > 0
    assert took.memory_kb > 50 << 10
    with pytest.raises(BenchmarkError, match="ended with 3"):
        taken([sys.executable, "-c", "raise SystemExit(3)"], {})


def test_memory_is_that_of_the_process_and_not_of_what_started_it() -> None:
    ours = bytearray(100 << 20)
    assert taken([sys.executable, "-S", "-c", ""], {}).memory_kb < 50 << 10
    assert len(ours) == 100 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands them on")
def test_processes_that_outlive_their_parent_are_counted() -> None:
    busy = "import time\nwhile time.process_time() < 0.1: pass"
    code = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-S', '-c', {busy!r}])\n"
    )
    assert taken([sys.executable, "-c", code], {}).cpu_s >= 0.1


@pytest.mark.slow
def test_the_floor_of_the_kernel_speaks_to_a_server(tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler")
    program = tmp_path / "floor"
    source = str(WHOLE.parent.parent / "kernel_floor.c")
    subprocess.run(["cc", "-o", str(program), source], check=True)
    with server() as where:
        for way in ("epoll", "io_uring"):
            words = [str(program), way, "127.0.0.1", str(where.port), "10", "20", "32"]
            code = subprocess.run(words, check=False, timeout=60).returncode
            # 3: the kernel, or what guards it, does not allow it.
            assert code == 0 or (way == "io_uring" and code == 3)
