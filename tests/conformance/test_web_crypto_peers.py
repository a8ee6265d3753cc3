"""Keys, signatures and ciphertexts of `crypto.subtle` pass between Gharial and Node.js."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from script_runs import javascript, run

SOURCE = (Path(__file__).parent / "web_crypto_peers.js").read_text("utf-8")
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NODE is None, reason="Node.js is not installed"),
]


def by_node(folder: Path, expression: str) -> str:
    script = folder / "peer.mjs"
    script.write_text(
        f"{SOURCE}\nconsole.log(JSON.stringify(await {expression}));", "utf-8"
    )
    assert NODE is not None
    ran = subprocess.run(
        [NODE, "--no-warnings", "--experimental-global-webcrypto", str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return ran.stdout


def by_us(folder: Path, expression: str) -> str:
    source = (
        f"{SOURCE}\nexport default async function () {{ "
        f"console.log(JSON.stringify(await {expression})); }}"
    )
    ran = run(javascript(folder, source))
    assert ran.errors == []
    [line] = ran.console
    return line


@pytest.mark.parametrize(
    ("maker", "checker"),
    [
        pytest.param(by_us, by_node, id="Node.js reads what we make"),
        pytest.param(by_node, by_us, id="we read what Node.js makes"),
    ],
)
def test_two_engines_understand_each_other(tmp_path, maker, checker) -> None:
    made = maker(tmp_path, "make()")
    seen = json.loads(checker(tmp_path, f"check({made})"))
    assert len(seen) == 42
    assert [line for line in seen if not line.endswith(" true")] == []
