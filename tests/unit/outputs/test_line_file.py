import gzip
import re

import pytest

from gharial.outputs import line_file as line_file_module
from gharial.outputs.base import OutputError, writes_to_stdout
from gharial.outputs.catalog import make_outputs
from gharial.outputs.line_file import LineFile


def test_lines_replace_what_the_file_held(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old\n")
    file = LineFile("json", str(path))
    file.open()
    file.add(["one\n", "zwölf\n"])
    file.flush()
    assert path.read_text(encoding="utf-8") == "one\nzwölf\n"
    file.add(["two\n"])
    file.close()
    assert path.read_text(encoding="utf-8") == "one\nzwölf\ntwo\n"


def test_a_compressed_file_can_be_read_before_its_end(tmp_path):
    path = tmp_path / "a.json.gz"
    file = LineFile("json", str(path))
    file.open()
    file.add(["one\n"] * 1000)
    file.flush()
    with gzip.open(path) as half:
        assert half.read(4000) == b"one\n" * 1000
    file.add(["two\n"])
    file.close()
    assert gzip.decompress(path.read_bytes()) == b"one\n" * 1000 + b"two\n"


def test_many_lines_are_written_and_a_rest_is_taken_between(tmp_path, monkeypatch):
    rests = []
    monkeypatch.setattr(line_file_module.time, "sleep", rests.append)
    monkeypatch.setattr(line_file_module, "LINES_AT_ONCE", 10)
    file = LineFile("json", str(tmp_path / "a"))
    file.open()
    for _ in range(25):
        file.add(["x\n"])
    assert rests == [line_file_module.NAP_S] * 2
    file.close()
    assert (tmp_path / "a").read_text() == "x\n" * 25


def test_half_a_surrogate_pair_becomes_its_escape(tmp_path):
    file = LineFile("json", str(tmp_path / "a"))
    file.open()
    file.add(['"\ud800"\n'])
    file.close()
    assert (tmp_path / "a").read_bytes() == b'"\\ud800"\n'


@pytest.mark.parametrize("path", ["", "-"])
def test_the_standard_output_stays_open_and_keeps_the_order(path, capsysbinary):
    print("header")
    file = LineFile("json", path)
    file.open()
    file.add(["line\n"])
    file.close()
    print("summary")
    assert capsysbinary.readouterr().out == b"header\nline\nsummary\n"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing/a.json", "No such file or directory"),
        ("missing/a.json.gz", "No such file or directory"),
        (".", "Is a directory"),
        ("a\0b", "embedded null byte"),
    ],
)
def test_a_file_that_cannot_be_written_is_named(path, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    message = f"^--out csv: cannot write {re.escape(repr(path))}: {reason}$"
    with pytest.raises(OutputError, match=message):
        LineFile("csv", path).open()


def test_a_file_that_was_never_opened_can_be_closed(tmp_path):
    LineFile("json", str(tmp_path / "a")).close()
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("wanted", "is_shared"),
    [
        ("json", True),
        ("json=-", True),
        # As in k6, it is file.csv.
        ("csv", False),
        ("csv=-", True),
        ("json=out.json", False),
        ("csv=out.csv.gz", False),
        ("junit=out.xml", False),
    ],
)
def test_an_output_says_whether_it_writes_to_the_standard_output(
    wanted: str, is_shared: bool
) -> None:
    [output] = make_outputs([wanted], {}).values()
    assert writes_to_stdout(output) is is_shared
