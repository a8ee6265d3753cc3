"""The WebSockets standard, section "The WebSocketStream interface"."""

import asyncio
import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from script_runs import echo, serving, serving_bytes
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.constant_vus import ConstantVus
from gharial.executors.per_vu_iterations import PerVuIterations

ONE = PerVuIterations(ScenarioPlan(), 1, 1, 30.0)


def run(
    folder: Path, body: str, *handlers: Any, executor: Any = ONE, servers: Any = ()
):
    source = f"export default async function () {{ {body} }}"
    return run_whole(folder, "s.js", source, [executor], *handlers, servers=servers)


def lines(folder: Path, body: str, *handlers: Any, **named: Any) -> list[str]:
    ran = run(folder, body, *handlers, **named)
    assert ran.errors == []
    return ran.console


def test_what_is_written_and_read(tmp_path: Path):
    assert lines(
        tmp_path,
        """
        const stream = new WebSocketStream(__ENV.URL);
        console.log(stream.url === __ENV.URL);
        const { readable, writable, extensions, protocol } = await stream.opened;
        console.log(readable instanceof ReadableStream, writable instanceof WritableStream,
          extensions === '', protocol === '');
        const reader = readable.getReader(), writer = writable.getWriter();
        await writer.write('héllo');
        console.log((await reader.read()).value);
        await writer.write(new Uint8Array([1, 2]));
        const { value } = await reader.read();
        console.log(value instanceof Uint8Array, value.join());
        await writer.write(new Uint16Array([3]).buffer);
        console.log((await reader.read()).value.join());
        stream.close({ closeCode: 4000, reason: 'done' });
        const { closeCode, reason } = await stream.closed;
        console.log(closeCode, reason, (await reader.read()).done);
        await writer.write('late').catch((error) => console.log(error.name));
        """,
        echo,
    ) == [
        "true",
        "true true true true",
        "héllo",
        "true 1,2",
        "3,0",
        "4000 done true",
        "InvalidStateError",
    ]


def test_the_readable_is_iterated_until_the_server_closes(tmp_path: Path):
    async def count(connection):
        for number in range(3):
            await connection.send(str(number))
        await connection.close(4001, "enough")

    assert lines(
        tmp_path,
        """
        const stream = new WebSocketStream(__ENV.URL);
        const { readable } = await stream.opened;
        const seen = [];
        for await (const chunk of readable) seen.push(chunk);
        const { closeCode, reason } = await stream.closed;
        console.log(seen.join(), closeCode, reason);
        """,
        count,
    ) == ["0,1,2 4001 enough"]


def test_closing_the_writable_or_cancelling_the_readable_closes_the_socket(
    tmp_path: Path,
):
    assert lines(
        tmp_path,
        """
        for (const end of [
          async ({ writable }) => writable.getWriter().close(),
          async ({ writable }) => writable.close(),
          async ({ writable }) => writable.abort(),
          async ({ readable }) => readable.cancel(),
          async ({ readable }) => readable.cancel(
            new WebSocketError('', { closeCode: 3456, reason: 'why' })),
        ]) {
          const stream = new WebSocketStream(__ENV.URL);
          await end(await stream.opened);
          const { closeCode, reason } = await stream.closed;
          console.log(closeCode, reason);
        }
        """,
        echo,
    ) == ["1005 ", "1005 ", "1005 ", "1005 ", "3456 why"]


