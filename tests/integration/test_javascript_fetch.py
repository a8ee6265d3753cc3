"""`fetch` against a real web server."""

import json
from pathlib import Path
from typing import Any

import pytest
from default_settings import users_with
from script_runs import Run, javascript, run
from web_server import WebServer, web_server
from websockets.asyncio.server import ServerConnection

from gharial.javascript.host import VUS_PER_GROUP, JavaScriptHost
from gharial.virtual_user.iteration import IterationOutcome


def run_fetch(tmp_path: Path, body: str, server: WebServer | None = None) -> Run:
    """Run the body of an async default function; `show` logs a value as JSON."""
    script = f"""
const BASE = __ENV.URL;
const show = (value) => console.log(JSON.stringify(value) ?? 'undefined');
const problem = (promise) => promise.then(
  () => show('none'), (error) => show(`${{error.name}}: ${{error.message}}`));
export default async function () {{ {body} }}
"""
    return run(
        javascript(tmp_path, script), servers=(web_server(server or WebServer()),)
    )


def shown(result: Run) -> list[Any]:
    assert result.errors == []
    return [json.loads(text) for text in result.console]


def test_an_answer_is_read_as_the_web_reads_it(tmp_path: Path) -> None:
    result = run_fetch(
        tmp_path,
        """const r = await fetch(`${BASE}/echo?a=1#fragment`);
        show([r.ok, r.status, r.statusText, r.type, r.redirected, r.bodyUsed,
          r.url === `${BASE}/echo?a=1`, r.headers.get('X-LOWER-case'), r instanceof Response]);
        const copy = r.clone();
        show([(await r.json()).method, r.bodyUsed, JSON.parse(await copy.text()).query]);
        await problem(r.text());
        show(new Uint8Array(await (await fetch(`${BASE}/bytes`)).arrayBuffer()));
        const blob = await (await fetch(`${BASE}/text`)).blob();
        show([blob.type, blob.size, await blob.text()]);
        const missing = await fetch(`${BASE}/status/404`);
        show([missing.ok, missing.status, await missing.text()]);""",
    )
    assert shown(result) == [
        [True, 200, "OK", "basic", False, False, True, "1", True],
        ["GET", True, "a=1"],
        "TypeError: the body was read already, or a reader has its stream",
        {"0": 0, "1": 255, "2": 128},
        ["text/html;charset=utf-8", 20, "<p class=a>näht</p>"],
        [False, 404, "body"],
    ]
    assert result.total("http_reqs") == 4
    assert result.total("http_reqs", status="404", expected_response="false") == 1


@pytest.mark.parametrize(
    ("body", "media_type", "sent"),
    [
        ("'text'", "text/plain;charset=UTF-8", "text"),
        (
            "new URLSearchParams({ a: 'b c' })",
            "application/x-www-form-urlencoded;charset=UTF-8",
            "a=b+c",
        ),
        ("new Uint8Array([1, 2, 3]).subarray(1)", None, "\2\3"),
        ("new Uint8Array([1, 2]).buffer", None, "\1\2"),
        ("new Blob(['xy'], { type: 'a/b' })", "a/b", "xy"),
        ("new Blob(['xyz']).slice(1)", None, "yz"),
        ("5", "text/plain;charset=UTF-8", "5"),
    ],
)
def test_a_body_has_its_media_type(
    tmp_path: Path, body: str, media_type: str | None, sent: str
) -> None:
    result = run_fetch(
        tmp_path,
        f"""const r = await (await fetch(`${{BASE}}/echo`, {{ method: 'post', body: {body} }})).json();
        show([r.method, r.headers['Content-Type'] ?? null, r.body]);""",
    )
    assert shown(result) == [["POST", media_type, sent]]


def test_headers_and_cookies_are_sent(tmp_path: Path) -> None:
    result = run_fetch(
        tmp_path,
        """const headers = new Headers({ 'X-One': '1' }); headers.append('x-one', '2');
        const r = await (await fetch(`${BASE}/echo`, { headers })).json();
        show(r.headers['x-one']);
        await fetch(`${BASE}/cookies`);
        show(await (await fetch(`${BASE}/cookies`)).json());""",
    )
    assert shown(result) == ["1, 2", {"server": "cake"}]


