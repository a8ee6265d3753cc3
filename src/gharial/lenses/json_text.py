"""Decoding JSON just as far as a lens needs it; the rest is skipped, and never built."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from gharial.lenses.lens import UnreadableError

NOTHING = msgspec.Raw()
"""Stands for a member of an object that is not there."""

_Shape = TypeVar("_Shape")


def json_decoder(
    shape: type[_Shape] | Any, protocol: str
) -> Callable[[bytes | msgspec.Raw], Any]:
    """
    Return what decodes JSON into a shape.

    What it returns raises `UnreadableError` for what is not JSON, or has another shape.
    """
    decode = msgspec.json.Decoder(shape, strict=True).decode

    def decoded(text: bytes | msgspec.Raw) -> Any:
        try:
            return decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise UnreadableError(f"a message is not of {protocol}") from None

    return decoded
