"""The rows of all options, with what follows from them."""

from collections.abc import Mapping
from typing import Any, get_args

from gharial.lazy_dataclass import dataclass
from gharial.options.info import Group, OptionInfo
from gharial.options.model import Options
from gharial.options.names import folded, without_unit
from gharial.options.records import default_of, fields_of


@dataclass(frozen=True, slots=True)
class OptionRow:
    """
    An option.

    Attributes:
        name: As scripts write it: ``closeTimeout``.
        attribute: Its field of `Options`: ``close_timeout_s``.
        default: Its value where nobody sets it.
        info: All that is said of it.

    """

    name: str
    attribute: str
    default: Any
    info: OptionInfo

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that set it, the first one to be told of."""
        names = self.info.variables
        if names is None:
            names = (without_unit(self.attribute).upper(),)
        return tuple(
            f"{prefix}_{name}" for prefix in ("GHARIAL", "K6") for name in names
        )


def _rows() -> Mapping[str, OptionRow]:
    rows = []
    for name, field in fields_of(Options).items():
        (info,) = (
            each for each in get_args(field.type) if isinstance(each, OptionInfo)
        )
        rows.append(OptionRow(name, field.name, default_of(field), info))
    groups = list(Group)
    rows.sort(key=lambda row: groups.index(row.info.group))
    return {row.name: row for row in rows}


OPTION_ROWS = _rows()
"""All options by name, in the order of the reference."""

_NAMES = {folded(name): name for name in OPTION_ROWS}


def option_name(written: str) -> str:
    """Return an option's name in k6's spelling, or the string as it is if there is none."""
    return _NAMES.get(folded(written), written)
