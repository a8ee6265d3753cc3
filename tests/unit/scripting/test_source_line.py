import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.scripting.source_line import SHOWN_MAXIMUM, line_around


def test_a_short_line_is_shown_whole() -> None:
    assert line_around("const a = b;", 10) == ("const a = b;", 10)


@pytest.mark.parametrize("place", [0, 5, 70, 5_000, 129_990, 129_999])
def test_of_a_minified_line_the_place_is_shown(place: int) -> None:
    line = "".join(chr(ord("a") + index % 26) for index in range(130_000))
    shown, column = line_around(line, place)
    assert len(shown) == SHOWN_MAXIMUM
    assert shown[column] == line[place]
    assert shown.startswith("…") == (place > 60)
    assert shown.endswith("…") == (place < 129_900)


@given(length=st.integers(0, 400), column=st.integers(0, 500))
def test_the_column_stays_in_what_is_shown(length: int, column: int) -> None:
    shown, place = line_around("x" * length, column)
    assert len(shown) <= SHOWN_MAXIMUM
    assert 0 <= place <= max(len(shown), column)
