from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.snapshot import Snapshot
from gharial.metrics.tags import TagSet
from gharial.metrics.value_limit import OTHER, VALUES_MAXIMUM, ValueLimit


def test_the_first_values_pass_and_all_others_are_one() -> None:
    limit = ValueLimit("operation")
    names = [f"operation {number}" for number in range(VALUES_MAXIMUM + 50)]
    shown = {limit.value(name) for name in names}
    assert shown == {*names[:VALUES_MAXIMUM], OTHER}
    assert limit.value(names[0]) == names[0]


def snapshot_of(first: int, *, protocol: str) -> Snapshot:
    registry = Registry()
    for number in range(first, first + VALUES_MAXIMUM):
        tags = {"operation": f"operation {number}", "protocol": protocol}
        series = registry.series(
            builtin.WS_EVENTS, TagSet.of({k: v for k, v in tags.items() if v})
        )
        series.add(1)
    return registry.drain()


def test_several_workers_together_keep_within_the_limit_too() -> None:
    registry = Registry()
    for first in (0, VALUES_MAXIMUM // 2):
        registry.merge(snapshot_of(first, protocol="mqtt"))
    series = dict(registry.series_of(builtin.WS_EVENTS))
    assert len({tags.get("operation") for tags in series}) == VALUES_MAXIMUM + 1
    assert registry.merged(builtin.WS_EVENTS).value == 2 * VALUES_MAXIMUM


def test_tags_of_the_users_own_are_not_limited() -> None:
    registry = Registry()
    for first in (0, VALUES_MAXIMUM):
        registry.merge(snapshot_of(first, protocol=""))
    assert len(dict(registry.series_of(builtin.WS_EVENTS))) == 2 * VALUES_MAXIMUM
