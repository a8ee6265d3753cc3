"""
The Python side of intl_dates.js: time zones.

Source:
    The time zone database, through ``zoneinfo``.
"""

import os
import time
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from gharial.lazy_pattern import lazy_pattern

_LOCALTIME = Path("/etc/localtime")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What English in the United States abbreviates; for others it says GMT+1.
_ABBREVIATIONS = lazy_pattern(r"UTC|(?:E|C|M|P|AK|H)[SD]T")
_AMERICAN = ("America/", "US/", "Pacific/Honolulu")
_NAME = lazy_pattern(r"[A-Za-z][A-Za-z0-9_+/-]*")
_UTC_NAMES = ("utc", "etc/utc", "gmt", "etc/gmt", "etc/uct", "zulu", "etc/zulu")


def time_zone_functions() -> dict[str, Callable[..., Any]]:
    """Return the functions by the names that the runtime calls them by."""
    return {"localZone": local_zone, "zoneName": zone_name, "zoneAt": zone_at}


def local_zone() -> str:
    """Return the name of this machine's time zone; ``UTC`` if it has none."""
    named = zone_name(os.environ.get("TZ", "").removeprefix(":"))
    if named is not None:
        return named
    try:
        target = str(_LOCALTIME.resolve(strict=True))
    except OSError:
        target = ""
    return zone_name(target.rpartition("zoneinfo/")[2]) or _fixed_zone()


def _fixed_zone() -> str:
    """Return a zone of this machine's offset, where its name is not to be found."""
    hours, rest = divmod(-time.timezone, 3600)
    # The signs of these names are the other way round.
    name = f"Etc/GMT{-hours:+d}" if hours and not rest else "UTC"
    return zone_name(name) or "UTC"


@cache
def _names() -> dict[str, str]:
    return {name.lower(): name for name in zoneinfo.available_timezones()}


def zone_name(name: str) -> str | None:
    """Return a zone's name as the database writes it; None if there is no such."""
    lowered = name.lower()
    if lowered in _UTC_NAMES:
        return "UTC"
    if not _NAME.fullmatch(name):
        return None
    try:
        _zone(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        # Perhaps in other letters; to read the names of all takes 30 ms.
        return _names().get(lowered)
    return name


@cache
def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else zoneinfo.ZoneInfo(name)


def zone_at(name: str, epoch_ms: float) -> list[Any]:
    """Return a zone's offset in minutes at an instant, and its abbreviation, or none."""
    # Beyond Python's years the rules are those of their ends.
    bounded_ms = min(max(epoch_ms, -6.2e13), 2.5e14)
    moment = (_EPOCH + timedelta(milliseconds=bounded_ms)).astimezone(_zone(name))
    offset = moment.utcoffset() or timedelta()
    abbreviation = moment.tzname() or ""
    has_one = name == "UTC" or name.startswith(_AMERICAN)
    if not has_one or not _ABBREVIATIONS.fullmatch(abbreviation):
        abbreviation = ""
    return [offset.total_seconds() / 60, abbreviation]
