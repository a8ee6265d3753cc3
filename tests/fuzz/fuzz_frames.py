"""Frames of a server: taken or refused as the RFCs say, wherever they are cut."""

import zlib

import atheris

with atheris.instrument_imports(include=["gharial", "oracles", "frame_model"]):
    import oracles
from harness import Input, run
from memory_wire import server_frame

from gharial.websocket.extensions import DeflateParameters

LIMITS_BYTES = (70_000, 200, 10, 1_000)


def check(data: bytes) -> None:
    """Play a stream; the first bytes say how it is cut and what was agreed on."""
    given = Input(data)
    options = given.byte()
    deflate = None
    if options & 1:
        deflate = DeflateParameters(
            server_no_context_takeover=bool(options & 2),
            server_max_window_bits=9 if options & 4 else 15,
        )
    limit_bytes = LIMITS_BYTES[options >> 3 & 3]
    cuts = given.cuts()
    oracles.check_frames(
        PLAYER, given.rest(), cuts, deflate=deflate, limit_bytes=limit_bytes
    )


def seeds() -> list[bytes]:
    """Return one stream of each kind."""
    deflater = zlib.compressobj(wbits=-9)
    words = b"many words, and many words again, " * 3
    packed = (deflater.compress(words) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]
    streams = [
        server_frame(1, b"text") + server_frame(2, b"bytes") + server_frame(8),
        server_frame(9, b"ping") + server_frame(10, b"pong") + server_frame(1, b""),
        server_frame(1, b"gr\xc3", is_final=False) + server_frame(0, b"\xbcn"),
        server_frame(2, bytes(126)) + server_frame(8, b"\x03\xe8bye"),
        server_frame(1, packed, reserved=4) + server_frame(1, b"plain"),
        server_frame(1, packed[:9], is_final=False, reserved=4)
        + server_frame(9, b"between")
        + server_frame(0, packed[9:30], is_final=False)
        + server_frame(0, packed[30:]),
        server_frame(1, b"masked", mask=b"abcd"),
        b"\x82\x7f" + (65_536).to_bytes(8, "big") + bytes(40),
    ]
    starts = (b"\x00\x00", b"\x03\x02\x00\x03\x00\x09", b"\x09\x01\x00\x05")
    return [start + stream for start in starts for stream in streams]


if __name__ == "__main__":
    with oracles.player() as PLAYER:
        run("frames", check, seeds())
