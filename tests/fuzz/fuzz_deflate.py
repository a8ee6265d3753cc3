"""Compressed messages: inflated or refused, as a whole as in parts."""

import zlib

import atheris

with atheris.instrument_imports(include=["gharial", "oracles", "frame_model"]):
    import oracles
from harness import Input, run

from gharial.websocket.extensions import DeflateParameters

LIMITS_BYTES = (100_000, 50, 1, 5_000)


def check(data: bytes) -> None:
    """Inflate some messages, then compress and inflate the same bytes."""
    given = Input(data)
    options = given.byte()
    parameters = DeflateParameters(
        server_no_context_takeover=bool(options & 1),
        client_no_context_takeover=bool(options & 2),
        server_max_window_bits=8 + (options >> 2 & 7),
        client_max_window_bits=8 + (options >> 5),
        level=given.byte() % 10,
    )
    limit_bytes = LIMITS_BYTES[given.byte() & 3]
    cuts = given.cuts()
    first_bytes = given.byte()
    rest = given.rest()
    messages = [rest[:first_bytes], rest[first_bytes:]]
    oracles.check_inflating(messages, cuts, parameters, limit_bytes)
    oracles.check_deflating(messages, parameters)


def seeds() -> list[bytes]:
    """Return pairs of messages, compressed in all of zlib's ways."""
    found = []
    text = " ".join(f"word {i * i} of many;" for i in range(40)).encode()
    for level in (0, 1, 9):
        for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED, zlib.Z_HUFFMAN_ONLY):
            for flush in (zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH):
                deflater = zlib.compressobj(level, wbits=-15, strategy=strategy)
                first = (deflater.compress(text[:90]) + deflater.flush(flush))[:-4]
                second = (deflater.compress(text) + deflater.flush(flush))[:-4]
                start = bytes([0x1C, level, 0, 2, 0, 7, 0, 60, len(first)])
                found.append(start + first + second)
    deflater = zlib.compressobj(wbits=-15)
    final = deflater.compress(text) + deflater.flush()
    found.append(b"\xff\x06\x00\x00\x01\x00" + final + b"\x00")
    return found


if __name__ == "__main__":
    run("deflate", check, seeds())
