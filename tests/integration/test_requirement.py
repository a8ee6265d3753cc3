"""The script that Gharial was asked to run, byte for byte, against the chat server."""

import json
import re
from pathlib import Path

import pytest
from program import gharial
from servers import serving_chat

SCRIPT = Path(__file__).resolve().parents[3] / "shared/reference/requirement-example.js"
# With this seed the script draws a session of 5.5 s; others last up to a minute.
SEED = 237

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not SCRIPT.exists(),
        reason="the requirement's script is not beside the checkout",
    ),
]


def test_the_script_runs_unmodified(tmp_path: Path) -> None:
    summary = tmp_path / "summary.json"
    with serving_chat("test-api.k6.io") as server:
        run = gharial(
            *("run", "--quiet", "--no-color", "--log-format=raw"),
            *(f"--random-seed={SEED}", "--insecure-skip-tls-verify"),
            *("--hosts", f"test-api.k6.io=127.0.0.1:{server.port}"),
            *(f"--summary-export={summary}", str(SCRIPT)),
        )
    assert run.returncode == 0, run.stderr
    lines = run.stderr.splitlines()
    for worker in range(4):
        assert f"VU 1:{worker}: disconnected" in lines
        left = rf"VU 1:{worker}: \d+ms passed, leaving the chat"
        assert any(re.fullmatch(left, line) for line in lines)
    # The seed still draws the short session that keeps this test short.
    passed = [re.search(r"(\d+)ms passed", line) for line in lines]
    assert all(int(match[1]) < 20_000 for match in passed if match)
    said = re.compile(r"VU 1:\d received: Croc 1:\d says: I'm saying [a-z]{5}")
    assert any(said.fullmatch(line) for line in lines)
    assert lines.count("Closing the socket forcefully 3s after graceful LEAVE") == 4
    metrics = json.loads(summary.read_text())["metrics"]
    assert metrics["ws_sessions"]["count"] == 4
    assert metrics["iterations"]["count"] == 1
    assert "ws_errors" not in metrics
