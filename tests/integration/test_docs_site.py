"""The pages become a site in which every link leads somewhere."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("zensical", reason="pip install --group docs")

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "docs/site.py"
LIMIT_S = 240


@pytest.fixture(scope="module")
def site_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_site", SITE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, str(SITE), str(tmp_path / "site")]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pages = [file.relative_to(ROOT / "docs") for file in (ROOT / "docs").rglob("*.md")]
    for page in pages:
        name = "index" if page.stem == "README" else page.stem
        assert (tmp_path / "site" / page.with_name(f"{name}.html")).is_file(), page
    searched = json.loads((tmp_path / "site/search.json").read_text("utf-8"))
    found = [each for each in searched["items"] if "ws_req_duration" in each["text"]]
    assert any("metrics" in each["location"] for each in found)


def test_links_that_lead_nowhere_are_found(
    site_module: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here">1</a> <a href="b.html#gone">2</a> <a href="c.html">3</a>'
        '<img src="none.png"> <a href="https://example.com/none">4</a> <a href="#top">5</a>'
    )
    (tmp_path / "b.html").write_text('<h2 id="here">b</h2>')
    assert site_module.broken_links(tmp_path) == [
        "a.html: #top",
        "a.html: b.html#gone",
        "a.html: c.html",
        "a.html: none.png",
    ]


def test_pages_that_no_list_names_are_found(
    site_module: ModuleType, tmp_path: Path
) -> None:
    for folder in ("tutorial", "how-to/extend", "reference", "explanation"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "how-to/README.md").write_text("[a](a.md) [c](extend/c.md)")
    for name in ("index", "how-to/a", "how-to/b", "how-to/extend/c", "reference/d"):
        (tmp_path / f"{name}.md").write_text("# A page")
    assert site_module.pages_left_out(tmp_path) == ["how-to/b.md"]
