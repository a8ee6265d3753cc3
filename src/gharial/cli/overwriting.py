"""A command must not overwrite the files that it reads."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gharial.errors import ConfigurationError


def refuse_overwriting(
    targets: Iterable[tuple[str, str | None]], inputs: Iterable[str | Path | None]
) -> None:
    """
    Make sure that no target is an input, and none is named twice.

    Args:
        targets: Who asks for it (``--report``), and the file; None for none.
        inputs: Files that are read.

    Raises:
        ConfigurationError: If one is.

    """
    taken: dict[str, str] = {}
    read = {os.path.realpath(each) for each in inputs if each is not None}
    for flag, path in targets:
        # A device or a pipe, /dev/null among them, may be written by several.
        if not path or (Path(path).exists() and not Path(path).is_file()):
            continue
        real = os.path.realpath(path)
        if real in read:
            raise ConfigurationError(
                f"{flag}: {path!r} is an input of this command; name another file"
            )
        if real in taken:
            raise ConfigurationError(
                f"{taken[real]} and {flag} both write {path!r}; name two files"
            )
        taken[real] = flag


def files_of_outputs(outputs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the files that ``--out`` names: ``json=FILE``, ``csv=fileName=FILE,…``."""
    for output in outputs:
        name, _, argument = output.partition("=")
        file = re.search(r"(?:^|,)fileName=([^,]*)", argument)
        path = file[1] if file is not None else argument
        if path and path != "-" and "://" not in path:
            yield f"--out {name}", path
