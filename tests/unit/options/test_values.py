from dataclasses import field
from datetime import timedelta
from typing import Any

import pytest

from gharial.options.names import alias_of, folded
from gharial.options.records import InvalidRecordError, OptionRecord
from gharial.options.values import Duration, Size, TextList, TextMap


class Example(OptionRecord):
    wait_s: Duration = 1.0
    max_vus: int = 1
    size_limit: Size = 1
    listed: TextList = ()
    texts: TextMap = field(default_factory=dict)


@pytest.mark.parametrize(
    ("attribute", "alias"),
    [
        ("vus", "vus"),
        ("max_duration_s", "maxDuration"),
        ("pre_allocated_vus", "preAllocatedVUs"),
        ("insecure_skip_tls_verify", "insecureSkipTLSVerify"),
    ],
)
def test_aliases(attribute: str, alias: str) -> None:
    assert alias_of(attribute) == alias
    assert folded(attribute.removesuffix("_s")) == folded(alias)


@pytest.mark.parametrize(
    ("data", "attribute", "value"),
    [
        ({"wait": "1m30s"}, "wait_s", 90.0),
        ({"wait": 1500}, "wait_s", 1.5),
        ({"wait": timedelta(seconds=2)}, "wait_s", 2.0),
        ({"wait": None}, "wait_s", 1.0),
        ({"maxVUs": 3}, "max_vus", 3),
        ({"max_vus": 3}, "max_vus", 3),
        ({"maxVus": 3}, "max_vus", 3),
        ({"sizeLimit": 3}, "size_limit", 3),
        ({"sizeLimit": "3"}, "size_limit", 3),
        ({"sizeLimit": "1.5 KiB"}, "size_limit", 1536),
        ({"sizeLimit": "2MB"}, "size_limit", 2_000_000),
        ({"listed": "a, b,"}, "listed", ("a", "b")),
        ({"listed": ["a,b"]}, "listed", ("a,b",)),
        (
            {"texts": {"a": 1, "b": 2.0, "c": 2.5, "d": True}},
            "texts",
            {"a": "1", "b": "2", "c": "2.5", "d": "true"},
        ),
    ],
)
def test_values_are_read(data: dict[str, Any], attribute: str, value: Any) -> None:
    assert getattr(Example.read(data), attribute) == value


@pytest.mark.parametrize(
    "data",
    [
        {"wait": "-1s"},
        {"wait": True},
        {"wait": {}},
        {"wait": float("inf")},
        {"sizeLimit": "2 XB"},
        {"sizeLimit": 0},
        {"sizeLimit": False},
        {"waits": 1},
        5,
    ],
)
def test_other_values_are_errors(data: Any) -> None:
    with pytest.raises(InvalidRecordError):
        Example.read(data)


def test_durations_are_shown_as_text_in_json() -> None:
    record = Example.read({"wait": 90_000})
    assert record.as_data()["wait"] == "1m30s"
    assert record.wait_s == 90.0
