"""
The WebSocket API as scripts in JavaScript see it, over real sockets.

One test for each row of the tables that describe k6's API and events; where the standard
says otherwise and we follow it, the test's comment says so.
"""

import asyncio
import json
import socket
import struct
from pathlib import Path
from typing import Any

import pytest
from default_settings import limits_with
from free_ports import free_port
from script_runs import Run, echo, javascript, run, serving_bytes
from websockets.asyncio.server import ServerConnection

from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.virtual_user import VirtualUser

RECORD_EVENTS = """
  const seen = [];
  for (const type of ['open', 'message', 'error', 'close', 'ping', 'pong']) {
    ws.addEventListener(type, (event) => {
      const { code, reason, wasClean, error } = event;
      seen.push(type === 'close' ? ['close', code, reason, wasClean]
        : type === 'error' ? ['error', error] : [type]);
      if (type === 'close') console.log(JSON.stringify(seen));
    });
  }
"""


def run_body(tmp_path: Path, body: str, *handlers: Any, **options: Any) -> Run:
    """Run ``body`` as the default function of a script that imports the module."""
    script = f"""
import {{ WebSocket, Blob }} from 'k6/websockets';
export default function () {{ {body} }}
"""
    return run(javascript(tmp_path, script), *handlers, **options)


def events_of(result: Run) -> list[list[Any]]:
    assert result.console, result.log
    events: list[list[Any]] = json.loads(result.console[-1])
    return events


# -- Construction ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "outcome"),
    [
        # The standard's constructor: SyntaxError for what is no URL, or has a fragment.
        pytest.param("new WebSocket()", "TypeError", id="no url"),
        pytest.param("new WebSocket('::bad')", "SyntaxError 12", id="not a url"),
        pytest.param("new WebSocket('ftp://h/')", "SyntaxError 12", id="scheme"),
        pytest.param("new WebSocket('ws://h/#f')", "SyntaxError 12", id="fragment"),
        pytest.param("new WebSocket('/path')", "SyntaxError 12", id="relative"),
        pytest.param("new WebSocket(U, ['a', 'a'])", "SyntaxError 12", id="repeated"),
        pytest.param("new WebSocket(U, 'a b')", "SyntaxError 12", id="not a token"),
        pytest.param("new WebSocket(U, null, {x: 1})", "TypeError", id="unknown param"),
        pytest.param(
            "new WebSocket(U, null, {compression: 'gzip'})", "TypeError", id="algorithm"
        ),
        pytest.param(
            "new WebSocket(U, null, {tags: {a: {}}})", "TypeError", id="tag of object"
        ),
    ],
)
def test_constructor_refuses(tmp_path: Path, expression: str, outcome: str) -> None:
    result = run_body(
        tmp_path,
        f"""const U = __ENV.URL;
        try {{ {expression}; console.log('made'); }}
        catch (e) {{ console.log(e.code === undefined ? e.name : e.name + ' ' + e.code); }}""",
        echo,
    )
    assert result.console == [outcome]


def test_http_urls_are_mapped_and_normalised(tmp_path: Path) -> None:
    # The standard maps http to ws; k6 throws.
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL.replace('ws:', 'HTTP:'));
        console.log(ws.url === __ENV.URL); ws.close();""",
        echo,
    )
    assert result.console == ["true"]


def test_subprotocol_headers_and_host_reach_the_server(tmp_path: Path) -> None:
    requests: list[Any] = []

    async def handler(connection: ServerConnection) -> None:
        requests.append(connection.request)
        await echo(connection)

    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL, ['chat', 'superchat'],
          { headers: { 'X-My-Header': 'value', Host: 'other.example' } });
        ws.onopen = () => { console.log(ws.protocol); ws.close(); };""",
        handler,
        server_options={"subprotocols": ["superchat"]},
    )
    assert result.console == ["superchat"]
    headers = requests[0].headers
    assert headers["X-My-Header"] == "value"
    assert headers["Host"] == "other.example"
    assert "Gharial" in headers["User-Agent"]


