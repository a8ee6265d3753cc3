"""Lengths that are written 7 bits a byte, the lowest first; the last byte is below 128."""

from gharial.lenses.lens import UnreadableError


def read_length(
    stream: bytes, at: int, *, protocol: str, maximum_bytes: int
) -> tuple[int | None, int]:
    """
    Return a length, None if it is not all there, and where it ends.

    Args:
        stream: What it is in.
        at: Where it begins.
        protocol: What the stream is of, for people.
        maximum_bytes: As many bytes it may take.

    Raises:
        UnreadableError: If it takes more.

    """
    length = 0
    for place in range(maximum_bytes):
        if at + place >= len(stream):
            return None, at
        byte = stream[at + place]
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return length, at + place + 1
    raise UnreadableError(
        f"a length of {protocol} is longer than {maximum_bytes} bytes"
    )
