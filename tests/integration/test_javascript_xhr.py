"""`XMLHttpRequest` against a real web server."""

import json
from pathlib import Path
from typing import Any

import pytest
from script_runs import Run, javascript, run
from web_server import WebServer, web_server

from gharial.virtual_user.iteration import IterationOutcome

HELPERS = """
const BASE = __ENV.URL;
const show = (value) => console.log(JSON.stringify(value) ?? 'undefined');
const name = (action) => {
  try { action(); } catch (error) { return error.name; }
  return 'nothing';
};
const EVENTS = ['loadstart', 'progress', 'abort', 'error', 'load', 'timeout', 'loadend'];
const record = (xhr, events = []) => {
  xhr.onreadystatechange = () => events.push(xhr.readyState);
  for (const type of EVENTS) {
    xhr.addEventListener(type, (e) => events.push(`${type} ${e.loaded}/${e.total}`));
    xhr.upload.addEventListener(type, (e) => events.push(`up ${type} ${e.loaded}/${e.total}`));
  }
  return events;
};
const ended = (xhr) => new Promise((resolve) => { xhr.addEventListener('loadend', resolve); });
const get = async (path, prepare = () => {}, method = 'GET', body = null) => {
  const xhr = new XMLHttpRequest();
  xhr.open(method, `${BASE}${path}`);
  prepare(xhr);
  xhr.send(body);
  await ended(xhr);
  return xhr;
};
"""


def run_xhr(tmp_path: Path, body: str, server: WebServer | None = None) -> Run:
    """Run the body of an async default function; `show` logs a value as JSON."""
    return run(
        javascript(tmp_path, f"{HELPERS}export default async function () {{ {body} }}"),
        servers=(web_server(server or WebServer()),),
    )


def shown(result: Run) -> list[Any]:
    assert result.errors == []
    return [json.loads(text) for text in result.console]


def test_an_exchange_has_the_events_of_the_standard(tmp_path: Path) -> None:
    result = run_xhr(
        tmp_path,
        """const xhr = new XMLHttpRequest();
        const events = record(xhr);
        xhr.open('post', `${BASE}/text#part`);
        xhr.send('näht');
        show([xhr.readyState, xhr.status, xhr.responseText]);
        await ended(xhr);
        show(events);
        show([xhr.status, xhr.statusText, xhr.responseURL === `${BASE}/text`, xhr.responseText,
          xhr.response, xhr.getResponseHeader('CONTENT-type')]);""",
    )
    assert shown(result) == [
        [1, 0, ""],
        [
            1,
            "loadstart 0/0",
            "up loadstart 0/5",
            "up progress 5/5",
            "up load 5/5",
            "up loadend 5/5",
            2,
            3,
            "progress 20/20",
            "progress 20/20",
            4,
            "load 20/20",
            "loadend 20/20",
        ],
        [
            200,
            "OK",
            True,
            "<p class=a>näht</p>",
            "<p class=a>näht</p>",
            "text/html; charset=utf-8",
        ],
    ]
    assert result.total("http_reqs", method="POST", status="200") == 1


def test_a_response_comes_as_what_was_asked_for(tmp_path: Path) -> None:
    result = run_xhr(
        tmp_path,
        """const as = async (type, path = '/bytes') =>
          (await get(path, (xhr) => { xhr.responseType = type; })).response;
        show([...new Uint8Array(await as('arraybuffer'))]);
        const blob = await as('blob', '/text');
        show([blob.type, blob.size]);
        show([(await as('json', '/echo?a=1')).query, await as('json'), await as('text', '/text')]);
        const xhr = await get('/bytes', (each) => { each.responseType = 'arraybuffer'; });
        show([xhr.response === xhr.response, name(() => xhr.responseText),
          name(() => { xhr.responseType = ''; }), name(() => xhr.overrideMimeType('a/b'))]);
        show((await get('/bytes', (each) =>
          each.overrideMimeType('text/plain; charset=windows-1252'))).responseText);
        xhr.open('GET', BASE);
        xhr.responseType = 'document';
        xhr.responseType = 'nonsense';
        show(xhr.responseType);
        const empty = await get('/status/204', (each) => { each.responseType = 'json'; });
        show([empty.status, empty.response]);""",
    )
    assert shown(result) == [
        [0, 255, 128],
        ["text/html;charset=utf-8", 20],
        ["a=1", None, "<p class=a>näht</p>"],
        [True, "InvalidStateError", "InvalidStateError", "InvalidStateError"],
        "\0ÿ€",
        "arraybuffer",
        [204, None],
    ]


