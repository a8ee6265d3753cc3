"""Checks a file that an output writes when the run ends."""

from pathlib import Path

from gharial.outputs.base import OutputError


def check_writable(output: str, path: str) -> None:
    """
    Leave a file as it is, having seen that it can be written.

    Raises:
        OutputError: If it cannot: better now than after an hour of testing.

    """
    file = Path(path)
    try:
        existed = file.exists()
        with file.open("a", encoding="utf-8"):
            pass
        if not existed:
            file.unlink()
    except OSError as error:
        raise OutputError(
            f"--out {output}: cannot write {path!r}: {error.strerror or error}"
        ) from error
