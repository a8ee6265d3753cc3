"""Sub-metrics: ``name{tag:value,...}`` stands for the series that carry these tags."""

from gharial.errors import ConfigurationError
from gharial.lazy_dataclass import dataclass
from gharial.metrics.tags import TagSet

_QUOTES = "\"'"


class SelectorSyntaxError(ConfigurationError):
    """
    A sub-metric cannot be read.

    Attributes:
        text: What the user wrote.
        column: Index of the first character not understood, from 0.
        expected: What would have been accepted there.

    """

    def __init__(self, text: str, column: int, expected: str) -> None:
        super().__init__(f"metric {text!r}, column {column + 1}: expected {expected}")
        self.args = (text, column, expected)
        self.text = text
        self.column = column
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Selector:
    """
    A choice among the series of one metric.

    Attributes:
        text: As the user wrote it.
        metric: The metric's name.
        tags: Tags that a series must have with exactly these values; empty for all.

    """

    text: str
    metric: str
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """The tags as the summary shows them: ``{ scenario:chat }``; empty for all."""
        if not self.tags:
            return ""
        return "{ " + ", ".join(f"{key}:{value}" for key, value in self.tags) + " }"

    def matches(self, tags: TagSet) -> bool:
        """Tell whether a series belongs to the choice; empty matches a missing tag, too."""
        return all((tags.get(key) or "") == value for key, value in self.tags)


def parse_selector(text: str) -> Selector:
    """
    Read a metric's name with or without tags in braces.

    Quotes around names and values are left out; in quotes, a value may hold commas.

    Raises:
        SelectorSyntaxError: If the braces or what is in them cannot be read.

    Source:
        k6 v2.2, ``metrics/metric.go``.

    """
    opening = text.find("{")
    if opening < 0:
        if "}" in text:
            raise SelectorSyntaxError(text, text.index("}"), "no '}' without a '{'")
        return Selector(text, text.strip())
    name = text[:opening].strip()
    if not name:
        raise SelectorSyntaxError(text, 0, "a metric's name before the braces")
    end = len(text.rstrip()) - 1
    if text[end] != "}":
        raise SelectorSyntaxError(text, end + 1, "'}' as the last character")
    tags = []
    for start, stop in _parts(text, opening + 1, end):
        colon = text.find(":", start, stop)
        if colon < 0:
            raise SelectorSyntaxError(text, start, "tag:value")
        key = _bare(text[start:colon])
        if not key:
            raise SelectorSyntaxError(text, start, "a tag's name before ':'")
        tags.append((key, _bare(text[colon + 1 : stop])))
    return Selector(text, name, tuple(tags))


def _parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where each part between commas begins and ends."""
    parts = []
    quote = ""
    for position in range(start, end):
        character = text[position]
        # An apostrophe within a value is no quote: one opens only where a value or a
        # name can begin.
        opens = character in _QUOTES and text[:position].rstrip()[-1:] in "{,:"
        if quote:
            quote = "" if character == quote else quote
        elif opens and character in text[position + 1 : end]:
            quote = character
        elif character == ",":
            parts.append((start, position))
            start = position + 1
    parts.append((start, end))
    return parts


def _bare(text: str) -> str:
    stripped = text.strip()
    if len(stripped) >= 2 and stripped[0] in _QUOTES and stripped[-1] == stripped[0]:
        return stripped[1:-1]
    return stripped