def test_compression_is_negotiated(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL, null, { compression: 'deflate' });
        ws.onopen = () => ws.send('x'.repeat(10000));
        ws.onmessage = (e) => {
          console.log(ws.extensions.split(';')[0], e.data.length); ws.close(); };""",
        echo,
    )
    assert result.console == ["permessage-deflate 10000"]


# -- Properties -----------------------------------------------------------------------


def test_ready_state_goes_through_its_four_values(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL); const seen = [ws.readyState];
        ws.onopen = () => { seen.push(ws.readyState); ws.close(); seen.push(ws.readyState); };
        ws.onclose = () => { seen.push(ws.readyState); console.log(seen.join()); };""",
        echo,
    )
    assert result.console == ["0,1,2,3"]


def test_constants_are_on_class_and_instance(tmp_path: Path) -> None:
    # k6 has none of them.
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL);
        console.log([WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING,
          WebSocket.CLOSED, ws.CONNECTING, ws.OPEN, ws.CLOSING, ws.CLOSED].join(),
          ws instanceof WebSocket, ws instanceof EventTarget, String(ws));
        ws.close();""",
        echo,
    )
    assert result.console == ["0,1,2,3,0,1,2,3 true true [object WebSocket]"]


@pytest.mark.parametrize(
    ("module", "kind"),
    [("k6/websockets", "Blob"), ("k6/experimental/websockets", "ArrayBuffer")],
)
def test_binary_type_starts_as_the_module_says(
    tmp_path: Path, module: str, kind: str
) -> None:
    script = f"""
import {{ WebSocket }} from '{module}';
export default function () {{
  const ws = new WebSocket(__ENV.URL);
  ws.onopen = () => ws.send(new Uint8Array([1, 2, 3]));
  ws.onmessage = (e) => {{ console.log(e.data.constructor.name); ws.close(); }};
}}"""
    result = run(javascript(tmp_path, script), echo)
    assert result.console == [kind]


def test_binary_type_is_what_counts_when_a_message_is_dispatched(
    tmp_path: Path,
) -> None:
    # An unknown value is ignored, as Web IDL says of enumerations; k6 throws.
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL); const kinds = [];
        ws.onopen = () => { ws.binaryType = 'nonsense'; kinds.push(ws.binaryType);
          ws.send(new Uint8Array([1])); ws.send(new Uint8Array([2])); };
        ws.onmessage = (e) => { kinds.push(e.data.constructor.name);
          ws.binaryType = 'arraybuffer';
          if (kinds.length === 3) { console.log(kinds.join()); ws.close(); } };""",
        echo,
    )
    assert result.console == ["blob,Blob,ArrayBuffer"]


def test_buffered_amount_is_what_a_task_sent_until_it_ends(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """
        const ws = new WebSocket(__ENV.URL);
        const bytes = new Uint8Array(100);
        const sent = ['x'.repeat(1000), '\u20ac', { toString: () => 'ab' }, bytes.buffer,
          bytes.subarray(1, 11), new DataView(bytes.buffer, 4, 5), new Blob(['\u20ac'])];
        const seen = [];
        ws.onopen = () => {
          for (const one of sent) {
            const before = ws.bufferedAmount;
            ws.send(one);
            seen.push(ws.bufferedAmount - before);
          }
          Promise.resolve().then(() => seen.push(ws.bufferedAmount));
          setTimeout(() => {
            seen.push(ws.bufferedAmount);
            console.log(seen.join());
            ws.close();
          }, 50);
        };
        """,
        echo,
    )
    assert result.console == ["1000,3,2,100,10,5,3,1123,0"]


