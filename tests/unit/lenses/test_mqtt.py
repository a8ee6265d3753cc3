import pytest
from heard_facts import heard

from gharial.lenses.lens import UnreadableError
from gharial.lenses.mqtt import KEPT_BYTES, MqttLens, Packets


def length(size: int) -> bytes:
    written = b""
    while True:
        size, digit = divmod(size, 128)
        written += bytes([digit | (0x80 if size else 0)])
        if not size:
            return written


def packet(first: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes([first]) + length(len(body)) + body


def string(text: str) -> bytes:
    return len(text).to_bytes(2, "big") + text.encode()


def connect(version: int) -> bytes:
    return packet(0x10, string("MQTT"), bytes([version, 2, 0, 60]), b"\0", string("id"))


def numbered(number: int) -> bytes:
    return number.to_bytes(2, "big")


def test_a_session_of_3_1_1() -> None:
    assert heard(
        MqttLens,
        [
            (">", connect(4)),
            ("<", packet(0x20, b"\0\0")),
            (">", packet(0x82, numbered(1), string("rooms/17/#"), b"\1")),
            ("<", packet(0x90, numbered(1), b"\1")),
            (">", packet(0x32, string("rooms/17/say"), numbered(2), b"hi")),
            ("<", packet(0x40, numbered(2))),
            ("<", packet(0x30, string("rooms/17/say"), b"hi")),
            (">", packet(0x30, string("rooms/17/say"), b"hi")),
            (">", packet(0xA2, numbered(3), string("rooms/17/#"))),
            ("<", packet(0xB0, numbered(3))),
            (">", packet(0xC0)),
            ("<", packet(0xD0)),
            (">", packet(0xE0)),
        ],
    ) == [
        ("ended", "CONNECT", 10),
        ("ready", 10),
        ("ended", "SUBSCRIBE rooms/*/#", 10),
        ("ended", "PUBLISH rooms/*/say", 10),
        ("pushed", "rooms/*/say"),
        ("ended", "UNSUBSCRIBE rooms/*/#", 10),
        ("ended", "PINGREQ", 10),
    ]


def test_quality_2_lasts_until_both_halves_are_done() -> None:
    assert heard(
        MqttLens,
        [
            (">", packet(0x34, string("a"), numbered(7), b"x")),
            ("<", packet(0x50, numbered(7))),
            (">", packet(0x62, numbered(7))),
            ("<", packet(0x70, numbered(7))),
            (">", packet(0x34, string("a"), numbered(8), b"x")),
            ("<", packet(0x50, numbered(8), b"\x97")),
        ],
    ) == [
        ("ended", "PUBLISH a", 30),
        ("failed", "PUBLISH a", 10),
        ("error", "0x97"),
    ]


def test_reasons_of_version_5_are_errors_from_0x80_on() -> None:
    properties = b"\3\x1f\0\0"
    assert heard(
        MqttLens,
        [
            (">", connect(5)),
            ("<", packet(0x20, b"\0\0\0")),
            (">", packet(0x82, numbered(1), b"\0", string("a"), b"\1")),
            ("<", packet(0x90, numbered(1), properties, b"\1\x87")),
            (">", packet(0x32, string(""), numbered(2), b"\3\x23\0\1", b"x")),
            ("<", packet(0x40, numbered(2), b"\x10")),
            ("<", packet(0xE0, b"\x8b\0")),
            (">", connect(5)),
            ("<", packet(0x20, b"\0\x86\0")),
        ],
    ) == [
        ("ended", "CONNECT", 10),
        ("ready", 10),
        ("failed", "SUBSCRIBE a", 10),
        ("error", "0x87"),
        ("ended", "PUBLISH (topic alias)", 10),
        ("error", "0x8B"),
        ("failed", "CONNECT", 10),
        ("error", "0x86"),
    ]


def test_packets_need_not_begin_where_messages_do() -> None:
    stream = (
        connect(4) + packet(0xC0) + packet(0x32, string("a"), numbered(1), b"x" * 300)
    )
    for cut in range(1, len(stream)):
        packets = Packets()
        taken = packets.take(stream[:cut]) + packets.take(stream[cut:])
        assert [first for first, _ in taken] == [0x10, 0xC0, 0x32]
        assert taken[-1][1].endswith(b"x" * 300)


def test_of_a_long_packet_only_the_beginning_is_kept() -> None:
    packets = Packets()
    whole = packet(0x30, string("a"), b"x" * 10_000_000) + packet(0xD0)
    taken = []
    for at in range(0, len(whole), 1_000_000):
        taken += packets.take(whole[at : at + 1_000_000])
        assert len(packets._begun) <= KEPT_BYTES
    assert [first for first, _ in taken] == [0x30, 0xD0]
    assert taken[0][1].startswith(string("a"))


@pytest.mark.parametrize(
    "message",
    [
        "text",
        b"\x00\x00",
        b"\x30\xff\xff\xff\xff\x01",
        packet(0x20),
        packet(0x40, b"\0"),
        packet(0x30, b"\0\x09a"),
    ],
)
def test_what_is_something_else_is_unreadable(message: str | bytes) -> None:
    with pytest.raises(UnreadableError):
        heard(MqttLens, [("<", message)])


def test_a_connect_of_something_else_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        heard(MqttLens, [(">", connect(9))])
