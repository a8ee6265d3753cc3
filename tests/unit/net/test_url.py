import pytest

from gharial.net.url import Target, target_of, written_url
from gharial.websocket.errors import WebSocketError
from gharial.websocket.url import socket_url, subprotocols


@pytest.mark.parametrize(
    ("given", "normalised"),
    [
        ("ws://example.com", "ws://example.com/"),
        ("WSS://EXAMPLE.com:443/a", "wss://example.com/a"),
        ("http://example.com:80", "ws://example.com/"),
        ("https://example.com:8443/x?y", "wss://example.com:8443/x?y"),
        ("https://example.com:443/", "wss://example.com/"),
        ("ws://example.com/é b", "ws://example.com/%C3%A9%20b"),
        ("ws://example.com/a/../b", "ws://example.com/b"),
        ("ws://bücher.example/", "ws://xn--bcher-kva.example/"),
        ("ws://[0:0::1]:8/", "ws://[::1]:8/"),
        ("ws://0x7f.1/", "ws://127.0.0.1/"),
        ("  ws://x/\n", "ws://x/"),
        ("ws://x/\ud800", "ws://x/%EF%BF%BD"),
        ("ws://u:p@x/", "ws://u:p@x/"),
    ],
)
def test_a_url_is_normalised(given: str, normalised: str) -> None:
    assert socket_url(given) == normalised


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ("", "invalid"),
        ("/relative", "invalid"),
        ("ws://", "invalid"),
        ("ws://a b/", "invalid"),
        ("ws://x:99999/", "invalid"),
        ("ftp://x/", "scheme"),
        ("mailto:x", "scheme"),
        ("ws://x/#part", "fragment"),
        ("ws://x/#", "fragment"),
    ],
)
def test_a_bad_url_is_a_syntax_error(given: str, cause: str) -> None:
    with pytest.raises(WebSocketError, match=cause) as caught:
        socket_url(given)
    assert caught.value.name == "SyntaxError"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        pytest.param("ws://h:8080", "ws://h:8080", id="no slash is added"),
        pytest.param("ws://h/", "ws://h/", id="a slash is kept"),
        pytest.param("ws://H?a=b c", "ws://H?a=b c", id="host and query are kept"),
        pytest.param("WS://h", "ws://h", id="the scheme is in lower case"),
        pytest.param("http://h/a/../b", "http://h/a/../b", id="dots are kept"),
        pytest.param("ws://h/ü%20 x", "ws://h/%C3%BC%20%20x", id="path is encoded"),
        pytest.param("ws://h/50%", "ws://h/50%25", id="a lone percent sign"),
        pytest.param("ws://u:p@h", "ws://****:****@h", id="a password is hidden"),
        pytest.param("http://h/#a", "http://h/#a", id="a fragment is kept"),
        pytest.param(" ws://h\n", "ws://h", id="blanks around it are left out"),
        pytest.param("api/users", "api/users", id="what is no URL stays as it is"),
        pytest.param("ws+unix:///s:/x", "ws+unix:///s:/x", id="a Unix socket"),
    ],
)
def test_a_url_is_shown_as_it_was_written(given: str, written: str) -> None:
    assert written_url(given) == written


def test_a_url_is_taken_apart() -> None:
    assert target_of("wss://us%40er:pass@[::1]:8443/a?b") == Target(
        secure=True,
        host="::1",
        port=8443,
        authority="[::1]:8443",
        resource="/a?b",
        username="us@er",
        password="pass",
    )


@pytest.mark.parametrize(("url", "port"), [("ws://x/", 80), ("wss://x/", 443)])
def test_a_url_without_port_has_its_schemes(url: str, port: int) -> None:
    assert (target_of(url).port, target_of(url).authority) == (port, "x")


@pytest.mark.parametrize(
    ("offered", "names"),
    [(None, ()), ("chat", ("chat",)), ([], ()), (["a", "b.c+d"], ("a", "b.c+d"))],
)
def test_subprotocols_are_listed(
    offered: str | list[str] | None, names: tuple[str, ...]
) -> None:
    assert subprotocols(offered) == names


@pytest.mark.parametrize("offered", ["", "a b", "a,b", "é", ["a", "a"], ["a", "b\r"]])
def test_a_bad_subprotocol_is_a_syntax_error(offered: str | list[str]) -> None:
    with pytest.raises(WebSocketError) as caught:
        subprotocols(offered)
    assert caught.value.name == "SyntaxError"
