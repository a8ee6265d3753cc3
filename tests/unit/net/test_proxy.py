import pytest

from gharial.net.failures import FailureReason, PhaseError
from gharial.net.proxy import Proxies, Proxy, parse_proxy
from gharial.net.tunnel import ProxyKind, ProxyLogin
from gharial.net.url import target_of


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({}, "ws://a.test/", ""),
        ({"HTTP_PROXY": "p:1"}, "ws://a.test/", "http://p:1"),
        ({"HTTP_PROXY": "p:1"}, "wss://a.test/", ""),
        ({"https_proxy": "socks5://p:1"}, "wss://a.test/", "socks5://p:1"),
        ({"HTTP_PROXY": "p:1"}, "ws://localhost/", ""),
        ({"HTTP_PROXY": "p:1"}, "ws://127.0.0.9/", ""),
        ({"HTTP_PROXY": "p:1"}, "ws://[::1]/", ""),
    ],
)
def test_the_environment_names_the_proxy(
    environment: dict[str, str], url: str, proxy: str
) -> None:
    assert Proxies(environment).for_target(target_of(url)) == proxy


@pytest.mark.parametrize(
    ("rules", "url", "exempt"),
    [
        ("*", "ws://a.test/", True),
        ("test", "ws://a.test/", True),
        ("a.test, b.test", "ws://b.test/", True),
        (".a.test", "ws://a.test/", False),
        (".a.test", "ws://x.a.test/", True),
        ("*.a.test", "ws://x.a.test/", True),
        ("a.test", "ws://xa.test/", False),
        ("a.test:80", "ws://a.test/", True),
        ("a.test:81", "ws://a.test/", False),
        ("10.0.0.0/8", "ws://10.1.1.1/", True),
        ("10.0.0.0/8", "ws://11.1.1.1/", False),
        ("10.1.1.1", "ws://10.1.1.1/", True),
        ("fd00::1", "ws://[fd00::1]/", True),
        ("[fd00::1]:80", "ws://[fd00::1]/", True),
        ("10.0.0.0/99", "ws://10.1.1.1/", False),
        (" , ", "ws://a.test/", False),
    ],
)
def test_no_proxy_exempts(rules: str, url: str, exempt: bool) -> None:
    proxies = Proxies({"HTTP_PROXY": "p:1", "NO_PROXY": rules})
    assert (proxies.for_target(target_of(url)) == "") is exempt


@pytest.mark.parametrize(
    ("url", "kind", "host", "port", "name"),
    [
        ("http://p.test", ProxyKind.HTTP, "p.test", 80, "http://p.test:80"),
        ("http://[fd00::1]:9", ProxyKind.HTTP, "fd00::1", 9, "http://[fd00::1]:9"),
        ("socks5h://p", ProxyKind.SOCKS5, "p", 1080, "socks5h://p:1080"),
        ("socks4a://p:1", ProxyKind.SOCKS4, "p", 1, "socks4a://p:1"),
    ],
)
def test_a_url_names_a_proxy(
    url: str, kind: ProxyKind, host: str, port: int, name: str
) -> None:
    assert parse_proxy(url) == Proxy(kind, host, port, None, name)


@pytest.mark.parametrize(
    ("written", "user", "password"),
    [
        ("u:p", b"u", b"p"),
        ("u", b"u", b""),
        (":p", b"", b"p"),
        ("u:", b"u", b""),
        ("z%C3%B6:p%3A%40%2F", "z\u00f6".encode(), b"p:@/"),
        ("z\u00f6:p@q:r", "z\u00f6".encode(), b"p@q:r"),
        # Not UTF-8, in the environment or encoded: the bytes go as they are.
        ("z\udcf6:%F6", b"z\xf6", b"\xf6"),
    ],
)
def test_a_login_is_bytes(written: str, user: bytes, password: bytes) -> None:
    proxy = parse_proxy(f"http://{written}@p.test:1")
    assert proxy.login == ProxyLogin(user, password)
    assert proxy.name == "http://p.test:1"


@pytest.mark.parametrize(
    "url",
    [
        "https://p.test",
        "p.test:1",
        "http://",
        "http://u:secret@p.test:x",
        "http://u:\ud800secret@p.test",
    ],
)
def test_what_names_no_proxy_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(PhaseError, match="cannot be used") as caught:
        parse_proxy(url)
    assert caught.value.reason is FailureReason.PROXY
    assert "secret" not in str(caught.value)
