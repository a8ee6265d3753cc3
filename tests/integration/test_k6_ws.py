"""``k6/ws``, whose ``connect`` blocks, against real servers."""

import asyncio
from pathlib import Path

import pytest
from default_settings import users_with
from script_runs import echo, serving_bytes
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.constant_vus import ConstantVus
from gharial.executors.per_vu_iterations import PerVuIterations

HEAD = "import ws from 'k6/ws'; import { check, sleep } from 'k6';\n"


def run(folder: Path, body: str, *handlers, vus: int = 1, executor=None, **named):
    executor = executor or PerVuIterations(ScenarioPlan(), vus, 1, 600.0)
    return run_whole(folder, "s.js", HEAD + body, [executor], *handlers, **named)


def test_it_blocks_until_the_socket_is_closed(tmp_path: Path):
    ran = run(
        tmp_path,
        """
        export default function () {
          const response = ws.connect(__ENV.URL, null, function (socket) {
            socket.on('open', () => { console.log('open'); socket.send('hello'); });
            socket.on('message', (text) => { console.log(text); socket.close(); });
            socket.on('close', (code) => console.log('close', code));
          });
          console.log(response.status, response.url === __ENV.URL, response.error === '',
            response.headers.Upgrade, check(response, { ok: (r) => r.status === 101 }));
        }
        """,
        echo,
    )
    assert ran.console == [
        "open",
        "hello",
        "close 1001",
        "101 true true websocket true",
    ]
    assert ran.errors == []
    assert ran.total("ws_msgs_sent") == ran.total("ws_msgs_received") == 1
    assert ran.total("ws_sessions") == ran.count("ws_session_duration") == 1
    assert ran.total("ws_close", code="1001") == 1


def test_binary_messages_and_what_is_none(tmp_path: Path):
    ran = run(
        tmp_path,
        """
        export default function () {
          ws.connect(__ENV.URL, function (socket) {
            for (const bad of ['text', null, 5, [1], new Uint8Array(2), {}, undefined]) {
              try { socket.sendBinary(bad); } catch (error) { console.log(error.message); }
            }
            socket.on('open', () => socket.sendBinary(new Uint8Array([1, 2, 3]).buffer));
            socket.on('binaryMessage', (data) => {
              console.log(data instanceof ArrayBuffer, new Uint8Array(data).join());
              socket.close(1000);
            });
          });
        }
        """,
        echo,
    )
    assert ran.console == [
        "sendBinary() takes an ArrayBuffer, not String",
        "sendBinary() takes an ArrayBuffer, not null",
        "sendBinary() takes an ArrayBuffer, not Number",
        "sendBinary() takes an ArrayBuffer, not Array",
        "sendBinary() takes an ArrayBuffer, not Uint8Array",
        "sendBinary() takes an ArrayBuffer, not Object",
        "sendBinary() needs an ArrayBuffer",
        "true 1,2,3",
    ]


def test_its_own_timers_pings_and_several_handlers(tmp_path: Path):
    ran = run(
        tmp_path,
        """
        export default function () {
          const seen = [];
          ws.connect(__ENV.URL, function (socket) {
            let ticks = 0;
            socket.on('pong', () => seen.push('pong'));
            socket.on('message', (text) => seen.push(`first ${text}`));
            socket.on('message', (text) => seen.push(`second ${text}`));
            socket.on('message', 'no function');
            socket.on('open', () => { socket.ping(); socket.send(5); });
            socket.setInterval(() => { ticks += 1; if (ticks === 3) seen.push('ticks'); }, 10);
            socket.setTimeout(() => socket.close(4000), 120);
            for (const bad of [0, -1, undefined]) {
              try { socket.setTimeout(() => 0, bad); } catch (error) { seen.push('refused'); }
            }
          });
          console.log(seen.sort().join('; '));
        }
        """,
        echo,
    )
    assert ran.console == ["first 5; pong; refused; refused; refused; second 5; ticks"]
    assert ran.count("ws_ping") == 1
    assert ran.total("ws_close", code="4000") == 1


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        (1000, ["close 1000"]),
        (1001, ["close 1001"]),
        (
            1011,
            [
                "error websocket: close 1011 (internal server error): sorry",
                "close 1011",
            ],
        ),
        (4321, ["error websocket: close 4321: sorry", "close 4321"]),
    ],
)
def test_the_servers_close(tmp_path: Path, code: int, seen: list[str]):
    async def close(connection):
        await connection.close(code, "sorry")

    ran = run(
        tmp_path,
        """
        export default function () {
          ws.connect(__ENV.URL, function (socket) {
            socket.on('error', (error) => console.log('error', error.error()));
            socket.on('close', (code) => console.log('close', code));
          });
        }
        """,
        close,
    )
    assert ran.console == seen