def test_headers_are_combined_and_some_are_the_platforms(tmp_path: Path) -> None:
    result = run_xhr(
        tmp_path,
        """const xhr = await get('/echo', (each) => {
          each.setRequestHeader('X-One', ' 1 ');
          each.setRequestHeader('x-one', '2');
          for (const name of ['Origin', 'cookie', 'Sec-X', 'Proxy-Y', 'Host', 'Via']) {
            each.setRequestHeader(name, 'mine');
          }
          each.setRequestHeader('X-HTTP-Method-Override', 'get, trace');
          each.setRequestHeader('Content-Type', 'text/x; charset=latin1; a="b c"');
          show([name(() => each.setRequestHeader('a b', '1')),
            name(() => each.setRequestHeader('a', '1\\n2'))]);
        }, 'POST', 'x');
        const { headers } = JSON.parse(xhr.responseText);
        delete headers.Host;
        show(headers);
        show(xhr.getAllResponseHeaders().replace(/(date|server|content-length): .*/g, (line) =>
          line.slice(0, line.indexOf(':'))));
        const cookies = await get('/cookies');
        show([cookies.getResponseHeader('set-cookie'),
          cookies.getAllResponseHeaders().includes('cookie')]);
        show((await get('/cookies', (each) => { each.withCredentials = false; })).responseText);
        show(await (await fetch(`${BASE}/cookies`)).text());""",
    )
    assert shown(result) == [
        ["SyntaxError", "SyntaxError"],
        {
            "Accept": "*/*",
            "Content-Length": "1",
            "Content-Type": 'text/x;charset=UTF-8;a="b c"',
            "User-Agent": "Gharial",
            "X-One": "1, 2",
        },
        "content-length\r\ncontent-type: application/json; charset=utf-8\r\n"
        "date\r\nserver\r\nx-lower-case: 1\r\n",
        [None, False],
        '{"server": "cake"}',
        '{"server": "cake"}',
    ]


@pytest.mark.parametrize(
    ("body", "media_type", "sent"),
    [
        ("'näht'", "text/plain;charset=UTF-8", "n\xc3\xa4ht"),
        (
            "new URLSearchParams({ a: 'b c' })",
            "application/x-www-form-urlencoded;charset=UTF-8",
            "a=b+c",
        ),
        ("new Uint8Array([1, 2, 3]).subarray(1)", None, "\2\3"),
        ("new Blob(['xy'], { type: 'a/b' })", "a/b", "xy"),
    ],
)
def test_a_body_has_its_media_type(
    tmp_path: Path, body: str, media_type: str | None, sent: str
) -> None:
    result = run_xhr(
        tmp_path,
        f"""const r = JSON.parse((await get('/echo', undefined, 'PUT', {body})).responseText);
        show([r.method, r.headers['Content-Type'] ?? null, r.body]);""",
    )
    assert shown(result) == [["PUT", media_type, sent]]


def test_what_fails_is_told_as_an_event(tmp_path: Path) -> None:
    result = run_xhr(
        tmp_path,
        """const fail = async (method, url, prepare = () => {}) => {
          const xhr = new XMLHttpRequest();
          const events = record(xhr);
          xhr.open(method, url);
          xhr.send('x');
          prepare(xhr);
          await ended(xhr);
          show([events.slice(2), xhr.readyState, xhr.status, xhr.getAllResponseHeaders()]);
          return xhr;
        };
        await fail('GET', `${BASE}/gone`);
        await fail('GET', 'ftp://127.0.0.1/');
        await fail('GET', `${BASE}/redirect/21`);
        await fail('POST', `${BASE}/never`, (xhr) => { xhr.timeout = 20; });
        await fail('POST', `${BASE}/never`, (xhr) => setTimeout(() => xhr.abort(), 5));
        show((await get('/redirect/2')).responseURL === `${BASE}/echo`);""",
    )
    failed = [[4, "error 0/0", "loadend 0/0"], 4, 0, ""]
    uploading = ["up loadstart 0/1", 4]
    assert shown(result) == [
        failed,
        failed,
        failed,
        [
            [
                *uploading,
                "up timeout 0/0",
                "up loadend 0/0",
                "timeout 0/0",
                "loadend 0/0",
            ],
            4,
            0,
            "",
        ],
        [
            [*uploading, "up abort 0/0", "up loadend 0/0", "abort 0/0", "loadend 0/0"],
            0,
            0,
            "",
        ],
        True,
    ]
    assert result.outcomes == [IterationOutcome.COMPLETED]


