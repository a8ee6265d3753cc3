"""Tables by name: exact sums, in bounded space."""

from gharial.metrics import builtin
from gharial.metrics.failures import OTHERS
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.report.name_table import ROWS_MAXIMUM, NameTable, name_table


def tags(name: str, **others: str) -> TagSet:
    return TagSet.of({"name": name, "scenario": "a", **others})


def test_series_of_one_name_are_one_row() -> None:
    registry = Registry()
    for status, count in (("101", 3), ("429", 2)):
        registry.series(builtin.WS_SESSIONS, tags("visit", status=status)).add(count)
    registry.series(builtin.WS_ERRORS, tags("visit", reason="x")).add(2)
    for time_ms in (1.0, 9.0):
        registry.series(builtin.WS_CONNECTING, tags("visit")).add(time_ms)
    for failed in (0, 0, 1):
        registry.series(builtin.WS_REQ_FAILED, tags("order")).add(failed)
    first, second = name_table(registry.all_series())
    assert (first.kind, first.labels) == ("connections", ("visit", "a"))
    assert (first.count, first.failures) == (5, 2)
    assert (first.sink.count, first.sink.maximum) == (2, 9.0)
    assert (second.kind, second.count, second.failures) == ("requests", 3, 1)


def test_parts_of_a_series_add_up_as_the_whole_does() -> None:
    registry, table = Registry(), NameTable()
    for time_ms in range(10):
        registry.series(builtin.WS_CONNECTING, tags("visit")).add(time_ms)
        table.add(registry.drain())
    (row,) = table.rows
    assert (row.sink.count, row.sink.percentile(50)) == (10, 4.5)


def test_urls_that_differ_in_a_secret_are_one_row() -> None:
    registry = Registry()
    for token in "abc":
        name = f"ws://h/?token={token}"
        registry.series(builtin.WS_SESSIONS, tags(name)).add(1)
    (row,) = name_table(registry.all_series())
    assert (row.labels[0], row.count) == ("ws://h/?token=***", 3)


def test_names_that_never_repeat_are_one_row_in_the_end() -> None:
    registry = Registry()
    for number in range(ROWS_MAXIMUM + 50):
        registry.series(builtin.WS_SESSIONS, tags(f"user {number}")).add(1)
    rows = name_table(registry.all_series())
    assert len(rows) == ROWS_MAXIMUM + 1
    assert {row.labels: row.count for row in rows}[OTHERS, OTHERS] == 50
