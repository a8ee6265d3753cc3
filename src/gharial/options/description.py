"""What options there are, in words: made from the records that check them."""

import inspect
import re
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticUndefined

from gharial.options.model import Options
from gharial.options.sources import environment_name
from gharial.options.values import OptionRecord
from gharial.timing import format_duration


@dataclass(frozen=True, slots=True)
class OptionDescription:
    """
    One option, for people.

    Attributes:
        name: As scripts write it.
        default: As users would write it; empty if there is none.
        environment: Its environment variable; empty if it has none.
        meaning: What it is, in one sentence.

    """

    name: str
    default: str
    environment: str
    meaning: str


def described_options() -> tuple[OptionDescription, ...]:
    """Return all options of a run, in the order of the reference."""
    return described_fields(Options)


def described_fields(record: type[OptionRecord]) -> tuple[OptionDescription, ...]:
    """Return the fields of a record of options."""
    meanings: dict[str, str] = {}
    for base in reversed(record.__mro__):
        meanings |= _attribute_texts(base)
    return tuple(
        OptionDescription(
            name=str(field.alias),
            default=_default(attribute, field.get_default(call_default_factory=True)),
            environment=environment_name(str(field.alias)),
            meaning=meanings.get(attribute, ""),
        )
        for attribute, field in record.model_fields.items()
    )


def _attribute_texts(record: type) -> dict[str, str]:
    """Return the texts of the section Attributes of a class's docstring."""
    text = inspect.getdoc(record) or ""
    section = re.search(r"Attributes:\n(.*?)(?:\n\n|\Z)", text, re.DOTALL)
    found = re.findall(
        r"^    (\w+): (.*?)(?=^    \w+: |\Z)",
        section[1] + "\n" if section else "",
        re.DOTALL | re.MULTILINE,
    )
    return {name: " ".join(meaning.split()) for name, meaning in found}


def _default(attribute: str, value: Any) -> str:
    """Return a default as users would write it."""
    if value is None or value is PydanticUndefined or value == () or value == {}:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, (int, float)) and attribute.endswith("_s"):
        return format_duration(value)
    return str(value) if isinstance(value, (int, float, str)) else ""
