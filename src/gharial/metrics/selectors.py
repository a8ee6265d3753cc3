"""Sub-metrics: the part of a metric whose tags have certain values."""

from dataclasses import dataclass

from gharial.errors import ConfigurationError
from gharial.metrics.tags import TagSet


class SelectorSyntaxError(ConfigurationError):
    """
    A text does not name a metric or a part of one.

    Attributes:
        text: What the user wrote.
        expected: What would have been right.

    """

    def __init__(self, text: str, expected: str) -> None:
        super().__init__(f"{text!r}: {expected}")
        self.args = (text, expected)


@dataclass(frozen=True, slots=True)
class Selector:
    """
    A metric's name and the tags that its series must have.

    Attributes:
        text: As the user wrote it.
        metric: The metric's name.
        tags: Name and value pairs; all must match exactly.

    """

    text: str
    metric: str
    tags: tuple[tuple[str, str], ...] = ()

    def matches(self, tags: TagSet) -> bool:
        """Return whether all tags are there; an empty value matches a missing tag."""
        return all((tags.get(name) or "") == value for name, value in self.tags)


def parse_selector(text: str) -> Selector:
    """
    Return what ``name`` or ``name{tag:value,tag2:value2}`` selects.

    Raises:
        SelectorSyntaxError: If the text is neither.

    Source:
        k6 v2.2, ``metrics/metric.go``: quotes around names and values are stripped.

    """
    name, brace, rest = text.partition("{")
    name = name.strip()
    if not brace:
        if "}" in text or not name:
            raise SelectorSyntaxError(
                text, "expected a metric's name, or name{tag:value}"
            )
        return Selector(text, name)
    if not rest.rstrip().endswith("}") or not name:
        raise SelectorSyntaxError(text, "expected name{tag:value}, ending with a brace")
    body = rest.rstrip()[:-1].strip()
    tags = []
    for part in body.split(",") if body else []:
        tag, colon, value = part.partition(":")
        if not colon or not _bare(tag):
            raise SelectorSyntaxError(
                text, f"expected tag:value between the braces, found {part.strip()!r}"
            )
        tags.append((_bare(tag), _bare(value)))
    return Selector(text, name, tuple(tags))


def _bare(text: str) -> str:
    stripped = text.strip()
    if len(stripped) >= 2 and stripped[0] == stripped[-1] and stripped[0] in "\"'":
        return stripped[1:-1]
    return stripped
