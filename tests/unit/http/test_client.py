"""What needs no network: URLs, headers, redirects, the rate."""

import asyncio

import pytest
import virtual_time
from default_settings import network_with

from gharial.http.client import HttpClient
from gharial.http.exchange import HttpRequest, RequestCookie
from gharial.http.hops import Hop
from gharial.net.cookies import CookieJar
from gharial.net.network import Network
from gharial.timing import Clock

URL = "http://user:pass@a.test/dir/page?q#fragment"


def hop(**changes) -> Hop:
    return Hop(HttpRequest(**{"method": "GET", "url": URL, **changes}))


def headers(one: Hop, jar: CookieJar | None = None) -> dict[str, str]:
    return dict(one.headers("Agent", jar or CookieJar()))


def test_a_url_is_taken_apart() -> None:
    one = hop()
    assert (one.url, one.origin) == ("http://a.test/dir/page?q", "http://a.test")
    assert (one.username, one.password) == ("user", "pass")


@pytest.mark.parametrize(
    ("url", "problem"),
    [("page", "absolute"), ("ws://a/", "http or https, not 'ws'"), ("", "absolute")],
)
def test_other_urls_are_refused(url, problem) -> None:
    with pytest.raises(ValueError, match=problem):
        hop(url=url)


def test_our_headers_give_way_to_the_scripts() -> None:
    given = (
        *(("user-agent", "mine"), ("Authorization", "own")),
        *(("Content-Length", "9"), ("Transfer-Encoding", "chunked")),
    )
    assert headers(hop(headers=given)) == {"user-agent": "mine", "Authorization": "own"}
    assert headers(hop()) == {
        "User-Agent": "Agent",
        "Authorization": "Basic dXNlcjpwYXNz",
    }
    assert headers(hop(uses_digest=True)) == {"User-Agent": "Agent"}


def test_cookies_come_from_the_header_the_request_and_the_jar() -> None:
    jar = CookieJar()
    jar.set("http://a.test/", "kept", "1")
    jar.set("http://a.test/", "replaced", "2")
    one = hop(
        headers=(("Cookie", "raw=0"),),
        cookies=(RequestCookie("replaced", "3", replaces=True),),
    )
    assert headers(one, jar)["Cookie"] == "raw=0; replaced=3; kept=1"


@pytest.mark.parametrize(
    ("status", "method", "after", "body"),
    [
        (301, "POST", "GET", None),
        (302, "PUT", "GET", None),
        (303, "POST", "GET", None),
        (303, "HEAD", "HEAD", b"x"),
        (307, "POST", "POST", b"x"),
        (308, "PUT", "PUT", b"x"),
    ],
)
def test_a_redirect_has_its_method(status, method, after, body) -> None:
    one = hop(method=method, body=b"x", headers=(("Content-Type", "a/b"),))
    next_one = one.redirected(status, "../other")
    assert (next_one.method, next_one.body) == (after, body)
    assert next_one.url == "http://a.test/other"
    assert ("Content-Type" in headers(next_one)) == (body is not None)


GIVEN = (("Authorization", "own"), ("Cookie", "c=1"), ("X-Other", "kept"))


def test_the_same_origin_gets_credentials_and_cookies() -> None:
    cookies = (RequestCookie("d", "2"),)
    same = hop(headers=GIVEN, cookies=cookies).redirected(302, "http://A.test:80/x#y")
    assert headers(same)["Authorization"] == "own"
    assert headers(same)["Cookie"] == "c=1; d=2"
    assert (same.username, same.password) == ("user", "pass")
    assert same.url == "http://a.test/x"


@pytest.mark.parametrize(
    "location",
    ["http://b.test/", "http://sub.a.test/", "http://a.test:81/", "https://a.test/"],
)
def test_another_origin_gets_no_credentials_and_no_cookies(location: str) -> None:
    cookies = (RequestCookie("d", "2"),)
    other = hop(headers=GIVEN, cookies=cookies).redirected(302, location)
    assert headers(other) == {"User-Agent": "Agent", "X-Other": "kept"}
    assert other.username == ""
    back = other.redirected(302, "http://a.test/")
    assert headers(back) == {"User-Agent": "Agent", "X-Other": "kept"}


def test_a_redirect_to_what_is_no_url_is_refused() -> None:
    with pytest.raises(ValueError, match="http or https"):
        hop().redirected(302, "mailto:a@b")


def test_requests_begin_at_the_rate() -> None:
    async def begin() -> list[float]:
        clock = Clock(asyncio.get_running_loop().time, 0.0)
        client = HttpClient(Network(network_with()), clock, rate_per_s=4)
        found = []
        for _ in range(4):
            await client._wait_for_slot()
            found.append(clock.now_s())
        return found

    assert virtual_time.run(begin()) == [0, 0.25, 0.5, 0.75]
