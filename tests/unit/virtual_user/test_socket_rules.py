"""Which sockets the option ``sockets`` is for, and what it adds to them."""

from typing import Any

import pytest

from gharial.net.settings import SocketTls
from gharial.options.model import Options
from gharial.options.records import InvalidRecordError
from gharial.virtual_user.socket_rules import SocketRules, url_pattern
from gharial.websocket.extensions import DeflateOffer
from gharial.websocket.opening_request import OpeningRequest

URL = "wss://host.test/hub?token=1"


def rules(*given: dict[str, Any], matched: set[str] | None = None) -> SocketRules:
    return SocketRules(
        Options.read({"sockets": given}).sockets, set() if matched is None else matched
    )


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("wss://host.test/hub", "wss://host.test/hub"),
        ("wss://host.test/h*", "wss://host.test/hub/a/b"),
        ("WSS://Host.test:443/hub", "wss://host.test/hub"),
        ("https://host.test/hub", "wss://host.test/hub"),
        ("ws://host.test", "ws://host.test/"),
        ("ws://host.test*", "ws://host.test:81/x"),
        ("ws://*.test/", "ws://a.b.test/"),
        ("*/hub", "ws://host.test/hub"),
        ("*://host.test/", "wss://host.test/"),
        ("ws://host.test/?a=*", "ws://host.test/?a=b"),
        ("ws://host.test?a=*", "ws://host.test/?a=b"),
        ("ws+unix:///run/app.sock:/chat", "ws+unix:///run/app.sock:/chat"),
    ],
)
def test_a_pattern_matches_a_url(pattern: str, url: str) -> None:
    assert url_pattern(pattern).fullmatch(url)


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("wss://host.test/hub", "wss://host.test/hubs"),
        ("wss://host.test/hub", "ws://host.test/hub"),
        ("wss://host.test/a.c", "wss://host.test/abc"),
        ("ws://host.test", "ws://host.test/x"),
        ("ws://host.test:81/", "ws://host.test/"),
        ("ws://host.test/Hub", "ws://host.test/hub"),
    ],
)
def test_a_pattern_does_not_match_another_url(pattern: str, url: str) -> None:
    assert not url_pattern(pattern).fullmatch(url)


def test_a_rule_adds_what_the_script_does_not_say() -> None:
    request, tags = rules(
        {
            "match": "wss://host.test/hub",
            "name": "hub",
            "tags": {"room": "a", "kind": "b"},
            "headers": {"Authorization": "x", "X-More": "y"},
            "compression": {"level": 3},
            "tls": {"verify": False},
        }
    ).apply(
        OpeningRequest(url=URL, headers=(("authorization", "own"),)), {"kind": "own"}
    )
    assert tags == {"room": "a", "kind": "own", "name": "hub"}
    assert request.headers == (("X-More", "y"), ("authorization", "own"))
    assert request.deflate == DeflateOffer(level=3)
    assert request.tls == SocketTls(verify=False)


def test_parameters_of_the_script_come_before_a_rule() -> None:
    request, tags = rules(
        {
            "match": "*",
            "name": "hub",
            "compression": "deflate",
            "tls": {"sni": "other.test"},
        }
    ).apply(
        OpeningRequest(
            url=URL, deflate=DeflateOffer(level=9), tls=SocketTls(server_name="own")
        ),
        {"name": "mine"},
    )
    assert tags == {"name": "mine"}
    assert request.deflate == DeflateOffer(level=9)
    assert request.tls == SocketTls(server_name="own")


def test_the_first_rule_that_matches_counts_and_is_told_of() -> None:
    matched: set[str] = set()
    found = rules(
        {"match": "wss://host.test/x", "name": "x"},
        {"match": "wss://*/hub", "name": "first"},
        {"match": "wss://host.test/hub", "name": "second"},
        matched=matched,
    )
    for token in range(3000):
        url = f"wss://me:secret@host.test/hub?token={token}"
        assert found.apply(OpeningRequest(url=url), None)[1] == {"name": "first"}
    assert matched == {"wss://*/hub"}


def test_sockets_that_match_nothing_are_as_they_were() -> None:
    request = OpeningRequest(url=URL)
    assert rules({"match": "ws://a/"}).apply(request, None) == (request, None)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "sockets.0.match: is required"),
        ({"match": "host/hub"}, "sockets.0.match: 'host/hub' can match no socket; "),
        ({"match": "*/#a"}, "has no fragment"),
        ({"match": "*", "compresion": "deflate"}, 'did you mean "compression"'),
        ({"match": "*", "compression": "gzip"}, "write 'deflate'"),
        ({"match": "*", "compression": {"level": 10}}, "at most 9"),
        ({"match": "*", "headers": {"a b": "c"}}, "'a b' is not the name of a header"),
        ({"match": "*", "headers": {"a": "b\r\nc"}}, "must not have control"),
        ({"match": "*", "headers": {"Upgrade": "c"}}, "the handshake's own"),
        (
            {"match": "*", "headers": {"Sec-WebSocket-Extensions": "c"}},
            "the handshake's own",
        ),
        ({"match": "*", "tls": {"cert": "c"}}, "cert and key are needed together"),
    ],
)
def test_a_wrong_rule_is_told_of(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRecordError) as error:
        rules(given)
    assert message in str(error.value)
