"""`k6/http` against a real web server."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from default_settings import users_with
from free_ports import free_port
from script_runs import Run, echo, javascript, run
from web_server import WebServer, web_server

from gharial.javascript import http_requests
from gharial.javascript.sources import ScriptSources
from gharial.metrics import builtin
from gharial.servers.certificates import Certificates
from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.script import ScriptError
from gharial.virtual_user.virtual_user import VirtualUser


def run_http(
    tmp_path: Path, body: str, server: WebServer | None = None, **options: Any
) -> Run:
    """Run the body of a default function; `show` logs a value as JSON."""
    script = f"""
import http from 'k6/http';
import {{ check, group }} from 'k6';
import exec from 'k6/execution';
const BASE = __ENV.URL;
const show = (value) => console.log(JSON.stringify(value) ?? 'undefined');
export default async function () {{ {body} }}
"""
    return run(
        javascript(tmp_path, script),
        servers=(web_server(server or WebServer()),),
        **options,
    )


def shown(result: Run) -> list[Any]:
    assert result.errors == []
    return [json.loads(text) for text in result.console]


# -- What is sent ---------------------------------------------------------------------


def test_every_verb_is_sent_with_its_body(tmp_path: Path) -> None:
    server = WebServer()
    result = run_http(
        tmp_path,
        """const url = `${BASE}/echo?a=1`;
        for (const r of [http.get(url), http.post(url, 'b'), http.put(url, 'b'),
          http.patch(url, 'b'), http.del(url, 'b'), http.options(url, 'b'),
          http.request('purge', url, 'b')]) {
          show([r.status, r.json('method'), r.json().body]);
        }
        const r = http.head(url); show([r.status, r.body]);""",
        server,
    )
    assert shown(result) == [
        [200, "GET", ""],
        *([200, verb, "b"] for verb in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
        [200, "PURGE", "b"],
        [200, ""],
    ]
    assert server.requests[-1] == "HEAD /echo?a=1"
    assert len(server.connections) == 1


def test_headers_are_sent_and_none_of_our_own_but_the_user_agent(
    tmp_path: Path,
) -> None:
    result = run_http(
        tmp_path,
        """show(http.post(`${BASE}/echo`, 'x', { headers: { 'X-One': 1, Host: 'a.b' } })
        .json('headers'));""",
    )
    assert shown(result) == [
        {"X-One": "1", "Host": "a.b", "User-Agent": "Gharial", "Content-Length": "1"}
    ]


def test_objects_are_sent_as_forms(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const r = http.post(`${BASE}/echo`, { b: 'x y&\\u00fc', a: [1, true, 0], c: "!'" });
        show([r.json('body'), r.json('headers.Content-Type'), r.request.body]);""",
    )
    form = "a=1&a=true&a=0&b=x+y%26%C3%BC&c=%21%27"
    assert shown(result) == [[form, "application/x-www-form-urlencoded", form]]


