import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gharial.cli.background import in_background


def test_a_context_is_held_in_another_thread_while_the_block_runs() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def context() -> AsyncIterator[threading.Thread]:
        await asyncio.sleep(0)
        events.append("entered")
        yield threading.current_thread()
        events.append("left")

    with in_background(context) as thread:
        assert thread is not threading.current_thread()
        events.append("block")
    assert events == ["entered", "block", "left"]


def test_it_is_left_when_the_block_raises() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def context() -> AsyncIterator[None]:
        yield
        events.append("left")

    with pytest.raises(ValueError, match="inside"), in_background(context):
        raise ValueError("inside")
    assert events == ["left"]


def test_an_error_of_entering_is_raised_here() -> None:
    @asynccontextmanager
    async def context() -> AsyncIterator[None]:
        raise OSError("port in use")
        yield

    with pytest.raises(OSError, match="port in use"), in_background(context):
        raise AssertionError