def test_redirects_are_followed_refused_or_shown(tmp_path: Path) -> None:
    result = run_fetch(
        tmp_path,
        """const url = `${BASE}/redirect/2`;
        const r = await fetch(url); show([r.status, r.redirected, r.url === `${BASE}/echo`]);
        const manual = await fetch(url, { redirect: 'manual' });
        show([manual.status, manual.headers.get('location'), manual.redirected]);
        await problem(fetch(url, { redirect: 'error' }));
        await problem(fetch(`${BASE}/redirect/21`));
        show((await fetch(`${BASE}/redirect/20`)).status);""",
    )
    assert shown(result) == [
        [200, True, True],
        [302, "/redirect/1", False],
        "TypeError: fetch failed: the server redirects",
        "TypeError: fetch failed: more than 20 redirects",
        200,
    ]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("fetch('/relative')", "TypeError: Invalid URL"),
        ("fetch('ftp://a/')", "TypeError: fetch failed: invalid URL"),
        ("fetch()", "TypeError: Failed to execute 'fetch'"),
        ("fetch(BASE, 5)", "TypeError: fetch: the options"),
        ("fetch(BASE, { method: 'TRACE' })", "TypeError: fetch: 'TRACE'"),
        ("fetch(BASE, { method: 'a b' })", "TypeError: fetch: 'a b'"),
        ("fetch(BASE, { body: 'x' })", "TypeError: fetch: a request with method GET"),
        ("fetch(BASE, { redirect: 'no' })", "TypeError: fetch: redirect is"),
        ("fetch(BASE, { headers: { 'a b': '' } })", "TypeError: Headers: 'a b'"),
        ("fetch(BASE, { headers: { a: 'b\\nc' } })", "TypeError: Headers: a value"),
        ("fetch(BASE, { signal: {} })", "TypeError: the signal is not"),
        ("fetch(BASE, { signal: AbortSignal.abort() })", "AbortError:"),
        ("fetch(BASE, { signal: AbortSignal.abort(Error('mine')) })", "Error: mine"),
        (
            "fetch('http://127.0.0.1:1/')",
            "TypeError: fetch failed: dial tcp 127.0.0.1:1",
        ),
        ("fetch(`${BASE}/gone`)", "TypeError: fetch failed: EOF"),
    ],
)
def test_what_goes_wrong_rejects(tmp_path: Path, call: str, problem: str) -> None:
    result = run_fetch(tmp_path, f"await problem({call});")
    assert shown(result)[0].startswith(problem)


def test_a_signal_gives_the_request_up(tmp_path: Path) -> None:
    server = WebServer()
    result = run_fetch(
        tmp_path,
        """const controller = new AbortController();
        const ended = problem(fetch(`${BASE}/never`, { signal: controller.signal }));
        setTimeout(() => controller.abort(), 5);
        await ended;
        await problem(fetch(`${BASE}/never`, { signal: AbortSignal.timeout(5) }));""",
        server,
    )
    assert shown(result) == [
        "AbortError: The operation was aborted.",
        "TimeoutError: The operation timed out.",
    ]
    assert result.outcomes == [IterationOutcome.COMPLETED]


def test_a_body_is_read_as_it_arrives(tmp_path: Path) -> None:
    result = run_fetch(
        tmp_path,
        """const next = () => fetch(`${BASE}/next`);
        const r = await fetch(`${BASE}/pieces?n=3`);
        show([r.status, r.bodyUsed, r.body.locked, r.body === r.body]);
        const reader = r.body.getReader();
        const text = new TextDecoder();
        for (let i = 0; i < 3; i++) {
          const read = reader.read();
          await next();
          show(text.decode((await read).value));
        }
        const last = reader.read();
        await next();
        show([await last, r.bodyUsed]);""",
    )
    assert shown(result) == [
        [200, False, False, True],
        "piece 0;",
        "piece 1;",
        "piece 2;",
        [{"done": True}, True],
    ]
    assert result.total("http_reqs", status="200") == 5


def test_a_body_that_arrives_is_read_whole_copied_and_piped(tmp_path: Path) -> None:
    result = run_fetch(
        tmp_path,
        """const size = 300_000;
        const get = () => fetch(`${BASE}/large?size=${size}`);
        show((await (await get()).text()).length);
        const copied = await get();
        const copy = copied.clone();
        show([(await copied.arrayBuffer()).byteLength, (await copy.bytes()).length]);
        let count = 0;
        await (await get()).body.pipeThrough(new TransformStream())
          .pipeTo(new WritableStream({ write(chunk) { count += chunk.length; } }));
        show(count);
        let sum = 0;
        for await (const chunk of (await get()).body) sum += chunk.length;
        show(sum);
        const byob = (await get()).body.getReader({ mode: 'byob' });
        show((await byob.read(new Uint8Array(10), { min: 10 })).value.length);
        await byob.cancel();
        show(await new Response((await get()).body).blob().then((blob) => blob.size));""",
    )
    size = 300_000
    assert shown(result) == [size, [size, size], size, size, 10, size]


def test_what_a_script_does_not_read_waits_in_the_server(tmp_path: Path) -> None:
    server = WebServer()
    size = 200 * 1024 * 1024
    result = run_fetch(
        tmp_path,
        f"""const r = await fetch(`${{BASE}}/large?size={size}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
        const {{ value }} = await r.body.getReader().read();
        show(value.length > 0);""",
        server,
    )
    assert shown(result) == [True]
    # What the sockets of the system hold, and what is read ahead.
    assert server.written_bytes < size / 4
    assert result.outcomes == [IterationOutcome.COMPLETED]
    assert result.total("http_reqs", status="200") == 1


