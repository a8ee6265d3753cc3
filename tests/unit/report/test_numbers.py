import math

import pytest

from gharial.metrics.metric import Contains
from gharial.report.numbers import (
    format_data,
    format_number,
    format_share,
    format_time,
    format_value,
)


@pytest.mark.parametrize(
    ("time_ms", "text"),
    [
        (0, "0s"),
        (0.0000005, "0ns"),
        (0.00025, "250ns"),
        (0.0123456, "12.34µs"),
        (1, "1ms"),
        (12.3456, "12.34ms"),
        (999.999, "999.99ms"),
        (1000, "1s"),
        (59_999, "59.99s"),
        (60_000, "1m0s"),
        (90_500, "1m30s"),
        (3_723_000, "1h2m3s"),
        (-1500, "-1.5s"),
        (math.inf, "infs"),
    ],
)
def test_a_time_is_cut_in_the_unit_that_suits_it(time_ms: float, text: str) -> None:
    assert format_time(time_ms) == text


@pytest.mark.parametrize(
    ("unit", "text"), [("s", "0.12s"), ("ms", "123.46ms"), ("us", "123456.00µs")]
)
def test_a_time_in_a_fixed_unit_has_two_decimals(unit: str, text: str) -> None:
    assert format_time(123.456, unit) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (9, "9 B"),
        (10, "10 B"),
        (1000, "1.0 kB"),
        (519_400, "519 kB"),
        (1_300_000, "1.3 MB"),
        (-1_300_000, "-1.3 MB"),
        (1e30, "1000000 YB"),
    ],
)
def test_data_is_in_powers_of_1000(size: float, text: str) -> None:
    assert format_data(size) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(1, "100.00%"), (0.99999, "99.99%"), (0.29, "29.00%"), (0, "0.00%")],
)
def test_a_share_is_cut_not_rounded(share: float, text: str) -> None:
    assert format_share(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (0.1234567, "0.123457"), (-0.0, "0"), (1e7, "10000000")],
)
def test_a_number_has_no_trailing_zeros(value: float, text: str) -> None:
    assert format_number(value) == text


def test_a_value_is_written_in_its_unit() -> None:
    found = [format_value(1500.0, contains) for contains in Contains]
    assert found == ["1500", "1.5s", "1.5 kB"]
