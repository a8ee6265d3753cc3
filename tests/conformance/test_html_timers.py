"""
HTML, section 8.6 (timers) and 8.1.7 (event loops), as a script sees them.

Each case is the body of a script, and the lines that it logs.
"""

from pathlib import Path

import pytest
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations

CASES = {
    "8.6 an id is a positive integer that is not in use": (
        """
        const ids = [setTimeout(() => {}, 1), setInterval(() => {}, 1), setTimeout(() => {})];
        console.log(ids.every((id) => Number.isInteger(id) && id > 0), new Set(ids).size);
        ids.forEach(clearTimeout);
        """,
        ["true 3"],
    ),
    "8.6 either clear function ends either kind": (
        """
        clearInterval(setTimeout(() => console.log('no'), 1));
        clearTimeout(setInterval(() => console.log('no'), 1));
        clearTimeout(12345); clearTimeout(undefined); clearTimeout(null); clearTimeout(-1);
        setTimeout(() => console.log('done'), 20);
        """,
        ["done"],
    ),
    "8.6 an id is converted to a number": (
        """
        clearTimeout(String(setTimeout(() => console.log('no'), 1)));
        clearInterval({ valueOf: () => setInterval(() => console.log('no'), 1) });
        try { clearTimeout(Symbol()); } catch (error) { console.log(error.name); }
        """,
        ["TypeError"],
    ),
    "8.6 arguments are handed on": (
        "setTimeout((...all) => console.log(JSON.stringify(all)), 0, 1, 'a', null);",
        ['[1,"a",null]'],
    ),
    "8.6 this is the global object": (
        "setTimeout(function () { console.log(this === globalThis); }, 0);",
        ["true"],
    ),
    "8.6 a delay below zero, or none, is zero": (
        """
        setTimeout(() => console.log('none'));
        setTimeout(() => console.log('below'), -1000);
        setTimeout(() => console.log('not a number'), NaN);
        setTimeout(() => console.log('object'), {});
        setTimeout(() => console.log('infinite'), Infinity);
        """,
        ["none", "below", "not a number", "object", "infinite"],
    ),
    "8.6 a delay is a long: beyond 31 bits it wraps around": (
        """
        setTimeout(() => console.log('third'), 5);
        setTimeout(() => console.log('first'), 2 ** 32);
        setTimeout(() => console.log('second'), 2 ** 31);
        setTimeout(() => console.log('last'), 2 ** 33 + 20.5);
        for (const wrong of [1n, Symbol()]) {
          try { setTimeout(() => {}, wrong); } catch (error) { console.log(error.name); }
        }
        """,
        ["TypeError", "TypeError", "first", "second", "third", "last"],
    ),
    "8.6 a delay is converted to a number": (
        """
        setTimeout(() => console.log('second'), '40');
        setTimeout(() => console.log('first'), { valueOf: () => 5 });
        """,
        ["first", "second"],
    ),
    "8.6 equal delays keep their order, and shorter ones go first": (
        """
        setTimeout(() => console.log('c'), 60);
        setTimeout(() => console.log('a'), 20);
        setTimeout(() => console.log('b'), 20);
        """,
        ["a", "b", "c"],
    ),
    "8.6 an interval repeats until it is cleared, also by itself": (
        """
        let left = 3;
        const id = setInterval(() => {
          console.log(left);
          left -= 1;
          if (left === 0) clearInterval(id);
        }, 2);
        """,
        ["3", "2", "1"],
    ),
    "8.6 a callback can end one that is due with it": (
        """
        let second;
        setTimeout(() => { console.log('first'); clearTimeout(second); }, 5);
        second = setTimeout(() => console.log('no'), 5);
        """,
        ["first"],
    ),
    "8.6 a timer set by a timer runs in a task of its own": (
        """
        setTimeout(() => {
          setTimeout(() => console.log('inner'), 0);
          Promise.resolve().then(() => console.log('job'));
          console.log('outer');
        }, 0);
        """,
        ["outer", "job", "inner"],
    ),
    "8.1.7.3 microtasks run before the next task, in their order": (
        """
        setTimeout(() => console.log('task'), 0);
        queueMicrotask(() => {
          console.log('one');
          queueMicrotask(() => console.log('three'));
        });
        Promise.resolve().then(() => console.log('two'));
        console.log('zero');
        """,
        ["zero", "one", "two", "three", "task"],
    ),
    "8.1.7.3 microtasks run between the callbacks of two timers": (
        """
        setTimeout(() => {
          console.log('first');
          queueMicrotask(() => console.log('between'));
        }, 5);
        setTimeout(() => console.log('second'), 5);
        """,
        ["first", "between", "second"],
    ),
    "8.7 queueMicrotask takes a function": (
        "try { queueMicrotask('code'); } catch (error) { console.log(error.name); }",
        ["TypeError"],
    ),
    "8.6 the functions have the lengths of the standard": (
        """
        console.log(setTimeout.length, setInterval.length, clearTimeout.length,
          clearInterval.length, queueMicrotask.length, structuredClone.length);
        """,
        ["1 1 0 0 1 1"],
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_timers_are_as_the_standard_has_them(tmp_path: Path, rule: str) -> None:
    body, expected = CASES[rule]
    executor = PerVuIterations(ScenarioPlan(), 1, 1, 10.0)
    ran = run_whole(
        tmp_path, "s.js", f"export default function () {{ {body} }}", [executor]
    )
    assert ran.console == expected
    assert ran.errors == []
