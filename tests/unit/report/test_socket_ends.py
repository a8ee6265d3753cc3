import pytest

from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.report.build import build_report
from gharial.report.socket_ends import none_opened, socket_ends


def report(attempts, codes, still_open=0, errors=None):
    registry = Registry()
    tags = TagSet.of({})
    if attempts:
        registry.series(builtin.WS_SESSIONS, tags).add(attempts)
    for code, count in codes.items():
        registry.series(builtin.WS_CLOSE, TagSet.of({"code": code})).add(count)
    for reason, count in (errors or {}).items():
        registry.series(builtin.WS_ERRORS, TagSet.of({"reason": reason})).add(count)
    registry.series(builtin.WS_OPEN, tags).add(still_open)
    return build_report(registry, duration_s=1.0)


def test_the_numbers_add_up_to_all_attempts():
    found = socket_ends(report(100, {"1000": 60, "1001": 30, "4321": 2}, 3))
    assert found == (
        "100 sockets ended: 60 with 1000 (normal), 30 with 1001 (going away), "
        "2 with 4321, 5 never opened, 3 still open"
    )


def test_one_socket_is_one():
    assert socket_ends(report(1, {"1000": 1})) == (
        "1 socket ended: 1 with 1000 (normal)"
    )


def test_without_sockets_there_is_nothing_to_tell():
    assert socket_ends(report(0, {})) == ""


@pytest.mark.parametrize(
    ("attempts", "codes", "still_open", "errors", "said"),
    [
        (1, {}, 0, {}, "no socket ever opened in 1 attempt"),
        (
            5,
            {},
            0,
            {"refused": 4, "dns": 1},
            "no socket ever opened in 5 attempts: 4 refused, 1 dns",
        ),
        (5, {"1000": 1}, 0, {"refused": 4}, ""),
        (5, {}, 1, {"refused": 4}, ""),
        (0, {}, 0, {}, ""),
    ],
)
def test_that_no_socket_ever_opened_is_said(attempts, codes, still_open, errors, said):
    assert none_opened(report(attempts, codes, still_open, errors)) == said
