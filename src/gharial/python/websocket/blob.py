"""
Immutable bytes with a type, as the File API has them.

Source:
    W3C File API, section 3.
"""

import builtins
from collections.abc import Iterable

from gharial.websocket.scalar_text import to_utf8

_PARTS = (str, bytes, bytearray, memoryview)


class Blob:
    """
    Bytes with a media type.

    Attributes:
        size: The number of bytes.
        type: The media type in lower case, perhaps empty.

    """

    __slots__ = ("_data", "size", "type")

    def __init__(
        self,
        parts: "Iterable[str | builtins.bytes | bytearray | memoryview | Blob]" = (),
        *,
        type: str = "",  # noqa: A002 - the standard's word
    ) -> None:
        """
        Join the parts; strings become UTF-8, and all is copied.

        Raises:
            TypeError: If the parts are one text or one piece of bytes and not several, or
                one of them is neither, or the type is not a string.

        """
        if isinstance(parts, _PARTS) or not isinstance(parts, Iterable):
            raise TypeError(f"the parts of a Blob must be a list, not {parts!r}")
        if not isinstance(type, str):
            raise TypeError(f"the type of a Blob must be a string, not {type!r}")
        self._data: builtins.bytes = b"".join(_bytes_of(part) for part in parts)
        self.size = len(self._data)
        self.type = type.lower() if type.isascii() and type.isprintable() else ""

    def bytes(self) -> builtins.bytes:
        """Return the bytes."""
        return self._data

    def text(self) -> str:
        """Return the bytes read as UTF-8: wrong ones as U+FFFD, no byte order mark."""
        return self._data.decode("utf-8", "replace").removeprefix("\ufeff")

    def slice(
        self, start: int = 0, end: int | None = None, content_type: str = ""
    ) -> "Blob":
        """Return a part; negative positions count from the end."""
        return Blob([self._data[start:end]], type=content_type)

    def __len__(self) -> int:
        return self.size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Blob) and other._data == self._data

    def __hash__(self) -> int:
        return hash(self._data)

    def __repr__(self) -> str:
        return f"<Blob of {self.size} bytes>"


def _bytes_of(part: object) -> bytes:
    if isinstance(part, str):
        return to_utf8(part)
    if isinstance(part, Blob):
        return part._data
    if isinstance(part, (bytes, bytearray, memoryview)):
        return bytes(part)
    raise TypeError(f"a part of a Blob must be a string, bytes or a Blob, not {part!r}")
