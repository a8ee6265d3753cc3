"""`EventSource` against a real web server."""

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
const listen = (source, types = ['message']) => {
  for (const type of types) {
    source.addEventListener(type, (e) => show([type, e.data, e.lastEventId]));
  }
  return source;
};
"""


def run_source(
    tmp_path: Path, body: str, server: WebServer, exports: str = "", **options: Any
) -> Run:
    return run(
        javascript(
            tmp_path, f"{HELPERS}{exports}export default async function () {{ {body} }}"
        ),
        servers=(web_server(server),),
        **options,
    )


def shown(result: Run) -> list[Any]:
    assert result.errors == []
    return [json.loads(text) for text in result.console if "gave up" not in text]


@pytest.mark.parametrize(
    ("chunks", "events"),
    [
        ([b"data: one\n\n"], [["message", "one", ""]]),
        ([b"data:one\r\n\r\ndata\r\rdata:  x\n\n"], None),
        ([b"\xef\xbb\xbfdata: \xc3", b"\xa4\n", b"\n"], [["message", "ä", ""]]),
        ([b"data: a\ndata: b\nid: 7\n\n"], [["message", "a\nb", "7"]]),
        (
            [b"id: 7\n\ndata: x\n\nid\ndata: y\n\n"],
            [["message", "x", "7"], ["message", "y", ""]],
        ),
        ([b"id: a\0b\ndata: x\n\n"], [["message", "x", ""]]),
        ([b": comment\nevent: own\ndata: x\n\n"], [["own", "x", ""]]),
        ([b"event: own\n\ndata: x\n\n"], [["message", "x", ""]]),
        ([b"data: a\r", b"\ndata: b\r\n\r", b"\n"], [["message", "a\nb", ""]]),
        ([b"nonsense: x\nretry: 1x\ndata: x\n\n"], [["message", "x", ""]]),
    ],
)
def test_a_stream_is_taken_apart(
    tmp_path: Path, chunks: list[bytes], events: list[Any] | None
) -> None:
    server = WebServer()
    server.events = [[*chunks, b"event: end\ndata: .\n\n"]]
    result = run_source(
        tmp_path,
        """const source = listen(new EventSource(`${BASE}/events`), ['message', 'own']);
        source.addEventListener('end', () => source.close());""",
        server,
    )
    expected = events or [
        ["message", "one", ""],
        ["message", "", ""],
        ["message", " x", ""],
    ]
    assert shown(result) == expected
    assert server.ended.is_set()


def test_a_source_connects_again_and_says_where_it_was(tmp_path: Path) -> None:
    server = WebServer()
    server.events = [
        [b"retry: 5\nid: \xc3\xa4\ndata: one\n\ndata: incomplete"],
        [b"data: two\n\n"],
    ]
    result = run_source(
        tmp_path,
        """const source = listen(new EventSource(`${BASE}/events#part`));
        show([source.readyState, source.url === `${BASE}/events#part`, source.withCredentials]);
        source.onopen = () => show(['open', source.readyState]);
        source.onerror = () => show(['error', source.readyState]);
        source.addEventListener('message', (event) => {
          show([event.origin === BASE, event instanceof MessageEvent, event.isTrusted]);
          if (event.data === 'two') { source.close(); show(source.readyState); }
        });""",
        server,
    )
    assert shown(result) == [
        [0, True, False],
        ["open", 1],
        ["message", "one", "ä"],
        [True, True, True],
        ["error", 0],
        ["open", 1],
        ["message", "two", "ä"],
        [True, True, True],
        2,
    ]
    assert (
        server.last_ids == [None, "ä".encode().decode("latin-1")]
        or server.last_ids[1] == "ä"
    )
    assert result.total("http_reqs", status="200") == 2
    assert result.outcomes == [IterationOutcome.COMPLETED]


def test_what_is_no_stream_of_events_closes_it(tmp_path: Path) -> None:
    result = run_source(
        tmp_path,
        """const fail = (path) => new Promise((resolve) => {
          const source = new EventSource(`${BASE}${path}`);
          source.onerror = () => { show(source.readyState); resolve(); };
        });
        await fail('/text');
        await fail('/status/204');
        await fail('/status/500');
        try { new EventSource('/relative'); } catch (error) { show(error.name); }
        show([EventSource.CLOSED, EventSource.prototype.OPEN]);""",
        WebServer(),
    )
    assert shown(result) == [2, 2, 2, "SyntaxError", [2, 1]]
    assert result.console[0].endswith(
        "/text gave up: the answer is 200 OK, text/html, not 200 and text/event-stream"
    )


def test_a_server_that_is_not_there_is_tried_again(tmp_path: Path) -> None:
    result = run_source(
        tmp_path,
        """const source = new EventSource('http://127.0.0.1:1/');
        source.onerror = () => { show(source.readyState); source.close(); };""",
        WebServer(),
    )
    assert shown(result) == [0]


def test_an_iteration_that_is_interrupted_ends_it(tmp_path: Path) -> None:
    server = WebServer()
    server.events = [[b"data: x\n\n"]]

    async def during(user: Any) -> None:
        await server.asked.wait()
        user.interrupt()

    result = run_source(
        tmp_path,
        "new EventSource(`${BASE}/events`).onerror = () => show('told');",
        server,
        during=during,
    )
    assert result.outcomes == [IterationOutcome.INTERRUPTED]
    assert result.console == []


def test_one_of_the_set_up_is_kept_over_iterations(tmp_path: Path) -> None:
    server = WebServer()
    server.events = [[b"data: x\n\n"]]
    result = run_source(
        tmp_path,
        "show(source.readyState);",
        server,
        exports="""let source;
export async function vuSetup() {
  source = new EventSource(`${BASE}/events`);
  await new Promise((resolve) => { source.onopen = resolve; });
}
""",
        iterations=2,
    )
    assert shown(result) == [1, 1]
    assert result.outcomes == [IterationOutcome.COMPLETED] * 2
