import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.websocket.deflate import Deflate, InflateError
from gharial.websocket.model import DeflateParameters

PARAMETERS = st.builds(
    DeflateParameters,
    server_no_context_takeover=st.booleans(),
    client_no_context_takeover=st.booleans(),
    server_max_window_bits=st.integers(9, 15),
    client_max_window_bits=st.integers(8, 15),
)


@given(parameters=PARAMETERS, messages=st.lists(st.binary(max_size=3_000), max_size=5))
def test_a_peer_with_the_agreed_window_reads_what_we_compress(
    parameters: DeflateParameters, messages: list[bytes]
) -> None:
    ours = Deflate(parameters, 100_000)
    inflater = zlib.decompressobj(wbits=-max(9, parameters.client_max_window_bits))
    for message in messages:
        if parameters.client_no_context_takeover:
            inflater = zlib.decompressobj(
                wbits=-max(9, parameters.client_max_window_bits)
            )
        assert inflater.decompress(ours.compress(message) + b"\0\0\xff\xff") == message


@given(parameters=PARAMETERS, messages=st.lists(st.binary(max_size=3_000), max_size=5))
def test_we_read_what_a_peer_compresses(
    parameters: DeflateParameters, messages: list[bytes]
) -> None:
    ours = Deflate(parameters, 100_000)
    deflater = zlib.compressobj(wbits=-parameters.server_max_window_bits)
    for message in messages:
        if parameters.server_no_context_takeover:
            deflater = zlib.compressobj(wbits=-parameters.server_max_window_bits)
        data = deflater.compress(message) + deflater.flush(zlib.Z_SYNC_FLUSH)
        assert ours.inflate(data[:-4]) == message


def test_a_final_block_ends_the_stream_and_the_next_message_begins_one() -> None:
    ours = Deflate(DeflateParameters(), 1_000)
    for _ in range(2):
        deflater = zlib.compressobj(wbits=-15)
        assert ours.inflate(deflater.compress(b"x") + deflater.flush()) == b"x"


def test_no_more_than_the_limit_is_inflated() -> None:
    deflater = zlib.compressobj(wbits=-15)
    data = deflater.compress(bytes(10_000_000)) + deflater.flush(zlib.Z_SYNC_FLUSH)
    with pytest.raises(InflateError) as caught:
        Deflate(DeflateParameters(), 1_000).inflate(data[:-4])
    assert caught.value.is_too_big


def test_damaged_data_is_refused() -> None:
    with pytest.raises(InflateError, match="damaged") as caught:
        Deflate(DeflateParameters(), 1_000).inflate(b"\xff\xff")
    assert not caught.value.is_too_big
