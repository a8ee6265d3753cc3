"""The page of two compared runs, in a real browser."""

from pathlib import Path

import pytest
from browser import DESKTOP, PHONE, needs_browser, opened
from tests.unit.report.record_samples import document, points

from gharial.report.comparison import compare
from gharial.report.comparison_html import comparison_page
from gharial.report.fail_on import judge, parse_condition

pytestmark = [pytest.mark.slow, needs_browser]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    before = document(points(30))
    after = document(points(30, seed=2, slower=1.5))
    judged = [
        judge(parse_condition(text), before, after)
        for text in ("ws_req_duration:avg>+5%", "ws_errors:count>+0")
    ]
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(comparison_page(compare(before, after), judged), "utf-8")
    return path


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_page(
    page: Path, scheme: str, size: tuple[int, int]
) -> None:
    with opened(page.as_uri(), size, scheme=scheme, is_offline=True) as found:
        assert found.violations() == []
        assert not found.is_too_wide()
        assert found.errors == []
        assert found.page.locator("td.worse").count() == 5
