import subprocess
import sys

import pytest

from gharial.process.build import IS_POSIX_COMPILED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not IS_POSIX_COMPILED, reason="it is not compiled here"),
]
LIMIT_S = 240.0


def left(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that may be left with 7 after half a second."""
    prelude = (
        "from gharial.process import native_calls\n"
        "assert native_calls.allow(7)\n"
        "native_calls.limit(0.25, grace_s=0.25)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", prelude + code],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def test_a_call_that_does_not_return_is_left_and_its_place_said() -> None:
    done = left("def default():\n    sum(range(10**12))\ndefault()")
    assert done.returncode == 7
    assert "a call in the script does not return" in done.stderr
    assert 'File "<string>", line 5 in default' in done.stderr


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            "import time\nend = time.process_time() + 1.5\n"
            "while time.process_time() < end: pass",
            id="computes and lets others run",
        ),
        pytest.param("import time\ntime.sleep(1.5)", id="waits"),
    ],
)
def test_code_that_lets_others_run_is_not_left(code: str) -> None:
    done = left(f"{code}\nprint('done')")
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