def test_buffers_and_texts_are_sent_as_they_are(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const bytes = new Uint8Array([9, 0, 255, 9]);
        show(http.post(`${BASE}/echo`, bytes.subarray(1, 3)).json('body'));
        show(http.post(`${BASE}/echo`, bytes.buffer).json('body'));
        show(http.post(`${BASE}/echo`, JSON.stringify({ a: 1 }),
          { headers: { 'content-type': 'application/json' } }).json('headers.Content-Type'));
        show(http.post(`${BASE}/echo`, 'y'.repeat(2000000)).json('body').length);""",
    )
    assert shown(result) == ["\0\xff", "\t\0\xff\t", "application/json", 2_000_000]


def test_files_are_sent_in_parts(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """show(http.post(`${BASE}/parts`, {
          field: 'f', one: http.file('text', 'a"b.txt', 'text/plain'),
          two: http.file(new Uint8Array([0, 255]).buffer, 'two.bin'),
        }).json());""",
    )
    assert shown(result) == [
        [
            ["field", None, None, "f"],
            ["one", 'a"b.txt', "text/plain", "text"],
            ["two", "two.bin", "application/octet-stream", "\0\xff"],
        ]
    ]


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_a_body_can_be_compressed(tmp_path: Path, name: str) -> None:
    # The server decompresses it and keeps the header.
    result = run_http(
        tmp_path,
        f"""const r = http.post(`${{BASE}}/echo`, 'z'.repeat(1000), {{ compression: '{name}' }});
        show([r.json('body').length, r.json('headers.Content-Encoding'),
          Number(r.json('headers.Content-Length')) < 100]);""",
    )
    assert shown(result) == [[1000, name, True]]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("http.post(BASE, [1])", "not an array; use JSON.stringify()"),
        ("http.post(BASE, 5)", "not a number"),
        ("http.get()", "needs a URL"),
        ("http.get(BASE, { timeout: 'soon' })", "timeout:"),
        ("http.get(BASE, { auth: 'ntlm' })", "'ntlm' is not supported"),
        ("http.post(BASE, 'a', { compression: 'zip' })", "'zip' is not supported"),
        ("http.get(BASE, { responseType: 'json' })", "responseType is"),
        ("http.get(BASE, { redirects: -1 })", "redirects is a number"),
        ("http.get(BASE, { responseCallback: 5 })", "expectedStatuses()"),
        ("http.batch(5)", "an array or an object"),
        ("http.file(5)", "a string or an ArrayBuffer"),
        ("http.expectedStatuses('x')", "whole numbers"),
        ("http.expectedStatuses()", "needs a status"),
    ],
)
def test_what_cannot_be_sent_throws(tmp_path: Path, call: str, problem: str) -> None:
    result = run_http(tmp_path, f"try {{ {call} }} catch (e) {{ show(e.message) }}")
    assert problem in shown(result)[0]


# -- What comes back ------------------------------------------------------------------


def test_a_response_has_the_fields_that_k6_gives_it(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const r = http.get(`${BASE}/echo`);
        show({ ...r, body: '', timings: Object.keys(r.timings),
          remote_port: r.url.includes(r.remote_port), headers: r.headers['X-Lower-Case'] });
        show(Object.values(r.timings).every((ms) => ms >= 0 && ms < 20000));
        show(r.timings.duration
          - (r.timings.sending + r.timings.waiting + r.timings.receiving) < 1e-6);""",
    )
    described, *truths = shown(result)
    url = described.pop("url")
    host = url.removeprefix("http://").partition("/")[0]
    assert truths == [True, True]
    assert described == {
        "remote_ip": "127.0.0.1",
        "remote_port": True,
        "status": 200,
        "status_text": "200 OK",
        "proto": "HTTP/1.1",
        "tls_version": "",
        "tls_cipher_suite": "",
        "headers": "1",
        "cookies": {},
        "body": "",
        "error": "",
        "error_code": 0,
        "timings": [
            *("duration", "blocked", "looking_up", "connecting"),
            *("tls_handshaking", "sending", "waiting", "receiving"),
        ],
        "request": {
            "method": "GET",
            "url": url,
            "headers": {"Host": [host], "User-Agent": ["Gharial"]},
            "body": "",
            "cookies": {},
        },
    }


def test_the_body_is_text_a_buffer_or_nothing(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const get = (responseType) => http.get(`${BASE}/bytes`, { responseType }).body;
        const buffer = get('binary');
        show([buffer instanceof ArrayBuffer, [...new Uint8Array(buffer)], get('none'), get('text')]);
        show(http.get(`${BASE}/gzip`).body.length);""",
    )
    assert shown(result) == [[True, [0, 255, 128], None, "\0\ufffd\ufffd"], 10_000]


def test_json_takes_paths(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const body = JSON.stringify({ a: [{ b: 1, 'c.d': 2 }, { b: 3 }], name: 'x', nil: null });
        const r = http.post(`${BASE}/echo`, body); r.body = body;
        for (const path of ['a.0.b', 'a.#', 'a.#.b', 'a.1.b', 'a.0.c\\\\.d', 'na*', 'n?me', 'name',
          'nil', 'a.9', 'b.c', 'name.0', 'a.b', '#']) show(r.json(path));
        show(r.json().name);
        try { r.json('a.#(b==1)'); } catch (e) { show(e.message.includes('not supported')); }""",
    )
    assert result.console == [
        *("1", "2", "[1,3]", "3", "2", '"x"', '"x"', '"x"', "null"),
        *["undefined"] * 5,
        *('"x"', "true"),
    ]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("http.get(`${BASE}/text`).json()", "cannot parse json"),
        ("http.get(BASE, { responseType: 'none' }).json()", "the body is null"),
        ("http.get(BASE, { responseType: 'none' }).html()", "the body is null"),
        ("http.get(`${BASE}/text`).submitForm()", "not part of Gharial"),
        ("http.get(`${BASE}/text`).clickLink()", "not part of Gharial"),
    ],
)
def test_what_a_body_cannot_be_throws(tmp_path: Path, call: str, problem: str) -> None:
    result = run_http(
        tmp_path,
        f"BASE.length; try {{ {call.replace('BASE,', '`${BASE}/text`,')} }} "
        "catch (e) { show(e.message) }",
    )
    assert problem in shown(result)[0]


