"""
Records of a CSV file, as ``k6/experimental/csv`` reads them.

Source:
    RFC 4180; Go's package ``encoding/csv``, which says what is wrong in a file: fields
    with a quote inside that are not quoted, and records of different lengths. Python's
    module ``csv`` takes both as they are.
"""

import re
from collections.abc import Iterator
from typing import Any

from gharial.errors import GharialError


class CsvError(GharialError):
    """
    A CSV file, or the options to read it by, are wrong.

    Attributes:
        problem: What is wrong.

    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return self.problem


class CsvRecords:
    """
    The records of a file, each a list of strings, or an object by the names in the header.

    Args:
        data: The file.
        start: Where in it the first record begins, in bytes.
        options: ``delimiter``, ``skip_first_line``, ``from_line`` and ``to_line`` (records
            counted from 0, the last one included; None and 0 for all), ``as_objects``.

    Raises:
        CsvError: If the options are wrong, or what is before the first wanted record.

    """

    def __init__(self, data: bytes, start: int, options: dict[str, Any]) -> None:
        _check(options)
        text = data[start:].decode("utf-8", "replace").replace("\r\n", "\n")
        self._rows = _rows(text.removesuffix("\r"), options["delimiter"])
        self._header: list[str] | None = None
        self._to_line = options["to_line"] or None
        # How many records were read, the header included.
        self._line = 0
        if options["as_objects"]:
            self._header = self._skipped("there is no header")
        from_line = options["from_line"] or int(options["skip_first_line"])
        while self._line < from_line:
            self._skipped(f"it ends before line {from_line}, at which to begin")

    def _skipped(self, problem: str) -> list[str]:
        row = next(self._rows, None)
        if row is None:
            raise CsvError(problem)
        self._line += 1
        return row

    def __iter__(self) -> "CsvRecords":
        return self

    def __next__(self) -> list[str] | dict[str, str]:
        """
        Return the next record.

        Raises:
            CsvError: If it cannot be read.

        """
        if self._to_line is not None and self._line > self._to_line:
            raise StopIteration
        row = next(self._rows)
        self._line += 1
        if self._header is None:
            return row
        return dict(zip(self._header, row, strict=True))


def _check(options: dict[str, Any]) -> None:
    delimiter, from_line = options["delimiter"], options["from_line"]
    to_line = options["to_line"]
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise CsvError(
            "delimiter must be one character, no quote and no end of a line, "
            f"not {delimiter!r}"
        )
    if options["as_objects"] and options["skip_first_line"]:
        raise CsvError(
            "asObjects takes the first line as the header; leave skipFirstLine out"
        )
    if options["as_objects"] and from_line:
        raise CsvError(
            "asObjects takes the first line as the header; leave fromLine out"
        )
    if from_line is not None and to_line is not None and from_line >= to_line:
        raise CsvError(
            f"fromLine must be less than toLine, but they are {from_line} and {to_line}"
        )


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the fields of each line that is not empty; lines end with a line feed."""
    mark = re.escape(delimiter)
    field = re.compile(rf'(?:"([^"]*(?:""[^"]*)*)"|([^"\n{mark}]*))(?:({mark})|\n|\Z)')
    at, line, width = 0, 1, 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        row = text[at:end]
        if '"' in row:
            fields, following = _quoted_row(text, at, line, field)
            line += text.count("\n", at, following)
        else:
            fields, following = row.split(delimiter), end + 1
            line += 1
        at = following
        if not row:
            continue
        width = width or len(fields)
        if len(fields) != width:
            raise CsvError(
                f"line {line - 1} has {len(fields)} fields, the lines before have {width}"
            )
        yield fields


def _quoted_row(
    text: str, start: int, line: int, field: re.Pattern[str]
) -> tuple[list[str], int]:
    """Return the fields of a line with quotes, and where the next line begins."""
    fields: list[str] = []
    at = start
    while True:
        match = field.match(text, at)
        if match is None:
            raise CsvError(_wrong_quote(text, start, at, line))
        quoted, plain, delimiter = match.groups()
        fields.append(plain if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        if delimiter is None:
            return fields, at


def _wrong_quote(text: str, start: int, at: int, line: int) -> str:
    line += text.count("\n", start, at)
    column = at - text.rfind("\n", 0, at)
    if text.startswith('"', at):
        problem = "the quoted field has no closing quote, or text behind it"
    else:
        problem = "a quote in a field that does not begin with one"
    return f"line {line}, column {column}: {problem}"
