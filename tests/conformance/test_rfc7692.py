"""RFC 7692, permessage-deflate: every combination of parameters, and damaged data."""

import zlib
from pathlib import Path

import pytest
from conversation import BINARY, CONTINUATION, PING, TEXT, close, converse, frame
from script_runs import serving
from websockets.asyncio.server import ServerConnection
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations

BYE = "close 1000  true"
OFFER = {
    "javascript": "{ compression: 'deflate' }",
    "python": "{'compression': 'deflate'}",
}
# Repeats itself beyond any window, so that contexts and windows matter.
TEXTS = ["", "a", "repeat " * 3_000, "é" * 500, "repeat " * 3_000, "x" * 70_000]

SCRIPT = {
    "javascript": """
export default function () {
  const texts = __TEXTS__;
  const socket = new WebSocket(__ENV.URL, [], { compression: __COMPRESSION__ });
  let heard = 0;
  socket.onopen = () => texts.forEach((text) => socket.send(text));
  socket.onmessage = ({ data }) => {
    if (data !== texts[heard]) console.log('wrong', heard);
    heard += 1;
    if (heard === texts.length) { console.log('all', socket.extensions !== ''); socket.close(); }
  };
  socket.onerror = ({ error }) => console.log(error);
}
""",
    "python": """
from gharial import WebSocket, env, log

async def default():
    texts = __TEXTS__
    async with WebSocket(env["URL"], compression=__COMPRESSION__) as socket:
        for text in texts:
            socket.send(text)
        for text in texts:
            if await socket.receive() != text:
                log("wrong")
        log("all", str(socket.extensions != "").lower())
""",
}


