import uuid

import pytest

from gharial.javascript import web_platform


class Bytes:
    """Stands for an ArrayBuffer of the engine."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def to_bytes(self) -> bytes:
        return self.data


def test_every_function_has_the_name_that_the_runtime_calls() -> None:
    functions = web_platform.web_platform_functions()
    assert functions["urlParse"] is web_platform.url_parse
    assert all(callable(function) for function in functions.values())


def test_the_parts_of_a_url_are_in_order() -> None:
    assert web_platform.url_parse("wss://u:p@h:81/a?q#f", None) == [
        *["wss://u:p@h:81/a?q#f", "wss://h:81", "wss:", "u", "p"],
        *["h:81", "h", "81", "/a", "?q", "#f"],
    ]


@pytest.mark.parametrize(
    ("url", "base", "href"),
    [
        ("a", "ws://h/b", "ws://h/a"),
        ("a", None, None),
        ("a", "b", None),
        ("ws://h", None, "ws://h/"),
    ],
)
def test_a_url_is_relative_to_its_base(url, base, href) -> None:
    parts = web_platform.url_parse(url, base)
    assert (parts and parts[0]) == href


@pytest.mark.parametrize(
    ("part", "value", "href"),
    [("port", "82", "ws://h:82/"), ("href", "nonsense", None)],
)
def test_a_part_of_a_url_is_set(part, value, href) -> None:
    parts = web_platform.url_set("ws://h/", part, value)
    assert (parts and parts[0]) == href


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", []),
        ("a=1&b", [["a", "1"], ["b", ""]]),
        ("a=%C3%A9+%2B", [["a", "é +"]]),
        ("%ff=%", [["\ufffd", "%"]]),
        ("é=ü", [["é", "ü"]]),
    ],
)
def test_a_form_is_parsed(text, pairs) -> None:
    assert web_platform.form_parse(text) == pairs


def test_a_form_is_serialized() -> None:
    pairs = '[["a b", "1&2"], ["\\u00e9", "*-._~"]]'
    assert web_platform.form_serialize(pairs) == "a+b=1%262&%C3%A9=*-._%7E"


def test_text_becomes_bytes_and_text_again() -> None:
    assert web_platform.utf8_encode("é\0") == b"\xc3\xa9\0"
    assert web_platform.utf8_decode(Bytes(b"\xef\xbb\xbfa\xff")) == "a\ufffd"


@pytest.mark.parametrize(
    ("text", "length"), [("", 0), ("aé€", 6), ("\U0001f600", 4), ("\ud800", 3)]
)
def test_the_length_of_text_in_utf_8(text, length) -> None:
    assert web_platform.utf8_length(text) == length


def test_a_text_is_decoded_piece_by_piece() -> None:
    first = web_platform.decode("utf-8", Bytes(b"a\xe2"), None, False, False, False)
    assert first is not None
    text, state = first
    assert text == "a"
    second = web_platform.decode("utf-8", Bytes(b"\x82\xac"), state, True, False, False)
    assert second is not None
    assert second[0] == "€"


@pytest.mark.parametrize(("is_fatal", "text"), [(False, "\ufffd"), (True, None)])
def test_wrong_bytes(is_fatal, text) -> None:
    decoded = web_platform.decode("utf-8", Bytes(b"\xff"), None, True, is_fatal, False)
    assert (decoded and decoded[0]) == text


def test_random_bytes_have_the_length_that_was_asked_for() -> None:
    assert len(web_platform.random_bytes(16.0)) == 16


def test_a_random_uuid_is_of_version_4() -> None:
    assert uuid.UUID(web_platform.random_uuid()).version == 4
