"""Makes the names in a report safe to print."""

import dataclasses
import enum
from typing import Any, TypeVar

from gharial.harmless import harmless_line

_Report = TypeVar("_Report")


def cleaned(report: _Report) -> _Report:
    """Return a record of records and texts, with control characters in all texts shown."""
    return _cleaned(report)  # type: ignore[no-any-return]


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, enum.Enum) else harmless_line(value)
    if type(value) is tuple:
        return tuple(map(_cleaned, value))
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    before = {
        each.name: getattr(value, each.name)
        for each in dataclasses.fields(value)
        if each.init
    }
    after = {name: _cleaned(each) for name, each in before.items()}
    changed = {name: each for name, each in after.items() if each is not before[name]}
    # Tuples are new ones each time: what holds the same is as good as the old one.
    changed = {name: each for name, each in changed.items() if each != before[name]}
    return dataclasses.replace(value, **changed) if changed else value
