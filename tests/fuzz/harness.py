"""
What the harnesses share: where inputs are kept, and how an input is taken apart.

``make fuzz`` runs them; ``PYTHONPATH=tests/support python tests/fuzz/fuzz_urls.py FILE``
plays one finding again.
"""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Input:
    """Bytes, taken from the front: numbers first, then all the rest."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def byte(self) -> int:
        """Return the next byte, 0 if there is none."""
        value, self._data = self._data[:1], self._data[1:]
        return value[0] if value else 0

    def take(self, size: int) -> bytes:
        """Return so many bytes, fewer if there are no more."""
        value, self._data = self._data[:size], self._data[size:]
        return value

    def cuts(self) -> list[int]:
        """Return up to seven places to cut at."""
        return [self.byte() << 8 | self.byte() for _ in range(self.byte() % 8)]

    def rest(self) -> bytes:
        """Return what is left."""
        return self._data


def run(name: str, check: Callable[[bytes], object], seeds: Iterable[bytes]) -> None:
    """
    Look for inputs that a check does not stand, until told to stop.

    The interpreter ends with it; with another code than 0 if there was a finding, which
    is kept in the folder ``.fuzz/findings`` (``FUZZ_FOLDER`` for another than ``.fuzz``).

    Args:
        name: Of the harness.
        check: Raises if something is wrong.
        seeds: Inputs to begin with.

    """
    import atheris

    folder = Path(os.environ.get("FUZZ_FOLDER") or ROOT / ".fuzz")
    corpus, findings = folder / "corpus" / name, folder / "findings"
    for one in (corpus, findings):
        one.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    arguments = sys.argv[1:]
    is_replay = any(Path(argument).is_file() for argument in arguments)
    atheris.Setup(
        [
            sys.argv[0],
            f"-artifact_prefix={findings}/{name}-",
            "-max_len=2048",
            "-timeout=20",
            "-rss_limit_mb=1024",
            "-print_final_stats=1",
            *arguments,
            *([] if is_replay else [str(corpus)]),
        ],
        check,
    )
    atheris.Fuzz()
