"""What the docs say of tests in pytest is true, and the example passes."""

import re
import shutil
from pathlib import Path

import pytest
from safety_net import LIMIT_S

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/how-to/test-in-pytest.md").read_text("utf-8")
FILES = dict(re.findall(r"<!-- tested: (\S+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL))
STRICT = ("-W", "error", "--strict-markers", "-p", "no:cacheprovider")


def test_the_tests_of_the_docs_pass(pytester: pytest.Pytester) -> None:
    for name, body in FILES.items():
        (pytester.path / name).write_text(body, "utf-8")
    assert len(FILES) == 4
    pytester.runpytest_subprocess(*STRICT, timeout=LIMIT_S).assert_outcomes(passed=3)


def test_the_example_passes(pytester: pytest.Pytester) -> None:
    examples = pytester.path / "examples"
    shutil.copytree(ROOT / "examples", examples)
    result = pytester.runpytest_subprocess(
        *STRICT, str(examples / "in_pytest"), timeout=LIMIT_S
    )
    result.assert_outcomes(passed=4)
