from typing import Any

import pytest

from gharial.virtual_user.iteration import IterationOutcome


def test_checks_are_recorded_by_name(world: Any) -> None:
    world.iterate(
        """
        from gharial import check, log
        def default():
            log(check(5, {"small": lambda x: x < 9, "true": 1, "empty": ""}))
            log(check(5, {"small": lambda x: x < 9}))
        """
    )
    assert world.texts() == ["False", "True"]
    checks = {
        tags: (sink.passes, sink.total) for tags, sink in world.values("checks").items()
    }
    assert checks == {
        "check=empty,group=,scenario=default": (0, 1),
        "check=small,group=,scenario=default": (2, 2),
        "check=true,group=,scenario=default": (1, 1),
    }


def test_a_check_may_carry_tags(world: Any) -> None:
    world.iterate(
        """
        from gharial import check
        def default(): check(1, {"is": True}, {"room": 7, "new": True})
        """
    )
    assert list(world.values("checks")) == [
        "check=is,group=,new=true,room=7,scenario=default"
    ]


def test_a_check_that_raises_counts_as_failed_and_ends_the_iteration(
    world: Any,
) -> None:
    outcomes = world.iterate(
        """
        from gharial import check
        def default(): check({}, {"has": lambda x: x["y"], "later": True})
        """
    )
    assert outcomes == [IterationOutcome.FAILED]
    [(tags, sink)] = world.values("checks").items()
    assert tags.startswith("check=has,")
    assert (sink.passes, sink.total) == (0, 1)
    assert world.texts()[0].startswith(
        "KeyError: 'y'\n    at default.<lambda> (chat.py:3:"
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("check(1, {'a::b': True})", "a check's name must not contain '::'"),
        ("group('a::b', default)", "a group's name must not contain '::'"),
        ("check(1, {'a': later})", "check() cannot wait for an async function"),
        ("group('a', nothing)", "group() cannot wait for an async function"),
        ("fail('no room')", "FailError: no room"),
    ],
)
def test_misuse_fails_the_iteration_with_a_reason(
    world: Any, call: str, message: str
) -> None:
    outcomes = world.iterate(
        f"""
        from gharial import check, fail, group
        async def later(value): pass
        async def nothing(): pass
        def default():
            {call}
        """
    )
    assert outcomes == [IterationOutcome.FAILED]
    [text] = world.texts()
    assert message in text.splitlines()[0]
    assert text.endswith("at default (chat.py:6:5)")


def test_groups_nest_and_are_timed(world: Any) -> None:
    world.iterate(
        """
        from gharial import check, group, log, sleep
        def inside():
            sleep(1)
            check(1, {"in": True})
            return "value"
        def default():
            with group("outer"):
                sleep(2)
                log(group("inner", inside))
            check(1, {"out": True})
        """
    )
    assert world.texts() == ["value"]
    assert list(world.values("checks")) == [
        "check=in,group=::outer::inner,scenario=default",
        "check=out,group=,scenario=default",
    ]
    durations = {
        tags: sink.sum for tags, sink in world.values("group_duration").items()
    }
    assert durations == {
        "group=::outer::inner,scenario=default": pytest.approx(1000),
        "group=::outer,scenario=default": pytest.approx(3000),
    }


def test_a_group_ends_also_when_it_raises(world: Any) -> None:
    world.iterate(
        """
        from gharial import check, group
        def default():
            try:
                with group("a"):
                    raise ValueError
            except ValueError:
                check(1, {"after": True})
        """
    )
    assert list(world.values("checks")) == ["check=after,group=,scenario=default"]
    assert len(world.values("group_duration")) == 1
