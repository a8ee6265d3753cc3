"""
The classes that browsers give to scripts: streams, events, URLs, text, clones, timers.

Each file holds the cases of one part of it. Node.js 20 gives the same values, but for a few
cases in which it departs from Web IDL or DOM.
"""

from pathlib import Path

import pytest
from javascript_cases import Case, cases_in, values_given

HERE = Path(__file__).parent
FILES = [
    HERE / f"{name}.js"
    for name in (
        "events",
        "interfaces",
        "intl",
        "storage",
        "streams_and_messages",
        "streams_pipes",
        "streams_readable",
        "streams_writable",
        "web_crypto",
        "web_platform",
    )
]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], object]:
    """What the cases give, by file and name."""
    return {
        (path.stem, name): value
        for path in FILES
        for name, value in values_given(path, tmp_path_factory.mktemp("cases")).items()
    }


@pytest.mark.parametrize(
    ("part", "case"),
    [
        pytest.param(path.stem, case, id=f"{path.stem}: {case.name}")
        for path in FILES
        for case in cases_in(path)
    ],
)
def test_the_web_platform_is_as_its_standards_have_it(
    given: dict[tuple[str, str], object], part: str, case: Case
) -> None:
    assert given[part, case.name] == case.expected
