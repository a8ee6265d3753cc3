"""The kinds of values that options have, and the base of every record of options."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)

from gharial.timing import DurationError, format_duration, parse_duration

# Names that are not simply snake_case turned into camelCase.
_IRREGULAR = {
    "blacklist_ips": "blacklistIPs",
    "insecure_skip_tls_verify": "insecureSkipTLSVerify",
    "local_ips": "localIPs",
    "max_vus": "maxVUs",
    "no_vu_connection_reuse": "noVUConnectionReuse",
    "pre_allocated_vus": "preAllocatedVUs",
    "start_vus": "startVUs",
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|kib|mib|gib)?", re.IGNORECASE)
_SIZES_BYTES = {
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}


def without_unit(attribute: str) -> str:
    """Return an attribute's name without the unit at its end: ``max_duration``."""
    return re.sub("_(s|bytes)$", "", attribute)


def camel_case(name: str) -> str:
    """Return a name in snake_case as k6 writes it: ``maxVUs``."""
    first, *rest = name.split("_")
    return _IRREGULAR.get(name, first + "".join(part.capitalize() for part in rest))


def alias_of(attribute: str) -> str:
    """Return the name that users write for an attribute: ``maxDuration``."""
    return camel_case(without_unit(attribute))


def folded(name: str) -> str:
    """Return what all spellings of a name have in common: case and ``_ -`` are left out."""
    return name.replace("_", "").replace("-", "").lower()


class OptionRecord(BaseModel):
    """A frozen record; names in camelCase or snake_case, unknown ones are errors."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=alias_of,
        arbitrary_types_allowed=True,
    )

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names that users write, in the order of the fields."""
        return tuple(str(field.alias) for field in cls.model_fields.values())

    @model_validator(mode="before")
    @classmethod
    def _accept_spellings_and_null(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        aliases = {folded(name): name for name in cls.names()}
        # As in k6, null is the same as nothing said.
        return {
            aliases.get(folded(str(name)), str(name)): value
            for name, value in data.items()
            if value is not None
        }


def _seconds(value: Any) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if not isinstance(value, (str, int, float)):
        raise ValueError(str(DurationError(value)))
    try:
        seconds = parse_duration(value)
    except DurationError as error:
        raise ValueError(str(error)) from None
    if not math.isfinite(seconds):
        raise ValueError(str(DurationError(value)))
    return seconds


def at_least(minimum_s: float) -> AfterValidator:
    """Return a check that a duration is not below ``minimum_s``."""

    def check(value: float) -> float:
        if value < minimum_s:
            raise ValueError(
                f"must be at least {format_duration(minimum_s)}, "
                f"not {format_duration(value)}"
            )
        return value

    return AfterValidator(check)


def _whole(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not a whole number")
    return value


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    return value


def _text_map(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _text(inner) for key, inner in value.items()}
    return value


def _text_list(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _bytes(value: Any) -> Any:
    if isinstance(value, (bool, int)) or (
        isinstance(value, float) and math.isfinite(value)
    ):
        return _whole(value)
    match = _SIZE.fullmatch(str(value).strip())
    if match is None:
        raise ValueError(
            f"{value!r} is not a valid size; write a number of bytes or for example '64MiB'"
        )
    size_bytes = float(match[1]) * _SIZES_BYTES[(match[2] or "b").lower()]
    if not math.isfinite(size_bytes):
        raise ValueError("is larger than any memory")
    return int(size_bytes)


def format_size(size_bytes: int) -> str:
    """Return a size as users write it: ``64MiB``, or a number of bytes."""
    for unit in ("GiB", "MiB", "KiB"):
        count, rest = divmod(size_bytes, _SIZES_BYTES[unit.lower()])
        if count and not rest:
            return f"{count}{unit}"
    return str(size_bytes)


def checked(check: Callable[[str], object]) -> AfterValidator:
    """Return a check of each string of a list, or each key of a map, by ``check``."""

    def check_all(values: Any) -> Any:
        for value in values:
            check(value)
        return values

    return AfterValidator(check_all)


_AS_TEXT = PlainSerializer(format_duration, return_type=str, when_used="json")

AnyDuration = Annotated[float, BeforeValidator(_seconds), _AS_TEXT]
Duration = Annotated[AnyDuration, at_least(0.0)]
PositiveDuration = Annotated[Duration, at_least(0.001)]
RunDuration = Annotated[AnyDuration, at_least(1.0)]
Count = Annotated[int, BeforeValidator(_whole)]
Natural = Annotated[Count, Field(ge=0)]
Positive = Annotated[Count, Field(ge=1)]
Size = Annotated[int, BeforeValidator(_bytes), Field(ge=1)]
TextMap = Annotated[dict[str, str], BeforeValidator(_text_map)]
TextList = Annotated[tuple[str, ...], BeforeValidator(_text_list)]
