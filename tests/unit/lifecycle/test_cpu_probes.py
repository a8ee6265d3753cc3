import sys
import time

import pytest

from gharial.lifecycle.cpu_probes import CpuProbe

MACHINE = "cpu  10 0 10 100 0 0 0 {steal} 0 0\ncpu0 1 1\n"


def probe(folder, thread="5 2500000000 3\n", machine=MACHINE, cgroup=""):
    paths = [folder / name for name in ("schedstat", "stat", "cpu.stat")]
    for path, text in zip(paths, (thread, machine, cgroup), strict=True):
        if text is not None:
            path.write_text(text)
    return CpuProbe(paths[0], paths[1], (folder / "none", paths[2]))


def test_what_linux_tells_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("os.sysconf", lambda name: 100)
    found = probe(
        tmp_path, machine=MACHINE.format(steal=400), cgroup="throttled_usec 1500000\n"
    )
    assert found.waited_s() == 2.5
    (tmp_path / "schedstat").write_text("5 3500000000 3\n")
    assert found.waited_s() == 3.5
    # 400 hundredths of a second, of two cores.
    assert found.stolen_s() == 2.0
    assert found.throttled_s() == 1.5
    found.close()
    found.close()
    assert found.waited_s() is None


def test_the_older_kind_of_cgroup_is_read(tmp_path):
    found = probe(tmp_path, cgroup="nr_periods 3\nthrottled_time 2000000000\n")
    assert found.throttled_s() == 2.0
    found.close()


@pytest.mark.parametrize("text", ["", "what?", None])
def test_what_is_not_told_is_nothing(tmp_path, text):
    found = probe(tmp_path, thread=text, machine=text, cgroup=text)
    assert found.waited_s() is None
    assert (found.stolen_s(), found.throttled_s()) == (0.0, 0.0)
    found.close()


def test_time_that_was_computed_is_told():
    found = CpuProbe()
    before = found.computed_s()
    until = time.thread_time() + 0.01
    while time.thread_time() < until:
        pass
    assert found.computed_s() - before >= 0.01
    if sys.platform == "linux":
        assert found.waited_s() is not None
    found.close()
