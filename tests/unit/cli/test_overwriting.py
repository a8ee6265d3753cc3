from pathlib import Path

import pytest

from gharial.cli.overwriting import files_of_outputs, refuse_overwriting
from gharial.errors import ConfigurationError


def test_other_files_are_good_targets(tmp_path: Path) -> None:
    script = tmp_path / "s.js"
    script.touch()
    targets = (("--report", str(tmp_path / "a")), ("--save", None), ("--save", ""))
    refuse_overwriting(targets, (script, None))


@pytest.mark.parametrize("written", ["s.js", "./s.js", "link.js", "../{}/s.js"])
def test_what_is_read_is_not_overwritten(
    tmp_path: Path, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.js").touch()
    Path("link.js").symlink_to("s.js")
    written = written.format(tmp_path.name)
    with pytest.raises(
        ConfigurationError, match=r"--report: .* is an input of this command"
    ):
        refuse_overwriting((("--report", written),), ("s.js",))


def test_two_do_not_write_one_file(tmp_path: Path) -> None:
    path = str(tmp_path / "a")
    with pytest.raises(ConfigurationError, match="--report and --out json both write"):
        refuse_overwriting((("--report", path), ("--out json", path)), ())
    refuse_overwriting((("--report", "/dev/null"), ("--save", "/dev/null")), ())


def test_outputs_are_asked_for_their_files() -> None:
    outputs = (
        "json=a.json",
        "csv=timeFormat=unix,fileName=b.csv",
        "json",
        "json=-",
        "influxdb=http://h:8086/k6",
    )
    assert list(files_of_outputs(outputs)) == [
        ("--out json", "a.json"),
        ("--out csv", "b.csv"),
    ]
