import os
from pathlib import Path

import pytest

from gharial.workers.cores import usable_cores


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
