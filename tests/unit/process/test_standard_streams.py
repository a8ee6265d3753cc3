import errno
import io
import os
from pathlib import Path

import pytest

from gharial.process.standard_streams import EnduringStream, failure_of, unfiltered


def stream_to(path: Path | str) -> EnduringStream:
    return EnduringStream(open(path, "wb"), encoding="utf-8", errors="replace")  # noqa: PTH123


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_remembered_not_raised() -> None:
    stream = stream_to("/dev/full")
    stream.write("x" * 100_000)
    stream.flush()
    stream.write("more")
    stream.close()
    failure = failure_of(stream)
    assert failure is not None
    assert failure.errno == errno.ENOSPC


def test_a_reader_that_has_gone_is_no_failure() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = EnduringStream(open(writer, "wb"), encoding="utf-8")  # noqa: PTH123, SIM115
    stream.write("x")
    stream.flush()
    stream.close()
    assert failure_of(stream) is None


def test_only_a_terminal_is_spared_control_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = stream_to(tmp_path / "out")
    stream.write("\x1b[2J")
    monkeypatch.setattr(EnduringStream, "isatty", lambda self: True)
    stream.write("\x1b[2J\x1b[31mred")
    unfiltered(stream).write("\x1b[1A")
    stream.close()
    assert (tmp_path / "out").read_bytes() == b"\x1b[2J\\x1b[2J\x1b[31mred\x1b[1A"


def test_other_streams_are_left_alone() -> None:
    plain = io.StringIO()
    assert unfiltered(plain) is plain
    assert failure_of(plain) is None
