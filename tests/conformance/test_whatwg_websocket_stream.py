"""The WebSockets standard, section "The WebSocketStream interface"."""

import asyncio
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
