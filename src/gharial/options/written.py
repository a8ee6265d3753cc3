"""Options as variables and flags write them: strings, read into what scripts write."""

import json
from collections.abc import Mapping
from typing import Any


def read_plain(value: Any) -> Any:
    """
    Return a list from JSON, anything else as it is.

    Raises:
        ValueError: If it begins like a list in JSON, and is none.

    """
    return read_json(value) if _begins_with(value, "[") else value


def read_record(value: Any) -> Any:
    """
    Return an object or a list from JSON, anything else as it is.

    Raises:
        ValueError: If it begins like JSON, and is none.

    """
    return read_json(value) if _begins_with(value, "{[") else value


def read_json(value: Any) -> Any:
    """
    Return what a string holds as JSON.

    Raises:
        ValueError: If it is none.

    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{value!r} is not valid JSON ({error.msg}, column {error.colno})"
        ) from None
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None


def read_pairs(value: Any) -> Any:
    """
    Return a map from ``name=value``, separated by commas, or from JSON.

    A repeated flag has one pair each time, whose value may hold commas.

    Raises:
        ValueError: If it has another form.

    """
    if isinstance(value, (list, tuple)):
        return _pairs([str(part) for part in value])
    if isinstance(value, Mapping):
        return dict(value)
    if _begins_with(value, "{["):
        return read_json(value)
    return _pairs(str(value).split(","))


def read_hosts(value: Any) -> Any:
    """
    Return a map of hosts, as `read_pairs` does; no address holds a comma.

    Raises:
        ValueError: If it has another form.

    """
    if isinstance(value, (list, tuple)):
        return _pairs([part for text in value for part in str(text).split(",")])
    return read_pairs(value)


def read_stages(value: Any) -> Any:
    """
    Return stages from ``duration:target``, separated by commas, or from JSON.

    Raises:
        ValueError: If it has another form.

    """
    if _begins_with(value, "{["):
        return read_json(value)
    parts = value if isinstance(value, (list, tuple)) else [str(value)]
    if not all(isinstance(part, str) for part in parts):
        return value
    stages = []
    for stage in (stage for part in parts for stage in part.split(",")):
        duration, colon, target = stage.strip().partition(":")
        if not colon:
            raise ValueError(
                f"{stage!r} is not of the form duration:target, for example '10s:20'"
            )
        stages.append({"duration": duration, "target": target})
    return stages


def _begins_with(value: Any, characters: str) -> bool:
    return isinstance(value, str) and value.lstrip()[:1] in tuple(characters)


def _pairs(parts: list[str]) -> dict[str, str]:
    pairs = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"{part!r} is not of the form name=value")
        pairs[name.strip()] = value.strip()
    return pairs
