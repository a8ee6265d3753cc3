"""
Parses an HTTP/1.1 response piece by piece as it arrives.

Source:
    RFC 9112 sections 2.2, 4, 5 and 6.3; RFC 9110 section 15.2.
"""

import re
from collections.abc import Iterable

from gharial.errors import GharialError
from gharial.header_fields import is_token
from gharial.lazy_pattern import lazy_pattern
from gharial.net.failures import HandshakeResponse

_HEAD_LIMIT_BYTES = 64 * 1024
_BODY_LIMIT_BYTES = 4 * 1024
# A lone line feed ends a line too, as RFC 9112 section 2.2 allows.
_LINE_END = lazy_pattern(r"\r?\n")
_HEAD_END = lazy_pattern(rb"\n\r?\n")
_HEAD_END_MAXIMUM_BYTES = 3
_STATUS_LINE = lazy_pattern(
    r"HTTP/1\.[0-9][ \t\v\f]+([1-9][0-9]{2})(?:[ \t\v\f]+([^\r\0]*))?"
)
# RFC 9110 section 5.5: the other control characters may be kept.
_BAD_VALUE = lazy_pattern(r"[\r\0]")
# A server that goes on sending them is not going to answer.
_INTERIM_MAXIMUM = 100
_TLS_RECORDS = (b"\x15", b"\x16")
_SWITCHING_PROTOCOLS = 101
_WITHOUT_BODY = frozenset({204, 304})


class AnswerError(GharialError):
    """
    The received bytes are not an HTTP/1.1 response.

    Attributes:
        cause: What is wrong with it.
        may_be_tls: Whether a server that waits for TLS would behave so.

    """

    def __init__(self, cause: str, *, may_be_tls: bool = False) -> None:
        super().__init__(cause)
        self.cause = cause
        self.may_be_tls = may_be_tls

    def __str__(self) -> str:
        return self.cause


class ResponseParser:
    """
    Parses a response piece by piece; where it is cut makes no difference.

    ============  ======================================================
    state         ends when
    ============  ======================================================
    head          the empty line was read: ``response`` is set, unless it
                  is an interim answer (1xx other than 101), after which
                  another head follows
    body          4 KiB, or all that was announced, were read, or EOF
    finished      never; what else arrives goes to ``leftover`` after 101
    ============  ======================================================

    Attributes:
        response: The answer, once its header is complete.
        is_finished: Whether everything that we want was read.
        leftover: Bytes that came after the header of a 101.
        head_bytes: Size of the header, with those of interim answers before it.

    """

    __slots__ = (
        "_buffer",
        "_interim",
        "_searched",
        "head_bytes",
        "is_finished",
        "response",
    )

    def __init__(self) -> None:
        self._buffer = b""
        self._interim = 0
        self._searched = 0
        self.response: HandshakeResponse | None = None
        self.is_finished = False
        self.head_bytes = 0

    @property
    def leftover(self) -> bytes:
        """Bytes that came after the header of a 101."""
        response = self.response
        if response is None or response.status != _SWITCHING_PROTOCOLS:
            return b""
        return self._buffer

    @property
    def rest(self) -> bytes:
        """Bytes that came after the header, whatever its status."""
        return self._buffer

    def feed(self, data: bytes) -> None:
        """
        Take the next bytes.

        Raises:
            AnswerError: If this is not an answer of HTTP/1.1.

        """
        self._buffer = self._buffer + data if self._buffer else data
        while self.response is None and self._read_head():
            pass
        if self.response is not None and not self.is_finished:
            self._read_body(at_end=False)

    def end(self) -> None:
        """
        Take note of the end of the stream.

        Raises:
            AnswerError: If the header was not complete.

        """
        if self.response is None:
            if self._buffer or self.head_bytes:
                raise AnswerError(
                    "the server closed the connection in the middle of its answer"
                )
            raise AnswerError(
                "the server closed the connection without an answer (EOF)",
                may_be_tls=True,
            )
        if not self.is_finished:
            self._read_body(at_end=True)

    def _read_head(self) -> bool:
        """Read one head; return whether it was there, and an interim one."""
        buffer = self._buffer
        if buffer[:1] in _TLS_RECORDS:
            raise AnswerError(
                "malformed HTTP response: it is a TLS record", may_be_tls=True
            )
        if not b"HTTP/1.".startswith(buffer[:7]):
            raise AnswerError("malformed HTTP response: it does not begin with HTTP/1")
        # A large header in many pieces must not be searched again from its start.
        searched_from = max(0, self._searched - _HEAD_END_MAXIMUM_BYTES)
        found = _HEAD_END.search(buffer, searched_from)
        end = len(buffer) if found is None else found.end()
        if self.head_bytes + end > _HEAD_LIMIT_BYTES:
            raise AnswerError(
                f"the response's header is larger than {_HEAD_LIMIT_BYTES // 1024} KiB"
            )
        if found is None:
            self._searched = end
            return False
        response = parse_head(buffer[: found.start()])
        self.head_bytes += end
        self._buffer = buffer[end:]
        self._searched = 0
        if response.status < 200 and response.status != _SWITCHING_PROTOCOLS:
            self._interim += 1
            if self._interim > _INTERIM_MAXIMUM:
                raise AnswerError(
                    f"more than {_INTERIM_MAXIMUM} interim responses (1xx)"
                )
            return True
        self.response = response
        self.is_finished = response.status == _SWITCHING_PROTOCOLS
        return False

    def _read_body(self, *, at_end: bool) -> None:
        body, complete = self._body_so_far()
        self.is_finished = at_end or complete or len(body) >= _BODY_LIMIT_BYTES
        if self.is_finished:
            self._keep_body(body)

    def _body_so_far(self) -> tuple[bytes, bool]:
        """Return what has come of the body, and whether that is all."""
        response = self.response
        assert response is not None
        if response.status in _WITHOUT_BODY:
            return b"", True
        codings = header_items(response, "transfer-encoding")
        if codings:
            if codings[-1].lower() == "chunked":
                return _unchunked(self._buffer)
            return self._buffer, False
        lengths = set(header_items(response, "content-length"))
        # Lengths that contradict each other say nothing: the end of TCP says it then.
        if len(lengths) == 1 and re.fullmatch("[0-9]+", text := lengths.pop()):
            length = _BODY_LIMIT_BYTES if len(text.lstrip("0")) > 9 else int(text)
            return self._buffer[:length], len(self._buffer) >= length
        return self._buffer, False

    def take_body(self) -> None:
        """Keep what has arrived of the body, and call it enough."""
        if self.response is not None:
            self.is_finished = True
            self._keep_body(self._body_so_far()[0])

    def _keep_body(self, body: bytes) -> None:
        response = self.response
        assert response is not None
        self.response = HandshakeResponse(
            response.status,
            response.status_text,
            response.headers,
            body[:_BODY_LIMIT_BYTES],
        )


