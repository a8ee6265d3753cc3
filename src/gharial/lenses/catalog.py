"""
All lenses: a row each, and how one is chosen when a socket opens.

The decoders are loaded with the first socket that one is chosen for, or before (see
`decoders_in`).
"""

from collections.abc import Iterable
from importlib import import_module
from re import Pattern
from typing import Final

from gharial.errors import did_you_mean
from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern
from gharial.lenses.lens import Facts, Lens

AUTO: Final = "auto"
"""In place of names: whatever can be recognised."""

OFF: Final = "off"
"""In place of names: none."""


@dataclass(frozen=True, slots=True)
class LensRow:
    """
    One lens.

    Attributes:
        name: Its name in options, in scripts and in the tag ``protocol``.
        reads: What it reads, for people.
        place: Module and class of the decoder.
        subprotocols: Those that only this protocol has.
        url: Matches path and query of URLs that only this protocol has; None if it has no
            such URLs.
        recognised_by: The same for people; empty if it has to be named.
        words: One of them is in the source of what speaks it, a script or a library.

    """

    name: str
    reads: str
    place: str
    words: tuple[str, ...]
    subprotocols: tuple[str, ...] = ()
    url: Pattern[str] | None = None
    recognised_by: str = ""

    def lens(self, facts: Facts) -> Lens:
        """Return a lens for one socket."""
        module, _, name = self.place.partition(":")
        made: Lens = getattr(import_module(module), name)(facts)
        return made


LENSES: Final = {
    row.name: row
    for row in (
        LensRow(
            "socketio",
            "Socket.IO 5 on Engine.IO 4",
            "gharial.lenses.socketio:SocketIoLens",
            words=("EIO", "socket.io", "socketio"),
            url=lazy_pattern(r"^(?!/engine\.io/).*[?&]EIO=4(&|$)"),
            recognised_by="`EIO=4` in the query, unless the path is `/engine.io/`",
        ),
        LensRow(
            "graphql-transport-ws",
            "GraphQL over WebSocket, the present protocol (`graphql-ws`, Apollo, urql)",
            "gharial.lenses.graphql:GraphQlTransportWsLens",
            words=("graphql-transport-ws",),
            subprotocols=("graphql-transport-ws",),
        ),
        LensRow(
            "graphql-ws",
            "GraphQL over WebSocket, the protocol of `subscriptions-transport-ws`",
            "gharial.lenses.graphql:GraphQlWsLens",
            words=("graphql-ws",),
            subprotocols=("graphql-ws",),
        ),
        LensRow(
            "mqtt",
            "MQTT 3.1.1 and 5",
            "gharial.lenses.mqtt:MqttLens",
            words=("mqtt", "MQTT", "Mqtt"),
            subprotocols=("mqtt", "mqttv3.1"),
        ),
        LensRow(
            "stomp",
            "STOMP 1.0 to 1.2",
            "gharial.lenses.stomp:StompLens",
            words=("stomp", "STOMP", "Stomp"),
            subprotocols=("v10.stomp", "v11.stomp", "v12.stomp"),
        ),
        LensRow(
            "signalr",
            "SignalR, in JSON or MessagePack",
            "gharial.lenses.signalr:SignalRLens",
            words=("signalr", "SignalR"),
        ),
        LensRow(
            "phoenix",
            "Phoenix channels, version 2 of their serializer",
            "gharial.lenses.phoenix:PhoenixLens",
            words=("phoenix", "Phoenix", "phx_"),
            url=lazy_pattern(r"/websocket\?(.*&)?vsn=2\.\d"),
            recognised_by="a path that ends in `/websocket`, with `vsn=2.0.0` in the query",
        ),
        LensRow(
            "jsonrpc",
            "JSON-RPC 2.0",
            "gharial.lenses.jsonrpc:JsonRpcLens",
            words=("jsonrpc", "JSON-RPC", "json-rpc"),
        ),
        LensRow(
            "centrifugo",
            "Centrifugo's client protocol, in JSON",
            "gharial.lenses.centrifugo:CentrifugoLens",
            words=("centrifug", "Centrifug"),
            subprotocols=("centrifuge-json",),
            url=lazy_pattern(r"/connection/websocket(\?(?!.*protobuf)|$)"),
            recognised_by="the path `/connection/websocket`, unless protobuf is asked for",
        ),
        LensRow(
            "wamp",
            "WAMP's basic profile, in JSON",
            "gharial.lenses.wamp:WampLens",
            words=("wamp.2.json",),
            subprotocols=("wamp.2.json",),
        ),
    )
}
"""All lenses by name, in the order of the reference."""

_FOREIGN_FORMS = ("centrifuge-protobuf", "wamp.2.msgpack", "wamp.2.cbor")
# Subprotocols of lenses' protocols in forms that they do not read.


def check_name(name: str) -> None:
    """
    Let pass the name of a lens, ``auto`` or ``off``.

    Raises:
        ValueError: For another one; its string names the nearest.

    """
    known = (AUTO, OFF, *LENSES)
    if name not in known:
        raise ValueError(
            f"unknown lens {name!r}{did_you_mean(name, known)} (known are "
            f"{', '.join(known)})"
        )


def decoders_in(source: str) -> Iterable[str]:
    """Yield the modules of the decoders that a script with this text may need."""
    for row in LENSES.values():
        if any(word in source for word in row.words):
            yield row.place.partition(":")[0]


def load(names: Iterable[str]) -> None:
    """Load the decoders of these lenses; ``auto`` and ``off`` name none."""
    for name in names:
        if name in LENSES:
            import_module(LENSES[name].place.partition(":")[0])


def recognised(path: str, subprotocol: str) -> LensRow | None:
    """Return the lens for a socket, by what was negotiated or by its path and query."""
    for row in LENSES.values():
        if subprotocol in row.subprotocols:
            return row
    if subprotocol in _FOREIGN_FORMS:
        return None
    for row in LENSES.values():
        if row.url is not None and row.url.search(path):
            return row
    return None


def chosen(
    named: tuple[str, ...], path: str, subprotocol: str
) -> tuple[LensRow | None, str]:
    """
    Return the lens for a socket that has opened, and what is wrong with those named.

    Args:
        named: Names of lenses, ``auto``, or none.
        path: Path and query of the socket's URL.
        subprotocol: What was negotiated, empty for none.

    Returns:
        The lens, None for none; and a sentence for the user, empty if there is nothing
        to tell. A lens that is named is used unless the socket is seen to speak
        something else; of several, the one that the socket is recognised by, or the first
        one that no socket can be recognised by.

    """
    if not named or named == (OFF,):
        return None, ""
    found = recognised(path, subprotocol)
    if AUTO in named or (found is not None and found.name in named):
        return found, ""
    wanted = [LENSES[name] for name in named]
    if found is not None:
        return None, (
            f"the lens {_listed(named)} was named for a socket that speaks "
            f"{found.name}; nothing is read there"
        )
    if len(wanted) > 1:
        wanted = [row for row in wanted if not row.subprotocols and row.url is None]
    if subprotocol and wanted and wanted[0].subprotocols:
        return None, (
            f"the lens {_listed(named)} was named for a socket with the subprotocol "
            f"{subprotocol!r}, which is not {_listed(wanted[0].subprotocols)}; nothing "
            "is read there"
        )
    return (wanted[0] if wanted else None), ""


def _listed(names: tuple[str, ...]) -> str:
    return " or ".join(repr(name) for name in names)
