from datetime import UTC, datetime

import pytest

from gharial.javascript import time_zones
from gharial.javascript.time_zones import local_zone, zone_at, zone_name


def ms(*moment: int) -> float:
    return datetime(*moment, tzinfo=UTC).timestamp() * 1000  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/BERLIN", "Europe/Berlin"),
        ("utc", "UTC"),
        ("Etc/UTC", "UTC"),
        ("GMT", "UTC"),
        ("Mars/Base", None),
        ("Europe", None),
        ("../../etc/passwd", None),
        ("/etc/localtime", None),
        ("", None),
    ],
)
def test_a_zone_has_the_name_that_the_database_gives_it(given, name) -> None:
    assert zone_name(given) == name


@pytest.mark.parametrize(
    ("name", "moment", "offset", "abbreviation"),
    [
        ("UTC", (2024, 1, 1), 0, "UTC"),
        ("Europe/Berlin", (2024, 1, 1), 60, ""),
        ("Europe/Berlin", (2024, 7, 1), 120, ""),
        ("America/New_York", (2024, 1, 1), -300, "EST"),
        ("America/New_York", (2024, 7, 1), -240, "EDT"),
        ("America/Sao_Paulo", (2024, 1, 1), -180, ""),
        ("Asia/Kolkata", (2024, 1, 1), 330, ""),
    ],
)
def test_a_zone_has_an_offset_at_each_instant(
    name, moment, offset, abbreviation
) -> None:
    assert zone_at(name, ms(*moment)) == [offset, abbreviation]


@pytest.mark.parametrize("epoch_ms", [-8.64e15, 8.64e15])
def test_instants_beyond_the_years_of_python_have_an_offset(epoch_ms) -> None:
    assert zone_at("UTC", epoch_ms) == [0, "UTC"]
    assert isinstance(zone_at("Europe/Berlin", epoch_ms)[0], float)


@pytest.mark.parametrize(
    ("given", "name"),
    [("Asia/Tokyo", "Asia/Tokyo"), (":Asia/Tokyo", "Asia/Tokyo"), ("UTC0", None)],
)
def test_the_environment_may_name_the_zone(monkeypatch, given, name) -> None:
    monkeypatch.setenv("TZ", given)
    if name is None:
        assert zone_name(local_zone()) == local_zone()
    else:
        assert local_zone() == name


def test_a_machine_without_a_named_zone_has_one_of_its_offset(
    monkeypatch, tmp_path
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.setattr(time_zones, "_LOCALTIME", tmp_path / "missing")
    monkeypatch.setattr(time_zones.time, "timezone", -3600)
    assert local_zone() == "Etc/GMT-1"
    monkeypatch.setattr(time_zones.time, "timezone", -5400)
    assert local_zone() == "UTC"
