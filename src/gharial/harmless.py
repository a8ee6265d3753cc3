"""
Makes strings from servers and scripts safe to print, store and send.

A terminal obeys escape sequences, also those in a server's close reason; directional
marks show a text in another order than it has; a runner of GitHub Actions obeys lines
that begin with two colons; and half of a surrogate pair, which JavaScript's strings may
hold, cannot be written as UTF-8 at all.

Source:
    Unicode Standard Annex 9, 2.1 to 2.5 (directional formatting characters); ECMA-48,
    5.3 (C1 controls); GitHub's documentation, "Workflow commands for GitHub Actions".
"""

import re
from typing import Any, Final

from gharial.lazy_pattern import lazy_pattern

_SURROGATES: Final = lazy_pattern("[\ud800-\udfff]")
_CONTROLS: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
)
_HARMFUL: Final = lazy_pattern(f"[{_CONTROLS}\ud800-\udfff]")
_HARMFUL_IN_A_LINE: Final = lazy_pattern(f"[{_CONTROLS}\t\n\ud800-\udfff]")
_COMMAND: Final = lazy_pattern(r"^([ \t]*)(:(?=:)|#(?=#\[))", re.MULTILINE)
_SHORT: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
# Colours are our own, and those of a script's summary.
_UNLESS_COLOR: Final = lazy_pattern(f"(\x1b\\[[0-9;]*m)|[{_CONTROLS}\ud800-\udfff]")


def whole(text: str) -> str:
    """Return a text that can be written as UTF-8: what is half a pair becomes U+FFFD."""
    if text.isascii() or _SURROGATES.search(text) is None:
        return text
    # Pairs of surrogates are characters; only what is alone is replaced.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def whole_data(value: Any) -> Any:
    """Return data as of JSON in which all texts are whole."""
    match value:
        case str():
            return whole(value)
        case dict():
            return {whole_data(key): whole_data(each) for key, each in value.items()}
        case list():
            return [whole_data(each) for each in value]
        case _:
            return value


def harmless(text: str) -> str:
    """Return a text of any number of lines in which control characters are shown."""
    if "::" in text or "##[" in text:
        text = _COMMAND.sub(_shown_command, text)
    if text.isascii() and text.isprintable():
        return text
    return _HARMFUL.sub(_shown, text)


def harmless_line(text: str) -> str:
    """Return a name, or what else belongs into one line, with control characters shown."""
    if text.isascii() and text.isprintable():
        return text
    return _HARMFUL_IN_A_LINE.sub(_shown, text)


def harmless_but_colored(text: str) -> str:
    """Return a text in which control characters are shown, but for those that colour."""
    return _UNLESS_COLOR.sub(lambda match: match[1] or _shown(match), text)


def harmless_json(text: str) -> str:
    """Return JSON in which control characters are escaped as JSON has it."""
    if text.isascii():
        return text
    return _HARMFUL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    if character in _SHORT:
        return _SHORT[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _shown_command(match: re.Match[str]) -> str:
    return f"{match[1]}\\x{ord(match[2]):02x}"
