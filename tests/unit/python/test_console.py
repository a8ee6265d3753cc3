import logging
from typing import Any

import pytest

import gharial


def test_log_has_levels_and_joins_its_values(world: Any) -> None:
    world.iterate(
        """
        from gharial import log
        def default():
            log("plain", 1, None)
            log.debug("d")
            log.info("i", [1])
            log.warning("w")
            log.error("e")
        """
    )
    assert [(level, text) for level, text, _ in world.logged] == [
        (20, "plain 1 None"),
        (10, "d"),
        (20, "i [1]"),
        (30, "w"),
        (40, "e"),
    ]
    assert {fields["source"] for _, _, fields in world.logged} == {"console"}
    assert world.logged[0][2]["scenario"] == "default"


def test_print_goes_to_the_log_from_the_scripts_modules_too(world: Any) -> None:
    world.iterate(
        """
        import helper
        def default():
            print("a", 1, sep="-")
            helper.say()
        """,
        helper="def say(): print('from helper')",
    )
    assert [(text, fields["source"]) for _, text, fields in world.logged] == [
        ("a-1", "console"),
        ("from helper", "console"),
    ]


def test_print_waits_for_the_end_of_a_line(world: Any) -> None:
    world.iterate(
        """
        def default():
            print("a", end="")
            print("b", end=" ")
            print("c\\nd", end=None)
            print("lost", end="")
        """,
        times=2,
    )
    assert world.texts() == ["ab c\nd"] * 2


def test_print_to_a_file_is_pythons_own(world: Any) -> None:
    world.iterate(
        """
        import io, sys
        from gharial import log
        def default():
            file = io.StringIO()
            print("to file", file=file)
            print("to log", file=sys.stdout)
            log(file.getvalue().strip())
        """
    )
    assert world.texts() == ["to log", "to file"]


def test_outside_of_a_run_log_uses_logging(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gharial"):
        gharial.log("hello", "you")
    assert caplog.messages == ["hello you"]
