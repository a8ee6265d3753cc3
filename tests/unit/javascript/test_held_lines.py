from typing import Any

from gharial.javascript.held_lines import HeldLines


def test_lines_are_shown_at_once_if_nothing_can_change() -> None:
    shown: list[Any] = []
    lines = HeldLines(lambda *line: shown.append(line), lambda: False)
    lines(20, "a", {})
    assert shown == [(20, "a", {})]


def test_lines_of_a_run_that_is_repeated_are_shown_once() -> None:
    shown: list[str] = []
    may_change = [False]
    lines = HeldLines(
        lambda level, text, fields: shown.append(text), lambda: may_change[0]
    )
    lines(20, "a", {})
    may_change[0] = True
    lines(20, "wrong", {})
    assert shown == ["a"]
    lines.begin_again()
    may_change[0] = False
    lines(20, "a", {})
    lines(20, "right", {})
    assert shown == ["a", "right"]


def test_lines_stay_in_order_and_come_at_the_end() -> None:
    shown: list[str] = []
    may_change = [True]
    lines = HeldLines(
        lambda level, text, fields: shown.append(text), lambda: may_change[0]
    )
    lines(20, "a", {})
    may_change[0] = False
    lines(20, "b", {})
    assert shown == []
    lines.finish()
    assert shown == ["a", "b"]
