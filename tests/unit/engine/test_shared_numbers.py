from importlib.resources import files

import pytest

from gharial.engine.shared_numbers import shared_numbers, with_numbers
from gharial.websocket.state import ReadyState


def test_every_number_of_the_file_is_read() -> None:
    text = files("gharial.engine").joinpath("shared_numbers.pxi").read_text("utf-8")
    lines = [line for line in text.splitlines() if " = " in line.partition("#")[0]]
    assert len(shared_numbers()) == len(lines) > 40
    assert shared_numbers()["TAG_STRING"] == -7


def test_the_runtime_gets_numbers_for_names() -> None:
    assert with_numbers("hot[$SOCKET_STATE] !== ~$READY_OPEN") == "hot[1] !== ~1"
    assert with_numbers("`${value}$`") == "`${value}$`"
    with pytest.raises(KeyError):
        with_numbers("$SOCKET_STAT")


def test_sums_and_second_names_agree_with_what_they_stand_for() -> None:
    numbers = shared_numbers()
    assert (
        numbers["FLAGS_OF_MESSAGE"] == numbers["BY_PLATFORM"] | numbers["DISPATCHING"]
    )
    assert numbers["FLAGS_WHILE_DISPATCHED"] == (
        numbers["STOPPED"] | numbers["STOPPED_NOW"] | numbers["DISPATCHING"]
    )
    assert numbers["MESSAGE_DATA"] == numbers["EVENT_OWN"]
    assert numbers["MESSAGE_ORIGIN"] == numbers["EVENT_OWN"] + 1


def test_ready_states_are_those_of_the_connection() -> None:
    for state in ReadyState:
        assert shared_numbers()[f"READY_{state.name}"] == state
