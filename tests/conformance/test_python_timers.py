"""
HTML, section 8.6 (timers) and 8.1.7 (event loops), as a Python script sees them.

Each case is the body of ``default``, and the lines that it logs.
"""

from pathlib import Path
from textwrap import dedent, indent

import pytest
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations

CASES = {
    "8.6 an id is a positive integer that is not in use": (
        """
        ids = [set_timeout(print, 1), set_interval(print, 1), set_timeout(print)]
        log(all(type(one) is int and one > 0 for one in ids), len(set(ids)))
        for one in ids:
            clear_timeout(one)
        """,
        ["True 3"],
    ),
    "8.6 either clear function ends either kind": (
        """
        clear_interval(set_timeout(log, 1, "no"))
        clear_timeout(set_interval(log, 1, "no"))
        for unknown in (12345, None, -1, 0):
            clear_timeout(unknown)
            clear_interval(unknown)
        set_timeout(log, 20, "done")
        """,
        ["done"],
    ),
    "8.6 arguments are handed on": (
        "set_timeout(lambda *all: log(all), 0, 1, 'a', None)",
        ["(1, 'a', None)"],
    ),
    "8.6 a delay that is below zero, none or no finite number is zero": (
        """
        set_timeout(log, 20, "later")
        set_timeout(lambda: log("none"))
        set_timeout(log, -1000, "below")
        set_timeout(log, float("nan"), "not a number")
        set_timeout(log, float("inf"), "infinite")
        """,
        ["none", "below", "not a number", "infinite", "later"],
    ),
    "8.6 equal delays keep their order, and shorter ones go first": (
        """
        set_timeout(log, 60, "c")
        set_timeout(log, 20, "a")
        set_timeout(log, 20, "b")
        """,
        ["a", "b", "c"],
    ),
    "8.6 an interval repeats until it is cleared, also by itself": (
        """
        left = [3, 2, 1]
        def tick():
            log(left.pop(0))
            if not left:
                clear_interval(timer)
        timer = set_interval(tick, 2)
        """,
        ["3", "2", "1"],
    ),
    "8.6 a callback can end one that is due with it": (
        """
        second = None
        def first():
            log("first")
            clear_timeout(second)
        set_timeout(first, 5)
        second = set_timeout(log, 5, "no")
        """,
        ["first"],
    ),
    "8.6 a timer set by a timer runs in a task of its own": (
        """
        def outer():
            set_timeout(log, 0, "inner")
            log("outer")
        set_timeout(outer, 0)
        """,
        ["outer", "inner"],
    ),
    "8.6 a callback runs after the code that set it, even without a delay": (
        """
        set_timeout(log, 0, "task")
        log("code")
        """,
        ["code", "task"],
    ),
    "8.6 an async callback is a task, and the iteration waits for it": (
        """
        async def later(name):
            log(name, "begins")
            await asyncio.sleep(0.01)
            log(name, "ends")
        set_timeout(later, 1, "one")
        """,
        ["one begins", "one ends"],
    ),
    "8.6 a callback is a function": (
        """
        for wrong in ("code", None, 5):
            try:
                set_timeout(wrong, 0)
            except TypeError:
                log("TypeError")
        """,
        ["TypeError"] * 3,
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_timers_are_as_the_standard_has_them(tmp_path: Path, rule: str) -> None:
    body, expected = CASES[rule]
    source = "import asyncio\nfrom gharial import *\ndef default():\n" + indent(
        dedent(body).strip(), "    "
    )
    executor = PerVuIterations(ScenarioPlan(), 1, 1, 10.0)
    ran = run_whole(tmp_path, "s.py", source, [executor])
    assert ran.console == expected
    assert ran.errors == []
