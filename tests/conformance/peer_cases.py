"""What is played against each peer: one table, named after the sections it is about."""

import struct
from collections.abc import Iterator
from typing import Any
from unittest.mock import ANY

from conversation import BINARY, CLOSE, CONTINUATION, PING, TEXT, close, frame
from peer_scripts import Case
from peer_servers import has_ipv6

PEERS = ("websockets", "wsproto", "aiohttp", "ws")
# aiohttp sends every message in one frame.
FRAGMENTING = ("websockets", "wsproto", "ws")

OPEN: list[Any] = ["open", "", ""]
BROKEN: list[list[Any]] = [OPEN, ["error"], ["close", 1006, "", False]]
# Lengths at which the framing changes.
SIZES = (0, 1, 125, 126, 127, 65_535, 65_536, 2**20)
UNICODE = (
    "\0",
    "a\0b",
    "é",
    "e\u0301",
    "\u2028\u2029",
    "\ufeffa byte order mark",
    "\ufffd\ufffe\uffff",
    "\ud7ff\ue000",
    "\N{CROCODILE}",
    "\U00010000\U0010ffff",
    "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}",
)
CLOSE_CODES = (1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 4999)
FORBIDDEN_CODES = (0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535)
REASONS = ("bye", "r" * 123, "é" * 61 + "x")


def all_cases(peer: str) -> list[Case]:
    """Return the cases that a peer can play."""
    cases = [
        *echoes(),
        *fragments(peer),
        *pings(),
        *closed_by_the_peer(peer),
        *closed_by_us(peer),
        *ends_of_tcp(peer),
        *openings(),
        *violations(),
    ]
    return [case for case in cases if peer in case.peers]


def bye(peer: str, code: int = 1000, reason: str = "") -> list[Any]:
    """Return the end that a script hears which closes with these."""
    # aiohttp answers every close frame with 1000 and no reason.
    if peer == "aiohttp":
        code, reason = 1000, ""
    return ["close", code, reason, True]


def echo(name: str, messages: list[list[Any]], **fields: Any) -> Case:
    """Return a case whose messages all come back."""
    return Case(
        name,
        sends=messages,
        until=len(messages),
        hears=[
            ["open", "", ANY],
            *[["echo"]] * len(messages),
            ["close", 1000, "", True],
        ],
        sees=[["close", 1000, ""]],
        **fields,
    )


def echoes() -> Iterator[Case]:
    texts = [["text", "x", size] for size in SIZES]
    binaries = [["binary", 7, size] for size in SIZES]
    deflate: dict[str, Any] = {
        "peer": {"deflate": {}},
        "params": {"compression": "deflate"},
    }
    yield echo("6455 5.2 texts of all lengths", texts)
    yield echo("6455 5.2 binaries of all lengths", binaries)
    yield echo("7692 6 compressed texts of all lengths", texts, **deflate)
    yield echo("7692 6 compressed binaries of all lengths", binaries, **deflate)
    unicode = [["text", text, count] for text in UNICODE for count in (1, 50)]
    yield echo("6455 8.1 texts at the edges of Unicode", unicode)
    yield echo("7692 6 compressed texts at the edges of Unicode", unicode, **deflate)
    in_turn = [each for pair in zip(texts, binaries, strict=True) for each in pair]
    yield echo("6455 3 wss", in_turn, base="wss")
    yield echo("6455 3 wss, compressed", in_turn, base="wss", **deflate)
    if has_ipv6():
        yield echo("6455 3 a host of IPv6", in_turn, base="ipv6")


