import asyncio
import errno
import select
import socket
from typing import Any
from unittest.mock import Mock

import pytest

from gharial.net.polled_loop import PolledLoop

pytestmark = pytest.mark.skipif(
    not hasattr(select, "epoll"), reason="loops of other systems need no watching"
)


def test_a_reader_is_added_without_a_free_descriptor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop: Any = PolledLoop(Mock(spec=asyncio.AbstractEventLoop))

    def no_descriptors() -> object:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(select, "epoll", no_descriptors)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for _ in range(2):
            loop.add_reader(ours.fileno(), Mock())
            loop.remove_reader(ours.fileno())


def test_nothing_is_left_in_the_loop_when_no_reader_is() -> None:
    plain = Mock(spec=asyncio.AbstractEventLoop)
    loop: Any = PolledLoop(plain)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        loop.add_reader(ours.fileno(), Mock())
        loop.remove_reader(ours.fileno())
    added = {call.args[0] for call in plain.add_reader.call_args_list}
    removed = {call.args[0] for call in plain.remove_reader.call_args_list}
    assert len(added) == 2
    assert removed == added
