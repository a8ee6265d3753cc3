import pytest


@pytest.mark.parametrize(
    ("url", "base", "href"),
    [
        ("wss://example.com", None, "wss://example.com/"),
        ("WSS://EXAMPLE.com:443/a/../b?q#f", None, "wss://example.com/b?q#f"),
        ("../c", "ws://h:81/a/b/", "ws://h:81/a/c"),
        ("?x", "http://h/p?y#z", "http://h/p?x"),
        ("//other/p", "https://h/", "https://other/p"),
        ("http://bücher.example/ü", None, "http://xn--bcher-kva.example/%C3%BC"),
        ("http://[::0001]/", None, "http://[::1]/"),
        ("http://0x7f.1/", None, "http://127.0.0.1/"),
        ("mailto:a@b", None, "mailto:a@b"),
        (" http://h/ ", None, "http://h/"),
        (r"http://h/\ud800", None, "http://h/%EF%BF%BD"),
    ],
)
def test_a_url_is_parsed(realm, url, base, href) -> None:
    arguments = f"'{url}'" if base is None else f"'{url}', '{base}'"
    assert realm.value(f"new URL({arguments}).href") == href
    assert realm.value(f"URL.canParse({arguments})") is True
    assert realm.value(f"URL.parse({arguments}).href") == href


@pytest.mark.parametrize(
    "arguments",
    ["''", "'/path'", "'http://'", "'http://h:99999'", "'x', 'y'", "'http://a b/'"],
)
def test_what_is_no_url_is_refused(realm, arguments) -> None:
    assert realm.value(f"thrown(() => new URL({arguments}))") == "TypeError"
    assert realm.value(f"URL.canParse({arguments})") is False
    assert realm.value(f"URL.parse({arguments})") is None


def test_a_url_has_its_parts(realm) -> None:
    realm.run("const url = new URL('https://u:p@h.example:8443/a/b?q=1#frag')")
    parts = {
        "href": "https://u:p@h.example:8443/a/b?q=1#frag",
        "origin": "https://h.example:8443",
        "protocol": "https:",
        "username": "u",
        "password": "p",
        "host": "h.example:8443",
        "hostname": "h.example",
        "port": "8443",
        "pathname": "/a/b",
        "search": "?q=1",
        "hash": "#frag",
    }
    for name, value in parts.items():
        assert realm.value(f"url.{name}") == value
    assert realm.value("[`${url}`, url.toJSON()]") == [parts["href"]] * 2
    assert realm.value("JSON.stringify({ url })").count(parts["href"]) == 1


@pytest.mark.parametrize(
    ("part", "value", "href"),
    [
        ("protocol", "wss", "wss://h:81/p?q#f"),
        ("protocol", "mailto", "ws://h:81/p?q#f"),
        ("username", "me", "ws://me@h:81/p?q#f"),
        ("password", "s:e", "ws://:s%3Ae@h:81/p?q#f"),
        ("host", "g:82", "ws://g:82/p?q#f"),
        ("hostname", "g", "ws://g:81/p?q#f"),
        ("hostname", "", "ws://h:81/p?q#f"),
        ("port", "80", "ws://h/p?q#f"),
        ("port", "", "ws://h/p?q#f"),
        ("port", "99999", "ws://h:81/p?q#f"),
        ("pathname", "a b", "ws://h:81/a%20b?q#f"),
        ("search", "x=y", "ws://h:81/p?x=y#f"),
        ("search", "", "ws://h:81/p#f"),
        ("hash", "", "ws://h:81/p?q"),
        ("hash", "#x", "ws://h:81/p?q#x"),
        ("href", "wss://new/", "wss://new/"),
    ],
)
def test_a_part_can_be_set(realm, part, value, href) -> None:
    realm.run(f"const url = new URL('ws://h:81/p?q#f'); url.{part} = '{value}'")
    assert realm.value("url.href") == href


def test_an_impossible_href_throws_and_the_origin_cannot_be_set(realm) -> None:
    realm.run("const url = new URL('ws://h/')")
    assert realm.value("thrown(() => { url.href = 'nonsense'; })") == "TypeError"
    strict = "thrown(() => { 'use strict'; url.origin = 'x'; })"
    assert realm.value(strict) == "TypeError"


