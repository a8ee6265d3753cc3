"""Every example runs, against the servers that come with Gharial."""

import json
from pathlib import Path
from typing import Any

import pytest
from program import gharial
from servers import serving_chat, serving_echo

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CHAT = ("chat.js", "chat.py")
NAMES = sorted(path.name for path in EXAMPLES.glob("*.[jp][sy]"))

pytestmark = pytest.mark.slow


def run_example(name: str, url: str, folder: Path, *flags: str) -> dict[str, Any]:
    """Run one to its end; return the metrics of its summary."""
    summary = folder / "summary.json"
    run = gharial(
        *("run", "--quiet", "--log-format=raw", "-e", f"URL={url}"),
        *("-e", "SESSION_MS=1000", "-e", "DURATION=1s", *flags),
        *(f"--summary-export={summary}", str(EXAMPLES / name)),
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "rror" not in run.stderr, run.stderr
    metrics: dict[str, Any] = json.loads(summary.read_text())["metrics"]
    return metrics


def test_each_example_exists_in_both_languages() -> None:
    stems = {Path(name).stem for name in NAMES}
    assert len(NAMES) == 2 * len(stems) > 0


@pytest.mark.parametrize("name", [name for name in NAMES if name not in CHAT])
def test_an_example_runs_against_the_echo_server(name: str, tmp_path: Path) -> None:
    with serving_echo() as server:
        metrics = run_example(name, server.url, tmp_path)
    assert metrics["ws_sessions"]["count"] == server.connections > 0
    assert metrics["iterations"]["count"] > 0
    assert "ws_errors" not in metrics


@pytest.mark.parametrize("name", CHAT)
def test_an_example_chats(name: str, tmp_path: Path) -> None:
    with serving_chat() as server:
        url = server.url.partition("/ws/")[0] + "/"
        metrics = run_example(name, url, tmp_path, "--insecure-skip-tls-verify")
    assert metrics["ws_sessions"]["count"] == 12
    assert metrics["heard"]["count"] > 12
