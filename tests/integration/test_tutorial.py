"""The tutorial's and the README's scripts run as they stand, save for the port."""

import json
import re
from pathlib import Path

import pytest
from program import gharial
from servers import serving_echo

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = (ROOT / "docs/tutorial/first-test.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")

SCRIPTS = {
    f"tutorial's {name}": (name, body)
    for name, body in re.findall(
        r"<!-- tested: (\S+) -->\n```\w+\n(.*?)```", TUTORIAL, re.DOTALL
    )
} | {
    f"README's {language}": (
        f"echo.{language}",
        re.search(rf"`echo\.{language}`:\n\n```\w+\n(.*?)```", README, re.DOTALL)[1],  # type: ignore[index]
    )
    for language in ("js", "py")
}

pytestmark = pytest.mark.slow


def test_all_of_them_are_found() -> None:
    assert len(SCRIPTS) == 4


@pytest.mark.parametrize("key", sorted(SCRIPTS))
def test_a_script_of_the_docs_runs(key: str, tmp_path: Path) -> None:
    name, body = SCRIPTS[key]
    summary = tmp_path / "summary.json"
    with serving_echo() as server:
        assert "ws://127.0.0.1:9001/" in body
        (tmp_path / name).write_text(
            body.replace("ws://127.0.0.1:9001/", server.url), "utf-8"
        )
        run = gharial(
            *("run", "--quiet", "--vus", "2", "--duration", "1s"),
            *(f"--summary-export={summary}", str(tmp_path / name)),
        )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""
    metrics = json.loads(summary.read_text())["metrics"]
    assert metrics["checks"]["passes"] > 0
    assert metrics["checks"]["fails"] == 0
