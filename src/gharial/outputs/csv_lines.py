"""
``--out csv``: one row for each single value.

Source:
    k6 v2.2, ``internal/output/csv``: settings, columns, formats of time.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from gharial.errors import did_you_mean
from gharial.metrics.batch import Batch
from gharial.metrics.samples import SampleBlock
from gharial.metrics.tags import TagSet
from gharial.options.run_options import DEFAULT_SYSTEM_TAGS
from gharial.outputs.arguments import from_environment, parse_settings
from gharial.outputs.base import Output, OutputError, RunEnd, RunFacts
from gharial.outputs.line_file import LINES_AT_ONCE, LineFile
from gharial.outputs.points import METADATA_TAGS, points_of, split_tags
from gharial.outputs.push_clock import PushClock
from gharial.outputs.times import nanosecond_of, rfc3339, rfc3339_nano
from gharial.timing import DurationError, parse_duration

DEFAULTS: Final = {"fileName": "file.csv", "saveInterval": "1s", "timeFormat": "unix"}

VARIABLES: Final = {
    "FILENAME": "fileName",
    "SAVE_INTERVAL": "saveInterval",
    "TIME_FORMAT": "timeFormat",
}

TIME_FORMATS: Final[Mapping[str, Callable[[float], str]]] = {
    "unix": lambda time_s: str(int(time_s)),
    "unix_milli": lambda time_s: str(nanosecond_of(time_s) // 1_000_000),
    "unix_micro": lambda time_s: str(nanosecond_of(time_s) // 1_000),
    "unix_nano": lambda time_s: str(nanosecond_of(time_s)),
    "rfc3339": rfc3339,
    "rfc3339_nano": rfc3339_nano,
}


def make(argument: str, environment: Mapping[str, str]) -> Output:
    """
    Return an output that writes rows.

    Args:
        argument: The file, or settings: ``fileName=a.csv,timeFormat=rfc3339``.
        environment: ``GHARIAL_CSV_FILENAME`` and others, see `VARIABLES`.

    Raises:
        OutputError: If a setting is wrong.

    """
    settings = {
        **DEFAULTS,
        **from_environment(environment, "CSV_", VARIABLES),
        **parse_settings("csv", argument, tuple(DEFAULTS), main="fileName"),
    }
    wanted = settings["timeFormat"]
    if wanted not in TIME_FORMATS:
        known = "; there are " + ", ".join(TIME_FORMATS)
        raise OutputError(
            f"--out csv: there is no timeFormat {wanted!r}"
            f"{did_you_mean(wanted, tuple(TIME_FORMATS)) or known}"
        )
    try:
        interval_s = parse_duration(settings["saveInterval"])
    except DurationError as error:
        raise OutputError(f"--out csv: saveInterval: {error}") from error
    file = LineFile("csv", settings["fileName"])
    return CsvLines(file, TIME_FORMATS[wanted], interval_s)


class CsvLines:
    """Rows, below one that names the columns."""

    wants_samples = True

    def __init__(
        self, file: LineFile, time_text: Callable[[float], str], interval_s: float
    ) -> None:
        """
        Take the settings.

        Args:
            file: Where to; opened by `start`.
            time_text: Writes a time.
            interval_s: Others can read the rows this long after they were measured.

        """
        self._file = file
        self._time_text = time_text
        self._clock = PushClock(interval_s)
        self._columns: Sequence[str] = ()

    @property
    def writes_to_stdout(self) -> bool:
        """Whether the file is the standard output."""
        return self._file.is_stdout

    def start(self, run: RunFacts) -> None:
        """
        Open the file and write the names of the columns.

        Raises:
            OutputError: If that cannot be done.

        """
        wanted = run.options.get("systemTags", DEFAULT_SYSTEM_TAGS)
        self._columns = sorted(set(wanted) - METADATA_TAGS)
        self._file.open()
        names = ("metric_name", "timestamp", "metric_value", *self._columns)
        self._file.add((row_text((*names, "extra_tags", "metadata")),))
        self._file.flush()

    def write(self, batch: Batch) -> None:
        """Write a batch's values."""
        for block in points_of(batch):
            for rows in self._rows(block):
                self._file.add(rows)
        if self._clock.is_due(batch.end_s):
            self._file.flush()

    def stop(self, end: RunEnd) -> None:
        """Close the file."""
        self._file.close()

    def _rows(self, block: SampleBlock) -> Iterator[list[str]]:
        # Measured (Python 3.11): 1 µs a row with unix, 1.5 µs with rfc3339_nano. Metric,
        # time and number hold nothing to be quoted; the rest is the same for all rows.
        head, tail = (
            f"{block.metric.name},",
            f",{tag_columns(block.tags, self._columns)}",
        )
        write_time = self._time_text
        for start in range(0, len(block.values), LINES_AT_ONCE):
            times_s = block.times_s[start : start + LINES_AT_ONCE]
            values = block.values[start : start + LINES_AT_ONCE]
            yield [
                f"{head}{write_time(time_s)},{value:.6f}{tail}"
                for time_s, value in zip(times_s, values, strict=True)
            ]


def tag_columns(tags: TagSet, columns: Sequence[str]) -> str:
    """Return what comes after a row's value, with the row's end."""
    plain, metadata = split_tags(tags)
    own = [plain.pop(name, "") for name in columns]
    return row_text((*own, _pairs(plain), _pairs(metadata)))


def row_text(cells: Sequence[str]) -> str:
    """Return a row with its end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _pairs(tags: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in tags.items())
