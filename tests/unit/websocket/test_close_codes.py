import pytest

from gharial.websocket.close_codes import (
    check_close,
    clamped_code,
    error_words,
    is_valid_on_the_wire,
)
from gharial.websocket.errors import WebSocketError


@pytest.mark.parametrize("code", [None, 1000, 3000, 3999, 4000, 4999])
def test_scripts_may_close_with(code: int | None) -> None:
    assert check_close(code, "é") == "é".encode()


@pytest.mark.parametrize("code", [0, 999, 1001, 1005, 1006, 1015, 2999, 5000, 65_535])
def test_scripts_may_not_close_with(code: int) -> None:
    with pytest.raises(WebSocketError) as caught:
        check_close(code, "")
    assert caught.value.name == "InvalidAccessError"


@pytest.mark.parametrize(
    ("reason", "is_allowed"),
    [("x" * 123, True), ("x" * 124, False), ("é" * 61, True), ("é" * 62, False)],
)
def test_reasons_have_at_most_123_bytes(reason: str, is_allowed: bool) -> None:
    if is_allowed:
        assert check_close(1000, reason) == reason.encode()
        return
    with pytest.raises(WebSocketError) as caught:
        check_close(1000, reason)
    assert caught.value.name == "SyntaxError"


def test_codes_on_the_wire_are_registered_or_free_for_use() -> None:
    valid = {code for code in range(65_536) if is_valid_on_the_wire(code)}
    assert valid == {1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)}


@pytest.mark.parametrize("code", [3000.5, "3000", True])
def test_a_code_that_is_no_whole_number_is_refused(code: object) -> None:
    with pytest.raises(TypeError, match="whole number"):
        check_close(code, "")  # type: ignore[arg-type]


def test_a_lone_surrogate_in_a_reason_is_replaced() -> None:
    assert check_close(1000, "\ud800") == "\ufffd".encode()


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (1000.5, 1000),
        (1001.5, 1002),
        (999.5, 1000),
        (2999.6, 3000),
        (-1, 0),
        (70_000, 65_535),
        (float("inf"), 65_535),
        (float("-inf"), 0),
        (float("nan"), 0),
    ],
)
def test_a_number_becomes_the_nearest_code(number: float, code: int) -> None:
    assert clamped_code(number) == code


def test_codes_that_stand_for_an_error_are_those_of_the_standard_and_the_registry() -> (
    None
):
    errors = {code for code in range(5000) if error_words(code, "")}
    assert errors == {1002, 1003, *range(1007, 1015), 3000, 3003, 3008}
    assert error_words(None, "") == ""


def test_an_error_is_told_with_its_reason() -> None:
    assert error_words(1011, "") == "close 1011 (internal server error)"
    assert error_words(1013, "busy") == "close 1013 (try again later): busy"
