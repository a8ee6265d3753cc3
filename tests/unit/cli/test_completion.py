import shutil
import subprocess
from pathlib import Path

import pytest

from gharial.cli.completion import words
from gharial.cli.completion_scripts import SHELLS, completion_script
from gharial.cli.main import gharial

WORDS = words(gharial)


@pytest.mark.parametrize("shell", SHELLS)
def test_all_commands_and_flags_are_in_it_and_none_that_is_hidden(shell: str) -> None:
    script = completion_script(shell, WORDS, describe=True)
    for found in WORDS.values():
        for word in found:
            for name in word.names:
                is_short = shell == "fish" and word.is_flag
                assert (name.lstrip("-") if is_short else name) in script
    assert "no-usage-report" not in script
    assert "Total number of iterations" in script or shell == "bash"
    plain = completion_script(shell, WORDS, describe=False)
    assert "Total number of iterations" not in plain
    assert len(plain) <= len(script)


BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_gharial; printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("line", "completed"),
    [
        (["gharial", "re"], {"report", "resume"}),
        (["gharial", "run", "--log"], {"--log-format", "--log-output"}),
        (["gharial", "run", "--log-format", ""], {"text", "json", "raw"}),
        (["gharial", "run", "--log-format", "=", "r"], {"raw"}),
        (["gharial", "run", "--log-format", "="], {"text", "json", "raw"}),
        (["gharial", "run", "--no-data", "p"], {"pass"}),
        (["gharial", "run", "-q", "x.js", "--dash"], {"--dashboard"}),
        (["gharial", "serve", "ec"], {"echo"}),
        (["gharial", "serve", "echo", "--po"], {"--port"}),
        (["gharial", "completion", ""], set(SHELLS)),
        # The shell itself completes files then.
        (["gharial", "run", ""], set()),
        (["gharial", "run", "--config", ""], set()),
    ],
)
def test_bash_completes(line: list[str], completed: set[str], tmp_path: Path) -> None:
    script = tmp_path / "gharial.bash"
    script.write_text(completion_script("bash", WORDS, describe=True))
    ran = subprocess.run(
        ["bash", "-c", BASH, "bash", str(script), *line],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stderr == ""
    assert set(ran.stdout.split()) == completed


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_reads_the_script(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    script = tmp_path / "script"
    script.write_text(completion_script(shell, WORDS, describe=True))
    subprocess.run([shell, "-n", str(script)], timeout=60, check=True)
