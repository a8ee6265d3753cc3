from pathlib import Path

import pytest

from gharial.lifecycle.preflight import (
    Demand,
    Supply,
    _memory,
    _ports,
    shortages,
    supply,
)

PLENTY = Supply(files=1_000_000, ports=60_000, memory_bytes=64_000_000_000)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param(PLENTY, [], id="enough of all"),
        pytest.param(Supply(None, None, None), [], id="no limits"),
        pytest.param(
            Supply(4_096, 60_000, 64_000_000_000), ["ulimit -n 8192"], id="files"
        ),
        pytest.param(
            Supply(1_000_000, 9_000, 64_000_000_000),
            ["ip_local_port_range"],
            id="ports",
        ),
        pytest.param(
            Supply(1_000_000, 60_000, 1_000_000_000),
            ["GB of memory, and 1.0 GB are free"],
            id="memory",
        ),
        pytest.param(
            Supply(10, 10, 10),
            ["ulimit", "--local-ips", "another machine"],
            id="all three",
        ),
    ],
)
def test_what_there_is_not_enough_of_is_told_with_what_helps(given, told):
    found = shortages(Demand(10_000, 2, "javascript"), given)
    assert len(found) == len(told)
    for text, part in zip(found, told, strict=True):
        assert part in text


def test_more_addresses_bring_more_ports():
    given = Supply(None, 9_000, None)
    assert shortages(Demand(10_000, 2, "python", local_addresses=2), given) == []


def test_the_range_of_ports_is_read(tmp_path: Path):
    file = tmp_path / "range"
    file.write_text("32768\t60999\n")
    assert _ports(file) == 28_232
    assert _ports(tmp_path / "none") is None


def test_a_limit_of_a_container_counts(tmp_path: Path):
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    assert _memory(tmp_path) == 600_000
    (tmp_path / "memory.max").write_text("max\n")
    assert _memory(tmp_path) > 1_000_000  # type: ignore[operator]


def test_this_machine_can_be_asked():
    assert supply().memory_bytes > 0  # type: ignore[operator]
