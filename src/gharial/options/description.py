"""What options there are, in words: made from the records that check them."""

import inspect
import re
from dataclasses import MISSING
from typing import Any

from gharial.lazy_dataclass import dataclass
from gharial.options.records import OptionRecord, default_of, fields_of
from gharial.options.rows import OPTION_ROWS
from gharial.options.values import format_size
from gharial.timing import format_duration


@dataclass(frozen=True, slots=True)
class OptionDescription:
    """
    One option, for people.

    Attributes:
        name: As scripts write it.
        default: As users would write it; empty if there is none.
        meaning: What it is.
        environment: Its environment variable; empty if it has none.
        flag: Its long flag; empty if it has none.
        group: The heading that it stands under.
        in_k6: Whether k6 has it as well.

    """

    name: str
    default: str
    meaning: str
    environment: str = ""
    flag: str = ""
    group: str = ""
    in_k6: bool = True


def described_options() -> tuple[OptionDescription, ...]:
    """Return all options of a run, in the order of the reference."""
    return tuple(
        OptionDescription(
            name=row.name,
            default=_default(row.attribute, row.default),
            meaning=f"{row.info.summary} {row.info.details}".strip(),
            environment=next(iter(row.variables), ""),
            flag=row.info.flag,
            group=row.info.group,
            in_k6=row.info.in_k6,
        )
        for row in OPTION_ROWS.values()
    )


def described_fields(record: type[OptionRecord]) -> tuple[OptionDescription, ...]:
    """Return the fields of a record of options, with what its docstring says of them."""
    meanings: dict[str, str] = {}
    for base in reversed(record.__mro__):
        meanings |= _attribute_texts(base)
    return tuple(
        OptionDescription(
            name=name,
            default=_default(field.name, default_of(field)),
            meaning=meanings.get(field.name, ""),
        )
        for name, field in fields_of(record).items()
    )


def _attribute_texts(record: type) -> dict[str, str]:
    """Return the entries of the section Attributes of a class's docstring."""
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
    if value is None or value is MISSING or value == () or value == {}:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, (int, float)) and attribute.endswith("_s"):
        return format_duration(value)
    if isinstance(value, int) and attribute.endswith("_bytes"):
        return format_size(value)
    return str(value) if isinstance(value, (int, float, str)) else ""