def test_buffered_amount_is_never_negative_and_counts_after_close(
    tmp_path: Path,
) -> None:
    # k6's goes below zero after ping and close.
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL); const seen = [];
        ws.onopen = () => { ws.ping(); seen.push(ws.bufferedAmount >= 0); ws.close();
          ws.send('four'); seen.push(ws.bufferedAmount); };
        ws.onclose = () => { seen.push(ws.bufferedAmount); ws.send(new Uint8Array(3));
          seen.push(ws.bufferedAmount); console.log(seen.join()); };""",
        echo,
    )
    assert result.console == ["true,4,4,7"]


# -- send -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "received"),
    [
        pytest.param("'text €'", "text €", id="string"),
        pytest.param("new Uint8Array([1, 2, 3]).buffer", b"\x01\x02\x03", id="buffer"),
        pytest.param("new Int8Array([-1])", b"\xff", id="Int8Array"),
        pytest.param("new Uint8ClampedArray([300])", b"\xff", id="Uint8ClampedArray"),
        pytest.param("new Int16Array([1])", b"\x01\x00", id="Int16Array"),
        pytest.param("new Uint16Array([258])", b"\x02\x01", id="Uint16Array"),
        pytest.param("new Int32Array([1])", b"\x01\x00\x00\x00", id="Int32Array"),
        pytest.param("new Uint32Array([1])", b"\x01\x00\x00\x00", id="Uint32Array"),
        pytest.param("new Float32Array([1])", struct.pack("<f", 1), id="Float32Array"),
        pytest.param("new Float64Array([1])", struct.pack("<d", 1), id="Float64Array"),
        pytest.param(
            "new Uint8Array([1, 2, 3, 4]).subarray(1, 3)", b"\x02\x03", id="subarray"
        ),
        pytest.param(
            "new DataView(new Uint8Array([1, 2, 3]).buffer, 1)",
            b"\x02\x03",
            id="DataView",
        ),
        pytest.param("new Blob(['ab', new Uint8Array([99])])", b"abc", id="Blob"),
        pytest.param("''", "", id="empty string"),
        pytest.param("new Uint8Array(0)", b"", id="empty array"),
        # Web IDL converts what is left to a string; k6 throws.
        pytest.param("42", "42", id="number"),
        pytest.param("null", "null", id="null"),
        pytest.param("undefined", "undefined", id="undefined"),
        pytest.param("({})", "[object Object]", id="object"),
        pytest.param("'\\ud800'", "�", id="lone surrogate"),
    ],
)
def test_send_accepts(tmp_path: Path, expression: str, received: str | bytes) -> None:
    messages: list[str | bytes] = []

    async def handler(connection: ServerConnection) -> None:
        messages.extend([message async for message in connection])

    run_body(
        tmp_path,
        f"""const ws = new WebSocket(__ENV.URL);
        ws.onopen = () => {{ ws.send({expression}); ws.close(); }};""",
        handler,
    )
    assert messages == [received]


def test_send_copies_the_buffer(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL); ws.binaryType = 'arraybuffer';
        ws.onopen = () => { const data = new Uint8Array([1]); ws.send(data); data[0] = 9; };
        ws.onmessage = (e) => { console.log(new Uint8Array(e.data)[0]); ws.close(); };""",
        echo,
    )
    assert result.console == ["1"]


def test_send_without_argument_is_a_type_error(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL);
        ws.onopen = () => { try { ws.send(); } catch (e) { console.log(e.name); } ws.close(); };""",
        echo,
    )
    assert result.console == ["TypeError"]


def test_send_while_connecting_throws_and_after_close_is_dropped(
    tmp_path: Path,
) -> None:
    # k6 throws InvalidStateError in all states but OPEN.
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL);
        try { ws.send('x'); } catch (e) { console.log(e.name, e.code, e instanceof DOMException); }
        ws.onopen = () => { ws.close(); ws.send('x'); };
        ws.onclose = () => { ws.send('x'); console.log('dropped'); };""",
        echo,
    )
    assert result.console == ["InvalidStateError 11 true", "dropped"]
    assert result.total("ws_msgs_sent") == 0


