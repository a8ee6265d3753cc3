"""
Strings as UTF-8, lone surrogates included.

Source:
    Web IDL, USVString: a lone surrogate stands for U+FFFD.
"""


def to_utf8(text: str) -> bytes:
    """Return a text's UTF-8; lone surrogates become U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Pairs of surrogates are characters; only what is alone is replaced.
        return (
            text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        )
