"""The request to open one socket."""

from gharial.lazy_dataclass import dataclass
from gharial.net.settings import Limits, SocketTls
from gharial.websocket.extensions import DeflateOffer


@dataclass(frozen=True, slots=True)
class OpeningRequest:
    """
    One socket to open.

    Attributes:
        url: A normalised absolute ``ws:`` or ``wss:`` URL without fragment.
        protocols: Subprotocols to offer, in order of preference.
        headers: Extra request headers, in order.
        deflate: What to offer for permessage-deflate; None not to offer it.
        local_address: The address to connect from, empty for any.
        tls: What is special about TLS; None for nothing.
        proxy: The proxy's URL, empty for none; None for the environment's.
        limits: Limits of its own; None for those of the run.
        redirects: How many redirects to follow; None for as many as in the run.
        lens: The lens to read it with, ``auto`` or ``off``; None for those of the run.

    """

    url: str
    protocols: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    deflate: DeflateOffer | None = None
    local_address: str = ""
    tls: SocketTls | None = None
    proxy: str | None = None
    limits: Limits | None = None
    redirects: int | None = None
    lens: str | None = None