# -- Cookies, redirects, credentials --------------------------------------------------


def test_cookies_of_a_script_with_spaces_and_commas_are_quoted(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const sent = (cookies) =>
          http.get(`${BASE}/echo`, { cookies }).json('headers').Cookie;
        show(sent({ a: 'x y', b: 'p,q', c: 'z', d: '"kept as it is"' }));
        show(sent({ a: 'b; c=d' }));
        http.cookieJar().set(BASE, 'j', 'one two');
        show([sent({}), http.cookieJar().cookiesForURL(BASE)]);""",
    )
    assert shown(result) == [
        'a="x y"; b="p,q"; c=z; d="kept as it is"',
        'a="b c=d"',
        ['j="one two"', {"j": ["one two"]}],
    ]


def test_cookies_are_kept_in_the_jar_and_sent_back(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const first = http.get(`${BASE}/cookies`, { cookies: { mine: 'pie' } });
        show([first.json(), first.request.cookies]);
        const { expires, ...cake } = first.cookies.server[0];
        show([cake, typeof expires]);
        show(http.cookieJar().cookiesForURL(BASE));
        show(http.get(`${BASE}/cookies`, { cookies: { server: 'a' } }).request.headers.Cookie);
        show(http.get(`${BASE}/cookies`,
          { cookies: { server: { value: 'a', replace: true } } }).request.cookies);
        const jar = new http.CookieJar(); jar.set(BASE, 'other', 'jar');
        show(http.get(`${BASE}/cookies`, { jar }).json());
        show(http.get(`${BASE}/cookies`, { headers: { Cookie: 'raw=1' }, jar: new http.CookieJar() })
          .json());""",
    )
    assert shown(result) == [
        [
            {"mine": "pie"},
            {"mine": [{"name": "mine", "value": "pie", "replace": False}]},
        ],
        [
            {
                "name": "server",
                "value": "cake",
                "domain": "",
                "path": "/",
                "http_only": True,
                "secure": False,
                "max_age": 60,
            },
            "number",
        ],
        {"server": ["cake"]},
        ["server=a; server=cake"],
        {"server": [{"name": "server", "value": "a", "replace": True}]},
        {"other": "jar"},
        {"raw": "1"},
    ]


def test_cookies_are_never_shared_between_iterations(tmp_path: Path) -> None:
    result = run_http(
        tmp_path, "show(http.get(`${BASE}/cookies`).json());", iterations=2
    )
    assert shown(result) == [{}, {}]


def test_redirects_are_followed_and_each_is_measured(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const r = http.post(`${BASE}/redirect/3`, 'body');
        show([r.status, r.url.replace(BASE, ''), r.json('method'), r.json('body'),
          r.json('headers.Cookie')]);""",
    )
    assert shown(result) == [[200, "/echo", "GET", "", "hop3=1; hop2=1; hop1=1"]]
    assert result.total("http_reqs") == 4
    assert result.total("http_reqs", status="302") == 3


def test_307_keeps_method_and_body(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const r = http.put(`${BASE}/redirect/1?status=307`, 'body');
        show([r.json('method'), r.json('body')]);""",
    )
    assert shown(result) == [["PUT", "body"]]


def test_redirects_stop_at_the_limit_with_a_warning_unless_it_was_given(
    tmp_path: Path,
) -> None:
    result = run_http(
        tmp_path,
        """const status = (n, params) => {
          const r = http.get(`${BASE}/redirect/${n}`, params); return [r.status, r.url.slice(-2)]; };
        show([status(10), status(11), status(2, { redirects: 0 }), status(2, { redirects: 1 })]);""",
    )
    assert shown(result) == [[[200, "ho"], [302, "/1"], [302, "/2"], [302, "/1"]]]
    warnings = [text for level, text, _ in result.log if level == logging.WARNING]
    assert len(warnings) == 1
    assert "stopped after 10 redirects" in warnings[0]


