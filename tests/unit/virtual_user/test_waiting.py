from sys import getsizeof

import pytest

from gharial.virtual_user.waiting import Waiting, waiting_bytes
from gharial.websocket.back_pressure import Reading

LIMIT = 1_000


class Socket(Reading):
    """One that is open."""

    def __init__(self) -> None:
        super().__init__()
        self.is_read = True
        self.start(self)

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


class World:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.said: list[str] = []
        self.waiting = Waiting(LIMIT, lambda: self.now_s, self.said.append)
        self.one, self.other = Socket(), Socket()


@pytest.fixture
def world() -> World:
    return World()


def test_a_message_takes_more_than_its_content() -> None:
    assert waiting_bytes("") > getsizeof("") > 0
    assert waiting_bytes(b"x" * 5_000) > 5_000


def test_sockets_are_read_until_the_bound_and_again_from_half_of_it(
    world: World,
) -> None:
    waiting = world.waiting
    waiting.add(world.one, 600)
    assert world.one.is_read
    waiting.add(world.other, 400)
    # It is the one that brought too much that waits; the other as soon as it does.
    assert (world.one.is_read, world.other.is_read) == (True, False)
    waiting.add(world.one, 50)
    assert not world.one.is_read
    waiting.remove(549)
    assert not world.one.is_read
    waiting.remove(1)
    assert world.one.is_read
    assert world.other.is_read
    assert waiting.size_bytes == 500


def test_it_says_which_limit_how_long_and_what_to_set(world: World) -> None:
    waiting = world.waiting
    world.now_s = 10.0
    waiting.add(world.one, 900)
    world.now_s = 12.0
    waiting.add(world.one, 100)
    # A fraction of a millisecond more, which nobody wants to read.
    world.now_s = 12.5002
    waiting.remove(500)
    [text] = world.said
    assert "not read for 500ms" in text
    assert "busy or asleep for 2.5s" in text
    assert "1,000 bytes" in text
    assert "--message-queue-size" in text


def test_a_socket_that_closes_is_told_nothing_more(world: World) -> None:
    waiting = world.waiting
    waiting.add(world.one, 2_000)
    waiting.forget(world.one)
    waiting.forget(world.one)
    assert len(world.said) == 1
    waiting.remove(2_000)
    assert not world.one.is_read


def test_all_may_be_given_up(world: World) -> None:
    waiting = world.waiting
    waiting.add(world.one, 2_000)
    waiting.clear()
    assert world.one.is_read
    assert waiting.size_bytes == 0
    # What was taken out of a queue only then.
    waiting.remove(700)
    assert waiting.size_bytes == 0
