import pytest

from gharial.websocket.proxy import Proxies
from gharial.websocket.url import target_of


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
