"""Places in stacks and log lines, as those of the files that the script was made from."""

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from gharial.errors import GharialError
from gharial.javascript.imports import Move
from gharial.javascript.source_maps import (
    SIZE_LIMIT_BYTES,
    SectionedMap,
    SourceMap,
    SourceMapError,
    character_column,
    embedded_map,
    map_address,
    read_source_map,
    utf16_column,
)
from gharial.lazy_dataclass import dataclass
from gharial.scripting.origin import is_remote
from gharial.scripting.resolve import SourceFiles

# A script throws at few places.
PLACES_MAXIMUM = 10_000
# Of all maps that are kept decoded; the one in use is kept whatever its size.
MAPS_LIMIT_BYTES = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Module:
    """
    A module whose places are not those that the engine says.

    Attributes:
        address: Its map's; None without one.
        moves: What was moved in its lines.

    """

    address: str | None
    moves: Sequence[Move]


class OriginalPlaces:
    """
    Says where code was written that runs at a place in one of the script's modules.

    A map is read when a place in its module is shown first.

    Args:
        files: The script's files.
        texts: The modules by name, as JavaScript; more come while the script is read.
        moves: By module, where the engine gets something else.

    """

    def __init__(
        self,
        files: SourceFiles,
        texts: Mapping[str, str],
        moves: Mapping[str, Sequence[Move]],
    ) -> None:
        self._files = files
        self._texts = texts
        self._moves = moves
        self._seen = 0
        self._modules: dict[str, _Module] = {}
        self._mentioned: re.Pattern[str] | None = None
        self._maps: dict[str, tuple[SourceMap | SectionedMap | None, int]] = {}
        self._places: dict[tuple[str, str, str], str] = {}
        self._problems: list[str] = []

    def shown(self, text: str) -> str:
        """Return a stack, or any text, with the original places in it."""
        if len(self._texts) != self._seen:
            self._look_at_modules()
        if self._mentioned is None:
            return text
        return self._mentioned.sub(self._replaced, text)

    def take_problems(self) -> list[str]:
        """Return what is wrong with maps, each once."""
        taken, self._problems = self._problems, []
        return taken

    def source_line(
        self, name: str, number: int, column: int
    ) -> tuple[str, int] | None:
        """
        Return a line and the column of a character in it, from 0, if it can be had.

        Args:
            name: A module, or a file that one was made from, as a stack calls it.
            number: The line, from 1.
            column: As that stack has it, from 1.

        """
        original = self._content(name)
        text = original
        if text is None:
            if name not in self._texts and not self._files.exists(Path(name)):
                return None
            try:
                text = self._files.read(name)
            except GharialError:
                return None
        lines = text.split("\n")
        if not 0 < number <= len(lines):
            return None
        line = lines[number - 1].rstrip("\r")
        is_mapped = original is not None or name not in self._texts
        at = character_column(line, column - 1) if is_mapped else column - 1
        return line, at

    def map_files(self) -> dict[str, bytes]:
        """Return the maps next to the script's modules that exist, by absolute path."""
        found = {}
        for name, text in list(self._texts.items()):
            address = map_address(text)
            path = None if address is None else _path_of(name, address)
            if path is not None:
                with suppress(OSError, SourceMapError):
                    found[path] = self._file(path)
        return found

    # -- The inside -----------------------------------------------------------------------

    def _look_at_modules(self) -> None:
        for name, text in list(self._texts.items())[self._seen :]:
            address = map_address(text)
            moves = self._moves.get(name, ())
            if address is not None or moves:
                self._modules[name] = _Module(address, moves)
        self._seen = len(self._texts)
        if self._modules:
            longest_first = sorted(self._modules, key=len, reverse=True)
            names = "|".join(map(re.escape, longest_first))
            self._mentioned = re.compile(rf"({names}):(\d+):(\d+)")

    def _replaced(self, match: re.Match[str]) -> str:
        key = match[1], match[2], match[3]
        place = self._places.get(key)
        if place is None:
            place = self._place(match[1], int(match[2]), int(match[3]))
            if len(self._places) < PLACES_MAXIMUM:
                self._places[key] = place
        return place

    def _place(self, name: str, line: int, column: int) -> str:
        module = self._modules[name]
        moved = [each.by for each in module.moves if each.is_before(line, column)]
        column = max(1, column - sum(moved[-1:]))
        written = f"{name}:{line}:{column}"
        if module.address is None:
            return written
        known = self._map(name, module.address)
        if known is None:
            return written
        lines = self._texts[name].split("\n")
        text = lines[line - 1] if 0 < line <= len(lines) else ""
        place = known.place(line - 1, utf16_column(text, column - 1))
        if place is None:
            return written
        source = self._source(name, module.address, place.source)
        return f"{source}:{place.line + 1}:{place.column + 1}"

    def _map(self, name: str, address: str) -> SourceMap | SectionedMap | None:
        """Return a module's map; None if it cannot be used, which is a problem once."""
        if name in self._maps:
            return self._maps[name][0]
        known, size = None, 0
        try:
            text = self._map_text(name, address)
            size = len(text)
            if size:
                known = read_source_map(text)
        except SourceMapError as error:
            self._problems.append(
                f"the source map of {name} cannot be used: {error}; its errors are shown "
                "with their places in that file"
            )
        while (
            self._maps
            and size + sum(each for _, each in self._maps.values()) > MAPS_LIMIT_BYTES
        ):
            del self._maps[next(iter(self._maps))]
        self._maps[name] = known, size
        return known

    def _map_text(self, name: str, address: str) -> str:
        """Return the text of a module's map; empty if it has none here."""
        if address.startswith("data:"):
            return embedded_map(address)
        path = _path_of(name, address)
        if path is None:
            return ""
        try:
            return self._file(path).decode("utf-8")
        except UnicodeDecodeError:
            raise SourceMapError(f"{path} is not UTF-8") from None
        except FileNotFoundError:
            if "/node_modules/" in name:
                # Many packages name a map that they do not contain.
                return ""
            raise SourceMapError(f"there is no file {path}") from None
        except OSError as error:
            raise SourceMapError(
                f"{path} cannot be read ({error.strerror or error})"
            ) from None

    def _file(self, path: str) -> bytes:
        file = self._files.local_file(path, is_asked_by_script=False)
        if file.exists() and not file.is_file():
            raise SourceMapError(f"{path} is not a file")
        with file.open("rb") as opened:
            data = opened.read(SIZE_LIMIT_BYTES + 1)
        if len(data) > SIZE_LIMIT_BYTES:
            raise SourceMapError(f"{path} is larger than 64 MiB")
        return data

    def _source(self, name: str, address: str, source: str) -> str:
        """Return what to call a file that a module was made from."""
        scheme = urlsplit(source).scheme
        if scheme == "file":
            return unquote(urlsplit(source).path)
        if scheme:
            return source.replace("/./", "/")
        if is_remote(name):
            return urljoin(name, source)
        relative = unquote(source)
        if self._files.root is not None:
            # What it was made from did not come along.
            return os.path.normpath(relative)
        return _next_to(_path_of(name, address) or name, relative)

    def _content(self, shown: str) -> str | None:
        """Return the text of a file that a module was made from, if a map has it."""
        for name, (known, _) in self._maps.items():
            address = self._modules[name].address
            if known is not None and address is not None:
                for source, content in known.contents.items():
                    if self._source(name, address, source) == shown:
                        return content
        return None


def _path_of(name: str, address: str) -> str | None:
    """Return the path of a map that is a file; None if it is none, or not here."""
    parts = urlsplit(address)
    if is_remote(name) or parts.scheme not in ("", "file") or parts.netloc:
        return None
    return _next_to(name, unquote(parts.path))


def _next_to(name: str, path: str) -> str:
    return os.path.normpath(Path(name).parent / path)
