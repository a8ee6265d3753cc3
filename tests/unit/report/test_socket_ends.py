from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.report.build import build_report
from gharial.report.socket_ends import socket_ends


def report(attempts, codes, still_open=0):
    registry = Registry()
    tags = TagSet.of({})
    if attempts:
        registry.series(builtin.WS_SESSIONS, tags).add(attempts)
    for code, count in codes.items():
        registry.series(builtin.WS_CLOSE, TagSet.of({"code": code})).add(count)
    registry.series(builtin.WS_OPEN, tags).add(still_open)
    return build_report(registry, duration_s=1.0)


def test_the_numbers_add_up_to_all_attempts():
    found = socket_ends(report(100, {"1000": 60, "1001": 30, "4321": 2}, 3))
    assert found == (
        "100 sockets ended: 60 with 1000 (normal), 30 with 1001 (going away), "
        "2 with 4321, 5 never opened, 3 still open"
    )


def test_without_sockets_there_is_nothing_to_tell():
    assert socket_ends(report(0, {})) == ""
