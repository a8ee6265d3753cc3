import random
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.websocket.deflate import Deflate, InflateError
from gharial.websocket.extensions import DeflateParameters

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


@pytest.mark.parametrize(("bits", "is_smaller"), [(8, False), (9, True), (15, True)])
def test_it_compresses_with_every_window_that_zlib_has(
    bits: int, is_smaller: bool
) -> None:
    ours = Deflate(DeflateParameters(client_max_window_bits=bits), 1_000)
    assert (len(ours.compress(b"x" * 1_000)) < 1_000) is is_smaller


@pytest.mark.parametrize("bits", range(9, 13))
def test_nothing_refers_to_what_has_left_the_window(bits: int) -> None:
    ours = Deflate(DeflateParameters(client_max_window_bits=bits), 1_000)
    message = random.Random(0).randbytes((1 << bits) + 50) * 2
    inflater = zlib.decompressobj(wbits=-bits)
    data = ours.compress(message) + b"\0\0\xff\xff"
    # Byte by byte: in one piece, zlib finds what has left the window in its output.
    content = [inflater.decompress(data[i : i + 1]) for i in range(len(data))]
    assert b"".join(content) == message


@pytest.mark.parametrize("size", [1, 1_000, 5_000])
def test_a_message_may_be_as_large_as_the_limit(size: int) -> None:
    deflater = zlib.compressobj(wbits=-15)
    data = deflater.compress(bytes(size)) + deflater.flush(zlib.Z_SYNC_FLUSH)
    assert Deflate(DeflateParameters(), size).inflate(data[:-4]) == bytes(size)


def test_damaged_data_is_refused() -> None:
    with pytest.raises(InflateError, match="damaged") as caught:
        Deflate(DeflateParameters(), 1_000).inflate(b"\xff\xff")
    assert not caught.value.is_too_big


def cut_off(before: int) -> list[tuple[bytes, bool]]:
    """
    Return a message cut off at each place, and whether that is in its table of codes.

    The table is that of its second block; the first has so many bytes, or is missing.
    """
    deflater = zlib.compressobj(9, wbits=-15)
    first = deflater.compress(b"x" * before) + deflater.flush(zlib.Z_FULL_FLUSH)
    words = " ".join(f"word {i * i} of many;" for i in range(60)).encode()
    second = deflater.compress(words) + deflater.flush(zlib.Z_SYNC_FLUSH)
    # Where the second block has a table of its own.
    assert (second[0] & 7) == 4
    head = first if before else b""
    return [
        (
            head + second[:end],
            not zlib.decompressobj(wbits=-15).decompress(second[:end]),
        )
        for end in range(1, len(second) - 5)
    ]


@pytest.mark.parametrize("before", [0, 5_000])
def test_a_message_that_is_cut_off_in_its_table_of_codes_is_refused(
    before: int,
) -> None:
    inside = [data for data, is_in_table in cut_off(before) if is_in_table]
    assert len(inside) > 20
    for data in inside:
        with pytest.raises(InflateError):
            Deflate(DeflateParameters(), 100_000).inflate(data)


def test_a_small_message_that_is_cut_off_is_refused_unless_it_ends_with_zero_bits() -> (
    None
):
    inside = [data for data, is_in_table in cut_off(5) if is_in_table]
    # A byte whose three highest bits are zero may be the beginning of a stored block.
    told = [data for data in inside if data[-1] >= 0x20]
    told.append(
        bytes.fromhex("aaa8000200000000ffff64d3310a03310c44d1abf808926d5932394d20")
    )
    assert len(told) > 10
    for data in told:
        with pytest.raises(InflateError):
            Deflate(DeflateParameters(), 100_000).inflate(data)


def test_a_message_of_the_size_of_the_limit_that_is_cut_off_is_refused() -> None:
    inside = [data for data, is_in_table in cut_off(5_000) if is_in_table]
    for data in inside:
        with pytest.raises(InflateError):
            Deflate(DeflateParameters(), 5_000).inflate(data)


@pytest.mark.parametrize("before", [0, 5, 5_000])
def test_fragments_that_are_cut_off_anywhere_are_refused(before: int) -> None:
    for data, _ in cut_off(before):
        ours = Deflate(DeflateParameters(), 100_000)
        ours.inflate_part(data[:9], is_last=False)
        with pytest.raises(InflateError):
            ours.inflate_part(data[9:], is_last=True)


