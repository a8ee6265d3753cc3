"""
permessage-deflate on whole messages.

Source:
    RFC 7692 section 7.2.
"""

import zlib

from gharial.errors import GharialError
from gharial.websocket.model import DeflateParameters

_TAIL = b"\x00\x00\xff\xff"
# A stored block of no bytes, from its header on.
_EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"


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

    __slots__ = ("_deflater", "_inflater", "_limit_bytes", "_parameters")

    def __init__(self, parameters: DeflateParameters, limit_bytes: int) -> None:
        self._parameters = parameters
        self._limit_bytes = limit_bytes
        self._inflater: zlib._Decompress | None = None
        self._deflater: zlib._Compress | None = None

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
            inflater = zlib.decompressobj(
                wbits=-max(9, self._parameters.server_max_window_bits)
            )
            if not self._parameters.server_no_context_takeover:
                self._inflater = inflater
        limit = self._limit_bytes
        try:
            content = inflater.decompress(payload + _TAIL, limit + 1)
            # A message that is cut off leaves the inflater in the middle of a block, where
            # an empty block is none.
            is_whole = (
                inflater.eof
                or len(content) > limit
                or not inflater.decompress(_EMPTY_BLOCK, 1)
            )
        except zlib.error as error:
            raise InflateError(f"the compressed message is damaged: {error}") from None
        if not is_whole:
            raise InflateError("the compressed message is cut off")
        if len(content) > limit:
            raise InflateError(
                f"the inflated message is larger than {limit} bytes", is_too_big=True
            )
        if inflater.eof and not self._parameters.server_no_context_takeover:
            # A final block ends the stream; the next message begins a new one.
            self._inflater = None
        return content
