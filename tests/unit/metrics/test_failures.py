"""Failures in groups: counted exactly, with one example, in bounded space."""

from gharial.metrics.failures import (
    BODY_MAXIMUM,
    GROUPS_MAXIMUM,
    OTHERS,
    Failed,
    FailedGroup,
    Failures,
)


def refused(name: str = "visit", *, body: bytes = b"slow down") -> Failed:
    return Failed("socket", "handshake_status", 429, name, "a", "ws://h/", "no", body)


def test_what_is_alike_is_counted_and_the_first_is_the_example() -> None:
    failures = Failures()
    failures.add(refused(body=b"second"), 5.0)
    failures.add(refused(body=b"first"), 3.0)
    failures.add(refused(body=b"third"), 7.0)
    assert failures.groups == (FailedGroup(refused(body=b"first"), 3, 3.0, 7.0),)


def test_groups_of_several_workers_add_up() -> None:
    total, workers = Failures(), (Failures(), Failures())
    for at_s, worker in enumerate(workers * 3):
        worker.add(refused(body=str(at_s).encode()), float(at_s))
    for worker in reversed(workers):
        total.merge(worker.take())
        assert worker.take() == ()
    assert total.groups == (FailedGroup(refused(body=b"0"), 6, 0.0, 5.0),)


def test_names_that_never_repeat_take_bounded_space() -> None:
    failures = Failures()
    for number in range(1000):
        failures.add(refused(f"user {number}", body=b"x" * 10_000), 1.0)
    assert len(failures.groups) == GROUPS_MAXIMUM + 1
    assert failures.groups[0].count == 1000 - GROUPS_MAXIMUM
    assert failures.groups[0].example.name == OTHERS
    assert sum(group.count for group in failures.groups) == 1000
    assert all(len(one.example.body) == BODY_MAXIMUM for one in failures.groups)