def test_the_bits_that_fill_a_byte_may_be_any() -> None:
    ours = Deflate(DeflateParameters(), 1_000)
    # RFC 1951 section 3.2.4: those after the header of a stored block are skipped.
    assert ours.inflate(b"\xf8") == b""
    assert ours.inflate(b"\x00\x02\x00\xfd\xffhi\xf8") == b"hi"
    assert ours.inflate_part(b"\xf8", is_last=True) == b""


def parts_of(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@given(
    parameters=PARAMETERS,
    messages=st.lists(st.binary(max_size=2_000), max_size=4),
    cuts=st.lists(st.integers(0, 2_000), max_size=6),
    is_final=st.booleans(),
)
def test_a_message_in_parts_is_the_message_as_a_whole(
    parameters: DeflateParameters,
    messages: list[bytes],
    cuts: list[int],
    is_final: bool,
) -> None:
    ours = Deflate(parameters, 2_000)
    deflater = zlib.compressobj(wbits=-parameters.server_max_window_bits)
    for number, message in enumerate(messages):
        if is_final or parameters.server_no_context_takeover:
            deflater = zlib.compressobj(wbits=-parameters.server_max_window_bits)
        data = deflater.compress(message)
        data += deflater.flush(zlib.Z_FINISH if is_final else zlib.Z_SYNC_FLUSH)
        data = data + b"\0" if is_final else data[:-4]
        if number % 2:
            assert ours.inflate(data) == message
            continue
        *firsts, last = parts_of(data, cuts)
        content = b"".join(ours.inflate_part(part, is_last=False) for part in firsts)
        assert content + ours.inflate_part(last, is_last=True) == message


def test_a_part_is_inflated_as_it_comes() -> None:
    deflater = zlib.compressobj(0, wbits=-15)
    data = deflater.compress(b"hello") + deflater.flush(zlib.Z_SYNC_FLUSH)
    ours = Deflate(DeflateParameters(), 1_000)
    # A stored block: five bytes of header, then the content as it is.
    assert ours.inflate_part(data[:7], is_last=False) == b"he"
    assert ours.inflate_part(data[7:-4], is_last=True) == b"llo"


def test_the_parts_of_a_message_are_limited_together() -> None:
    deflater = zlib.compressobj(0, wbits=-15)
    data = deflater.compress(b"x" * 20) + deflater.flush(zlib.Z_SYNC_FLUSH)
    ours = Deflate(DeflateParameters(), 20)
    for _ in range(2):
        ours.inflate_part(data[:15], is_last=False)
        ours.inflate_part(data[15:-4], is_last=True)
    ours = Deflate(DeflateParameters(), 19)
    ours.inflate_part(data[:15], is_last=False)
    with pytest.raises(InflateError) as caught:
        ours.inflate_part(data[15:25], is_last=False)
    assert caught.value.is_too_big


def test_the_second_part_of_a_message_inflates_no_more_than_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    class Inflater:
        eof = False

        def decompress(self, part: bytes, limit_bytes: int) -> bytes:
            asked.append(limit_bytes)
            return part

    ours = Deflate(DeflateParameters(), 100)
    monkeypatch.setattr(Deflate, "_new_inflater", lambda _: Inflater())
    ours.inflate_part(bytes(30), is_last=False)
    ours.inflate_part(bytes(50), is_last=False)
    ours.inflate_part(b"", is_last=False)
    # One byte more shows that there is more.
    assert asked == [101, 71, 21]


@pytest.mark.parametrize(
    ("data", "is_last", "problem"),
    [
        pytest.param(b"\xff\xff", False, "damaged", id="at once"),
        pytest.param(b"\x00d\x00\x9b\xffhe", True, "cut off", id="at the end"),
    ],
)
def test_a_part_that_is_no_part_is_refused(
    data: bytes, is_last: bool, problem: str
) -> None:
    with pytest.raises(InflateError, match=problem):
        Deflate(DeflateParameters(), 1_000).inflate_part(data, is_last=is_last)