def parse_head(head: bytes) -> HandshakeResponse:
    """
    Read status line and header fields; a folded line is joined with a space.

    Args:
        head: The bytes before the empty line.

    Raises:
        AnswerError: If a line is not as RFC 9112 has it.

    """
    first, *lines = _LINE_END.split(head.decode("latin-1").removesuffix("\r"))
    status = _STATUS_LINE.fullmatch(first)
    if status is None:
        raise AnswerError(f"malformed HTTP status line {first[:80]!r}")
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and headers:
            name, value = headers.pop()
            value = (value + " " + line.strip(" \t")).strip()
            separator = ":"
        else:
            name, separator, value = line.partition(":")
            # Space before the colon is dropped, as RFC 9112 section 5.1 has it for proxies.
            name, value = name.rstrip(" \t"), value.strip(" \t")
        if not separator or not is_token(name) or _BAD_VALUE.search(value):
            raise AnswerError(f"malformed HTTP header line {line[:80]!r}")
        headers.append((name, value))
    return HandshakeResponse(int(status[1]), (status[2] or "").strip(), tuple(headers))


def header_values(response: HandshakeResponse, name: str) -> list[str]:
    """Return the values of all header fields of a (lower-case) name."""
    return [value for key, value in response.headers if key.lower() == name]


def header_items(response: HandshakeResponse, name: str) -> list[str]:
    """Return the items of a header that is a list of comma-separated tokens."""
    return list_items(header_values(response, name))


def list_items(values: Iterable[str]) -> list[str]:
    """Return the items of header fields that are comma-separated lists."""
    items = (item.strip(" \t") for value in values for item in value.split(","))
    return [item for item in items if item]


def _unchunked(data: bytes) -> tuple[bytes, bool]:
    """Return the body so far of a chunked encoding, and whether it is complete."""
    body, position = bytearray(), 0
    while (line_end := data.find(b"\n", position)) >= 0:
        size_text = data[position:line_end].partition(b";")[0].strip()
        if not re.fullmatch(rb"0*[0-9A-Fa-f]{1,8}", size_text):
            return bytes(body), True
        size = int(size_text, 16)
        if size == 0:
            return bytes(body), True
        body += data[line_end + 1 : line_end + 1 + size]
        position = line_end + 1 + size
        position += 2 if data[position : position + 1] == b"\r" else 1
    return bytes(body), False
