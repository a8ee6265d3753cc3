import gzip
import re
import zlib

import pytest

from gharial.javascript.compression import PIECE_BYTES, Compressor, Decompressor


def test_a_piece_is_never_larger_than_the_bound_and_all_pieces_come() -> None:
    state = Decompressor("gzip")
    problem, made, has_more = state.push(gzip.compress(bytes(10**6)), is_last=False)
    sizes = [len(made)]
    while has_more:
        problem, made, has_more = state.push(b"", is_last=False)
        sizes.append(len(made))
    assert (problem, sum(sizes), max(sizes)) == (None, 10**6, PIECE_BYTES)
    assert state.push(b"", is_last=True) == (None, b"", False)


def test_what_fills_a_piece_exactly_is_whole() -> None:
    state = Decompressor("deflate")
    problem, made, has_more = state.push(
        zlib.compress(bytes(PIECE_BYTES)), is_last=False
    )
    while has_more:
        problem, more, has_more = state.push(b"", is_last=True)
        made += more
    assert (problem, made) == (None, bytes(PIECE_BYTES))


@pytest.mark.parametrize(
    ("pieces", "problem"),
    [
        ([b"abc"], "the data is not valid deflate: .*"),
        ([zlib.compress(b"abc") + b"x"], "data follows the end of the deflate"),
        ([zlib.compress(b"abc"), b"x"], "data follows the end of the deflate"),
        ([zlib.compress(b"abc")[:-1]], "the deflate is cut off"),
        ([], "the deflate is cut off"),
        ([zlib.compress(b""), b"x"], "data follows the end of the deflate"),
    ],
)
def test_what_is_not_one_whole_stream_is_reported(pieces, problem) -> None:
    state = Decompressor("deflate")
    found = [state.push(piece, is_last=False)[0] for piece in pieces]
    found.append(state.push(b"", is_last=True)[0])
    [first, *_] = [one for one in found if one is not None]
    assert re.fullmatch(problem, first)


@pytest.mark.parametrize("name", ["gzip", "deflate", "deflate-raw"])
def test_what_is_compressed_comes_back(name) -> None:
    compressor = Compressor(name)
    packed = b"".join(
        compressor.push(piece, is_last=last)[1]
        for piece, last in [(b"ab", False), (b"c", False), (b"", True)]
    )
    state = Decompressor(name)
    assert state.push(packed, is_last=False)[:2] == (None, b"abc")
    assert state.push(b"", is_last=True)[0] is None
