import threading

import pytest

from gharial.process.daemon_threads import DaemonThreads

LIMIT_S = 60.0


def test_work_that_waits_can_be_withdrawn_and_work_under_way_cannot() -> None:
    threads = DaemonThreads("test", 1)
    begun, gate, done = (threading.Event() for _ in range(3))
    called: list[str] = []

    def block() -> None:
        begun.set()
        gate.wait(LIMIT_S)

    def withdrawn() -> None:
        called.append("withdrawn")

    threads.submit(block)
    assert begun.wait(LIMIT_S)
    threads.submit(withdrawn)
    threads.submit(done.set)
    assert threads.withdraw(withdrawn)
    assert not threads.withdraw(block)
    gate.set()
    assert done.wait(LIMIT_S)
    assert called == []


def test_without_a_thread_work_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    called: list[int] = []
    threads = DaemonThreads("test", 1)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            threads.submit(lambda: called.append(1))
    # It is forgotten, and the next one is served.
    done = threading.Event()
    threads.submit(done.set)
    assert done.wait(LIMIT_S)
    assert called == []
