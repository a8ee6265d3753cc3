"""
Tests that want the machine to themselves, where several processes share the tests.

Each process holds a lock while a test of its own runs: together with the others, or, for a
test marked ``alone``, by itself. Who waits for the second kind keeps the gate shut, so that
no test begins meanwhile that would let it wait for ever.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

try:
    import fcntl
except ImportError:
    # Windows has no such locks; ``make``, which starts several processes, neither.
    fcntl = None  # type: ignore[assignment]

# No test fails since the machine is busy.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")

GATE = Path(__file__)
FLOOR = GATE.parent


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test, its fixtures and what takes them down, when it may."""
    is_shared = hasattr(item.config, "workerinput")
    if fcntl is None or not is_shared:
        return (yield)
    with _turn(is_alone=item.get_closest_marker("alone") is not None):
        return (yield)


@contextmanager
def _turn(*, is_alone: bool) -> Iterator[None]:
    with _opened(GATE) as gate, _opened(FLOOR) as floor:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(floor, fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        try:
            yield
        finally:
            # In so many words: a fork that a test has left behind would keep it locked.
            fcntl.flock(floor, fcntl.LOCK_UN)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
