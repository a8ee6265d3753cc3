from typing import Any

import pytest

from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.script import ScriptError


def test_values_reach_their_metric_with_the_tags_of_the_vu(world: Any) -> None:
    world.iterate(
        """
        from gharial import Counter, Gauge, Rate, Trend, vu
        errors, level = Counter("my_errors"), Gauge("my_level")
        good, wait = Rate("my_good"), Trend("my_wait", is_time=True)
        def default():
            errors.add(2)
            errors.add(True, {"kind": "late"})
            level.add(7.5)
            good.add(True)
            good.add(0)
            vu.tags["room"] = 1
            wait.add(12.5)
        """
    )
    assert {t: s.value for t, s in world.values("my_errors").items()} == {
        "group=,scenario=default": 2,
        "group=,kind=late,scenario=default": 1,
    }
    assert [sink.value for sink in world.values("my_level").values()] == [7.5]
    [good] = world.values("my_good").values()
    assert (good.passes, good.total) == (1, 2)
    [(tags, wait)] = world.values("my_wait").items()
    assert (tags, wait.sum) == ("group=,room=1,scenario=default", 12.5)


def test_what_converts_to_a_number_is_one(world: Any) -> None:
    world.iterate(
        """
        from decimal import Decimal
        from gharial import Trend
        waits = Trend("my_waits")
        def default():
            for value in ("12.5", " 7 ", Decimal("0.5"), True, -3):
                waits.add(value)
        """
    )
    [waits] = world.values("my_waits").values()
    assert (waits.count, waits.sum) == (5, 18.0)


@pytest.mark.parametrize("value", ["'x'", "None", "float('nan')", "[]"])
def test_what_is_no_number_is_left_out_with_a_warning(world: Any, value: str) -> None:
    script = f"""
        from gharial import Counter
        errors = Counter("my_errors")
        def default(): errors.add({value})
        """
    assert world.iterate(script) == [IterationOutcome.COMPLETED]
    assert "is not a number, so it cannot be added to 'my_errors'" in world.texts()[0]
    assert world.values("my_errors") == {}


def test_what_is_no_number_raises_where_the_options_say_so(world: Any) -> None:
    world.settings["throw"] = True
    outcomes = world.iterate(
        """
        from gharial import Counter
        errors = Counter("my_errors")
        def default(): errors.add("x")
        """
    )
    assert outcomes == [IterationOutcome.FAILED]
    assert world.texts()[0].startswith("MetricValueError: 'x' is not a number")


def test_metrics_are_made_at_the_top_level_only(world: Any) -> None:
    world.iterate("from gharial import Rate\ndef default(): Rate('late_rate')")
    assert world.texts()[0].startswith(
        "OnlyInInitContextError: Rate() can be used only at the top level of a script"
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Counter('thing')\nTrend('thing')", "MetricRedefinedError"),
        ("Trend('thing')\nTrend('thing', True)", "MetricRedefinedError"),
        ("Counter('no name')", "MetricNameError"),
        ("Counter('thing').add(1)", "cannot be used at the top level"),
    ],
)
def test_a_wrong_metric_is_a_script_error(world: Any, code: str, message: str) -> None:
    with pytest.raises(ScriptError, match=message):
        world.host(f"from gharial import *\n{code}\ndef default(): pass")


def test_the_same_metric_may_be_made_twice(world: Any) -> None:
    host = world.host(
        "from gharial import Counter\na = Counter('same')\nb = Counter('same')\n"
        "def default(): pass"
    )
    assert len(host.metrics) == 1
