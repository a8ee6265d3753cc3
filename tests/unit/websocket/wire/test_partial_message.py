import zlib

import pytest
from picows import WSMsgType

from gharial.websocket.deflate import Deflate, InflateError
from gharial.websocket.extensions import DeflateParameters
from gharial.websocket.wire.frame_sizes import wire_size
from gharial.websocket.wire.partial_message import PartialMessage


def test_the_payloads_of_its_fragments_add_up() -> None:
    message = PartialMessage(WSMsgType.BINARY, None)
    assert [message.grow(size) for size in (3, 0, 200)] == [3, 3, 203]


def test_what_is_not_counted_with_the_whole_message_is_returned() -> None:
    message = PartialMessage(WSMsgType.BINARY, None)
    parts = [b"x" * 100, b"", b"y" * 100]
    counted = [
        message.add(part, is_last=last)
        for part, last in zip(parts, (False, False, True), strict=True)
    ]
    assert bytes(message.payload) == b"".join(parts)
    # On the wire each fragment has a head of its own.
    assert counted[:2] == [102, 2]
    assert sum(counted) + wire_size(200) == 102 + 2 + 102


def test_a_compressed_one_is_inflated_as_it_comes() -> None:
    deflater = zlib.compressobj(0, wbits=-15)
    data = deflater.compress(b"hello") + deflater.flush(zlib.Z_SYNC_FLUSH)
    message = PartialMessage(WSMsgType.TEXT, Deflate(DeflateParameters(), 1_000))
    message.add(data[:7], is_last=False)
    assert bytes(message.payload) == b"he"
    message.add(data[7:-4], is_last=True)
    assert bytes(message.payload) == b"hello"
    message = PartialMessage(WSMsgType.BINARY, Deflate(DeflateParameters(), 1_000))
    with pytest.raises(InflateError, match="cut off"):
        message.add(data[:7], is_last=True)


@pytest.mark.parametrize(
    ("parts", "is_text"),
    [
        pytest.param([b"\xc3", b"\xa9"], True, id="a character in two parts"),
        pytest.param([b"\xff", b"\xc3"], False, id="any bytes of a binary message"),
    ],
)
def test_it_is_checked_as_a_whole(parts: list[bytes], is_text: bool) -> None:
    message = PartialMessage(WSMsgType.TEXT if is_text else WSMsgType.BINARY, None)
    message.add(parts[0], is_last=False)
    message.add(parts[1], is_last=True)
    assert bytes(message.payload) == b"".join(parts)


def test_bytes_that_are_no_text_are_found_at_once_and_at_the_end() -> None:
    with pytest.raises(UnicodeDecodeError):
        PartialMessage(WSMsgType.TEXT, None).add(b"\xff", is_last=False)
    message = PartialMessage(WSMsgType.TEXT, None)
    message.add(b"\xc3", is_last=False)
    with pytest.raises(UnicodeDecodeError):
        message.add(b"", is_last=True)
