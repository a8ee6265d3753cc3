"""
Source maps: from a place in a bundle to the place in the file that it was made from.

Source:
    ECMA-426, *Source map format*, with sections (*index map*) and ``sourcesContent``.
"""

import base64
import binascii
import json
import string
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, chain, pairwise
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from gharial.errors import GharialError
from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern

_Kind = TypeVar("_Kind")

SIZE_LIMIT_BYTES = 64 * 1024 * 1024
_DIGITS = {
    character: value
    for value, character in enumerate(
        string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    )
}
_MARK = "sourceMappingURL="
_COMMENT = lazy_pattern(r"(?://|/\*)[#@][ \t]$")
_ADDRESS = lazy_pattern(r"[^\s'\"]+")
# What may come after the comment that names the map: more comments.
_NO_CODE = lazy_pattern(r"(?:\s|\*/|//[^\n]*|/\*(?:[^*]|\*(?!/))*)*")


class SourceMapError(GharialError):
    """
    A source map cannot be used.

    Attributes:
        reason: Why, as the end of a sentence that names the file.

    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class OriginalPlace:
    """
    A place in a file that a bundle was made from.

    Attributes:
        source: The file, as the map names it.
        line: Its line, from 0.
        column: The column there, in UTF-16 code units from 0.

    """

    source: str
    line: int
    column: int


class SourceMap:
    """
    The places of one bundle, or of one section of it.

    Its mappings are decoded at once: 0.1 s for a bundle of 340 kB, 1 s for 3.4 MB.

    Attributes:
        contents: The text of each source that the map brings along, by its name.

    Raises:
        SourceMapError: If it is not a map.

    """

    def __init__(self, given: Any) -> None:
        self._names = _source_names(given)
        contents = _typed(given.get("sourcesContent") or [], list, "sourcesContent")
        self.contents = {
            name: content
            for name, content in zip(self._names, contents, strict=False)
            if name is not None and isinstance(content, str)
        }
        mappings = _typed(given.get("mappings"), str, "mappings")
        lines = [list(filter(None, each.split(","))) for each in mappings.split(";")]
        # The same few segments make up most of a map. So each different one is decoded
        # once, and sums over all of them run at the speed of C.
        steps = {each: _steps(each) for each in set(chain.from_iterable(lines))}
        try:
            self._decode(lines, steps)
        except OverflowError:
            raise SourceMapError("its mappings lead out of the files") from None

    def _decode(
        self, lines: list[list[str]], steps: dict[str, tuple[int, ...]]
    ) -> None:
        column = {each: step[0] for each, step in steps.items()}
        self._starts = array("I", accumulate(map(len, lines), initial=0))
        self._columns = array("I")
        for line in lines:
            self._columns.extend(accumulate(map(column.__getitem__, line)))

        def summed(field: int) -> "array[int]":
            step = {each: (*known, 0, 0, 0)[field] for each, known in steps.items()}
            flat = chain.from_iterable(lines)
            return array("I", accumulate(map(step.__getitem__, flat)))

        self._sources = summed(1)
        self._original_lines = summed(2)
        self._original_columns = summed(3)
        has_source = {each: len(known) > 1 for each, known in steps.items()}
        self._has_source = bytes(
            map(has_source.__getitem__, chain.from_iterable(lines))
        )
        if True in self._has_source and max(self._sources) >= len(self._names):
            raise SourceMapError("its mappings name more files than it lists")
        if min(column.values(), default=0) < 0:
            self._sort()

    def _sort(self) -> None:
        """Bring the segments of each line in order, which few maps need."""
        order: list[int] = []
        for start, end in pairwise(self._starts):
            order += sorted(range(start, end), key=self._columns.__getitem__)
        for name in ("_columns", "_sources", "_original_lines", "_original_columns"):
            unsorted = getattr(self, name)
            setattr(self, name, array("I", map(unsorted.__getitem__, order)))
        self._has_source = bytes(map(self._has_source.__getitem__, order))

    def place(self, line: int, column: int) -> OriginalPlace | None:
        """
        Return where the code at a place of the bundle comes from; None if that is unknown.

        Args:
            line: From 0.
            column: In UTF-16 code units, from 0.

        """
        if not 0 <= line < len(self._starts) - 1:
            return None
        start, end = self._starts[line], self._starts[line + 1]
        index = bisect_right(self._columns, column, start, end) - 1
        if index < start or not self._has_source[index]:
            return None
        name = self._names[self._sources[index]]
        if name is None:
            return None
        return OriginalPlace(
            name, self._original_lines[index], self._original_columns[index]
        )


class SectionedMap:
    """
    A map of maps, each for the part of a bundle from its own offset on.

    Attributes:
        contents: The text of each source that the maps bring along, by its name.

    Raises:
        SourceMapError: If it is not a map.

    """

    def __init__(self, given: Any) -> None:
        self.contents: dict[str, str] = {}
        self._offsets: list[tuple[int, int]] = []
        self._maps: list[SourceMap] = []
        for section in _typed(given["sections"], list, "sections"):
            offset = _typed(
                _typed(section, dict, "sections").get("offset"), dict, "offset"
            )
            self._offsets.append(
                (
                    _typed(offset.get("line"), int, "offset"),
                    _typed(offset.get("column"), int, "offset"),
                )
            )
            part = SourceMap(_typed(section.get("map"), dict, "map"))
            self._maps.append(part)
            self.contents |= part.contents
        if any(first > second for first, second in pairwise(self._offsets)):
            raise SourceMapError("its sections are not in order")

    def place(self, line: int, column: int) -> OriginalPlace | None:
        """Return where code comes from; see `SourceMap.place`."""
        index = bisect_right(self._offsets, (line, column)) - 1
        if index < 0:
            return None
        first_line, first_column = self._offsets[index]
        if line == first_line:
            column -= first_column
        return self._maps[index].place(line - first_line, column)


def read_source_map(text: str) -> SourceMap | SectionedMap:
    """
    Return a map from its text.

    Raises:
        SourceMapError: If it is none.

    """
    if text.startswith(")]}"):
        # A first line that keeps it from being run as a script.
        text = text.partition("\n")[2]
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise SourceMapError("it is not valid JSON") from None
    given = _typed(given, dict, "map")
    if given.get("version") != 3:
        raise SourceMapError(
            f"it has version {given.get('version')!r}, and only 3 is known"
        )
    return SectionedMap(given) if "sections" in given else SourceMap(given)


def map_address(text: str) -> str | None:
    """Return the address of a module's map, from the comment at its end; None for none."""
    at = text.rfind(_MARK)
    if at < 0 or _COMMENT.search(text, max(0, at - 4), at) is None:
        return None
    address = _ADDRESS.match(text, at + len(_MARK))
    if address is None or _NO_CODE.fullmatch(text, address.end()) is None:
        return None
    return address[0].removesuffix("*/")


