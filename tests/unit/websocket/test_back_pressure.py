"""Reading stops at a bound, goes on at half of it, and no reason undoes another."""

import pytest

from gharial.websocket.back_pressure import BackPressure, Reading

LIMIT = 1_000


class Wire:
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pause_reading(self) -> None:
        self.told.append("pause")

    def resume_reading(self) -> None:
        self.told.append("resume")


class World:
    """Two connections, and what waits of them."""

    def __init__(self) -> None:
        self.relieved = 0
        self.pressure = BackPressure(LIMIT, self.relief)
        self.wires = [Wire(), Wire()]
        self.readings = [Reading(), Reading()]
        for reading, wire in zip(self.readings, self.wires, strict=True):
            reading.start(wire)

    def relief(self) -> None:
        self.relieved += 1

    @property
    def told(self) -> list[list[str]]:
        return [wire.told for wire in self.wires]


@pytest.fixture
def world() -> World:
    return World()


def test_the_wire_is_told_of_the_first_reason_and_of_the_end_of_the_last() -> None:
    wire, reading = Wire(), Reading()
    reading.start(wire)
    reading.pause("one")
    reading.pause("one")
    reading.pause("other")
    assert wire.told == ["pause"]
    reading.resume("one")
    reading.resume("one")
    reading.resume("never given")
    assert wire.told == ["pause"]
    reading.resume("other")
    assert wire.told == ["pause", "resume"]


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_reason_given_before_there_is_a_wire_counts(is_gone: bool) -> None:
    wire, reading = Wire(), Reading()
    reading.pause("one")
    if is_gone:
        reading.resume("one")
    reading.start(wire)
    assert wire.told == ([] if is_gone else ["pause"])


def test_at_the_end_all_is_read_and_reasons_count_no_more() -> None:
    wire, reading = Wire(), Reading()
    reading.start(wire)
    reading.pause("one")
    reading.read_all()
    reading.pause("other")
    reading.resume("one")
    reading.read_all()
    assert wire.told == ["pause", "resume"]


def test_a_connection_that_is_read_is_not_told_to_at_its_end() -> None:
    wire, reading = Wire(), Reading()
    reading.read_all()
    reading = Reading()
    reading.start(wire)
    reading.read_all()
    assert wire.told == []


def test_a_wire_that_is_gone_is_told_nothing() -> None:
    wire, reading = Wire(), Reading()
    reading.start(wire)
    reading.pause("one")
    reading.end()
    reading.resume("one")
    reading.pause("one")
    assert wire.told == ["pause"]


def test_it_is_full_at_the_bound_and_relieved_at_half_of_it(world: World) -> None:
    pressure = world.pressure
    assert pressure.size_bytes == 0
    pressure.size_bytes = LIMIT - 1
    assert not pressure.is_full
    pressure.size_bytes = LIMIT
    assert pressure.is_full
    pressure.pause(world.readings[0])
    pressure.pause(world.readings[1])
    pressure.size_bytes = LIMIT // 2 + 1
    pressure.relieve()
    assert world.told == [["pause"], ["pause"]]
    assert world.relieved == 0
    pressure.size_bytes = LIMIT // 2
    pressure.relieve()
    pressure.relieve()
    assert world.told == [["pause", "resume"], ["pause", "resume"]]
    assert (world.relieved, pressure.paused) == (1, {})


def test_what_presses_twice_on_one_connection_has_to_go_twice(world: World) -> None:
    other = BackPressure(LIMIT, world.relief)
    reading = world.readings[0]
    world.pressure.pause(reading)
    other.pause(reading)
    world.pressure.read_on()
    assert world.told[0] == ["pause"]
    other.read_on()
    assert world.told[0] == ["pause", "resume"]


def test_a_connection_that_is_forgotten_is_told_nothing_more(world: World) -> None:
    pressure = world.pressure
    pressure.pause(world.readings[0])
    pressure.pause(world.readings[1])
    pressure.forget(world.readings[0])
    assert world.relieved == 0
    pressure.forget(world.readings[1])
    pressure.forget(world.readings[1])
    assert world.relieved == 1
    pressure.read_on()
    assert world.told == [["pause"], ["pause"]]
