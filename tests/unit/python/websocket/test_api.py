import asyncio
import threading
from typing import Any

import pytest

from gharial.python.errors import SocketClosedError, WrongThreadError


def test_events_of_close_while_connecting_come_after_the_call(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = peer.socket()
        told: list[Any] = []
        socket.on_error = lambda event: told.append("error")
        socket.on_close = lambda event: told.append(event.code)
        socket.close()
        assert told == []
        assert socket.ready_state == socket.CLOSING
        with pytest.raises(SocketClosedError, match="closed before the connection"):
            await socket.opened()
        assert told == ["error", 1006]
        assert socket.ready_state == socket.CLOSED
        assert peer.user.held == 0

    with_peer(script)


def test_a_socket_that_is_shut_in_its_constructor_tells_its_listeners(
    with_peer: Any,
) -> None:
    async def script(peer: Any) -> None:
        peer.user.opening = lambda socket: socket.shut(1001)
        socket = peer.socket()
        told: list[Any] = []
        socket.on_close = lambda event: told.append(event.code)
        await asyncio.sleep(0.1)
        assert told == [1006]

    with_peer(script)


@pytest.mark.parametrize("call", ["send", "close"])
def test_a_socket_belongs_to_the_thread_of_its_loop(with_peer: Any, call: str) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        raised: list[BaseException] = []

        def work() -> None:
            try:
                socket.send("x") if call == "send" else socket.close()
            except WrongThreadError as error:
                raised.append(error)

        thread = threading.Thread(target=work, name="mine")
        thread.start()
        thread.join()
        assert str(raised[0]).startswith(
            f"WebSocket.{call}() was called in the thread 'mine'; call it in the event"
        )
        assert peer.heard == []
        assert socket.ready_state == socket.OPEN

    with_peer(script)
