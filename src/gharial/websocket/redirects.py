"""
Where a redirect leads, and which parts of the request follow it.

Source:
    Fetch, "HTTP-redirect fetch", for what stays behind; RFC 9110 sections 10.2.2 and 15.4.
"""

from dataclasses import replace

from gharial.errors import GharialError
from gharial.net.answer import header_values
from gharial.net.failures import HandshakeResponse
from gharial.net.redirects import BOUND_HEADERS
from gharial.net.url import target_of
from gharial.websocket.errors import WebSocketError
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.url import redirected_url


class RedirectError(GharialError):
    """
    A redirect leads nowhere.

    Attributes:
        cause: Why.

    """

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause

    def __str__(self) -> str:
        return self.cause


def redirected(request: OpeningRequest, response: HandshakeResponse) -> OpeningRequest:
    """
    Return what a redirect asks for.

    What was meant for one origin does not go to another: credentials, cookies, the
    ``Host`` header, the socket's own certificate and the name that it asks TLS for.

    Raises:
        RedirectError: If the answer does not say one place that a socket can go to.

    """
    locations = set(header_values(response, "location"))
    if len(locations) != 1:
        raise RedirectError(
            f"it has {len(locations)} different Locations"
            if locations
            else "it has no Location"
        )
    try:
        url = redirected_url(request.url, _decoded(locations.pop()))
    except WebSocketError as error:
        raise RedirectError(str(error)) from error
    if _origin(url) == _origin(request.url):
        return replace(request, url=url)
    tls = request.tls
    if tls is not None:
        tls = replace(tls, certificate="", key="", password=None, server_name="")
    headers = tuple(
        (name, value)
        for name, value in request.headers
        if name.lower() not in BOUND_HEADERS
    )
    return replace(request, url=url, headers=headers, tls=tls)


def _decoded(location: str) -> str:
    # Headers are read as Latin-1; browsers take what is not ASCII in a Location as UTF-8.
    try:
        return location.encode("latin-1").decode()
    except UnicodeError:
        return location


def _origin(url: str) -> tuple[bool, str, int, str]:
    target = target_of(url)
    return target.secure, target.host, target.port, target.unix_path