@pytest.mark.parametrize(
    "end",
    [
        "controller.abort(); await problem(reader.read()); await problem(reader.closed);",
        "await reader.cancel(); show('none'); show('none');",
        "show('none'); show('none'); // The iteration ends it.",
    ],
)
def test_a_body_that_nobody_wants_is_given_up(tmp_path: Path, end: str) -> None:
    server = WebServer()

    async def during(user: Any) -> None:
        await server.ended.wait()

    script = f"""
const show = (value) => console.log(JSON.stringify(value) ?? 'undefined');
const problem = (promise) => promise.then(() => show('none'), (error) => show(error.name));
export default async function () {{
  const controller = new AbortController();
  const {{ signal }} = controller;
  const r = await fetch(`${{__ENV.URL}}/pieces?n=9`, {{ signal }});
  const reader = r.body.getReader();
  {end}
}}
"""
    result = run(
        javascript(tmp_path, script), servers=(web_server(server),), during=during
    )
    name = "AbortError" if "abort" in end else "none"
    assert shown(result) == [name, name]
    assert result.outcomes == [IterationOutcome.COMPLETED]
    assert result.total("http_reqs", status="200") == 1


def test_a_body_that_breaks_off_fails(tmp_path: Path) -> None:
    result = run_fetch(
        tmp_path,
        """const r = await fetch(`${BASE}/cut`);
        show(r.status);
        await problem(r.text());
        const reader = (await fetch(`${BASE}/cut`)).body.getReader();
        const read = async () => { while (!(await reader.read()).done); };
        await problem(read());""",
    )
    seen = shown(result)
    assert seen[0] == 200
    assert seen[1].startswith("TypeError: the body did not arrive whole: ")
    assert seen[2] == seen[1]
    assert result.total("http_reqs", status="0") == 2


def test_short_bodies_that_nobody_reads_arrive_all_the_same(tmp_path: Path) -> None:
    server = WebServer()
    result = run_fetch(
        tmp_path,
        """for (let i = 0; i < 3; i++) {
          await fetch(`${BASE}/large?told=1&size=100000`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }""",
        server,
    )
    assert shown(result) == []
    assert result.total("data_received") > 300_000
    assert len(server.connections) == 1


def test_a_limit_that_was_not_reached_keeps_no_iteration(tmp_path: Path) -> None:
    result = run_fetch(
        tmp_path,
        """const signal = AbortSignal.any([AbortSignal.timeout(600_000)]);
        show((await fetch(`${BASE}/large?size=300000`, { signal })).status);
        await (await fetch(`${BASE}/text`, { signal: AbortSignal.timeout(600_000) })).text();""",
    )
    assert shown(result) == [200]
    assert result.outcomes == [IterationOutcome.COMPLETED]
    # Nothing was interrupted, and no warning says so.
    assert [text for level, text, _ in result.log if level >= 30] == []


def test_a_body_that_arrived_in_pieces_is_shown_for_debugging(tmp_path: Path) -> None:
    script = (
        "export default async () => { "
        "await (await fetch(`${__ENV.URL}/large?size=300000`)).text(); }"
    )
    result = run(
        javascript(tmp_path, script),
        servers=(web_server(WebServer()),),
        settings=users_with(http_debug="full"),
    )
    texts = [text for _, text, fields in result.log if fields["source"] == "http-debug"]
    assert texts[1].endswith(f"{'x' * 10_000}…")


def test_the_cookies_of_a_user_are_those_of_all_its_requests(tmp_path: Path) -> None:
    async def tell(connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        await connection.send(request.headers.get("Cookie", ""))
        await connection.wait_closed()

    script = """
export default async function () {
  await fetch(`${__ENV.URL2}/cookies`);
  const xhr = new XMLHttpRequest();
  xhr.open('GET', `${__ENV.URL2}/cookies`);
  xhr.onload = () => {
    console.log(xhr.responseText);
    const socket = new WebSocket(__ENV.URL);
    socket.onmessage = ({ data }) => { console.log(data); socket.close(); };
  };
  xhr.send();
}
"""
    result = run(javascript(tmp_path, script), tell, servers=(web_server(WebServer()),))
    assert result.console == ['{"server": "cake"}', "server=cake"]


def test_it_is_refused_at_the_top_level(tmp_path: Path) -> None:
    script = """
export let seen;
try { await fetch('http://127.0.0.1/'); } catch (error) { seen = error.message; }
export default function () { console.log(seen); }
"""
    result = run(javascript(tmp_path, script))
    assert "init context" in result.console[0]


def test_a_script_that_only_fetches_shares_a_heap(tmp_path: Path) -> None:
    host = javascript(tmp_path, "export default async () => { await fetch('x'); };")
    assert isinstance(host, JavaScriptHost)
    assert VUS_PER_GROUP > 1
    assert not host._sources.may_block
