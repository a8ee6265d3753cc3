"""
The Python side of compression_streams.js.

Source:
    Compression standard, sections "Compression Stream" and "Decompression Stream"; RFC
    1950 (deflate), 1951 (deflate-raw) and 1952 (gzip).
"""

import zlib
from collections.abc import Callable
from typing import Any

from gharial.engine.port import JsContext
from gharial.javascript.web_platform import Buffer

# What zlib calls each format.
_WINDOWS = {"deflate": 15, "deflate-raw": -15, "gzip": 31}
# So much comes out at once at most: a few bytes may stand for gigabytes.
PIECE_BYTES = 256 * 1024

Step = tuple[str | None, bytes, bool]


class Compressor:
    """Compresses one stream."""

    def __init__(self, format_name: str) -> None:
        self._state = zlib.compressobj(wbits=_WINDOWS[format_name])

    def push(self, data: bytes, *, is_last: bool) -> Step:
        """Return what came of some data: no problem, bytes, and nothing more."""
        made = self._state.compress(data)
        return None, made + self._state.flush() if is_last else made, False


class Decompressor:
    """Decompresses one stream."""

    def __init__(self, format_name: str) -> None:
        self._name = format_name
        self._state = zlib.decompressobj(wbits=_WINDOWS[format_name])

    def push(self, data: bytes, *, is_last: bool) -> Step:
        """
        Return what came of some data.

        Returns:
            What is wrong, if anything; the bytes; and whether there are more of them, for
            which it is to be called again without data.

        """
        try:
            made = self._state.decompress(
                self._state.unconsumed_tail + data, PIECE_BYTES
            )
        except zlib.error as error:
            return f"the data is not valid {self._name}: {error}", b"", False
        if self._state.unused_data or (self._state.eof and data and not made):
            return f"data follows the end of the {self._name}", made, False
        has_more = bool(self._state.unconsumed_tail) or len(made) == PIECE_BYTES
        if is_last and not has_more and not self._state.eof:
            return f"the {self._name} is cut off", made, False
        return None, made, has_more and not self._state.eof


def compression_functions(context: JsContext) -> dict[str, Callable[..., Any]]:
    """Return the functions by the names that the runtime calls them by."""

    def make(format_name: str, is_compression: object) -> Any:
        chosen = Compressor if is_compression else Decompressor
        return context.embed(chosen(format_name))

    def push(
        state: Compressor | Decompressor, data: Buffer, is_last: object
    ) -> list[Any]:
        return list(state.push(data.to_bytes(), is_last=bool(is_last)))

    return {"zlibMake": make, "zlibPush": push}
