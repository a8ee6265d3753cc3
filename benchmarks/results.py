"""What was measured, as it is kept in a file."""

import json
import os
import platform
import statistics
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.cases import Case
from benchmarks.clients import FLOOR
from gharial.process.build import IS_COMPILED

FOLDER = Path(__file__).parent / "results"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Line:
    """
    What one client did in one case.

    Attributes:
        case: The case's name.
        title: Its name for people.
        unit: What the figures are.
        client: Who was measured.
        figures: One for each repetition, in the order of time.
        ratio: The median of figure by the floor's figure of the same repetition; None
            for the floor itself, and where there is none.
        allowed: The budget: a ratio, or a figure where ``is_absolute``.
        is_absolute: Whether the budget is a figure.
        lag_ms: p50 and p99 of the event loop's lag, where the client tells.

    """

    case: str
    title: str
    unit: str
    client: str
    figures: tuple[float, ...]
    ratio: float | None
    allowed: float | None
    is_absolute: bool
    lag_ms: tuple[float, float] | None = None

    @property
    def median(self) -> float:
        """The figures' median."""
        return statistics.median(self.figures)

    @property
    def is_missed(self) -> bool:
        """Whether it is over its budget."""
        if self.allowed is None:
            return False
        figure = self.median if self.is_absolute else self.ratio
        return figure is not None and figure > self.allowed


def line(
    case: Case,
    client: str,
    figures: list[float],
    floor: list[float],
    lag_ms: tuple[float, float] | None = None,
) -> Line:
    """Return what a client's figures come to beside the floor's."""
    ratio = None
    if client != FLOOR and floor:
        pairs = zip(figures, floor, strict=False)
        ratio = statistics.median(mine / theirs for mine, theirs in pairs if theirs)
    allowed = case.most.get(client, case.ratios.get(client))
    return Line(
        case=case.name,
        title=case.title,
        unit=case.unit.value,
        client=client,
        figures=tuple(figures),
        ratio=ratio,
        allowed=allowed,
        is_absolute=client in case.most,
        lag_ms=lag_ms,
    )


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "is_compiled": IS_COMPILED,
        "packages": {
            name: version(name)
            for name in ("gharial", "picows", "uvloop", "quickjs-bindings")
        },
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for text in info.read_text("utf-8").splitlines():
            if text.startswith("model name"):
                return text.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def save(lines: list[Line], folder: Path = FOLDER) -> Path:
    """Write lines to a file in a folder, named after the moment; return its path."""
    now = datetime.now(UTC)
    folder.mkdir(exist_ok=True)
    path = folder / f"{now:%Y-%m-%d-%H%M}.json"
    content = {
        "format": FORMAT,
        "at": now.isoformat(timespec="seconds"),
        "machine": machine(),
        "lines": [asdict(one) for one in lines],
    }
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    return path


def load(path: Path) -> tuple[dict[str, Any], list[Line]]:
    """
    Return a file's head and its lines.

    Raises:
        ValueError: If it is of another format.

    """
    content = json.loads(path.read_text("utf-8"))
    if content.get("format") != FORMAT:
        raise ValueError(f"{path} is not of format {FORMAT}")
    lines = [
        Line(
            **{
                **one,
                "figures": tuple(one["figures"]),
                "lag_ms": tuple(one["lag_ms"]) if one["lag_ms"] else None,
            }
        )
        for one in content.pop("lines")
    ]
    return content, lines


def newest(folder: Path = FOLDER) -> Path | None:
    """Return the newest file of results in a folder, if there is one."""
    return max(folder.glob("*.json"), default=None)