def test_the_option_max_redirects_counts(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        "show(http.get(`${BASE}/redirect/3`).status);",
        settings=users_with(max_redirects=2),
    )
    assert shown(result) == [302]
    assert len(result.log) == 1


def test_a_user_in_the_url_authenticates(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const url = BASE.replace('//', '//max:p%20w@');
        const r = http.get(`${url}/echo`);
        show([r.json('headers.Authorization'), r.url.includes('max')]);
        show(http.get(`${url}/digest`, { auth: 'digest' }).body);""",
    )
    assert shown(result) == [["Basic bWF4OnAgdw==", False], "in"]


def test_tls_is_used_and_told_of(tmp_path: Path) -> None:
    certificates = Certificates()
    script = """
import http from 'k6/http';
export default function () {
  const r = http.get(`${__ENV.URL}/echo`);
  console.log(r.error_code, r.error);
}
"""
    result = run(
        javascript(tmp_path, script),
        servers=(web_server(WebServer(), certificates.server_context()),),
    )
    assert result.console == ["1310 x509: unknown authority"]


# -- When it fails --------------------------------------------------------------------


def test_a_refused_connection_is_a_response_with_an_error(tmp_path: Path) -> None:
    port = free_port()
    result = run_http(
        tmp_path,
        f"""const r = http.get('http://127.0.0.1:{port}/');
        show([r.status, r.body, r.error, r.error_code, r.status_text]);""",
    )
    assert shown(result) == [[0, None, "dial: connection refused", 1212, ""]]
    (level, text, fields) = result.log[0]
    assert level == logging.WARNING
    assert f"dial tcp 127.0.0.1:{port}" in text
    assert fields["source"] == "http"
    assert result.total("http_reqs", status="0", error_code="1212") == 1


@pytest.mark.parametrize(
    ("call", "code", "error"),
    [
        ("http.get(`${BASE}/never`, { timeout: 20 })", 1050, "request timeout"),
        ("http.get(`${BASE}/never`, { timeout: '20ms' })", 1050, "request timeout"),
        ("http.get(`${BASE}/gone`)", 1000, "EOF"),
        ("http.get(`${BASE}/cut`)", 1000, "unexpected EOF"),
        ("http.get(`${BASE}/status/404`)", 1404, ""),
        ("http.get(`${BASE}/status/503`)", 1503, ""),
        ("http.get('api/users')", 1000, 'unsupported protocol scheme ""'),
        ("http.get('ftp://a/')", 1000, 'unsupported protocol scheme "ftp"'),
        ("http.get('http://')", 1000, "http: no Host in request URL"),
        ("http.get('http://[::1')", 1020, "invalid URL"),
        ("http.get('http://local host/')", 1020, "invalid URL"),
        ("http.get('http://no..name/')", 1101, "lookup: no such host"),
    ],
)
def test_failures_have_numbers_and_words_of_k6(
    tmp_path: Path, call: str, code: int, error: str
) -> None:
    result = run_http(
        tmp_path, f"const r = {call}; show([r.error_code, r.error, r.status]);"
    )
    status = code - 1000 if code > 1400 else 0
    assert shown(result) == [[code, error, status]]


def test_a_request_whose_url_cannot_be_used_is_counted_as_failed(
    tmp_path: Path,
) -> None:
    result = run_http(tmp_path, "http.get('api/users'); http.get('http://[::1');")
    tags = {
        "url": "api/users",
        "name": "api/users",
        "status": "0",
        "error_code": "1000",
        "expected_response": "false",
    }
    # As in k6, what is no URL at all was no request.
    assert result.total("http_reqs") == result.total("http_reqs", **tags) == 1
    assert result.count("http_req_failed") == 1
    assert result.count("http_req_duration", **tags) == 1


@pytest.mark.parametrize(
    ("given", "connections"),
    [
        ({}, 1),
        ({"no_vu_connection_reuse": True}, 2),
        ({"no_connection_reuse": True}, 4),
    ],
)
def test_connections_last_as_long_as_the_options_say(
    tmp_path: Path, given: dict[str, Any], connections: int
) -> None:
    server = WebServer()
    result = run_http(
        tmp_path,
        "show([1, 2].map(() => http.get(`${BASE}/status/200`).status));",
        server,
        iterations=2,
        settings=users_with(**given),
    )
    assert shown(result) == [[200, 200]] * 2
    assert len(server.connections) == connections


def test_bodies_may_be_discarded_unless_a_request_wants_its_own(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const url = `${BASE}/echo`;
        show([http.get(url).body, http.get(url, { responseType: 'text' }).body.length > 0,
          (await (await fetch(url)).text()).length > 0]);""",
        settings=users_with(discard_response_bodies=True),
    )
    assert shown(result) == [[None, True, True]]
    assert result.total("data_received") > 0


