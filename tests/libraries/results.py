"""What came of trying the libraries, as it is kept in a file."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.results import machine
from tests.libraries.client_library import FOLDER, Library
from tests.libraries.rows import LIBRARIES
from tests.libraries.running import Cost

FILE: Final = FOLDER / "results.json"


@dataclass(frozen=True, slots=True)
class Result:
    """
    What came of one library.

    Attributes:
        name: The library, and how it was set up.
        version: Its version.
        server: What it talked to.
        fault: What it did not do; empty if it runs.
        cost: What a user with it costs; None if that was not measured.

    """

    name: str
    version: str
    server: str
    fault: str
    cost: Cost | None


def result(library: Library, fault: str = "", cost: Cost | None = None) -> Result:
    """Return what came of a library."""
    return Result(library.name, library.version, library.server_name, fault, cost)


def load(path: Path = FILE) -> tuple[dict[str, Any], list[Result]]:
    """Return a file's head and its results."""
    head = json.loads(path.read_text("utf-8"))
    found = [
        Result(**{**one, "cost": one["cost"] and Cost(**one["cost"])})
        for one in head.pop("results")
    ]
    return head, found


def save(results: Iterable[Result], path: Path = FILE) -> None:
    """Put results into a file, in the place of older ones of the same libraries."""
    kept = {one.name: one for one in load(path)[1]} if path.exists() else {}
    kept |= {one.name: one for one in results}
    listed = [kept[one.name] for one in LIBRARIES if one.name in kept]
    content = {
        "at": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "results": [asdict(one) for one in listed],
    }
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
