"""Libraries that speak the protocol and leave the network to others, behind one port."""

from collections.abc import Iterable
from typing import Any, Protocol

from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from wsproto import ConnectionType, WSConnection, events
from wsproto.connection import ConnectionState
from wsproto.extensions import PerMessageDeflate


def cut(data: Any, pieces: int) -> list[Any]:
    """Cut into this many pieces, of which the last ones may be empty."""
    size = -(-len(data) // pieces) or 1
    return [data[index * size : (index + 1) * size] for index in range(pieces)]


class Engine(Protocol):
    """A library that speaks the protocol and leaves the network to others."""

    def receive(self, data: bytes) -> Iterable[list[Any]]:
        """Take bytes; tell what came: ``target``, ``message`` or what is seen."""
        ...

    def answer_upgrade(self, plan: dict[str, Any]) -> None:
        """Accept or refuse."""
        ...

    def act(self, name: str, *details: Any) -> None:
        """Do one action, but for those on TCP."""
        ...

    def echo(self, kind: str, data: Any, pieces: int) -> None:
        """Send a message back."""
        ...

    def is_open(self) -> bool:
        """Whether messages may be sent."""
        ...

    def outgoing(self) -> tuple[bytes, bool]:
        """Return what is to be written, and whether TCP is to end thereafter."""
        ...


class WebsocketsEngine:
    """The package ``websockets``, its part without input and output."""

    def __init__(self) -> None:
        self._protocol = ServerProtocol(max_size=None)
        self._request: Request
        self._kind = ""
        self._parts: list[bytes] = []

    def receive(self, data: bytes) -> Iterable[list[Any]]:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._request = event
                headers = {name.lower(): v for name, v in event.headers.raw_items()}
                yield ["target", event.path, headers]
            elif isinstance(event, Frame):
                yield from self._read(event)

    def _read(self, frame: Frame) -> Iterable[list[Any]]:
        data = bytes(frame.data)
        if frame.opcode is Opcode.CLOSE:
            code = int.from_bytes(data[:2], "big") if data else 1005
            yield ["close", code, data[2:].decode()]
        elif frame.opcode in (Opcode.PING, Opcode.PONG):
            yield [frame.opcode.name.lower(), data.hex()]
        else:
            if frame.opcode is not Opcode.CONT:
                self._kind = frame.opcode.name.lower()
            self._parts.append(data)
            if frame.fin:
                whole, self._parts = b"".join(self._parts), []
                yield ["message", self._kind, whole]

    def answer_upgrade(self, plan: dict[str, Any]) -> None:
        protocol = self._protocol
        if "refuse" in plan:
            refusal = plan["refuse"]
            response = protocol.reject(refusal["status"], refusal["body"])
        else:
            protocol.available_subprotocols = plan.get("protocols")
            if (wanted := plan.get("deflate")) is not None:
                protocol.available_extensions = [
                    ServerPerMessageDeflateFactory(
                        server_no_context_takeover=wanted.get(
                            "serverNoContextTakeover", False
                        ),
                        client_no_context_takeover=wanted.get(
                            "clientNoContextTakeover", False
                        ),
                        server_max_window_bits=wanted.get("serverMaxWindowBits"),
                        client_max_window_bits=wanted.get("clientMaxWindowBits"),
                    )
                ]
            response = protocol.accept(self._request)
            for name, value in plan.get("headers", ()):
                response.headers[name] = value
        protocol.send_response(response)

    def act(self, name: str, *details: Any) -> None:
        protocol = self._protocol
        if name == "text":
            protocol.send_text(details[0].encode())
        elif name == "fragments":
            kind, parts, *between = details
            self._send(kind, [bytes.fromhex(part) for part in parts], *between)
        elif name == "close":
            protocol.send_close(*details)
        else:
            getattr(protocol, f"send_{name}")(bytes.fromhex(details[0]))

    def echo(self, kind: str, data: Any, pieces: int) -> None:
        self._send(kind, cut(data, pieces))

    def _send(self, kind: str, parts: list[bytes], between: str | None = None) -> None:
        send = getattr(self._protocol, f"send_{kind}")
        for index, part in enumerate(parts):
            if index and between is not None:
                self._protocol.send_ping(bytes.fromhex(between))
            send(part, fin=index == len(parts) - 1)
            send = self._protocol.send_continuation

    def is_open(self) -> bool:
        return self._protocol.state is State.OPEN

    def outgoing(self) -> tuple[bytes, bool]:
        # An empty piece stands for the end of TCP.
        pieces = self._protocol.data_to_send()
        return b"".join(pieces), b"" in pieces


class WsprotoEngine:
    """The package ``wsproto``."""

    def __init__(self) -> None:
        self._connection = WSConnection(ConnectionType.SERVER)
        self._out = bytearray()
        self._parts: list[Any] = []
        self._is_over = False

    def receive(self, data: bytes) -> Iterable[list[Any]]:
        self._connection.receive_data(data)
        for event in self._connection.events():
            if isinstance(event, events.Request):
                headers = {
                    name.decode().lower(): value.decode()
                    for name, value in event.extra_headers
                }
                headers["host"] = event.host
                self._offered = event.subprotocols
                if event.subprotocols:
                    headers["sec-websocket-protocol"] = ", ".join(event.subprotocols)
                yield ["target", event.target, headers]
            elif isinstance(event, events.Message):
                self._parts.append(event.data)
                if event.message_finished:
                    is_text = isinstance(event, events.TextMessage)
                    whole = ("" if is_text else b"").join(self._parts)
                    self._parts = []
                    yield ["message", "text" if is_text else "binary", whole]
            elif isinstance(event, events.Ping):
                yield ["ping", event.payload.hex()]
                self._send(event.response())
            elif isinstance(event, events.Pong):
                yield ["pong", event.payload.hex()]
            elif isinstance(event, events.CloseConnection):
                yield ["close", int(event.code), event.reason or ""]
                # It came from us, or stands for a frame that wsproto does not take.
                self._is_over = True
                if self._connection.state is ConnectionState.REMOTE_CLOSING:
                    self._send(event.response())

    def answer_upgrade(self, plan: dict[str, Any]) -> None:
        if "refuse" in plan:
            self._is_over = True
            body = plan["refuse"]["body"].encode()
            self._send(
                events.RejectConnection(
                    status_code=plan["refuse"]["status"],
                    headers=[(b"content-length", b"%d" % len(body))],
                    has_body=True,
                )
            )
            self._send(events.RejectData(data=body))
            return
        known = plan.get("protocols", ())
        extensions = []
        if (wanted := plan.get("deflate")) is not None:
            extensions = [
                PerMessageDeflate(
                    wanted.get("clientNoContextTakeover", False),
                    wanted.get("clientMaxWindowBits"),
                    wanted.get("serverNoContextTakeover", False),
                    wanted.get("serverMaxWindowBits"),
                )
            ]
        self._send(
            events.AcceptConnection(
                subprotocol=next(
                    (name for name in known if name in self._offered), None
                ),
                extensions=extensions,  # type: ignore[arg-type]
            )
        )
        # It refuses to add what it thinks that a server must not say.
        more = "".join(f"\r\n{n}: {v}" for n, v in plan.get("headers", ()))
        self._out = self._out.replace(b"\r\n\r\n", more.encode() + b"\r\n\r\n", 1)

    def act(self, name: str, *details: Any) -> None:
        if name == "text":
            self._send(events.TextMessage(details[0]))
        elif name == "binary":
            self._send(events.BytesMessage(bytes.fromhex(details[0])))
        elif name == "fragments":
            kind, parts, *between = details
            self._send_parts(kind, [bytes.fromhex(part) for part in parts], *between)
        elif name == "ping":
            self._send(events.Ping(bytes.fromhex(details[0])))
        elif name == "pong":
            self._send(events.Pong(bytes.fromhex(details[0])))
        elif name == "close":
            self._send(events.CloseConnection(*(details or (1005,))))

    def echo(self, kind: str, data: Any, pieces: int) -> None:
        self._send_parts(kind, cut(data, pieces))

    def _send_parts(
        self, kind: str, parts: list[Any], between: str | None = None
    ) -> None:
        for index, part in enumerate(parts):
            if index and between is not None:
                self._send(events.Ping(bytes.fromhex(between)))
            is_last = index == len(parts) - 1
            if kind == "binary":
                self._send(events.BytesMessage(part, message_finished=is_last))
                continue
            # It takes no text that ends within a character.
            text = part.decode() if isinstance(part, bytes) else part
            self._send(events.TextMessage(text, message_finished=is_last))

    def _send(self, event: events.Event) -> None:
        self._out += self._connection.send(event)

    def is_open(self) -> bool:
        return self._connection.state is ConnectionState.OPEN

    def outgoing(self) -> tuple[bytes, bool]:
        data, self._out = bytes(self._out), bytearray()
        return data, self._is_over
