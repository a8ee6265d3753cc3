"""What ``k6/experimental/fs`` and ``k6/experimental/csv`` call."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gharial.javascript.csv_records import CsvError, CsvRecords
from gharial.javascript.script_state import ScriptState
from gharial.javascript.shared_arrays import SharedArrays
from gharial.javascript.sources import ScriptSources


class OpenedFiles:
    """
    The functions of one virtual user; its place in a file is in the script's object.

    Args:
        script: The virtual user's script.
        sources: The script's files, whose bytes all virtual users share.
        arrays: Where parsed files are kept for all virtual users.

    """

    def __init__(
        self, script: ScriptState, sources: ScriptSources, arrays: SharedArrays
    ) -> None:
        self._script = script
        self._sources = sources
        self._arrays = arrays

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what the modules call, by name."""
        return {
            "csvNext": next_record,
            "csvOpen": self.open_records,
            "csvParse": self.parse,
            "fileBytes": lambda data, start, end: data[int(start) : int(end)],
            "fileOpen": self.open,
        }

    def open(self, path: str, stack: str) -> list[Any]:
        """Return the kind of what is wrong and its text, or the path, bytes and size."""
        if self._script.has_started:
            return ["ForbiddenError", "open() can be used only in the init context"]
        whole = path
        try:
            whole = self._sources.whole_path(path, stack)
            data = self._sources.read_file(path, stack)
        except FileNotFoundError:
            return ["NotFoundError", f'there is no file "{whole}"']
        except IsADirectoryError:
            return ["InvalidResourceError", f'"{whole}" is a directory, not a file']
        except OSError as error:
            return ["Error", f'cannot open "{whole}": {error.strerror or error}']
        return [None, None, whole, self._script.context.embed(data), len(data)]

    def parse(self, path: str, data: bytes, start: float, options: str) -> list[Any]:
        """Return what is wrong, if anything, and the name and length of a shared array."""
        name = f"csv.parse {path} {int(start)} {options}"
        if self._arrays.length(name) < 0:
            try:
                records = CsvRecords(data, int(start), json.loads(options))
                texts = [json.dumps(each) for each in records]
            except CsvError as error:
                return [f"{Path(path).name}: {error}", None, 0]
            self._arrays.keep(name, texts)
        return [None, name, self._arrays.length(name)]

    def open_records(self, data: bytes, start: float, options: str) -> list[Any]:
        """Return what is wrong, if anything, and an iterator over the records."""
        try:
            records = CsvRecords(data, int(start), json.loads(options))
        except CsvError as error:
            return [str(error), None]
        return [None, self._script.context.embed(records)]


def next_record(records: CsvRecords) -> list[Any]:
    """Return what is wrong, if anything, and a record as JSON, None at the end."""
    try:
        record = next(records, None)
    except CsvError as error:
        return [str(error), None]
    return [None, None if record is None else json.dumps(record)]