def fragments(peer: str) -> Iterator[Case]:
    def told(
        name: str, kind: str, parts: list[bytes], ping: bytes | None = None, **more: Any
    ) -> Case:
        whole = b"".join(parts)
        between = [] if ping is None else [ping.hex()]
        pings = 0 if ping is None else len(parts) - 1
        return Case(
            name,
            peer={"do": [["fragments", kind, [p.hex() for p in parts], *between]]},
            until=1 + pings,
            hears=[
                OPEN,
                *[["ping"]] * pings,
                ["message", kind, whole.decode() if kind == "text" else whole.hex()],
                bye(peer),
            ],
            sees=[
                *[["pong", between[0] if between else ""]] * pings,
                ["close", 1000, ""],
            ],
            **{"peers": FRAGMENTING, **more},
        )

    yield told("6455 5.4 two fragments", "text", [b"he", b"llo"])
    yield told(
        "6455 5.4 a fragment for each byte", "binary", [b"%c" % c for c in b"hey!"]
    )
    yield told("6455 5.4 empty fragments", "text", [b"", b"a", b"", b"b", b""])
    yield told("6455 5.4 nothing but empty fragments", "text", [b"", b""])
    yield told("6455 5.4 pings between fragments", "text", [b"a", b"b", b"c"], b"p")
    yield told(
        "6455 5.4 empty pings between fragments", "binary", [b"\0", b"\xff"], b""
    )
    crocodile = "\N{CROCODILE}".encode()
    # wsproto takes text alone, and so cuts between characters.
    yield told(
        "6455 5.6 fragments that cut a character",
        "text",
        [crocodile[:1], crocodile[1:3], crocodile[3:]],
        b"p",
        peers=("websockets", "ws"),
    )
    messages = [
        ["text", "repeat ", 3000],
        ["binary", 7, 65_536],
        ["text", "\N{CROCODILE}", 500],
        ["text", "x", 0],
    ]
    for pieces in (2, 3, 20):
        yield echo(
            f"6455 5.4 echoes in {pieces} fragments",
            messages,
            peer={"pieces": pieces},
            peers=FRAGMENTING,
        )
        yield echo(
            f"7692 6.1 compressed echoes in {pieces} fragments",
            messages,
            peer={"pieces": pieces, "deflate": {}},
            params={"compression": "deflate"},
            peers=FRAGMENTING,
        )


def pings() -> Iterator[Case]:
    payloads = [b"", b"p", b"\0\xff", bytes(range(125))]
    yield Case(
        "6455 5.5.2 a ping is answered with its payload",
        peer={"do": [["ping", payload.hex()] for payload in payloads]},
        until=len(payloads),
        hears=[OPEN, *[["ping"]] * len(payloads), ["close", 1000, "", True]],
        sees=[*[["pong", p.hex()] for p in payloads], ["close", 1000, ""]],
    )
    yield Case(
        "6455 5.5.3 pongs that nobody asked for",
        peer={"do": [["pong", payload.hex()] for payload in payloads]},
        until=len(payloads),
        hears=[OPEN, *[["pong"]] * len(payloads), ["close", 1000, "", True]],
        sees=[["close", 1000, ""]],
    )
    yield Case(
        "6455 5.5.2 pings of ours are answered",
        sends=[["ping"], ["ping"], ["ping"]],
        until=3,
        hears=[OPEN, *[["pong"]] * 3, ["close", 1000, "", True]],
        sees=[["ping", "30"], ["ping", "31"], ["ping", "32"], ["close", 1000, ""]],
    )


def closed_by_the_peer(peer: str) -> Iterator[Case]:
    for code in CLOSE_CODES:
        # wsproto knows no 1014: our answer is an error to it.
        sees = None if (peer, code) == ("wsproto", 1014) else [["close", code, ""]]
        for reason in ("", REASONS[0]):
            yield Case(
                f"6455 7.4 the peer closes with {code} {reason}".strip(),
                peer={"do": [["close", code, reason]]},
                hears=[OPEN, ["close", code, reason, True]],
                sees=sees,
            )
    for reason in REASONS[1:]:
        yield Case(
            f"6455 5.5.1 the peer closes with 123 bytes of {reason[0]}",
            peer={"do": [["close", 4000, reason]]},
            hears=[OPEN, ["close", 4000, reason, True]],
            sees=[["close", 4000, ""]],
        )
    # Two of them put in a code where they are given none.
    is_empty = peer in ("websockets", "ws")
    empty = ["close"] if is_empty else ["raw", close(None).hex()]
    yield Case(
        "6455 7.1.5 the peer closes without a code",
        peer={"do": [empty]},
        hears=[OPEN, ["close", 1005, "", True]],
        sees=[["close", 1005, ""]],
    )
    yield Case(
        "6455 5.5.1 the peer says more after it has closed",
        peer={"do": [["raw", (close() + frame(TEXT, b"late") + frame(PING)).hex()]]},
        hears=[OPEN, ["close", 1000, "", True]],
        sees=[["close", 1000, ""]],
    )
    yield Case(
        "6455 7.1.1 the peer closes after messages",
        peer={"answer": [["text", "a"], ["binary", "00ff"], ["close", 3000, "enough"]]},
        sends=[["text", "x", 1]],
        hears=[
            OPEN,
            ["message", "text", "a"],
            ["message", "binary", "00ff"],
            ["close", 3000, "enough", True],
        ],
        sees=[["close", 3000, ""]],
    )


