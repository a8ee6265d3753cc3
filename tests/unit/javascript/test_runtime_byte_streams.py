"""Byte streams, in cases that any engine of the web can run: byte_stream_cases.js."""

import re
from pathlib import Path

import pytest

CASES = Path(__file__).with_name("byte_stream_cases.js").read_text("utf-8")
NAMES = re.findall(r"^  (\w+): \[", CASES, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_has_the_outcome_of_the_standard(realm, name) -> None:
    realm.run(CASES)
    outcome = realm.awaited(f"cases.{name}[1]().then((value) => JSON.stringify(value))")
    assert outcome == realm.value(f"cases.{name}[0]")
