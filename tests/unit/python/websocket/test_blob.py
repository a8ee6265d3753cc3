from typing import Any

import pytest

from gharial.python.websocket.blob import Blob


def test_parts_are_joined_and_copied() -> None:
    part = bytearray(b"b")
    blob = Blob(["a€", part, memoryview(b"xcx")[1:2], Blob([b"d"])], type="Text/Plain")
    part[0] = 0
    assert blob.bytes() == "a€bcd".encode()
    assert (blob.size, len(blob), blob.type) == (7, 7, "text/plain")
    assert blob.text() == "a€bcd"


def test_a_type_that_is_no_ascii_is_dropped() -> None:
    assert Blob(type="grün").type == ""


def test_slices_count_from_either_end() -> None:
    blob = Blob([b"abcdef"])
    assert blob.slice(1, 3).bytes() == b"bc"
    assert blob.slice(-2).bytes() == b"ef"
    assert blob.slice(0, -4, "a/b").type == "a/b"


def test_blobs_with_the_same_bytes_are_equal() -> None:
    assert Blob([b"a"]) == Blob(["a"])
    assert hash(Blob([b"a"])) == hash(Blob(["a"]))
    assert Blob([b"a"]) != b"a"
    assert repr(Blob([b"ab"])) == "<Blob of 2 bytes>"


def test_lone_surrogates_become_replacement_characters() -> None:
    assert Blob(["a\ud800"]).text() == "a\ufffd"


def test_numbers_are_no_parts() -> None:
    with pytest.raises(TypeError, match="not 5"):
        Blob([5])  # type: ignore[list-item]


@pytest.mark.parametrize("parts", ["text", b"bytes", bytearray(1), memoryview(b"x")])
def test_parts_come_in_a_list(parts: Any) -> None:
    with pytest.raises(TypeError, match="the parts of a Blob must be a list"):
        Blob(parts)


def test_a_byte_order_mark_is_no_text() -> None:
    assert Blob([b"\xef\xbb\xbfa"]).text() == "a"