def test_a_server_that_just_goes_is_an_error(tmp_path: Path):
    async def vanish(connection):
        connection.transport.close()

    ran = run(
        tmp_path,
        """
        export default function () {
          ws.connect(__ENV.URL, function (socket) {
            socket.on('error', (error) => console.log(error.error().slice(0, 43)));
            socket.on('close', (code) => console.log('close', code));
          });
        }
        """,
        vanish,
    )
    assert ran.console == [
        "websocket: close 1006 (abnormal closure): t",
        "close 1006",
    ]


REFUSED = """
export default function () {
  try {
    const response = ws.connect('ws://127.0.0.1:1/', (socket) => {
      socket.on('error', () => console.log('never'));
    });
    console.log(response.status, response.error !== '', response.body === '');
  } catch (error) { console.log('threw', error.message !== ''); }
}
"""


def test_a_refused_connection_is_returned_or_thrown(tmp_path: Path):
    ran = run(tmp_path, REFUSED)
    assert ran.console == ["0 true true"]
    assert ran.total("ws_sessions") == ran.count("ws_connecting") == 1
    settings = users_with(throw=True, wind_down_s=1.0)
    assert run(tmp_path, REFUSED, settings=settings).console == ["threw true"]


def test_a_refused_upgrade_is_returned_with_its_answer(tmp_path: Path):
    async def refuse(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 403 Forbidden\r\nX-Why: no\r\nContent-Length: 2000\r\n\r\n"
            + b"a" * 2000
        )
        await writer.drain()

    ran = run(
        tmp_path,
        """
        export default function () {
          const r = ws.connect(__ENV.URL, (socket) => 0);
          console.log(r.status, r.headers['X-Why'], r.body.length, r.error !== '');
        }
        """,
        servers=[serving_bytes(refuse)],
    )
    assert ran.console == ["403 no 1024 true"]


@pytest.mark.parametrize(
    "where",
    [
        "throw new Error('mine');",
        "socket.on('open', () => { throw new Error('mine'); });",
        "socket.on('open', () => socket.send('x')); "
        "socket.on('message', () => { throw new Error('mine'); });",
        "socket.setTimeout(() => { throw new Error('mine'); }, 5);",
        "socket.setTimeout(() => socket.close(), 5); "
        "socket.on('close', () => { throw new Error('mine'); });",
    ],
)
def test_an_exception_reaches_the_caller_and_closes_the_socket(
    tmp_path: Path, where: str
):
    ran = run(
        tmp_path,
        f"""
        export default function () {{
          try {{ ws.connect(__ENV.URL, (socket) => {{ {where} }}); }}
          catch (error) {{ console.log(error.message); }}
        }}
        """,
        echo,
    )
    assert ran.console == ["mine"]
    assert ran.total("ws_close", code="1001") == 1


def test_an_uncaught_exception_fails_the_iteration_with_its_line(tmp_path: Path):
    ran = run(
        tmp_path,
        "export default function () { ws.connect(__ENV.URL, () => {\n"
        "  throw new Error('mine'); }); }",
        echo,
    )
    assert "Error: mine" in ran.errors[0]
    assert "s.js:3" in ran.errors[0]


def test_an_interruption_is_heard_and_ends_it_at_once_with_1001(tmp_path: Path):
    executor = ConstantVus(ScenarioPlan(graceful_stop_s=0.0), 2, 0.5)
    ran = run(
        tmp_path,
        """
        export default function () {
          ws.connect(__ENV.URL, (socket) => {
            socket.on('close', (code) => {
              console.log('close', code);
              socket.send('x');
            });
            socket.on('close', () => { sleep(60); console.log('never'); });
            socket.on('error', (error) => console.log(error.error()));
          });
          console.log('never');
        }
        """,
        echo,
        executor=executor,
    )
    assert ran.console == ["close 1001", "websocket: close sent"] * 2
    assert ran.errors == []
    assert ran.total("ws_close", code="1001") == 2
    assert ran.total("iterations") == 0


def test_sleeping_inside_a_handler_delays_the_next_and_loses_nothing(tmp_path: Path):
    async def talk(connection):
        for number in range(5):
            await connection.send(str(number))
        await connection.wait_closed()

    ran = run(
        tmp_path,
        """
        export default function () {
          const seen = [];
          ws.connect(__ENV.URL, (socket) => {
            socket.on('message', (text) => {
              seen.push(text); sleep(0.01); if (seen.length === 5) socket.close();
            });
          });
          console.log(seen.join(''));
        }
        """,
        talk,
        vus=3,
    )
    assert ran.console == ["01234"] * 3


def test_global_timers_wait_until_it_returns(tmp_path: Path):
    ran = run(
        tmp_path,
        """
        export default function () {
          setTimeout(() => console.log('timer'), 1);
          ws.connect(__ENV.URL, (socket) => {
            socket.setTimeout(() => { console.log('inside'); socket.close(); }, 50);
          });
          console.log('after');
        }
        """,
        echo,
    )
    assert ran.console == ["inside", "after", "timer"]


