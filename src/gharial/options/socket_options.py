"""The records of the option ``sockets``: what holds for sockets, by their URL."""

from dataclasses import field
from typing import Annotated, Any

from gharial.header_fields import HANDSHAKE_OWN, has_control, is_token
from gharial.lenses.catalog import check_name
from gharial.options.records import After, Before, OptionRecord
from gharial.options.values import (
    Count,
    Name,
    TextList,
    TextMap,
    at_least,
    at_most,
)

_SCHEMES = ("ws://", "wss://", "http://", "https://", "ws+unix://", "wss+unix://", "*")


def check_url_pattern(pattern: str) -> str:
    """
    Return a pattern of a socket's URL if it is one.

    Raises:
        ValueError: If no URL can match it.

    """
    written = pattern.strip()
    if not written.lower().startswith(_SCHEMES):
        raise ValueError(
            f"{pattern!r} can match no socket; write its whole URL, with * for any "
            "characters, as in 'wss://example.com/hub*' or '*/hub'"
        )
    if "#" in written:
        raise ValueError(
            f"{pattern!r} can match no socket: its URL has no fragment (#…)"
        )
    return written


def _check_lens(name: str) -> str:
    if name:
        check_name(name)
    return name


def _check_headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not is_token(name):
            raise ValueError(f"{name!r} is not the name of a header")
        if name.lower() in HANDSHAKE_OWN:
            raise ValueError(f"the header {name} is the handshake's own")
        if has_control(value):
            raise ValueError(f"the header {name} must not have control characters")
    return headers


def _compression(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.strip() != "deflate":
        raise ValueError(
            f"{value!r} is not known; write 'deflate', or "
            "{level, windowBits, contextTakeover}"
        )
    return {}


class CompressionOption(OptionRecord):
    """An offer of permessage-deflate, as the socket's parameter ``compression``."""

    level: Annotated[Count, at_least(0), at_most(9)] = 1
    window_bits: Annotated[Count, at_least(8), at_most(15)] = 15
    context_takeover: bool = True


class SocketTlsOption(OptionRecord):
    """What is special about TLS, as the socket's parameter ``tls``."""

    cert: str = ""
    key: str = ""
    password: str | None = None
    ca: TextList = ()
    sni: str = ""
    verify: bool | None = None

    def check(self) -> None:
        """
        Return if a certificate has its key.

        Raises:
            ValueError: If one of the two is missing.

        """
        if bool(self.cert) != bool(self.key):
            raise ValueError("cert and key are needed together")


class SocketOption(OptionRecord):
    """
    What holds for the sockets whose URL matches; their own parameters come first.

    Attributes:
        match: The URL, with ``*`` for any characters.
        name: The tags ``name`` and ``url``.
        tags: Further tags.
        headers: Further headers of the upgrade request.
        compression: What is offered; None for nothing.
        tls: What is special about TLS; None for nothing.
        lens: The lens to read it with, ``auto`` or ``off``; empty for those of the run.

    """

    match: Annotated[Name, After(check_url_pattern)]
    name: str = ""
    tags: TextMap = field(default_factory=dict)
    headers: Annotated[TextMap, After(_check_headers)] = field(default_factory=dict)
    compression: Annotated[CompressionOption | None, Before(_compression)] = None
    tls: SocketTlsOption | None = None
    lens: Annotated[str, After(_check_lens)] = ""