def test_protocols_and_parameters_are_options(tmp_path: Path):
    seen: list[str] = []

    async def look(connection):
        seen.append(connection.request.headers["Sec-WebSocket-Protocol"])
        seen.append(connection.request.headers["X-Mine"])
        await echo(connection)

    assert (
        lines(
            tmp_path,
            """
        const stream = new WebSocketStream(__ENV.URL, {
          protocols: ['a', 'b'], headers: { 'X-Mine': 'yes' }, tags: { kind: 'stream' } });
        await stream.opened;
        stream.close();
        await stream.closed;
        """,
            servers=[serving(look, subprotocols=["b"])],
        )
        == []
    )
    assert seen == ["a, b", "yes"]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("new WebSocketStream()", "TypeError"),
        ("new WebSocketStream('nonsense')", "SyntaxError"),
        ("new WebSocketStream(__ENV.URL, { protocols: ['a', 'a'] })", "SyntaxError"),
        ("new WebSocketStream(__ENV.URL, { nonsense: 1 })", "TypeError"),
        ("WebSocketStream(__ENV.URL)", "TypeError"),
        ("new WebSocketStream(Symbol())", "TypeError"),
        ("new WebSocketStream(__ENV.URL, 5)", "TypeError"),
        ("new WebSocketStream(__ENV.URL, 'chat')", "TypeError"),
        ("new WebSocketStream(__ENV.URL, { protocols: 'chat' })", "TypeError"),
        ("new WebSocketStream(__ENV.URL, { protocols: null })", "TypeError"),
        ("new WebSocketStream(__ENV.URL, { protocols: {} })", "TypeError"),
        ("new WebSocketStream(__ENV.URL, { protocols: ['a b'] })", "SyntaxError"),
        ("new WebSocketStream(__ENV.URL, { protocols: ['a', 'A'] })", "SyntaxError"),
        ("new WebSocketStream(__ENV.URL, { signal: null })", "TypeError"),
        ("new WebSocketStream(__ENV.URL, { signal: {} })", "TypeError"),
        (
            "new WebSocketStream('nonsense', { signal: AbortSignal.abort() })",
            "SyntaxError",
        ),
        ("stream.close(5)", "TypeError"),
        ("stream.close({ closeCode: 1000n })", "TypeError"),
        ("stream.close({ closeCode: NaN })", "TypeError"),
        ("stream.close({ closeCode: -1 })", "TypeError"),
        ("stream.close({ closeCode: 1001 })", "InvalidAccessError"),
        ("WebSocketStream.prototype.close.call({})", "TypeError"),
        ("new WebSocketError('', 5)", "TypeError"),
        ("new WebSocketError('', { closeCode: 5000 })", "InvalidAccessError"),
        ("new WebSocketError('', { reason: 'x'.repeat(124) })", "SyntaxError"),
        ("WebSocketError()", "TypeError"),
        ("stream.close({ closeCode: 999 })", "InvalidAccessError"),
        ("stream.close({ closeCode: 1e9 })", "TypeError"),
        ("stream.close({ closeCode: 1000, reason: 'x'.repeat(124) })", "SyntaxError"),
        ("new WebSocketError('', { closeCode: 1001 })", "InvalidAccessError"),
    ],
)
def test_wrong_arguments_throw(tmp_path: Path, call: str, name: str):
    assert lines(
        tmp_path,
        f"""
        const stream = new WebSocketStream(__ENV.URL);
        await stream.opened;
        try {{ {call}; }} catch (error) {{ console.log(error.name); }}
        stream.close();
        """,
        echo,
    ) == [name]


def test_an_error_has_code_and_reason(tmp_path: Path):
    assert lines(
        tmp_path,
        """
        const plain = new WebSocketError();
        console.log(plain.name, plain.closeCode, plain.reason === '', plain instanceof DOMException);
        const full = new WebSocketError('m', { reason: 'r' });
        console.log(full.message, full.closeCode, full.reason);
        """,
    ) == ["WebSocketError null true true", "m 1000 r"]


def test_a_connection_that_fails_rejects_both_promises(tmp_path: Path):
    assert lines(
        tmp_path,
        """
        const stream = new WebSocketStream('ws://127.0.0.1:1/');
        for (const promise of [stream.opened, stream.closed]) {
          await promise.catch((error) => console.log(
            error instanceof WebSocketError, error.message.includes('refused')));
        }
        """,
    ) == ["true true", "true true"]


def test_promises_that_nobody_looks_at_fail_no_iteration(tmp_path: Path):
    ran = run(tmp_path, "new WebSocketStream('ws://127.0.0.1:1/');")
    assert ran.errors == []


def test_a_signal_aborts_the_connecting(tmp_path: Path):
    async def silent(reader, writer):
        await reader.read()

    assert lines(
        tmp_path,
        """
        const controller = new AbortController();
        const stream = new WebSocketStream(__ENV.URL, { signal: controller.signal });
        setTimeout(() => controller.abort(), 20);
        for (const promise of [stream.opened, stream.closed]) {
          await promise.catch((error) => console.log(error.name));
        }
        const early = new WebSocketStream(__ENV.URL, { signal: AbortSignal.abort(new Error('own')) });
        await early.opened.catch((error) => console.log(error.message));
        """,
        servers=[serving_bytes(silent)],
    ) == ["AbortError", "AbortError", "own"]


def test_an_end_without_a_close_frame_errors_both_streams(tmp_path: Path):
    async def vanish(connection):
        await connection.recv()
        connection.transport.abort()

    assert lines(
        tmp_path,
        """
        const stream = new WebSocketStream(__ENV.URL);
        const { readable, writable } = await stream.opened;
        const reader = readable.getReader(), writer = writable.getWriter();
        await writer.write('go');
        await reader.read().catch((error) => console.log(error.name, error.closeCode));
        await writer.closed.catch((error) => console.log(error.name));
        await stream.closed.catch((error) => console.log(error instanceof WebSocketError));
        """,
        vanish,
    ) == ["WebSocketError 1006", "WebSocketError", "true"]


