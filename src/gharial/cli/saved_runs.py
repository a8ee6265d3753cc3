"""Where runs are saved, and how the user refers to them."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import platformdirs

from gharial.errors import ConfigurationError, did_you_mean
from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern
from gharial.lifecycle.access import RunAccess
from gharial.report.record_reader import RunSummary, read_summary
from gharial.report.record_schema import RecordError
from gharial.report.record_writer import check_target, is_record

SUFFIX: Final = ".sqlite"
_LATEST: Final = lazy_pattern(r"latest(?:~(\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class SavedRun:
    """
    A file among saved runs.

    Attributes:
        path: The file.
        summary: What is in it; None if that cannot be read.
        problem: Why not; empty if it can.

    """

    path: Path
    summary: RunSummary | None
    problem: str = ""

    @property
    def run_id(self) -> str:
        """Its run's id; of a damaged one what its name begins with."""
        if self.summary is not None:
            return self.summary.run_id
        return "-".join(self.path.stem.split("-")[:3])


def runs_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where runs are saved unless the user names a file."""
    given = environment.get("GHARIAL_RUNS")
    if given:
        return Path(given)
    return platformdirs.user_data_path("gharial", appauthor=False) / "runs"


def record_name(run_id: str, script: str) -> str:
    """Return the name of a run's file: it sorts by time and contains the script's name."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(script).stem)[:40].strip("-.")
    return f"{run_id}-{stem or 'script'}{SUFFIX}"


def save_target(save: str) -> Callable[[RunAccess], Path]:
    """
    Return what chooses a run's file, having made sure that it can be written.

    Args:
        save: The file or folder that the user named, or empty for the usual folder.

    Raises:
        ConfigurationError: If nothing can be written there.

    """
    path = Path(save) if save else runs_folder()
    if save and not path.is_dir():
        check_target(path)
        return lambda access: path
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"--save: cannot make the folder {str(path)!r}: {error.strerror or error}"
        ) from error
    check_target(path / record_name("run", "script"))
    return lambda access: path / record_name(access.run_id, access.plan.script)


def saved_runs(folder: Path) -> list[SavedRun]:
    """
    Return the runs that are saved in a folder, newest first; damaged ones, too.

    Raises:
        ConfigurationError: If there is no such folder, or it cannot be read.

    """
    try:
        paths = [each for each in folder.iterdir() if _may_be_record(each)]
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the folder {str(folder)!r}: {error.strerror or error}; "
            "'gharial run --save' writes records"
        ) from error
    found = []
    for path in paths:
        try:
            found.append(SavedRun(path, read_summary(path)))
        except RecordError as error:
            found.append(SavedRun(path, None, str(error)))
    return sorted(found, key=_newest_last, reverse=True)


def find_run(name: str, folder: Path) -> Path:
    """
    Return the file of a run.

    Args:
        name: A file, a run's id or the beginning of one, ``latest`` or ``latest~1``.
        folder: Where saved runs are.

    Raises:
        ConfigurationError: If no run is called so, or more than one.

    """
    if Path(name).name != name or Path(name).exists():
        return Path(name)
    runs = saved_runs(folder) if folder.is_dir() else []
    latest = _LATEST.fullmatch(name)
    if latest is not None:
        whole = [each for each in runs if each.summary is not None]
        back = int(latest[1] or 0)
        if back >= len(whole):
            raise ConfigurationError(
                f"{name!r}: only {len(whole)} runs are saved in {str(folder)!r}"
            )
        return whole[back].path
    matching = [each for each in runs if each.run_id == name] or [
        each for each in runs if each.run_id.startswith(name)
    ]
    if len(matching) == 1:
        return matching[0].path
    if matching:
        ids = ", ".join(each.run_id for each in matching[:5])
        raise ConfigurationError(f"several ids begin with {name!r}: {ids}")
    hint = did_you_mean(name, ["latest", *(each.run_id for each in runs)])
    raise ConfigurationError(
        f"there is no file {name!r}, and no run with this id in {str(folder)!r}{hint}"
    )


def _may_be_record(path: Path) -> bool:
    # A damaged record may have lost what tells that it is one, so its name counts, too.
    if not path.is_file():
        return False
    try:
        return path.suffix == SUFFIX or is_record(path)
    except OSError:
        # Not ours to read, and not called a record.
        return False


def _newest_last(run: SavedRun) -> tuple[Any, ...]:
    if run.summary is not None:
        return (run.summary.began_at_epoch_s, run.run_id)
    return (run.path.stat().st_mtime, run.run_id)
