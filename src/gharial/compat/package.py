"""Classes of the package ``websockets``, or ours in their place if it is not installed."""

import importlib
from functools import cache
from importlib.util import find_spec
from typing import Any

from gharial.compat import own_errors
from gharial.net.failures import HandshakeResponse
from gharial.websocket.state import ReadyState


@cache
def has_package() -> bool:
    """Return whether ``websockets`` is installed, in a version with the new client."""
    try:
        return find_spec("websockets.asyncio.client") is not None
    except ModuleNotFoundError:
        return False


@cache
def errors() -> Any:
    """Return ``websockets.exceptions``, or our own classes by the same names."""
    if not has_package():
        return own_errors
    return _module("exceptions")


def load() -> None:
    """
    Import what is needed of the package.

    An import in the middle of a run would hold up the event loop.
    """
    if has_package():
        for name in ("exceptions", "frames", "protocol", "datastructures", "http11"):
            _module(name)


def _module(name: str) -> Any:
    return importlib.import_module(f"websockets.{name}")


def close_frame(code: int, reason: str) -> Any:
    """Return a close frame as its errors carry it."""
    if not has_package():
        return own_errors.Close(code, reason)
    return _module("frames").Close(code, reason)


def state(value: ReadyState) -> Any:
    """Return a state as its connections have it; the numbers are the same."""
    if not has_package():
        return value
    return _module("protocol").State(int(value))


class OwnResponse:
    """
    An answer to an upgrade, where the package is not installed.

    Attributes:
        status_code: The HTTP status.
        reason_phrase: What the server calls it.
        headers: The headers by their names.
        body: The first bytes of the body.

    """

    def __init__(self, answer: HandshakeResponse) -> None:
        self.status_code = answer.status
        self.reason_phrase = answer.status_text
        self.headers = dict(answer.headers)
        self.body = answer.body


def response(answer: HandshakeResponse | None) -> Any:
    """Return an answer to an upgrade as its connections have it."""
    if answer is None:
        return None
    if not has_package():
        return OwnResponse(answer)
    headers = _headers(answer.headers)
    return _module("http11").Response(
        answer.status, answer.status_text, headers, answer.body
    )


def request(path: str, headers: tuple[tuple[str, str], ...]) -> Any:
    """Return an upgrade request as its connections have it; None without the package."""
    if not has_package():
        return None
    return _module("http11").Request(path, _headers(headers))


def _headers(pairs: tuple[tuple[str, str], ...]) -> Any:
    return _module("datastructures").Headers(list(pairs))
