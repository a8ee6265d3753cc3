import pytest

from gharial.header_fields import has_control, is_token


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X-Test_1", True),
        ("!#$%&'*+-.^_`|~", True),
        ("", False),
        ("a b", False),
        ("é", False),
    ],
)
def test_a_token_has_no_spaces_separators_or_letters_beyond_ascii(
    text: str, expected: bool
) -> None:
    assert is_token(text) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a\tb é", False), ("a\nb", True), ("a\0", True), ("\x7f", True)],
)
def test_a_tab_is_the_only_control_character_of_a_value(
    value: str, expected: bool
) -> None:
    assert has_control(value) is expected
