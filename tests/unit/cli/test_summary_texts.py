from pathlib import Path
from typing import Any

import pytest

from gharial.cli.screen import Screen
from gharial.cli.summary_texts import write_texts


@pytest.fixture
def screen() -> Screen:
    return Screen(None, None, color=False, width=None)  # type: ignore[arg-type]


def test_a_target_that_cannot_be_written_costs_no_other(
    screen: Screen, tmp_path: Path, capfd: Any
) -> None:
    missing, text, raw = (str(tmp_path / name) for name in ("no/a", "b", "c"))
    problems = write_texts(
        {
            missing: "A",
            "nul\0": "x",
            text: "é\ud800",
            raw: b"\xff",
            "stderr": "said\n",
            "stdout": "shown",
        },
        screen,
    )
    assert Path(text).read_text("utf-8") == "é?"
    assert Path(raw).read_bytes() == b"\xff"
    assert tuple(capfd.readouterr()) == ("shown", "said\n")
    assert len(problems) == 2
    assert f"{missing!r}: No such file or directory" in problems[0]
    assert "null" in problems[1]