def closed_by_us(peer: str) -> Iterator[Case]:
    for code in (1000, 3000, 4999):
        for reason in ("", *REASONS):
            yield Case(
                f"WHATWG close() with {code} {len(reason)} {reason[:3]}".strip(),
                sends=[["close", code, reason]],
                hears=[OPEN, bye(peer, code, reason)],
                sees=[["close", code, "" if peer == "aiohttp" else reason]],
            )
    yield Case(
        "WHATWG close() without a code",
        sends=[["close"]],
        hears=[OPEN, bye(peer, 1005)],
        sees=[["close", 1005, ""]],
    )
    yield Case(
        "WHATWG close() goes out after what was sent, and nothing is told any more",
        sends=[["text", "x", 65_536], ["close", 3001, "done"], ["text", "y", 1]],
        peer={"answer": [["text", "late"]]},
        hears=[OPEN, bye(peer, 3001, "done")],
        sees=[["close", 3001, "" if peer == "aiohttp" else "done"]],
    )


def ends_of_tcp(peer: str) -> Iterator[Case]:
    yield Case(
        "6455 7.1.5 the peer drops TCP",
        peer={"do": [["drop"]]},
        hears=BROKEN,
    )
    for end in ("drop", "reset"):
        yield Case(
            f"6455 7.1.5 the peer answers a message with a {end}",
            peer={"answer": [[end]]},
            sends=[["text", "x", 1]],
            hears=BROKEN,
        )
    yield Case(
        "6455 7.1.5 the peer drops TCP within a frame",
        peer={"do": [["raw", frame(TEXT, b"half", length=10).hex()], ["drop"]]},
        hears=BROKEN,
    )
    yield Case(
        "6455 7.1.5 the peer drops TCP within a message",
        peer={"do": [["raw", frame(TEXT, b"half", fin=False).hex()], ["drop"]]},
        hears=BROKEN,
    )
    yield Case(
        "6455 7.1.4 the peer closes and drops TCP at once",
        peer={"do": [["raw", close(1001, b"off").hex()], ["drop"]]},
        hears=[OPEN, ["close", 1001, "off", True]],
    )


def openings() -> Iterator[Case]:
    for name, known, chosen in (
        ("the first", ["a"], "a"),
        ("the second", ["b"], "b"),
        ("one of others", ["z", "b"], "b"),
    ):
        yield Case(
            f"6455 4.1 the peer chooses {name} of the subprotocols",
            protocols=["a", "b"],
            peer={"protocols": known},
            sends=[["close", 1000]],
            hears=[["open", chosen, ""], ["close", 1000, "", True]],
            sees=[["close", 1000, ""]],
        )
    failed = [["refused", 101, ""], ["close", 1006, "", False]]
    yield Case(
        "WHATWG establish a connection: the peer chooses none of the subprotocols",
        protocols=["a", "b"],
        hears=failed,
    )
    for name, offered in (("another than offered", ["a", "b"]), ("where none was", [])):
        yield Case(
            f"6455 4.1 the peer chooses a subprotocol, {name}",
            protocols=offered,
            peer={"headers": [["Sec-WebSocket-Protocol", "c"]]},
            hears=failed,
        )
    yield Case(
        "6455 4.1 the peer chooses an extension that was not offered",
        peer={"headers": [["Sec-WebSocket-Extensions", "permessage-bzip2"]]},
        hears=failed,
    )
    for status, body in (
        (401, "who are you?"),
        (403, "no entry, "),
        (404, "nothing here: é \N{CROCODILE}"),
        (503, "x" * 4000),
    ):
        yield Case(
            f"6455 4.2.2 the peer refuses with {status}",
            peer={"refuse": {"status": status, "body": body}},
            hears=[["refused", status, body], ["close", 1006, "", False]],
            sees=[],
        )
    gone: dict[str, Any] = {
        "sends": [["close", 1000]],
        "hears": [OPEN, ["close", 1000, "", True]],
    }
    yield Case(
        "6455 4.1 headers of one's own",
        params={
            "headers": {
                "X-Test": "one, two",
                "Origin": "https://shop.test",
                "Cookie": "a=1; b=2",
                "Authorization": "Bearer abc",
            }
        },
        **gone,
    )
    yield Case("6455 4.1 no headers of one's own", **gone)
    yield Case(
        "6265 5.2 the peer sets a cookie",
        peer={"headers": [["Set-Cookie", "session=abc; Path=/"]]},
        **gone,
    )
    yield Case("6265 5.4 the cookie goes back to the peer", phase=1, **gone)


