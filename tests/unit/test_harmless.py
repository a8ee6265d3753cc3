import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.harmless import (
    harmless,
    harmless_but_colored,
    harmless_json,
    harmless_line,
    whole,
    whole_data,
)

ANY = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünd mit Ümläuten 日本 🐊", "plain, ünd mit Ümläuten 日本 🐊"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("\x9b2J and \x85", "\\x9b2J and \\x85"),
        ("gpj.\u202efdp", "gpj.\\u202efdp"),
        ("back\rover", "back\\rover"),
        ("half \ud800", "half \ufffd"),
        ("x\n  ::error::gone", "x\n  \\x3a:error::gone"),
        ("x\n##[group]gone", "x\n\\x23#[group]gone"),
        ("in a line ::group::a", "in a line ::group::a"),
    ],
)
def test_what_could_do_harm_is_shown(text: str, shown: str) -> None:
    assert harmless(text) == shown


@given(ANY)
def test_nothing_that_was_made_harmless_can_do_harm(text: str) -> None:
    shown = harmless_line(text)
    shown.encode()
    assert not any(ord(each) < 32 or 0x7F <= ord(each) < 0xA0 for each in shown)
    assert "\u202e" not in shown
    assert harmless_line(shown) == shown


def test_colors_can_be_left() -> None:
    assert harmless_but_colored("\x1b[1;31mred\x1b[0m\x1b[2J") == (
        "\x1b[1;31mred\x1b[0m\\x1b[2J"
    )


@given(ANY)
def test_json_stays_what_it_was(text: str) -> None:
    shown = harmless_json(json.dumps(text, ensure_ascii=False))
    assert json.loads(shown) == text
    shown.encode()
    assert "\x9b" not in shown


def test_lone_surrogates_are_replaced_and_pairs_are_characters() -> None:
    assert whole("a\ud83d\ude00b\ud800c\udfff") == "a😀b\ufffdc\ufffd"
    data = {"\ud800": ["\udc00", 1, None, {"a": "b"}]}
    assert whole_data(data) == {"\ufffd": ["\ufffd", 1, None, {"a": "b"}]}
