"""
The Streams standard, as a script sees it.

Node.js 20 gives the same, but for a few cases where it departs from Web IDL.
"""

from pathlib import Path

import pytest
from javascript_cases import Case, cases_in, values_given

HERE = Path(__file__).parent
FILES = [HERE / f"streams_{name}.js" for name in ("readable", "writable", "pipes")]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the cases give."""
    values: dict[str, object] = {}
    for path in FILES:
        values |= values_given(path, tmp_path_factory.mktemp(path.stem))
    return values


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case.name) for path in FILES for case in cases_in(path)],
)
def test_streams_are_as_the_standard_has_them(
    given: dict[str, object], case: Case
) -> None:
    assert given[case.name] == case.expected