def test_headers_cookies_tags_and_compression_are_sent(tmp_path: Path):
    seen: list[dict[str, str]] = []

    async def look(connection):
        headers = connection.request.headers
        wanted = ("X-Mine", "Cookie", "Sec-WebSocket-Extensions")
        seen.append({name: headers.get(name, "") for name in wanted})
        await connection.close()

    ran = run(
        tmp_path,
        """
        import { CookieJar } from 'k6/http';
        export default function () {
          const jar = new CookieJar();
          jar.set(__ENV.URL.replace('ws:', 'http:'), 'session', 'abc');
          const params = { headers: { 'X-Mine': 1 }, tags: { kind: 'a' }, jar,
            compression: 'deflate', unknown: 1 };
          ws.connect(__ENV.URL, params, () => 0);
          try { ws.connect(__ENV.URL, { compression: 'zip' }, () => 0); }
          catch (error) { console.log(error.message); }
        }
        """,
        look,
    )
    [headers] = seen
    assert headers["X-Mine"] == "1"
    assert headers["Cookie"] == "session=abc"
    assert "permessage-deflate" in headers["Sec-WebSocket-Extensions"]
    assert ran.total("ws_sessions", kind="a") == 1
    assert "unsupported compression algorithm 'zip'" in ran.console[0]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("ws.connect(__ENV.URL)", "a function last"),
        ("ws.connect(__ENV.URL, {}, {}, () => 0)", "a function last"),
        ("ws.connect('nonsense', () => 0)", "nonsense"),
    ],
)
def test_wrong_arguments_are_told(tmp_path: Path, call: str, told: str):
    ran = run(
        tmp_path,
        f"export default function () {{ try {{ {call}; }} "
        "catch (error) { console.log(error.message); } }",
        echo,
    )
    assert told in ran.console[0]


def test_sending_after_close_is_an_error_event(tmp_path: Path):
    ran = run(
        tmp_path,
        """
        export default function () {
          ws.connect(__ENV.URL, (socket) => {
            socket.on('error', (error) => console.log(error.error()));
            socket.on('open', () => { socket.close(); socket.send('late'); });
          });
        }
        """,
        echo,
    )
    assert ran.console == ["websocket: close sent"]


def test_a_flood_into_a_sleeping_script_is_held_back(tmp_path: Path):
    sent = 0

    async def flood(connection):
        nonlocal sent
        try:
            while True:
                await connection.send("x" * 1000)
                sent += 1
        except Exception:
            return

    ran = run(
        tmp_path,
        """
        export default function () {
          ws.connect(__ENV.URL, (socket) => {
            socket.on('message', () => { sleep(1); socket.close(); });
          });
        }
        """,
        flood,
    )
    assert ran.errors == []
    assert sent < 50_000


def test_close_tells_its_handlers_at_once(tmp_path: Path):
    ran = run(
        tmp_path,
        """
        export default function () {
          ws.connect(__ENV.URL, (socket) => {
            socket.on('close', (code) => console.log(code));
            socket.close(4321.9);
            console.log('after');
          });
        }
        """,
        echo,
    )
    assert ran.console == ["4321", "after"]
    assert ran.total("ws_close", code="4321") == 1


def test_an_exception_tells_the_close_handlers(tmp_path: Path):
    ran = run(
        tmp_path,
        """
        export default function () {
          try {
            ws.connect(__ENV.URL, (socket) => {
              socket.on('close', (code) => console.log(code));
              throw new Error('mine');
            });
          } catch (error) { console.log(error.message); }
        }
        """,
        echo,
    )
    assert ran.console == ["1001", "mine"]


def test_an_interruption_while_it_dials_ends_the_script(tmp_path: Path):
    async def silent(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read()

    ran = run(
        tmp_path,
        """
        export default function () {
          ws.connect(__ENV.URL, () => {});
          console.log('never');
        }
        """,
        executor=ConstantVus(ScenarioPlan(graceful_stop_s=0.0), 2, 0.5),
        servers=(serving_bytes(silent),),
    )
    assert ran.console == []


def test_texts_that_the_engine_keeps_in_parts_are_sent_whole(tmp_path: Path):
    heard: list[str] = []

    async def listen(connection) -> None:
        heard.append(connection.request.headers["X-Long"])
        heard.extend([message async for message in connection])

    ran = run(
        tmp_path,
        """
        const joined = 'a'.repeat(600) + 'b'.repeat(600);
        export default function () {
          const params = { headers: { 'X-Long': joined }, tags: { long: joined } };
          ws.connect(__ENV.URL, params, (socket) => {
            socket.on('open', () => { socket.send(joined); socket.close(); });
          });
        }
        """,
        listen,
    )
    assert ran.errors == []
    assert heard == ["a" * 600 + "b" * 600] * 2