# -- close and ping -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        pytest.param("ws.close(999)", "InvalidAccessError 15", id="999"),
        pytest.param("ws.close(1001)", "InvalidAccessError 15", id="1001"),
        pytest.param("ws.close(2999)", "InvalidAccessError 15", id="2999"),
        pytest.param("ws.close(5000)", "InvalidAccessError 15", id="5000"),
        pytest.param(
            "ws.close(1000, 'é'.repeat(62))", "SyntaxError 12", id="124 bytes"
        ),
        pytest.param("ws.close(1000, 'x'.repeat(123))", "fine", id="123 bytes"),
        pytest.param("ws.close(3000)", "fine", id="3000"),
        pytest.param("ws.close(4999)", "fine", id="4999"),
        pytest.param("ws.close(1000)", "fine", id="1000"),
        pytest.param("ws.close()", "fine", id="no code"),
    ],
)
def test_close_checks_its_arguments(tmp_path: Path, call: str, outcome: str) -> None:
    result = run_body(
        tmp_path,
        f"""const ws = new WebSocket(__ENV.URL);
        ws.onopen = () => {{
          try {{ {call}; console.log('fine'); }}
          catch (e) {{ console.log(e.name, e.code); ws.close(); }} }};""",
        echo,
    )
    assert result.console == [outcome]


def test_close_checks_its_arguments_in_every_state(tmp_path: Path) -> None:
    # The standard checks first; k6 ignores bad arguments once closing.
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL);
        const attempt = () => { try { ws.close(1); } catch (e) { console.log(e.name); } };
        attempt(); ws.onopen = () => { ws.close(); attempt(); }; ws.onclose = attempt;""",
        echo,
    )
    assert result.console == ["InvalidAccessError"] * 3


def test_messages_before_close_are_flushed(tmp_path: Path) -> None:
    messages: list[str | bytes] = []

    async def handler(connection: ServerConnection) -> None:
        messages.extend([message async for message in connection])

    run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL);
        ws.onopen = () => { for (let i = 0; i < 100; i++) ws.send(`${i}`); ws.close(); };""",
        handler,
    )
    assert messages == [str(number) for number in range(100)]


def test_close_while_connecting_fails_the_socket_and_ends_the_iteration(
    tmp_path: Path,
) -> None:
    # The standard: error, then close 1006. k6 blocks its loop until the dial has ended.
    result = run_body(
        tmp_path,
        f"const ws = new WebSocket(__ENV.URL); {RECORD_EVENTS} ws.close();",
        echo,
    )
    seen = events_of(result)
    assert [event[0] for event in seen] == ["error", "close"]
    assert seen[-1][1:] == [1006, "", False]


def test_ping_is_answered_and_measured(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL);
        try { ws.ping(); } catch (e) { console.log(e.name); }
        ws.onopen = () => ws.ping();
        ws.onpong = (e) => { console.log(e.type); ws.close(); };""",
        echo,
    )
    assert result.console == ["InvalidStateError", "pong"]
    assert result.count("ws_ping") == 1


def test_ping_of_the_server_is_answered_then_fires(tmp_path: Path) -> None:
    latencies: list[float] = []

    async def handler(connection: ServerConnection) -> None:
        latencies.append(await (await connection.ping(b"abc")))
        await connection.wait_closed()

    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL);
        ws.onping = (e) => { console.log(e.type); setTimeout(() => ws.close(), 20); };""",
        handler,
    )
    assert result.console == ["ping"]
    assert len(latencies) == 1


# -- Handlers -------------------------------------------------------------------------


def test_handlers_fire_in_the_order_of_registration(tmp_path: Path) -> None:
    # The DOM: a handler has the place at which it was first set. k6 calls it first.
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL); const seen = [];
        ws.addEventListener('open', () => seen.push('first'));
        ws.onopen = () => seen.push('replaced');
        ws.addEventListener('open', () => { seen.push('last'); console.log(seen.join()); ws.close(); });
        ws.onopen = () => seen.push('handler');""",
        echo,
    )
    assert result.console == ["first,handler,last"]


def test_on_properties_read_back_what_was_set(tmp_path: Path) -> None:
    # k6 returns a function of its own. The standard: null before, and for non-functions.
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL); const f = () => {};
        console.log(ws.onopen, (ws.onopen = f, ws.onopen === f), (ws.onopen = 5, ws.onopen),
          (ws.onopen = undefined, ws.onopen));
        ws.close();""",
        echo,
    )
    assert result.console == ["null true null null"]