def test_what_is_not_read_stays_with_the_server(tmp_path: Path):
    sent = 0

    async def flood(connection):
        nonlocal sent
        while True:
            await connection.send("x" * 10_000)
            sent += 1

    found = lines(
        tmp_path,
        """
        const stream = new WebSocketStream(__ENV.URL);
        const { readable } = await stream.opened;
        const reader = readable.getReader();
        await reader.read();
        await new Promise((resolve) => { setTimeout(resolve, 500); });
        await reader.read();
        stream.close();
        await stream.closed.catch(() => {});
        console.log('closed');
        """,
        flood,
    )
    assert found == ["closed"]
    # Kernel buffers hold some megabytes; without back-pressure it would be hundreds.
    assert sent < 3_000


def test_a_write_waits_until_the_server_reads(tmp_path: Path):
    may_read = asyncio.Event()

    async def slow(connection):
        connection.transport.pause_reading()
        await may_read.wait()
        connection.transport.resume_reading()
        await echo(connection)

    async def told(connection):
        may_read.set()

    assert lines(
        tmp_path,
        """
        const stream = new WebSocketStream(__ENV.URL);
        const { writable } = await stream.opened;
        const writer = writable.getWriter();
        const big = 'x'.repeat(6e7);
        console.log(writer.desiredSize);
        const written = writer.write(big);
        console.log(writer.desiredSize);
        let isReady = false;
        writer.ready.then(() => { isReady = true; });
        await new Promise((resolve) => { setTimeout(resolve, 100); });
        console.log(isReady);
        new WebSocket(__ENV.URL2);
        await written;
        console.log('written', writer.desiredSize);
        stream.close();
        """,
        servers=[serving(slow, max_size=None), serving(told)],
    ) == ["1", "0", "false", "written 1"]


def test_an_interruption_closes_it_with_1001(tmp_path: Path):
    executor = ConstantVus(ScenarioPlan(graceful_stop_s=0.0), 1, 0.4)
    ran = run(
        tmp_path,
        """
        const stream = new WebSocketStream(__ENV.URL);
        const { readable } = await stream.opened;
        await readable.getReader().read();
        """,
        echo,
        executor=executor,
    )
    assert ran.errors == []
    assert ran.total("ws_close", code="1001") == 1


def test_closing_the_writer_waits_for_the_closing_handshake(tmp_path: Path):
    async def answer_late(connection):
        # Its answer to a close frame waits behind what it does first.
        async for message in connection:
            await connection.send(message)

    assert lines(
        tmp_path,
        """
        const stream = new WebSocketStream(__ENV.URL);
        const { readable, writable } = await stream.opened;
        const writer = writable.getWriter();
        let state = 'open';
        stream.closed.then(() => { state = 'closed'; });
        const first = writer.write('a');
        const ended = writer.close();
        await first;
        console.log(state);
        await ended;
        await null;
        console.log(state);
        await Promise.all([writer.closed, readable.getReader().closed]);
        """,
        answer_late,
    ) == ["open", "closed"]


def test_closing_the_writer_fails_where_the_handshake_does(tmp_path: Path):
    async def no_answer(reader, writer):
        writer.write(answer_to(await reader.readuntil(b"\r\n\r\n")))
        # Heads, masks and "go"; a close frame without a code.
        await reader.readexactly(8 + 6)
        writer.transport.abort()

    assert (
        lines(
            tmp_path,
            """
        const stream = new WebSocketStream(__ENV.URL);
        const { writable } = await stream.opened;
        const writer = writable.getWriter();
        await writer.write('go');
        for (const promise of [writer.close(), writer.closed, stream.closed]) {
          await promise.catch((error) => console.log(error instanceof WebSocketError, error.closeCode));
        }
        """,
            servers=[serving_bytes(no_answer)],
        )
        == ["true 1006"] * 3
    )


