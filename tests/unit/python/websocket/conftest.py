"""Sockets of scripts in Python on transports in memory, on virtual time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from memory_wire import CLOSE, TEXT, MemoryTransport, server_frame
from virtual_time import VirtualLoop

from gharial.net.failures import HandshakeResponse
from gharial.python.websocket.api import WebSocket
from gharial.python.websocket.environment import ENVIRONMENT, PlainEnvironment
from gharial.websocket import connection as connection_module
from gharial.websocket.messages import MessageReceiver, MessageTaker
from gharial.websocket.observer import ConnectionObserver, OpeningFacts
from gharial.websocket.opening import Opened


class AtOnce(MessageTaker):
    """Hands messages to the script at once, as an idle virtual user does."""

    def __init__(self, receiver: MessageReceiver, offset_s: float) -> None:
        self.receiver = receiver
        self.offset_s = offset_s

    def take(self, data: Any, at_s: float) -> None:
        self.receiver.receive(data, (at_s + self.offset_s) * 1e3)


class IdleUser(PlainEnvironment):
    """The surroundings of a socket whose virtual user is always idle."""

    def __init__(self, clock: Any) -> None:
        super().__init__()
        self.clock = clock
        self.warnings: list[str] = []
        self.ended: list[tuple[float | None, str]] = []
        self.errors: list[BaseException] = []
        self.held = 0
        self.has_tasks = True

    def post(self, callback: Callable[..., object], *arguments: Any) -> None:
        callback(*arguments)

    def message_path(
        self, receiver: MessageReceiver, when_busy: Callable[[Any, float], None]
    ) -> MessageTaker:
        return AtOnce(receiver, self.clock.epoch_offset_s)

    def observer(self, url: str, tags: Mapping[str, str]) -> ConnectionObserver:
        measured: Any = super().observer(url, tags)
        measured.request_ended = lambda *ended: self.ended.append(ended)
        return measured

    def opening(self, socket: Any) -> None:
        self.held += 1

    def closed(self, socket: Any) -> None:
        self.held -= 1

    def may_receive(self) -> bool:
        return self.has_tasks

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def report(self, error: BaseException) -> None:
        self.errors.append(error)


class Peer:
    """A server in memory, and the user that talks with it."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.transport = MemoryTransport()
        self.user = IdleUser(loop.clock())
        # What comes in one segment with the answer to the upgrade.
        self.with_answer = b""
        self.loop = loop

    def socket(self, **options: Any) -> WebSocket:
        return WebSocket("ws://host/", **options)

    async def opened(self, **options: Any) -> WebSocket:
        return await self.socket(**options).opened()

    def says(self, *texts: str) -> None:
        """Let messages arrive in one segment."""
        self.transport.deliver(segment(*texts))

    @property
    def heard(self) -> list[str]:
        return [frame.payload.decode() for frame in self.transport.frames]


def segment(*texts: str, close: int = 0, reason: bytes = b"") -> bytes:
    """Return the frames of some texts, and of a close frame with its code."""
    frames = [server_frame(TEXT, text.encode()) for text in texts]
    if close:
        frames.append(server_frame(CLOSE, close.to_bytes(2, "big") + reason))
    return b"".join(frames)


Act = Callable[[Peer], Awaitable[None]]


@pytest.fixture
def with_peer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Act], Peer]:
    """Return what runs a script against a peer."""

    def play(act: Act) -> Peer:
        async def main() -> Peer:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualLoop)
            peer = Peer(loop)

            async def open_transport(*arguments: Any, **options: Any) -> Opened:
                await asyncio.sleep(0.001)
                facts = OpeningFacts(
                    0.0, 0.0, None, 0.0, None, 0.0, 101, "", "", 1, 1, None
                )
                return Opened(
                    peer.transport,
                    peer.with_answer,
                    HandshakeResponse(101, "", ()),
                    "",
                    "",
                    None,
                    facts,
                )

            monkeypatch.setattr(connection_module, "open_transport", open_transport)
            ENVIRONMENT.set(peer.user)
            await act(peer)
            return peer

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(main())

    return play