def test_listeners_are_deduplicated_removed_and_called_once(tmp_path: Path) -> None:
    # k6 calls a function twice that was added twice, and cannot remove any.
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL); const seen = [];
        const twice = () => seen.push('twice'); const gone = () => seen.push('gone');
        const controller = new AbortController();
        ws.addEventListener('message', twice); ws.addEventListener('message', twice);
        ws.addEventListener('message', gone); ws.removeEventListener('message', gone);
        ws.addEventListener('message', () => seen.push('once'), { once: true });
        ws.addEventListener('message', () => seen.push('signal'), { signal: controller.signal });
        ws.addEventListener('message', { handleEvent(e) { seen.push(this.name + e.data); }, name: 'object' });
        controller.abort();
        let count = 0;
        ws.onopen = () => { ws.send(1); ws.send(2); };
        ws.onmessage = () => { if (++count === 2) { console.log(seen.join()); ws.close(); } };""",
        echo,
    )
    assert result.console == ["twice,once,object1,twice,object2"]


def test_a_listener_added_during_dispatch_is_not_called_for_that_event(
    tmp_path: Path,
) -> None:
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL);
        ws.onopen = () => { ws.addEventListener('open', () => console.log('late'));
          console.log('open'); ws.close(); };""",
        echo,
    )
    assert result.console == ["open"]


def test_this_in_a_handler_is_the_socket(tmp_path: Path) -> None:
    # The standard; undefined in k6.
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL);
        ws.onopen = function (e) {
          console.log(this === ws, e.target === ws, e.currentTarget === ws); ws.close(); };""",
        echo,
    )
    assert result.console == ["true true true"]


def test_events_have_the_fields_of_the_standard_and_k6(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL); const before = Date.now();
        ws.onopen = (e) => { console.log(e.type, e.isTrusted, e.timestamp >= before - 50,
          e.timestamp <= Date.now() + 50, e instanceof Event); ws.send('m'); };
        ws.onmessage = (e) => { console.log(e.data, e.origin === __ENV.URL.split('/path')[0],
          e.lastEventId === '', e.ports.length, e instanceof MessageEvent); ws.close(3001, 'r'); };
        ws.onclose = (e) => console.log(e.code, e.reason, e.wasClean, e instanceof CloseEvent);""",
        echo,
    )
    assert result.console == [
        "open true true true true",
        # The standard's origin has no path; k6 gives the whole URL.
        "m true true 0 true",
        "3001 r true true",
    ]


# -- The order of events --------------------------------------------------------------


async def close_with(connection: ServerConnection, code: int, reason: str) -> None:
    await connection.close(code, reason)


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4999])
def test_peer_closes_with_a_code(tmp_path: Path, code: int) -> None:
    # The standard fires no `error` for a clean close, whatever its code; k6 does for all
    # but 1000 and 1001.
    async def handler(connection: ServerConnection) -> None:
        await connection.close(code, "why")

    result = run_body(
        tmp_path,
        f"const ws = new WebSocket(__ENV.URL); {RECORD_EVENTS}",
        handler,
    )
    assert events_of(result) == [["open"], ["close", code, "why", True]]
    assert result.total("ws_close", code=str(code)) == 1
    assert result.outcomes == [IterationOutcome.COMPLETED]


def test_script_closes_and_gets_the_echoed_code(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        f"""const ws = new WebSocket(__ENV.URL); {RECORD_EVENTS}
        ws.onopen = () => ws.close(3005, 'bye');""",
        echo,
    )
    assert events_of(result) == [["open"], ["close", 3005, "bye", True]]


UPGRADE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
)


async def upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    import base64
    import hashlib

    request = await reader.readuntil(b"\r\n\r\n")
    key = next(
        line.split(b":", 1)[1].strip()
        for line in request.split(b"\r\n")
        if line.lower().startswith(b"sec-websocket-key:")
    )
    digest = hashlib.sha1(
        key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False
    ).digest()
    writer.write(UPGRADE % base64.b64encode(digest))
    await writer.drain()


