import pytest

from gharial.websocket.scalar_text import to_utf8


@pytest.mark.parametrize(
    ("text", "utf8"),
    [
        ("", b""),
        ("é€😀", "é€😀".encode()),
        ("\ud83d\ude00", "😀".encode()),
        ("a\ud800b", "a\ufffdb".encode()),
        ("\ude00\ud83d", "\ufffd\ufffd".encode()),
    ],
)
def test_every_text_has_utf8(text: str, utf8: bytes) -> None:
    assert to_utf8(text) == utf8