def test_a_response_arrives_in_pieces(tmp_path: Path) -> None:
    server = WebServer()
    result = run_xhr(
        tmp_path,
        """const xhr = new XMLHttpRequest();
        let told;
        xhr.onprogress = (e) => { show([xhr.readyState, e.loaded, xhr.responseText]); told?.(); };
        xhr.open('GET', `${BASE}/pieces?n=2`);
        xhr.send();
        for (let i = 0; i < 2; i++) {
          const heard = new Promise((resolve) => { told = resolve; });
          await get('/next');
          await heard;
        }
        await get('/next');
        await ended(xhr);
        show(xhr.responseText);
        xhr.onprogress = () => { xhr.abort(); show(xhr.readyState); };
        xhr.open('GET', `${BASE}/pieces?n=2`);
        xhr.send();
        const aborted = ended(xhr);
        await get('/next');
        await aborted;
        xhr.onprogress = null;
        xhr.onloadend = (e) => show(e.target.readyState);
        xhr.open('GET', `${BASE}/cut`);
        xhr.send();""",
        server,
    )
    both = "piece 0;piece 1;"
    assert shown(result) == [
        [3, 8, "piece 0;"],
        [3, 16, both],
        [3, 16, both],
        both,
        0,
        4,
    ]
    assert server.ended.is_set()


def test_misuse_throws_what_the_standard_says(tmp_path: Path) -> None:
    result = run_xhr(
        tmp_path,
        """const xhr = new XMLHttpRequest();
        show([name(() => xhr.send()), name(() => xhr.setRequestHeader('a', 'b')),
          name(() => xhr.open('GET')), name(() => xhr.open('a b', BASE)),
          name(() => xhr.open('TRACE', BASE)), name(() => xhr.open('GET', '/relative')),
          name(() => xhr.open('GET', BASE, false)), name(() => new XMLHttpRequestUpload()),
          name(() => new XMLHttpRequestEventTarget()), xhr.readyState]);
        try { xhr.open('GET', BASE, false); } catch (error) { show(error.message); }
        xhr.open('GET', `${BASE}/never`);
        xhr.send();
        show([name(() => xhr.send()), name(() => { xhr.withCredentials = true; }), xhr.readyState]);
        xhr.abort();
        show([xhr.readyState, xhr.status]);
        xhr.open('GET', `${BASE}/text`);
        xhr.send();
        xhr.open('GET', `${BASE}/echo`);
        xhr.send();
        await ended(xhr);
        show(JSON.parse(xhr.responseText).method);
        show([XMLHttpRequest.DONE, xhr.OPENED, 'onload' in xhr.upload, 'responseXML' in xhr,
          Object.prototype.toString.call(xhr), xhr instanceof EventTarget]);""",
    )
    assert shown(result) == [
        [
            "InvalidStateError",
            "InvalidStateError",
            "TypeError",
            "SyntaxError",
            "SecurityError",
            "SyntaxError",
            "InvalidAccessError",
            "TypeError",
            "TypeError",
            0,
        ],
        "open: synchronous requests are not supported, they would stop everything else of "
        "this virtual user; leave the third argument out, or pass true",
        ["InvalidStateError", "InvalidStateError", 1],
        [0, 0],
        "GET",
        [4, 1, True, False, "[object XMLHttpRequest]", True],
    ]


def test_an_iteration_that_ends_gives_a_request_up(tmp_path: Path) -> None:
    server = WebServer()

    async def during(user: Any) -> None:
        await server.asked.wait()
        user.interrupt()

    result = run(
        javascript(
            tmp_path,
            f"""{HELPERS}export default function () {{
              const xhr = new XMLHttpRequest();
              xhr.onloadend = () => show('told');
              xhr.open('GET', `${{BASE}}/never`);
              xhr.send();
            }}""",
        ),
        servers=(web_server(server),),
        during=during,
    )
    assert result.outcomes == [IterationOutcome.INTERRUPTED]
    assert result.console == []