def embedded_map(address: str) -> str:
    """
    Return the text of a map that is in its address, a ``data:`` URL.

    Raises:
        SourceMapError: If it cannot be decoded.

    """
    head, comma, data = address.partition(",")
    if not comma:
        raise SourceMapError("its data: URL has no data")
    try:
        raw = unquote_to_bytes(data)
        if head.lower().endswith(";base64"):
            raw = base64.b64decode(raw, validate=True)
        return raw.decode("utf-8")
    except (binascii.Error, ValueError):
        raise SourceMapError("its data: URL cannot be decoded") from None


def _source_names(given: Any) -> list[str | None]:
    root = _typed(given.get("sourceRoot") or "", str, "sourceRoot")
    if root and not root.endswith("/"):
        root += "/"
    names = _typed(given.get("sources"), list, "sources")
    return [f"{root}{name}" if isinstance(name, str) else None for name in names]


def _typed(value: Any, kind: type[_Kind], field: str) -> _Kind:
    if not isinstance(value, kind):
        raise SourceMapError(f'its "{field}" is missing, or of the wrong type')
    return value


def _steps(segment: str) -> tuple[int, ...]:
    """Return by how much each field differs from that of the segment before."""
    fields = tuple(_numbers(segment))
    if len(fields) not in (1, 4, 5):
        raise SourceMapError(f"{segment!r} in its mappings is not a valid segment")
    return fields


def _numbers(segment: str) -> Iterator[int]:
    value = shift = 0
    for character in segment:
        digit = _DIGITS.get(character)
        if digit is None or shift > 30:
            raise SourceMapError(f"{segment!r} in its mappings is not a valid segment")
        value |= (digit & 31) << shift
        shift += 5
        if digit & 32 == 0:
            yield -(value >> 1) if value & 1 else value >> 1
            value = shift = 0
    if shift:
        raise SourceMapError(f"{segment!r} in its mappings is incomplete")


def utf16_column(line: str, column: int) -> int:
    """Return a column that counts characters as one that counts UTF-16 code units."""
    return column + sum(character > "\uffff" for character in line[:column])


def character_column(line: str, column: int) -> int:
    """Return a column that counts UTF-16 code units as one that counts characters."""
    if line.isascii():
        return column
    units = line.encode("utf-16-le", "surrogatepass")[: 2 * column]
    return len(units.decode("utf-16-le", "replace"))
