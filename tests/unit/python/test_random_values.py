import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial import (
    find_between,
    random_int_between,
    random_item,
    random_string,
    uuidv4,
)


@given(low=st.integers(-5, 5), span=st.integers(0, 3))
def test_integers_include_both_ends_and_nothing_else(low: int, span: int) -> None:
    drawn = {random_int_between(low, low + span) for _ in range(200)}
    assert drawn <= set(range(low, low + span + 1))
    assert {low, low + span} <= drawn


def test_strings_have_their_length_and_characters() -> None:
    assert len(random_string(40)) == 40
    assert set(random_string(100)) <= set("abcdefghijklmnopqrstuvwxyz")
    assert set(random_string(100, "ab")) == {"a", "b"}
    assert random_string(0) == ""


def test_an_item_is_one_of_them() -> None:
    assert {random_item("abc") for _ in range(100)} == set("abc")
    with pytest.raises(IndexError):
        random_item([])


@pytest.mark.parametrize("secure", [False, True])
def test_uuids_are_of_version_four(secure: bool) -> None:
    made = uuid.UUID(uuidv4(secure=secure))
    assert (made.version, made.variant) == (4, uuid.RFC_4122)


@pytest.mark.parametrize(
    ("content", "left", "right", "first", "every"),
    [
        ("<a><b>", "<", ">", "a", ["a", "b"]),
        ("<a><b", "<", ">", "a", ["a"]),
        ("a|b|c|d", "|", "|", "b", ["b"]),
        ("no", "<", ">", None, None),
        ("<>", "<", ">", "", [""]),
        (">a<b>", "<", ">", "b", ["b"]),
        ("ab", "", "b", "a", ["a"]),
        ("ab", "", "", "", [""]),
        ("", "<", ">", None, None),
    ],
)
def test_find_between(
    content: str, left: str, right: str, first: str | None, every: list[str] | None
) -> None:
    assert find_between(content, left, right) == first
    assert find_between(content, left, right, repeat=True) == every


SCRIPT = """
    from gharial import *
    def default():
        log(random_int_between(1, 10**9), random_string(9), uuidv4(), vu.random.random())
"""


def test_a_seed_repeats_a_run_and_tells_vus_apart(world: Any) -> None:
    world.settings["random_seed"] = 7
    world.iterate(SCRIPT, users=2)
    first = world.texts()
    world.iterate(SCRIPT, users=2)
    assert world.texts() == first
    assert first[0] != first[1]


def test_without_a_seed_runs_differ(world: Any) -> None:
    world.iterate(SCRIPT)
    first = world.texts()
    world.iterate(SCRIPT)
    assert world.texts() != first


def test_a_script_may_set_the_seed(world: Any) -> None:
    world.iterate(
        """
        from gharial import log, random_int_between, random_seed
        def default():
            random_seed(5)
            log(random_int_between(1, 10**9))
        """,
        users=2,
    )
    assert len(set(world.texts())) == 1
