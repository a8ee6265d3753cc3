import os
from pathlib import Path

import pytest

from gharial.options.model import Options
from gharial.workers.cores import usable_cores, worker_count


@pytest.mark.parametrize(
    ("quota", "most"),
    [
        pytest.param("max 100000", None, id="no quota"),
        pytest.param("100000 100000", 1, id="one core"),
        pytest.param("50000 100000", 1, id="half a core"),
        pytest.param("nonsense", None, id="unreadable"),
    ],
)
def test_a_quota_limits_the_cores(tmp_path: Path, quota: str, most: int | None):
    file = tmp_path / "cpu.max"
    file.write_text(quota)
    cores = len(os.sched_getaffinity(0))
    assert usable_cores(file) == (most or cores)
    assert usable_cores(tmp_path / "none") == cores


@pytest.mark.parametrize(
    ("options", "count"),
    [
        pytest.param({"vus": 100, "duration": "1m"}, 8, id="one a core"),
        pytest.param({"vus": 3, "duration": "1m"}, 3, id="no more than VUs"),
        pytest.param({}, 1, id="a single VU"),
        pytest.param({"vus": 100, "duration": "1m", "workers": 20}, 20, id="as asked"),
        pytest.param({"vus": 2, "duration": "1m", "workers": 20}, 2, id="not empty"),
    ],
)
def test_a_run_has_a_worker_for_each_core_but_none_without_work(options, count):
    assert worker_count(Options.read(options), lambda: 8) == count