def test_tcp_ends_without_a_close_frame(tmp_path: Path) -> None:
    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await upgrade(reader, writer)

    result = run_body(
        tmp_path,
        f"const ws = new WebSocket(__ENV.URL); {RECORD_EVENTS}",
        servers=(serving_bytes(drop),),
    )
    seen = events_of(result)
    assert [event[0] for event in seen] == ["open", "error", "close"]
    assert seen[-1][1:] == [1006, "", False]
    assert result.total("ws_errors", reason="eof") == 1


def test_tcp_is_reset(tmp_path: Path) -> None:
    # k6 gives no `error`, and a close event without a code.
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await upgrade(reader, writer)
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    result = run_body(
        tmp_path,
        f"const ws = new WebSocket(__ENV.URL); {RECORD_EVENTS}",
        servers=(serving_bytes(reset),),
    )
    seen = events_of(result)
    assert [event[0] for event in seen][-2:] == ["error", "close"]
    assert seen[-1][1:] == [1006, "", False]
    assert result.total("ws_errors", reason="reset") == 1


def test_peer_never_answers_our_close(tmp_path: Path) -> None:
    # k6 waits for ever.
    async def silent(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await upgrade(reader, writer)
        await reader.read(-1)

    result = run_body(
        tmp_path,
        f"const ws = new WebSocket(__ENV.URL); {RECORD_EVENTS} ws.onopen = () => ws.close();",
        servers=(serving_bytes(silent),),
        limits=limits_with(close_timeout_s=0.2),
    )
    seen = events_of(result)
    assert seen[-1][:2] == ["close", 1006]
    assert result.total("ws_errors", reason="close_timeout") == 1


@pytest.mark.parametrize(
    "touched",
    ["e.wasClean", "e.message", "String(e)", "console.log(e)", "e.preventDefault()"],
)
def test_an_event_that_a_script_looked_into_spoils_no_later_one(
    tmp_path: Path, touched: str
) -> None:
    async def refuse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno")
        await writer.drain()

    result = run_body(
        tmp_path,
        f"""const ws = new WebSocket(__ENV.URL);
        ws.onerror = (e) => {{
          {touched};
          console.log('seen', typeof e.error, e.error.includes('403'), e.response.status);
        }};""",
        servers=(serving_bytes(refuse),),
        iterations=2,
    )
    seen = [line for line in result.console if line.startswith("seen")]
    assert seen == ["seen string true 403"] * 2


def test_upgrade_is_refused(tmp_path: Path) -> None:
    async def refuse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n"
            b"Content-Length: 4\r\n\r\nbusy"
        )
        await writer.drain()

    result = run_body(
        tmp_path,
        f"""const ws = new WebSocket(__ENV.URL); {RECORD_EVENTS}
        ws.onerror = (e) => console.log(e.response.status, e.response.headers['retry-after'],
          e.response.body);""",
        servers=(serving_bytes(refuse),),
    )
    assert result.console[0] == "503 7 busy"
    seen = events_of(result)
    assert [event[0] for event in seen] == ["error", "close"]
    assert "503" in seen[0][1]
    assert seen[1][1:] == [1006, "", False]
    assert result.total("ws_sessions", status="503") == 1
    assert result.total("ws_errors", reason="handshake_status") == 1


def test_connection_is_refused(tmp_path: Path) -> None:
    port = free_port()
    result = run_body(
        tmp_path,
        f"const ws = new WebSocket('ws://127.0.0.1:{port}/'); {RECORD_EVENTS}",
    )
    seen = events_of(result)
    assert [event[0] for event in seen] == ["error", "close"]
    assert "connection refused" in seen[0][1]
    assert result.total("ws_errors", reason="refused") == 1
    assert result.outcomes == [IterationOutcome.COMPLETED]