def violations() -> Iterator[Case]:
    def violation(name: str, bad: bytes, code: int = 1002) -> Case:
        return Case(
            name,
            # What came before it, in the same piece, is still told of.
            peer={"do": [["raw", (frame(TEXT, b"fine") + bad).hex()]]},
            hears=[OPEN, ["message", "text", "fine"], *BROKEN[1:]],
            sees=[["close", code, ANY]],
        )

    for code in FORBIDDEN_CODES:
        yield violation(f"6455 7.4 {code} in a close frame", close(code))
    for opcode in (*range(3, 8), *range(11, 16)):
        yield violation(f"6455 5.2 opcode {opcode}", frame(opcode, b"x"))
    for reserved in range(1, 8):
        for name, opcode in (("text", TEXT), ("ping", PING), ("close", CLOSE)):
            yield violation(
                f"6455 5.2 reserved bits {reserved:03b} of a {name}",
                frame(opcode, struct.pack("!H", 1000), reserved=reserved),
            )
    begun = frame(TEXT, b"a", fin=False)
    for name, bad in {
        "5.1 a masked text": frame(TEXT, b"x", masked=True),
        "5.1 a masked ping": frame(PING, b"", masked=True),
        "5.4 a continuation of nothing": frame(CONTINUATION, b"x"),
        "5.4 a text within a text": begun + frame(TEXT, b"b"),
        "5.4 a binary within a text": begun + frame(BINARY, b"b", fin=False),
        "5.5 a ping of 126 bytes": frame(PING, b"x" * 126),
        "5.5 a close frame of 126 bytes": close(1000, b"x" * 124),
        "5.5 a ping in fragments": frame(PING, b"x", fin=False),
        "5.5 a close frame in fragments": frame(CLOSE, b"\x03\xe8", fin=False),
        "5.5.1 half a close code": frame(CLOSE, b"\x03"),
    }.items():
        yield violation(f"6455 {name}", bad)
    for name, bad in {
        "a byte that is none": b"a\xffb",
        "a lone continuation": b"\x80",
        "an overlong form": b"\xc0\xaf",
        "a surrogate": b"\xed\xa0\x80",
        "what lies beyond U+10FFFF": b"\xf4\x90\x80\x80",
        "half a character": "é".encode()[:1],
    }.items():
        yield violation(f"6455 8.1 {name} in a text", frame(TEXT, bad), 1007)
        yield violation(
            f"6455 8.1 {name} in fragments",
            begun + frame(CONTINUATION, bad),
            1007,
        )
        yield violation(f"6455 5.5.1 {name} in a close reason", close(1000, bad), 1007)
    for kind in ("text", "binary"):
        content = "x" * 1001 if kind == "text" else "00" * 1001
        yield Case(
            f"6455 7.4.1 a {kind} larger than allowed",
            params={"limits": {"maxMessageSize": 1000}},
            peer={"do": [[kind, content]]},
            hears=BROKEN,
            sees=[["close", 1009, ANY]],
        )
