"""
The part of the web platform that runs on this side of the engine.

Functions that the runtime's files call through ``gharial.host``. They take and return
plain values only, and return errors as values: what Python raises would reach a script
as an InternalError without a cause.
"""

import json
import os
import uuid
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import quote_plus, unquote_to_bytes

import ada_url

from gharial.javascript import text_encodings
from gharial.net.url import has_broken_name, standard_url


class Buffer(Protocol):
    """An ArrayBuffer or a view of one, as it arrives from the engine."""

    def to_bytes(self) -> bytes:
        """Return a copy of what it shows."""
        ...


# In the order that url.js knows them in.
_URL_PARTS = (
    "href",
    "origin",
    "protocol",
    "username",
    "password",
    "host",
    "hostname",
    "port",
    "pathname",
    "search",
    "hash",
)


def web_platform_functions() -> dict[str, Callable[..., Any]]:
    """Return the functions by the names that the runtime calls them by."""
    return {
        "decode": decode,
        "encodingName": text_encodings.encoding_name,
        "formParse": form_parse,
        "formSerialize": form_serialize,
        "randomBytes": random_bytes,
        "randomUuid": random_uuid,
        "urlParse": url_parse,
        "urlSet": url_set,
        "utf8Decode": utf8_decode,
        "utf8Encode": utf8_encode,
        "utf8Length": utf8_length,
    }


# -- Text ---------------------------------------------------------------------------


def utf8_encode(text: str) -> bytes:
    """Return the UTF-8 of a string that has no lone surrogates."""
    return text.encode("utf-8", "surrogatepass")


def utf8_length(text: str) -> int:
    """Return how many bytes the UTF-8 of a string takes, lone surrogates as U+FFFD."""
    return len(text.encode("utf-8", "surrogatepass"))


def utf8_decode(data: Buffer) -> str:
    """Return the text of bytes: wrong ones as U+FFFD, without a byte order mark."""
    text = data.to_bytes().decode("utf-8", "replace")
    return text.removeprefix("\ufeff")


def decode(
    encoding: str,
    data: Buffer,
    state: list[Any] | None,
    *options: object,
) -> list[Any] | None:
    """
    Decode one piece of a text.

    Args:
        encoding: The standard's name of the encoding.
        data: The bytes.
        state: What the call for the piece before returned; None for the first.
        options: Whether this is the last piece, whether wrong bytes are an error, and
            whether a byte order mark is kept.

    Returns:
        The text and the state for the next piece; None if bytes were wrong and that is
        an error.

    """
    is_final, is_fatal, keeps_mark = (bool(option) for option in options)
    decoder = text_encodings.decoder(encoding, is_fatal=is_fatal)
    is_mark_past = keeps_mark or not encoding.startswith("utf-")
    if state is not None:
        pending, flags, is_mark_past = _plain(state)
        decoder.setstate((bytes.fromhex(pending), int(flags)))
    try:
        text = decoder.decode(data.to_bytes(), is_final)
    except UnicodeDecodeError:
        return None
    if text and not is_mark_past:
        text = text.removeprefix("\ufeff")
        is_mark_past = True
    rest, after = decoder.getstate()
    # Text and digits: numbers beyond 2^53 and empty buffers would not come back whole.
    return [text, [rest.hex(), str(after), is_mark_past]]


def _plain(value: Any) -> Any:
    """Return a list that was handed to the engine and came back."""
    return value.to_python() if hasattr(value, "to_python") else value


# -- URLs ---------------------------------------------------------------------------


def url_parse(url: str, base: str | None) -> list[str] | None:
    """Return the parts of a URL; None if it is none."""
    try:
        parsed = standard_url(url, base)
    except ValueError:
        return None
    return [getattr(parsed, part) for part in _URL_PARTS]


def url_set(href: str, part: str, value: str) -> list[str] | None:
    """Return the parts of a URL with one of them changed; None if it cannot be so."""
    try:
        parsed = ada_url.URL(href)
        setattr(parsed, part, value)
    except ValueError:
        return None
    if has_broken_name(parsed):
        return None
    return [getattr(parsed, part) for part in _URL_PARTS]


def form_parse(text: str) -> list[list[str]]:
    """
    Return the pairs of name and value in a query.

    Source:
        URL standard, section 5.1.
    """
    pairs = []
    for piece in text.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append([_form_text(name), _form_text(value)])
    return pairs


def _form_text(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")


def form_serialize(pairs_json: str) -> str:
    """
    Return the query for pairs of name and value.

    Source:
        URL standard, section 5.2.
    """
    return "&".join(
        f"{_form_quoted(name)}={_form_quoted(value)}"
        for name, value in json.loads(pairs_json)
    )


def _form_quoted(text: str) -> str:
    return quote_plus(text, safe="*").replace("~", "%7E")


# -- Randomness ---------------------------------------------------------------------


def random_bytes(count: float) -> bytes:
    """Return cryptographically random bytes."""
    return os.urandom(int(count))


def random_uuid() -> str:
    """Return a random UUID, version 4."""
    return str(uuid.uuid4())