@pytest.mark.parametrize("ends_cleanly", [True, False])
def test_a_write_that_waits_is_rejected_when_the_server_ends(
    tmp_path: Path, ends_cleanly: bool
):
    async def unreading(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(answer_to(head))
        await writer.drain()
        # The write has begun when something of it came; most of it stays unread.
        await reader.readexactly(1)
        if ends_cleanly:
            writer.write(b"\x88\x02\x0f\xa1")
            await writer.drain()
            return
        writer.transport.abort()

    found = lines(
        tmp_path,
        """
        const stream = new WebSocketStream(__ENV.URL);
        const { writable } = await stream.opened;
        const writer = writable.getWriter();
        const outcomes = await Promise.allSettled([
          writer.write('x'.repeat(6e7)), writer.write('queued'), writer.closed, stream.closed]);
        console.log(outcomes.map(({ status, reason }) => reason?.name ?? status).join());
        """,
        servers=[serving_bytes(unreading)],
    )
    [outcome] = found
    assert outcome.split(",")[0] in ("WebSocketError", "InvalidStateError")
    assert outcome.split(",")[1:3] == outcome.split(",")[:1] * 2


def answer_to(head: bytes) -> bytes:
    """Return the 101 that accepts an upgrade."""
    key = next(
        line.partition(b":")[2].strip()
        for line in head.splitlines()
        if line.lower().startswith(b"sec-websocket-key")
    )
    digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
        + base64.b64encode(digest)
        + b"\r\n\r\n"
    )


def test_a_signal_that_is_aborted_already_connects_to_nothing(tmp_path: Path):
    seen = 0

    async def count(connection):
        nonlocal seen
        seen += 1

    assert lines(
        tmp_path,
        """
        const stream = new WebSocketStream(__ENV.URL, { signal: AbortSignal.abort('no') });
        console.log(stream.url === __ENV.URL);
        for (const promise of [stream.opened, stream.closed]) {
          await promise.catch((reason) => console.log(reason));
        }
        stream.close();
        """,
        count,
    ) == ["true", "no", "no"]
    assert seen == 0


def test_a_signal_means_nothing_once_it_is_open(tmp_path: Path):
    assert lines(
        tmp_path,
        """
        const controller = new AbortController();
        const stream = new WebSocketStream(__ENV.URL, { signal: controller.signal });
        const { readable, writable } = await stream.opened;
        controller.abort();
        await writable.getWriter().write('still there');
        console.log((await readable.getReader().read()).value);
        stream.close();
        console.log((await stream.closed).closeCode);
        """,
        echo,
    ) == ["still there", "1005"]


def test_what_is_written_is_bytes_or_a_string(tmp_path: Path):
    assert lines(
        tmp_path,
        """
        const written = async (chunk) => {
          const stream = new WebSocketStream(__ENV.URL);
          const { readable, writable } = await stream.opened;
          try {
            await writable.getWriter().write(chunk);
            const { value } = await readable.getReader().read();
            return typeof value === 'string' ? value : [...value].join();
          } catch (error) {
            return error.name;
          } finally {
            stream.close();
          }
        };
        const detached = new ArrayBuffer(3);
        detached.transfer();
        for (const chunk of [
          new DataView(Uint8Array.of(1, 2, 3).buffer, 1), new Blob(['b']), 5, null, undefined,
          '\\ud800', detached, Symbol(), { toString() { throw new RangeError(); } },
          new SharedArrayBuffer(1), new Uint8Array(new SharedArrayBuffer(1)),
          new ArrayBuffer(1, { maxByteLength: 2 }),
          new Uint8Array(new ArrayBuffer(1, { maxByteLength: 2 })),
        ]) console.log(await written(chunk));
        """,
        echo,
    ) == [
        "2,3",
        "[object Blob]",
        "5",
        "null",
        "undefined",
        "\ufffd",
        "",
        "TypeError",
        "RangeError",
        *["TypeError"] * 4,
    ]


def test_its_streams_are_piped(tmp_path: Path):
    assert lines(
        tmp_path,
        """
        const stream = new WebSocketStream(__ENV.URL);
        const { readable, writable } = await stream.opened;
        const upper = new TransformStream({
          transform(chunk, controller) { controller.enqueue(chunk.toUpperCase()); },
        });
        const sent = ReadableStream.from(['a', 'b', 'c']).pipeThrough(upper)
          .pipeTo(writable, { preventClose: true });
        const seen = [];
        for await (const chunk of readable) if (seen.push(chunk) === 3) break;
        await sent;
        console.log(seen.join(), (await stream.closed).closeCode);
        """,
        echo,
    ) == ["A,B,C 1005"]


def test_an_error_of_the_platform_as_a_reason_closes_without_a_code(tmp_path: Path):
    async def vanish(connection):
        connection.transport.abort()

    assert lines(
        tmp_path,
        """
        const gone = await new WebSocketStream(__ENV.URL).closed.catch((error) => error);
        console.log(gone.closeCode);
        const stream = new WebSocketStream(__ENV.URL2);
        const { writable } = await stream.opened;
        await writable.abort(gone);
        console.log((await stream.closed).closeCode);
        """,
        vanish,
        echo,
    ) == ["1006", "1005"]
