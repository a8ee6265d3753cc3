import pytest

from gharial.net.failures import HandshakeResponse
from gharial.net.settings import SocketTls
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.redirects import RedirectError, redirected

SECRETS = (
    ("Authorization", "Bearer x"),
    ("COOKIE", "a=1"),
    ("Host", "other.test"),
    ("proxy-authorization", "y"),
)


def follow(url: str, *locations: str, **fields: object) -> OpeningRequest:
    request = OpeningRequest(url, **fields)  # type: ignore[arg-type]
    headers = tuple(("LOCATION", location) for location in locations)
    return redirected(request, HandshakeResponse(302, "Found", headers))


@pytest.mark.parametrize(
    ("url", "location", "leads_to"),
    [
        ("ws://a.test/x/y?z", "/new", "ws://a.test/new"),
        ("ws://a.test/x/y?z", "new?q", "ws://a.test/x/new?q"),
        ("ws://a.test/x/y", "../new", "ws://a.test/new"),
        ("ws://a.test/x/y", "?q", "ws://a.test/x/y?q"),
        ("ws://a.test/x", "//b.test:81/n", "ws://b.test:81/n"),
        ("wss://a.test/x", "https://a.test/n", "wss://a.test/n"),
        ("wss://a.test/x", "ws://a.test/n", "ws://a.test/n"),
        ("ws://a.test/x", "/new#part", "ws://a.test/new"),
        ("ws://a.test/x", "http://b.test/n#", "ws://b.test/n"),
        ("ws://a.test/x?y", "#part", "ws://a.test/x?y"),
        ("ws://a.test/x", "/\u00c3\u00a9", "ws://a.test/%C3%A9"),
        ("ws://a.test/x", "/\u00e9", "ws://a.test/%C3%A9"),
        ("ws://u:p%40@a.test/x", "/new", "ws://u:p%40@a.test/new"),
        ("ws://u:p%40@a.test/x", "http://a.test:80/new", "ws://u:p%40@a.test/new"),
        ("ws://u:p@a.test/x", "http://v@a.test/new", "ws://v@a.test/new"),
        ("ws://u:p@a.test/x", "http://b.test/new", "ws://b.test/new"),
        ("ws+unix:///run/s:/x", "/new#n", "ws+unix:///run/s:/new"),
        ("ws+unix:///run/s:/x", "http://localhost/n", "ws+unix:///run/s:/n"),
        ("wss+unix:///run/s:/x", "http://localhost/n", "ws://localhost/n"),
        ("ws+unix:///run/s:/x", "http://a.test/n", "ws://a.test/n"),
    ],
)
def test_a_location_is_read_as_fetch_reads_it(
    url: str, location: str, leads_to: str
) -> None:
    assert follow(url, location).url == leads_to


@pytest.mark.parametrize(
    ("locations", "problem"),
    [
        ((), "it has no Location"),
        (("/a", "/b"), "it has 2 different Locations"),
        (("ftp://a.test/",), "scheme must be"),
        (("http://[",), "Location 'http://\\[' is invalid"),
    ],
)
def test_a_redirect_that_leads_nowhere_says_why(
    locations: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(RedirectError, match=problem):
        follow("ws://a.test/", *locations)


def test_a_location_may_be_repeated() -> None:
    assert follow("ws://a.test/", "/a", "/a").url == "ws://a.test/a"


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("ws://a.test/", "/new"),
        ("ws://a.test/", "http://A.test:80/new"),
        ("ws+unix:///run/s:/", "/new"),
    ],
)
def test_the_same_origin_gets_all(url: str, location: str) -> None:
    tls = SocketTls(certificate="c", key="k", server_name="s")
    request = follow(url, location, headers=(*SECRETS, ("X", "1")), tls=tls)
    assert request.headers == (*SECRETS, ("X", "1"))
    assert request.tls is tls


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("ws://a.test/", "ws://b.test/"),
        ("ws://a.test/", "ws://sub.a.test/"),
        ("ws://a.test/", "ws://a.test:81/"),
        ("wss://a.test/", "ws://a.test/"),
        ("wss://a.test/", "ws://a.test:443/"),
        ("ws://a.test/", "wss://a.test/"),
        ("ws+unix:///run/s:/", "ws://a.test/"),
        ("wss+unix:///run/s:/", "ws://localhost/"),
    ],
)
def test_another_origin_gets_no_secrets(url: str, location: str) -> None:
    tls = SocketTls(
        certificate="c", key="k", password="p", ca=("a",), server_name="s", verify=False
    )
    request = follow(url, location, headers=(*SECRETS, ("X", "1")), tls=tls)
    assert request.headers == (("X", "1"),)
    assert request.tls == SocketTls(ca=("a",), verify=False)


def test_what_was_dropped_does_not_come_back() -> None:
    away = follow("ws://a.test/", "ws://b.test/", headers=SECRETS)
    back = redirected(away, HandshakeResponse(302, "", (("location", "ws://a.test/"),)))
    assert (back.url, back.headers) == ("ws://a.test/", ())