@pytest.mark.parametrize("event", ["open", "message", "close"])
def test_a_handler_that_throws_fails_the_iteration_and_the_rest_still_run(
    tmp_path: Path, event: str
) -> None:
    # The DOM reports the exception and goes on; k6 closes TCP at once and fires `error`.
    # Then the iteration fails, and its sockets are closed with 1000.
    result = run_body(
        tmp_path,
        f"""const ws = new WebSocket(__ENV.URL);
        ws.on{event} = () => {{ throw new TypeError('mine'); }};
        ws.addEventListener('{event}', () => console.log('still called'));
        ws.addEventListener('open', () => {{ ws.send('x'); }});
        ws.addEventListener('message', () => {{ ws.close(); }});
        ws.addEventListener('close', (e) => console.log('close', e.code));""",
        echo,
    )
    assert result.outcomes == [IterationOutcome.FAILED]
    assert "still called" in result.console
    assert result.console[-1].startswith("close 100")
    assert len(result.errors) == 1
    assert "TypeError: mine" in result.errors[0]
    assert "script.js:4" in result.errors[0]


def test_a_failed_iteration_closes_all_its_sockets_and_runs_their_close_handlers(
    tmp_path: Path,
) -> None:
    result = run_body(
        tmp_path,
        """for (let i = 0; i < 3; i++) {
          const ws = new WebSocket(__ENV.URL);
          ws.onclose = (e) => console.log('closed', i);
        }
        setTimeout(() => { throw new Error('stop'); }, 100);""",
        echo,
    )
    assert sorted(result.console) == ["closed 0", "closed 1", "closed 2"]
    assert result.outcomes == [IterationOutcome.FAILED]
    # k6 loses the durations of these sessions.
    assert result.count("ws_session_duration") == 3


def test_an_interrupted_iteration_closes_its_sockets_with_1001(tmp_path: Path) -> None:
    codes: list[int | None] = []

    async def handler(connection: ServerConnection) -> None:
        await connection.wait_closed()
        codes.append(connection.close_code)

    async def interrupt(user: VirtualUser) -> None:
        await asyncio.sleep(0.2)
        user.interrupt()

    result = run_body(
        tmp_path,
        """for (let i = 0; i < 2; i++) {
          const ws = new WebSocket(__ENV.URL);
          ws.onclose = (e) => console.log('closed', e.code);
        }
        setInterval(() => {}, 1000);""",
        handler,
        during=interrupt,
    )
    assert result.outcomes == [IterationOutcome.INTERRUPTED]
    assert codes == [1001, 1001]
    assert result.count("ws_session_duration") == 2
    assert result.count("iteration_duration") == 0
    kept, stopped = [text for level, text, _ in result.log if level == 30]
    assert kept.count("WebSocket ws://127.0.0.1:") == 2
    assert "setInterval 1 of <anonymous>" in kept
    assert stopped == (
        "setInterval 1 was stopped because the VU iteration was interrupted"
    )


# -- Measurements ---------------------------------------------------------------------


def test_every_metric_of_a_session_is_recorded_with_its_tags(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL, null, { tags: { mine: 'yes', number: 1 } });
        ws.onopen = () => { ws.send('hello'); ws.send(new Uint8Array(10)); };
        let count = 0; ws.onmessage = () => { if (++count === 2) ws.close(); };""",
        echo,
    )
    tags = {"mine": "yes", "number": "1", "status": "101", "scenario": "default"}
    for metric in ("ws_sessions", "ws_msgs_sent", "ws_msgs_received", "ws_close"):
        expected = 2 if "msgs" in metric else 1
        assert result.total(metric, **tags) == expected, metric
    for metric in ("ws_connecting", "ws_tcp", "ws_upgrade", "ws_session_duration"):
        assert result.count(metric, **tags) == 1, metric
    assert result.count("ws_msg_size_sent", **tags) == 2
    assert result.total("data_sent") > 15
    assert result.total("data_received") > 15
    assert result.total("iterations") == 1


def test_a_name_tag_stands_for_the_url(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """const ws = new WebSocket(__ENV.URL, null, { tags: { name: 'room' } });
        ws.onopen = () => ws.close();""",
        echo,
    )
    assert result.total("ws_sessions", name="room", url="room") == 1


def test_many_sockets_in_one_user_talk_to_each_other(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """let done = 0;
        for (let i = 0; i < 50; i++) {
          const ws = new WebSocket(__ENV.URL);
          ws.onopen = () => ws.send(`${i}`);
          ws.onmessage = (e) => { if (e.data === `${i}`) done++; ws.close(); };
          ws.onclose = () => { if (done === 50) { done++; console.log('all'); } };
        }""",
        echo,
    )
    assert result.console == ["all"]
    assert result.total("ws_sessions") == 50


# -- Cookies --------------------------------------------------------------------------


def test_cookies_of_the_user_and_of_other_jars_go_with_sockets(tmp_path: Path) -> None:
    seen: list[str | None] = []

    async def handler(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request.headers.get("Cookie"))

    script = """
