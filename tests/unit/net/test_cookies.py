import pytest

from gharial.net.cookies import CookieJar

URL = "wss://example.com/room/1"


def test_an_empty_jar_sends_nothing() -> None:
    assert CookieJar().header_for(URL) == ""


def test_a_stored_cookie_is_sent_back() -> None:
    jar = CookieJar()
    jar.store(URL, ["a=1; Path=/", "b=2; Path=/room"])
    assert jar.cookies_for_url(URL) == {"a": ["1"], "b": ["2"]}
    assert jar.header_for("wss://example.com/other") == "a=1"


@pytest.mark.parametrize(
    ("cookie", "url", "sent"),
    [
        ("a=1; Secure", "ws://example.com/room/1", ""),
        ("a=1; Secure", "wss://example.com/room/1", "a=1"),
        ("a=1; Domain=example.com", "wss://sub.example.com/room/1", "a=1"),
        ("a=1", "wss://sub.example.com/room/1", ""),
        ("a=1; Domain=other.com", "wss://other.com/room/1", ""),
        ("a=1; Max-Age=0", URL, ""),
        ("a=1; Max-Age=100", URL, "a=1"),
        ("a=1", "https://example.com/room/1", "a=1"),
        ("a=1; HttpOnly", URL, "a=1"),
    ],
)
def test_a_cookie_goes_where_it_belongs(cookie: str, url: str, sent: str) -> None:
    jar = CookieJar()
    jar.store(URL, [cookie])
    assert jar.header_for(url) == sent


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_hosts_without_a_domain_keep_cookies(host: str) -> None:
    jar = CookieJar()
    jar.store(f"ws://{host}:8080/", ["a=1"])
    jar.set(f"ws://{host}:8080/", "b", "2")
    assert jar.cookies_for_url(f"ws://{host}:8080/x") == {"a": ["1"], "b": ["2"]}


def test_a_cookie_can_be_set_with_its_attributes() -> None:
    jar = CookieJar()
    jar.set(URL, "a", "1", domain="example.com", path="/room", secure=True, max_age_s=9)
    assert jar.header_for("wss://sub.example.com/room") == "a=1"
    assert jar.header_for("ws://sub.example.com/room") == ""
    assert jar.header_for("wss://sub.example.com/") == ""


def test_an_expired_cookie_is_not_sent() -> None:
    jar = CookieJar()
    jar.set(URL, "a", "1", expires_at_epoch_s=1.0)
    assert jar.header_for(URL) == ""


@pytest.mark.parametrize(("name", "value"), [("", "1"), ("a", "1\r\nX: y"), ("a=", "")])
def test_a_cookie_that_breaks_the_header_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="a character it must not have"):
        CookieJar().set(URL, name, value)


def test_cookies_can_be_forgotten() -> None:
    jar = CookieJar()
    jar.set(URL, "a", "1")
    jar.set(URL, "b", "2")
    jar.set("ws://other.com/", "c", "3")
    jar.delete(URL, "a")
    assert jar.header_for(URL) == "b=2"
    jar.clear(URL)
    assert [cookie.name for cookie in jar] == ["c"]
    jar.clear()
    assert [*jar] == []


@pytest.mark.parametrize(
    ("value", "sent"),
    [("a", "a"), ("a b", '"a b"'), ("a,b", '"a,b"'), ('"a b"', '"a b"'), ("", "")],
)
def test_a_value_with_a_space_or_comma_is_sent_in_quotes(value: str, sent: str) -> None:
    jar = CookieJar()
    jar.set(URL, "c", value)
    assert jar.header_for(URL) == f"c={sent}"
    assert jar.cookies_for_url(URL) == {"c": [value.strip('"')]}


def test_what_a_server_sets_goes_back_as_it_came() -> None:
    jar = CookieJar()
    jar.store(URL, ["a=b c", 'd="e f"'])
    assert sorted(jar.header_for(URL).split("; ")) == ["a=b c", 'd="e f"']
    assert jar.cookies_for_url(URL) == {"a": ["b c"], "d": ["e f"]}