async def echo_compressed(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


@pytest.mark.parametrize("server_bits", [9, 12, 15])
@pytest.mark.parametrize("client_bits", [9, 12, 15])
@pytest.mark.parametrize(
    "takeover", [(False, False), (True, False), (False, True), (True, True)]
)
def test_7_1_what_a_peer_asks_for_is_kept(
    tmp_path: Path, language: str, server_bits: int, client_bits: int, takeover
):
    no_server, no_client = takeover
    factory = ServerPerMessageDeflateFactory(
        server_no_context_takeover=no_server,
        client_no_context_takeover=no_client,
        server_max_window_bits=server_bits,
        client_max_window_bits=client_bits,
    )
    assert spoken(tmp_path, language, '"deflate"', factory) == ["all true"]


@pytest.mark.parametrize("bits", [8, 9, 12, 15])
@pytest.mark.parametrize("has_context", [True, False])
@pytest.mark.parametrize("level", [0, 1, 9])
def test_7_1_what_we_ask_for_is_kept(
    tmp_path: Path, language: str, bits: int, has_context: bool, level: int
):
    if language == "javascript":
        wanted = f"{{ level: {level}, windowBits: {bits}, contextTakeover: {str(has_context).lower()} }}"
    else:
        wanted = f"{{'level': {level}, 'window_bits': {bits}, 'context_takeover': {has_context}}}"
    heard = spoken(tmp_path, language, wanted, ServerPerMessageDeflateFactory())
    # A window of 8 bits is more than zlib, and so the peer, can promise.
    assert heard == ["all true"] or (bits == 8 and heard == ["all false"])


def spoken(tmp_path: Path, language: str, compression: str, factory) -> list[str]:
    source = SCRIPT[language].replace("__COMPRESSION__", compression)
    name = "s.js" if language == "javascript" else "s.py"
    ran = run_whole(
        tmp_path,
        name,
        source.replace("__TEXTS__", repr(TEXTS).replace("\\xe9", "é")),
        [PerVuIterations(ScenarioPlan(), 1, 1, 30.0)],
        servers=[serving(echo_compressed, extensions=[factory], compression=None)],
    )
    assert ran.errors == []
    return ran.console


def deflated(data: bytes, *, final: bool = False) -> bytes:
    """Return a message's payload, compressed for a connection without context."""
    deflater = zlib.compressobj(wbits=-15)
    if final:
        return deflater.compress(data) + deflater.flush(zlib.Z_FINISH)
    whole = deflater.compress(data) + deflater.flush(zlib.Z_SYNC_FLUSH)
    return whole[:-4]


def compressed(tmp_path: Path, language: str, *pieces: bytes):
    return converse(
        tmp_path,
        language,
        [*pieces, close()],
        extensions="permessage-deflate; server_no_context_takeover",
        params=OFFER[language],
    )


HELLO = deflated(b"hello")
# Stored, not compressed: its two bytes of UTF-8 are where one sees them.
STORED_U = b"\x00\x02\x00\xfd\xff\xc3\xbc\x00"

GOOD = {
    "6 a compressed text": ([frame(TEXT, HELLO, reserved=4)], ["message hello"]),
    "6 an uncompressed text": ([frame(TEXT, b"plain")], ["message plain"]),
    "6 compressed and uncompressed in turn": (
        [
            frame(TEXT, HELLO, reserved=4),
            frame(TEXT, b"plain"),
            frame(TEXT, HELLO, reserved=4),
        ],
        ["message hello", "message plain", "message hello"],
    ),
    "6.1 a compressed message in fragments": (
        [
            frame(TEXT, HELLO[:2], reserved=4, fin=False),
            frame(PING, b"p"),
            frame(CONTINUATION, HELLO[2:]),
        ],
        ["ping", "message hello"],
    ),
    "6.1 a character that two fragments share": (
        [
            frame(TEXT, STORED_U[:6], reserved=4, fin=False),
            frame(CONTINUATION, STORED_U[6:]),
            frame(TEXT, HELLO, reserved=4),
        ],
        ["message ü", "message hello"],
    ),
    "7.2.3.2 an empty message": ([frame(TEXT, b"\x00", reserved=4)], ["message "]),
    "7.2.3.3 without compression": (
        [frame(TEXT, b"\x00\x05\x00\xfa\xffhello\x00", reserved=4)],
        ["message hello"],
    ),
    "7.2.3.4 a block that is the last": (
        [frame(TEXT, deflated(b"hello", final=True) + b"\x00", reserved=4)],
        ["message hello"],
    ),
    "7.2.3.5 two blocks": (
        [
            frame(
                TEXT,
                bytes.fromhex("f248050000 00ffffcac9c90700".replace(" ", "")),
                reserved=4,
            )
        ],
        ["message Hello"],
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_a_server_may_send(tmp_path, language, case):
    pieces, events = GOOD[case]
    assert compressed(tmp_path, language, *pieces).events == ["open", *events, BYE]


BAD = {
    "6.1 the bit on a continuation": (
        [
            frame(TEXT, HELLO[:2], reserved=4, fin=False),
            frame(CONTINUATION, HELLO[2:], reserved=4),
        ],
        1002,
    ),
    "6.1 the bit on a control frame": ([frame(PING, b"", reserved=4)], 1002),
    "6.2 what is not deflated": ([frame(BINARY, b"\xff\xff\xff", reserved=4)], 1007),
    "6.2 a message that is cut off": (
        [frame(TEXT, deflated(b"hello " * 50)[:-6], reserved=4)],
        1007,
    ),
    "6.2 what is inflated to no UTF-8": (
        [frame(TEXT, deflated(b"ab\xffcd"), reserved=4)],
        1007,
    ),
    # In these the message never ends: the server is told at its first bad fragment.
    "6.2 a fragment that is inflated to no UTF-8": (
        [frame(TEXT, b"\x00\x05\x00\xfa\xffab\xff", reserved=4, fin=False)],
        1007,
    ),
    "6.2 a later fragment that is inflated to no UTF-8": (
        [
            frame(TEXT, STORED_U[:6], reserved=4, fin=False),
            frame(CONTINUATION, b"\xc3", fin=False),
        ],
        1007,
    ),
    "6.2 a fragment that is not deflated": (
        [
            frame(BINARY, b"", reserved=4, fin=False),
            frame(CONTINUATION, b"\xff\xff\xff", fin=False),
        ],
        1007,
    ),
    "6.2 fragments that end within a character": (
        [
            frame(TEXT, b"\x00\x01\x00\xfe\xff", reserved=4, fin=False),
            frame(CONTINUATION, b"\xc3\x00"),
        ],
        1007,
    ),
    "6.2 fragments of a message that is cut off": (
        [
            frame(BINARY, HELLO[:1], reserved=4, fin=False),
            frame(CONTINUATION, HELLO[1:3]),
        ],
        1007,
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_a_server_may_not_send(tmp_path, language, case):
    pieces, code = BAD[case]
    heard = compressed(tmp_path, language, *pieces)
    assert heard.events == ["open", "error", "close 1006  false"]
    assert heard.close_code == code


@pytest.mark.parametrize(
    "extensions",
    [
        "permessage-deflate, permessage-deflate",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; client_max_window_bits=abc",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; unknown",
        "permessage-bzip2",
    ],
)
def test_7_1_an_answer_that_is_none_fails_the_connection(
    tmp_path, language, extensions
):
    heard = converse(
        tmp_path, language, [], extensions=extensions, params=OFFER[language]
    )
    assert heard.events == ["error", "close 1006  false"]


@pytest.mark.parametrize("is_fragmented", [False, True])
def test_a_bomb_is_stopped_while_it_is_inflated(tmp_path, language, is_fragmented):
    bomb = deflated(bytes(50 * 2**20))
    assert len(bomb) < 60_000
    limit = "{ compression: 'deflate', limits: { maxMessageSize: 1000000 } }"
    if language == "python":
        limit = "{'compression': 'deflate', 'limits': {'max_message_size': 1000000}}"
    heard = converse(
        tmp_path,
        language,
        # The fragment alone is enough: no end of its message follows.
        [frame(BINARY, bomb, reserved=4, fin=not is_fragmented)],
        extensions="permessage-deflate",
        params=limit,
    )
    assert heard.events == ["open", "error", "close 1006  false"]
    assert heard.close_code == 1009