import { WebSocket } from 'k6/websockets';
import http, { CookieJar } from 'k6/http';
export default function () {
  const url = __ENV.URL.replace('ws:', 'http:');
  http.cookieJar().set(url, 'mine', 'own');
  const jar = new CookieJar();
  jar.set(url, 'other', 'value', { path: '/path' });
  jar.set(url, 'elsewhere', 'x', { path: '/no' });
  console.log(JSON.stringify(jar.cookiesForURL(url)));
  try { jar.set(url, 'a b', ';'); } catch (e) { console.log(e.name); }
  new WebSocket(__ENV.URL).onclose = () => {
    new WebSocket(__ENV.URL, null, { jar }).onclose = () => {
      new WebSocket(__ENV.URL, null, { headers: { Cookie: 'by=hand' } });
    };
  };
}
"""
    result = run(javascript(tmp_path, script), handler, iterations=2)
    assert result.console == ['{"other":["value"]}', "Error"] * 2
    assert seen == ["mine=own", "other=value", "by=hand"] * 2


def test_cookies_that_a_server_sets_are_sent_back_within_the_iteration(
    tmp_path: Path,
) -> None:
    seen: list[str | None] = []

    async def handler(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request.headers.get("Cookie"))

    def set_cookie(connection: Any, request: Any, response: Any) -> None:
        response.headers["Set-Cookie"] = "session=abc"

    result = run_body(
        tmp_path,
        """new WebSocket(__ENV.URL).onclose = () => { new WebSocket(__ENV.URL); };""",
        handler,
        iterations=2,
        server_options={"process_response": set_cookie},
    )
    assert result.outcomes == [IterationOutcome.COMPLETED] * 2
    assert seen == [None, "session=abc"] * 2


# The engine puts long strings together late: to it, such a text is of another type.
JOINED = "'a'.repeat(600) + 'b'.repeat(600)"


def test_texts_put_together_of_long_ones_go_out_as_they_are(tmp_path: Path) -> None:
    heard: list[Any] = []

    async def listen(connection: ServerConnection) -> None:
        request = connection.request
        heard.extend([request.path, request.headers["X-Long"]])
        async for message in connection:
            heard.append(message)

    ran = run_body(
        tmp_path,
        f"""
        const joined = {JOINED};
        const ws = new WebSocket(__ENV.URL.replace('/path?x=1', '/?q=') + joined, [], {{
          headers: {{ 'X-Long': {JOINED} }}, tags: {{ long: {JOINED} }},
          tls: {{ ca: [{JOINED}] }} }});
        ws.onopen = () => {{
          ws.send(joined);
          ws.send({{ toString: () => {JOINED} }});
          ws.send(new Blob([{JOINED}]));
          ws.send(`${{'a'.repeat(600)}}${{'b'.repeat(9000)}}`);
          console.log({JOINED});
          ws.close();
          ws.send({JOINED});
          console.log(ws.bufferedAmount);
        }};
        """,
        listen,
    )
    assert ran.errors == []
    text = "a" * 600 + "b" * 600
    assert heard == [
        f"/?q={text}", text, text, text, text.encode(), "a" * 600 + "b" * 9000,
    ]  # fmt: skip
    # What it sent in this task, and what was dropped.
    assert ran.console == [text, str(1_200 * 3 + 9_600 + 1_200)]
    assert ran.count("ws_connecting", long=text) == 1
