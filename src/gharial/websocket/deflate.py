"""
permessage-deflate, for whole messages and for fragmented ones.

Source:
    RFC 7692 section 7.2.
"""

import zlib

from gharial.errors import GharialError
from gharial.websocket.extensions import DeflateParameters

_TAIL = b"\x00\x00\xff\xff"
# A stored block of no bytes, from its header on.
_EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"
_LAST_BLOCK = b"\x01\x00\x00\xff\xff"
# Blocks of zlib's have at least some thousand symbols.
_ONE_BLOCK_BYTES = 4_096


class InflateError(GharialError):
    """
    A compressed message cannot be inflated.

    Attributes:
        problem: Why.
        is_too_big: Whether its content is larger than the limit.

    """

    def __init__(self, problem: str, *, is_too_big: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.is_too_big = is_too_big

    def __str__(self) -> str:
        return self.problem


class Deflate:
    """Both directions of one connection's compression."""

    __slots__ = (
        "_deflater",
        "_inflated_bytes",
        "_inflater",
        "_limit_bytes",
        "_parameters",
    )

    def __init__(self, parameters: DeflateParameters, limit_bytes: int) -> None:
        self._parameters = parameters
        self._limit_bytes = limit_bytes
        self._inflater: zlib._Decompress | None = None
        self._deflater: zlib._Compress | None = None
        # Of the message whose fragments are coming.
        self._inflated_bytes = 0

    def compress(self, payload: bytes) -> bytes:
        """Return a message's payload, compressed."""
        parameters = self._parameters
        deflater = self._deflater
        if deflater is None:
            bits = parameters.client_max_window_bits
            # zlib makes no raw streams with a window of 8 bits. Stored blocks refer to
            # nothing before them, so they fit into any window.
            deflater = zlib.compressobj(
                parameters.level if bits > 8 else zlib.Z_NO_COMPRESSION,
                wbits=-max(9, bits),
            )
            if not parameters.client_no_context_takeover:
                self._deflater = deflater
        compressed = deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH)
        return compressed[:-4] if compressed.endswith(_TAIL) else compressed

    def inflate(self, payload: bytes) -> bytes:
        """
        Return a message's content.

        Raises:
            InflateError: If the payload is not deflated data, or its content is larger
                than the limit. No more than the limit is inflated.

        """
        inflater = self._inflater
        if inflater is None:
            inflater = self._new_inflater()
            if not self._parameters.server_no_context_takeover:
                self._inflater = inflater
        limit = self._limit_bytes
        try:
            content = inflater.decompress(payload + _TAIL, limit + 1)
            # A message that is cut off leaves the inflater in the middle of a block, where
            # an empty block is none: it is content, or damage, but for tables of codes
            # and some chances. To look closer costs as much as to inflate a small message
            # (6 us). So that is done only where a block may have just begun, or where
            # the message does not end with zero bits, as those are that begin a stored
            # block and fill its first byte.
            if inflater.eof or len(content) > limit:
                is_whole = True
            elif 0 < len(content) < _ONE_BLOCK_BYTES and payload[-1:] < b" ":
                is_whole = not inflater.decompress(_EMPTY_BLOCK, 1)
            else:
                is_whole = _is_between_blocks(inflater)
        except zlib.error as error:
            raise _damaged(error) from None
        if not is_whole:
            raise _cut_off()
        if len(content) > limit:
            raise _too_big(limit)
        if inflater.eof and not self._parameters.server_no_context_takeover:
            # A final block ends the stream; the next message begins a new one.
            self._inflater = None
        return content

    def inflate_part(self, part: bytes, *, is_last: bool) -> bytes:
        """
        Return the content of one fragment, as far as it can be told without the next.

        Args:
            part: The payload of a fragment; all of a message are given, in order.
            is_last: Whether the message ends with it.

        Raises:
            InflateError: As in :meth:`inflate`, at the first fragment that shows it.

        """
        inflater = self._inflater
        if inflater is None:
            inflater = self._inflater = self._new_inflater()
        limit = self._limit_bytes
        content, is_whole = b"", True
        try:
            # What follows a final block counts for nothing, as in a whole message; zlib
            # would keep it, and copy it with each fragment.
            if not inflater.eof:
                content = inflater.decompress(part, limit - self._inflated_bytes + 1)
            self._inflated_bytes += len(content)
            if self._inflated_bytes > limit:
                raise _too_big(limit)
            if is_last and not inflater.eof:
                is_whole = not inflater.decompress(_TAIL, 1) and (
                    inflater.eof or _is_between_blocks(inflater)
                )
        except zlib.error as error:
            raise _damaged(error) from None
        if not is_whole:
            raise _cut_off()
        if is_last:
            self._inflated_bytes = 0
            if inflater.eof or self._parameters.server_no_context_takeover:
                self._inflater = None
        return content

    def _new_inflater(self) -> "zlib._Decompress":
        return zlib.decompressobj(
            wbits=-max(9, self._parameters.server_max_window_bits)
        )


def _is_between_blocks(inflater: "zlib._Decompress") -> bool:
    copied = inflater.copy()
    return not copied.decompress(_LAST_BLOCK, 1) and copied.eof


def _damaged(error: zlib.error) -> InflateError:
    return InflateError(f"the compressed message is damaged: {error}")


def _cut_off() -> InflateError:
    return InflateError("the compressed message is cut off")


def _too_big(limit_bytes: int) -> InflateError:
    return InflateError(
        f"the inflated message is larger than {limit_bytes} bytes", is_too_big=True
    )
