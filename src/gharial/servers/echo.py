"""A WebSocket server that sends every message back, as fast as may be."""

import asyncio
from typing import Any, Self

from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

from gharial.servers.certificates import Certificates
from gharial.servers.listening import listening_error, url_of

MESSAGE_MAXIMUM_BYTES = 64 * 1024 * 1024
# When this much waits for a client that does not read, nothing more is read from it.
UNSENT_MAXIMUM_BYTES = 1024 * 1024


class _Echo(WSListener):
    """Sends frames back as they come, so that fragments stay fragments."""

    def __init__(self, live: set[WSTransport]) -> None:
        super().__init__()
        self._live = live

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._live.add(transport)
        self._transport = transport.underlying_transport
        self._transport.set_write_buffer_limits(high=UNSENT_MAXIMUM_BYTES)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._live.discard(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind == WSMsgType.CLOSE:
            code = frame.get_close_code()
            if code == WSCloseCode.NO_INFO:
                transport.send(WSMsgType.CLOSE, b"")
            else:
                transport.send_close(code, frame.get_close_message())
            transport.disconnect()
        elif kind == WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif kind != WSMsgType.PONG:
            transport.send(kind, frame.get_payload_as_bytes(), bool(frame.fin))

    def pause_writing(self) -> None:
        """Read no more from a client that does not read."""
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Read on."""
        if not self._transport.is_closing():
            self._transport.resume_reading()


class EchoServer:
    """
    Echoes text, binary and fragmented messages until it is left.

    Use it with ``async with``. It takes the first subprotocol that a client offers.

    Attributes:
        host: The address that it listens on.
        port: The port that it listens on, once it does.
        connections: How many were made so far.

    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: Certificates | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.connections = 0
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._live: set[WSTransport] = set()

    @property
    def url(self) -> str:
        """Where to connect to."""
        return url_of(self.host, self.port, is_secure=self._tls is not None)

    async def __aenter__(self) -> Self:
        """
        Listen.

        Raises:
            AddressInUseError: If the address cannot be listened on.

        """
        options: dict[str, Any] = {}
        if self._tls is not None:
            options["ssl"] = self._tls.server_context()
        try:
            self._server = await ws_create_server(
                self._accept,
                self.host,
                self.port,
                enable_auto_pong=False,
                max_frame_size=MESSAGE_MAXIMUM_BYTES,
                logger_name="gharial.quiet",
                backlog=4096,
                **options,
            )
        except OSError as error:
            raise listening_error(self.host, self.port, error) from None
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        """Listen no more, and drop the connections that are left."""
        if self._server is not None:
            self._server.close()
        for transport in list(self._live):
            transport.disconnect(graceful=False)
        # Their ends are reported, and their sockets closed, in the next turn of the loop.
        await asyncio.sleep(0)

    async def serve_forever(self) -> None:
        """Serve until cancelled."""
        assert self._server is not None
        await self._server.serve_forever()

    def _accept(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        self.connections += 1
        response = WSUpgradeResponse.create_101_response()
        offered = request.headers.get("Sec-WebSocket-Protocol", "")
        if offered:
            response.headers["Sec-WebSocket-Protocol"] = offered.split(",")[0].strip()
        return WSUpgradeResponseWithListener(response, _Echo(self._live))
