"""What a lens reads: any messages in any order, and it raises nothing of its own."""

from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["gharial.lenses"]):
    from gharial.lenses.catalog import LENSES, load
    from gharial.lenses.lens import BINARY, PENDING_MAXIMUM, TEXT, UnreadableError

    load(LENSES)
from harness import Input, run
from heard_facts import HeardFacts

ROWS = list(LENSES.values())
MESSAGES_MAXIMUM = 12


def check(data: bytes) -> None:
    """Play a dialogue; the first byte says to which lens, one each how long a message is."""
    given = Input(data)
    facts = HeardFacts()
    lens = ROWS[given.byte() % len(ROWS)].lens(facts)
    at_s = 0.0
    with suppress(UnreadableError):
        for _ in range(MESSAGES_MAXIMUM):
            how, size, at_s = given.byte(), given.byte(), at_s + 1.0
            payload = given.take(size)
            read = lens.sent if how & 1 else lens.received
            read(payload, BINARY if how & 2 else TEXT, at_s)
    lens.closed(1000 + given.byte() * 20, at_s)
    assert len(facts.seen) <= PENDING_MAXIMUM * MESSAGES_MAXIMUM
    for fact in facts.seen:
        # Nobody's answer comes before its question.
        assert all(value is None or value >= 0 for value in fact if type(value) is int)


def dialogue(lens: str, *messages: tuple[int, bytes]) -> bytes:
    """Return the input of a dialogue, whose messages have their kind and way in front."""
    number = list(LENSES).index(lens)
    parts = (bytes([how, len(payload)]) + payload for how, payload in messages)
    return bytes([number]) + b"".join(parts)


SENT, CAME, SENT_BYTES, CAME_BYTES = 1, 0, 3, 2
SEEDS = [
    dialogue(
        "socketio",
        (SENT, b'451-/a,7["b",{}]'),
        (SENT_BYTES, b"x"),
        (CAME, b"461-/a,7[]"),
        (CAME_BYTES, b"x"),
    ),
    dialogue(
        "graphql-transport-ws",
        (SENT, b'{"type":"subscribe","id":"1","payload":{"query":"query A { b }"}}'),
        (CAME, b'{"type":"next","id":"1","payload":{"errors":[{"message":"c"}]}}'),
    ),
    dialogue(
        "graphql-ws",
        (SENT, b'{"type":"start","id":"1","payload":{"query":"{ b }"}}'),
        (CAME, b'{"type":"data","id":"1","payload":{}}'),
    ),
    dialogue(
        "mqtt",
        (SENT_BYTES, b"\x10\x10\0\4MQTT\5\2\0\x3c\0\0\3abc"),
        (SENT_BYTES, b"\x82\7\0\1\0\0\1a\1"),
        (CAME_BYTES, b"\x20\3\0\0\0\x90\4\0\1\0\x87"),
    ),
    dialogue(
        "stomp",
        (SENT, b"SEND\ndestination:/a\nreceipt:1\n\nx\0"),
        (CAME, b"RECEIPT\nreceipt-id:1\ncontent-length:0\n\n\0\n"),
    ),
    dialogue(
        "signalr",
        (SENT, b'{"protocol":"messagepack","version":1}\x1e'),
        (CAME, b"{}\x1e"),
        (SENT_BYTES, b"\x09\x95\1\x80\xa10\xa1a\x90"),
        (CAME_BYTES, b"\x06\x94\3\x80\xa10\2"),
    ),
    dialogue(
        "phoenix",
        (SENT, b'["1","1","a:1","phx_join",{}]'),
        (CAME, b'["1","1","a:1","phx_reply",{"status":"ok"}]'),
        (CAME_BYTES, b"\2\1\1ab"),
    ),
    dialogue(
        "jsonrpc",
        (SENT, b'[{"method":"a","id":1}]'),
        (CAME, b'{"id":1,"error":{"code":-1}}'),
    ),
    dialogue(
        "centrifugo",
        (SENT, b'{"id":1,"subscribe":{"channel":"a"}}'),
        (CAME, b'{"id":1,"subscribe":{}}\n{"push":{"channel":"a","pub":{}}}'),
    ),
    dialogue(
        "wamp",
        (SENT, b'[32,1,{},"a.b"]'),
        (CAME, b"[33,1,2]"),
        (CAME, b"[36,2,3,{}]"),
    ),
]

if __name__ == "__main__":
    run("lenses", check, SEEDS)