def test_a_url_and_its_search_params_follow_each_other(realm) -> None:
    realm.run("const url = new URL('ws://h/?a=1'); const params = url.searchParams")
    realm.run("params.append('b', 'c d')")
    assert realm.value("url.href") == "ws://h/?a=1&b=c+d"
    realm.run("url.search = '?z=9'")
    assert realm.value("[...params]") == [["z", "9"]]
    realm.run("params.delete('z')")
    assert realm.value("url.href") == "ws://h/"
    realm.run("url.href = 'ws://g/?k=v'")
    assert realm.value("params.get('k')") == "v"
    assert realm.value("url.searchParams === params") is True


@pytest.mark.parametrize(
    ("init", "text"),
    [
        ("'a=1&b=2'", "a=1&b=2"),
        ("'?a=1'", "a=1"),
        ("'??a=1'", "%3Fa=1"),
        ("'a'", "a="),
        ("'=b'", "=b"),
        ("'&&a=1&&'", "a=1"),
        ("'a=b=c'", "a=b%3Dc"),
        ("'a=+x%20y'", "a=+x+y"),
        ("'a=%F0%9F%98%80'", "a=%F0%9F%98%80"),
        ("'a=%ff%zz'", "a=%EF%BF%BD%25zz"),
        (r"'\ud800=1'", "%EF%BF%BD=1"),
        ("'*-._~!'", "*-._%7E%21="),
        ("{ a: 1, b: 'x y' }", "a=1&b=x+y"),
        ("[['a', 1], ['a', 2]]", "a=1&a=2"),
        ("new Map([['m', 'v']])", "m=v"),
        ("new URLSearchParams('a=b')", "a=b"),
        ("undefined", ""),
        ("null", "null="),
    ],
)
def test_search_params_are_parsed_and_written(realm, init, text) -> None:
    assert realm.value(f"String(new URLSearchParams({init}))") == text


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("p.get('a')", "1"),
        ("p.get('none')", None),
        ("p.getAll('a')", ["1", "3"]),
        ("p.has('a')", True),
        ("p.has('a', '3')", True),
        ("p.has('a', '2')", False),
        ("p.size", 3),
        ("[...p.keys()]", ["a", "b", "a"]),
        ("[...p.values()]", ["1", "2", "3"]),
        ("[...p.entries()]", [["a", "1"], ["b", "2"], ["a", "3"]]),
        ("(p.set('a', 9), `${p}`)", "a=9&b=2"),
        ("(p.set('c', 9), `${p}`)", "a=1&b=2&a=3&c=9"),
        ("(p.delete('a', '1'), `${p}`)", "b=2&a=3"),
        ("(p.delete('a'), `${p}`)", "b=2"),
        ("(p.sort(), `${p}`)", "a=1&a=3&b=2"),
        ("thrown(() => p.append('x'))", "TypeError"),
        ("thrown(() => p.forEach())", "TypeError"),
        ("thrown(() => new URLSearchParams([['one']]))", "TypeError"),
        ("thrown(() => new URLSearchParams([5]))", "TypeError"),
        ("thrown(() => URLSearchParams.prototype.size)", "TypeError"),
        ("thrown(() => new URL())", "TypeError"),
        ("thrown(() => URL('ws://h'))", "TypeError"),
        ("thrown(() => URL.prototype.href)", "TypeError"),
    ],
)
def test_search_params_have_their_methods(realm, expression, expected) -> None:
    realm.run("const p = new URLSearchParams('a=1&b=2&a=3')")
    assert realm.value(expression) == expected


def test_for_each_is_called_with_value_name_and_params(realm) -> None:
    realm.run("""
        const p = new URLSearchParams('a=1');
        const seen = [];
        p.forEach(function (value, name, params) {
          seen.push(value, name, params === p, this.self);
        }, { self: 'me' });
    """)
    assert realm.value("seen") == ["1", "a", True, "me"]