@pytest.mark.parametrize("wanted", ["", "headers", "full"])
def test_requests_and_answers_are_logged_if_that_is_asked_for(
    tmp_path: Path, wanted: str
) -> None:
    result = run_http(
        tmp_path,
        "http.post(`${BASE}/echo`, 'sent', { headers: { 'X-Mine': 'yes' } });",
        settings=users_with(http_debug=wanted),
    )
    texts = [text for _, text, fields in result.log if fields["source"] == "http-debug"]
    if not wanted:
        assert texts == []
        return
    request, response = texts
    assert request.startswith("Request:\nPOST http://127.0.0.1:")
    assert "\nX-Mine: yes\n" in request
    assert request.endswith("\n\nsent") is (wanted == "full")
    assert response.startswith("Response:\nHTTP/1.1 200 OK\n")
    assert ("\n\n" in response) is (wanted == "full")


def test_failures_throw_if_the_option_or_the_parameter_says_so(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    body = f"""const attempt = (params) => {{
          try {{ return http.get('{url}', params).error_code; }} catch (e) {{ return e.message; }} }};
        show([attempt(), attempt({{ throw: true }}), attempt({{ throw: false }})]);"""
    assert [isinstance(x, int) for x in shown(run_http(tmp_path, body))[0]] == [
        *(True, False, True)
    ]
    thrown = run_http(tmp_path, body, settings=users_with(throw=True))
    assert [isinstance(x, int) for x in shown(thrown)[0]] == [False, False, True]


def test_requests_are_refused_in_the_init_context(tmp_path: Path) -> None:
    script = "import http from 'k6/http'; http.get('http://127.0.0.1/');\n"
    with pytest.raises(ScriptError, match="init context"):
        javascript(tmp_path, script + "export default function () {}")


# -- Batches and promises -------------------------------------------------------------


def test_a_batch_runs_at_once_and_keeps_its_shape(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const url = (n) => `${BASE}/together?n=4&i=${n}`;
        show(http.batch([url(1), ['GET', url(2)], ['POST', url(3), 'x', { tags: { t: 1 } }],
          { method: 'PUT', url: url(4) }]).map((r) => [r.request.method, r.body.slice(-1)]));
        const named = http.batch({ a: `${BASE}/status/201`, b: ['GET', `${BASE}/status/404`] });
        show([named.a.status, named.b.status, http.batch([]), http.batch({})]);""",
    )
    assert shown(result) == [
        [["GET", "1"], ["GET", "2"], ["POST", "3"], ["PUT", "4"]],
        [201, 404, [], {}],
    ]


def test_a_batch_keeps_to_its_limits(tmp_path: Path) -> None:
    server = WebServer()
    result = run_http(
        tmp_path,
        """show(http.batch(Array.from({ length: 12 }, () => `${BASE}/status/200`)).length);""",
        server,
        settings=users_with(batch_per_host=2),
    )
    assert shown(result) == [12]
    assert server.at_once_maximum <= 2


def test_async_requests_run_beside_an_open_socket(tmp_path: Path) -> None:
    script = """
import { asyncRequest } from 'k6/http';
import { WebSocket } from 'k6/websockets';
export default function () {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = async () => {
    socket.send('first');
    const response = await asyncRequest('POST', `${__ENV.URL2}/echo`, 'by http');
    console.log(response.status, response.json('body'));
    socket.send('last');
  };
  socket.onmessage = ({ data }) => {
    console.log(data);
    if (data === 'last') socket.close();
  };
}
"""
    result = run(javascript(tmp_path, script), echo, servers=(web_server(WebServer()),))
    assert result.outcomes == [IterationOutcome.COMPLETED]
    assert sorted(result.console) == ["200 by http", "first", "last"]


def test_promises_run_together_and_hold_the_iteration(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """for (let i = 0; i < 3; i++) {
          http.asyncRequest('GET', `${BASE}/together?n=3`).then((r) => show(r.status)); }""",
    )
    assert shown(result) == [200, 200, 200]


def test_a_promise_of_a_bad_request_is_rejected(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """await http.asyncRequest('GET', BASE, [1]).catch((e) => show(e.name));
        await http.asyncRequest('GET', 'http://127.0.0.1:1/', null, { throw: true })
          .catch((e) => show(e.message));""",
    )
    name, message = shown(result)
    assert name == "TypeError"
    assert "127.0.0.1:1" in message


def test_a_script_that_names_no_blocking_function_shares_a_heap(tmp_path: Path) -> None:
    source = """
import { cookieJar } from 'k6/http';
import { hidden } from './other.js';
export default function () { hidden(); }
"""
    (tmp_path / "other.js").write_text(
        "const name = 'k6/' + 'http';\n"
        "export const hidden = async () => {\n"
        "  try { (await import(name)).get('http://127.0.0.1/'); }\n"
        "  catch (e) { console.log(e.message); }\n};\n",
        "utf-8",
    )
    result = run(javascript(tmp_path, source))
    assert len(result.console) == 1
    assert "could not foresee" in result.console[0]


# -- The end of an iteration ----------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        pytest.param("http.get(url)", id="that blocks"),
        pytest.param("http.batch([url, url, url])", id="of a batch"),
        pytest.param("http.asyncRequest('GET', url)", id="of a promise"),
        pytest.param("await http.asyncRequest('GET', url)", id="that is awaited"),
        pytest.param("await fetch(url)", id="of fetch"),
    ],
)
def test_an_interruption_ends_a_request(tmp_path: Path, call: str) -> None:
    server = WebServer()

    async def interrupt(user: VirtualUser) -> None:
        await server.asked.wait()
        user.interrupt()

    result = run_http(
        tmp_path,
        f"const url = `${{BASE}}/never`; {call}; show('ended');"
        "setTimeout(() => show('never'), 60000);",
        server,
        during=interrupt,
    )
    assert result.outcomes == [IterationOutcome.INTERRUPTED]
    assert '"never"' not in result.console


def test_an_exception_ends_the_requests_that_are_pending(tmp_path: Path) -> None:
    server = WebServer()
    result = run_http(
        tmp_path,
        """http.asyncRequest('GET', `${BASE}/never`).then(() => show('never'));
        http.asyncRequest('GET', `${BASE}/status/200`).then(() => { throw new Error('mine'); });""",
        server,
    )
    assert result.outcomes == [IterationOutcome.FAILED]
    assert result.console == []


def test_abort_leaves_nothing_behind(tmp_path: Path) -> None:
    server = WebServer()

    async def abort(user: VirtualUser) -> None:
        await server.asked.wait()
        user.abort()

    result = run_http(
        tmp_path,
        "http.asyncRequest('GET', `${BASE}/never`).then(() => show('never'));",
        server,
        during=abort,
    )
    assert result.console == []


def test_requests_work_after_an_interrupted_iteration(tmp_path: Path) -> None:
    server = WebServer()

    async def interrupt(user: VirtualUser) -> None:
        if not server.asked.is_set():
            await server.asked.wait()
            user.interrupt()

    result = run_http(
        tmp_path,
        "show(http.get(`${BASE}/${__ITER ? 'status/200' : 'never'}`).status);",
        server,
        iterations=2,
        during=interrupt,
    )
    assert result.outcomes == [
        IterationOutcome.INTERRUPTED,
        IterationOutcome.COMPLETED,
    ]
    assert result.console == ["200"]


# -- Measurements ---------------------------------------------------------------------


def test_a_request_is_measured_with_its_tags(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """exec.vu.tags.mine = 'yes';
        group('g', () => http.get(`${BASE}/status/204`, { tags: { own: 1 } }));""",
    )
    ((_, tags, _),) = [
        one for one in result.registry.all_series() if one[0] is builtin.HTTP_REQS
    ]
    found = dict(tags.items)
    url = found["url"]
    assert found == {
        "group": "::g",
        "scenario": "default",
        "mine": "yes",
        "own": "1",
        "method": "GET",
        "status": "204",
        "proto": "HTTP/1.1",
        "url": url,
        "name": url,
        "expected_response": "true",
    }
    for name in ("duration", "blocked", "connecting", "tls_handshaking"):
        assert result.count(f"http_req_{name}", own="1") == 1
    for name in ("sending", "waiting", "receiving", "failed"):
        assert result.count(f"http_req_{name}", own="1") == 1
    assert result.total("data_sent") > 0
    assert result.total("data_received") > 0


def test_a_name_stands_for_the_url(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """http.get(`${BASE}/echo?1`, { tags: { name: 'mine' } });
        const id = 5; const r = http.get(http.url`${BASE}/echo?${id}`);
        show(r.url.endsWith('/echo?5'));""",
    )
    assert shown(result) == [True]
    assert result.total("http_reqs", name="mine", url="mine") == 1
    assert result.total("http_reqs", name="${}/echo?${}") == 1


def test_response_callbacks_say_what_is_a_failure(tmp_path: Path) -> None:
    result = run_http(
        tmp_path,
        """const get = (status, name, params = {}) =>
          http.get(`${BASE}/status/${status}`, { ...params, tags: { name } });
        get(404, 'failed'); get(200, 'fine');
        get(404, 'wanted', { responseCallback: http.expectedStatuses(404) });
        get(200, 'unwanted', { responseCallback: http.expectedStatuses({ min: 400, max: 499 }) });
        get(404, 'unjudged', { responseCallback: null });
        http.setResponseCallback(http.expectedStatuses(500)); get(500, 'set');
        http.setResponseCallback(null); get(500, 'unset');""",
    )
    assert shown(result) == []

    def failed(name: str) -> list[str | None]:
        return [
            tags.get("expected_response")
            for metric, tags, _ in result.registry.all_series()
            if metric is builtin.HTTP_REQ_FAILED and tags.get("name") == name
        ]

    assert [failed(name) for name in ("failed", "unwanted")] == [["false"]] * 2
    assert [failed(name) for name in ("fine", "wanted", "set")] == [["true"]] * 3
    assert [failed(name) for name in ("unjudged", "unset")] == [[], []]


def test_an_open_connection_takes_no_time_to_make(tmp_path: Path) -> None:
    server = WebServer()
    result = run_http(
        tmp_path,
        """const [a, b] = [1, 2].map(() => http.get(`${BASE}/status/200`).timings.connecting);
        show([a > 0, b]);""",
        server,
    )
    assert shown(result) == [[True, 0]]
    assert len(server.connections) == 1


# -- HTML -----------------------------------------------------------------------------


def test_html_is_read_by_the_module_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = ScriptSources.module_source
    module = "export const parseHTML = (t) => ({ t, find: (s) => `${s} in ${t}` });"
    monkeypatch.setattr(
        ScriptSources,
        "module_source",
        lambda self, name: module if name == "k6/html" else own(self, name),
    )
    monkeypatch.setattr(http_requests, "builtin_file", lambda name: "html.js")
    result = run_http(
        tmp_path,
        """const r = http.get(`${BASE}/text`); show([r.html().t, r.html('p')]);""",
    )
    assert shown(result) == [["<p class=a>näht</p>", "p in <p class=a>näht</p>"]]


def test_html_without_the_module_for_it_throws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_requests, "builtin_file", lambda name: None)
    result = run_http(
        tmp_path,
        """try { http.get(`${BASE}/text`).html(); } catch (e) { show(e.message); }""",
    )
    assert "k6/html" in shown(result)[0]


def test_abort_ends_a_request_that_blocks(tmp_path: Path) -> None:
    server = WebServer()

    async def abort(user: VirtualUser) -> None:
        await server.asked.wait()
        user.abort()

    result = run_http(
        tmp_path, "http.get(`${BASE}/never`); show('never');", server, during=abort
    )
    assert result.console == []


def test_texts_that_the_engine_keeps_in_parts_are_sent_whole(tmp_path: Path) -> None:
    server = WebServer()
    result = run_http(
        tmp_path,
        """const joined = 'a'.repeat(600) + 'b'.repeat(600);
        const url = `${BASE}/echo?a=${joined}`;
        show(http.post(url, joined).json('body'));
        show(http.post(url, { field: joined }).json('body'));
        show(http.batch([['POST', url, joined]])[0].json('body'));
        http.cookieJar().set(BASE, 'c', 'd', { path: joined });""",
        server,
    )
    text = "a" * 600 + "b" * 600
    assert shown(result) == [text, f"field={text}", text]
    assert server.requests == [f"POST /echo?a={text}"] * 3
