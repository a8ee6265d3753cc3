import json
from pathlib import Path

import pytest
from mapped_bundles import embedded, source_map

from gharial.javascript import original_places
from gharial.javascript.imports import Move
from gharial.javascript.original_places import OriginalPlaces
from gharial.scripting.origin import Origin
from gharial.scripting.resolve import SourceFiles

MAP = source_map([[(0, 0, 11, 4), (20, 1, 0, 0)]], ["../src/a.ts", "../src/b.ts"])


class Bundle:
    """A module in a folder, and what is shown of its places."""

    def __init__(
        self,
        text: str,
        folder: Path = Path("/app/dist"),
        moves: list[Move] | None = None,
        *,
        root: Path | None = None,
        remote: str = "",
    ) -> None:
        self.files = SourceFiles(frozenset(), Origin(root=root))
        self.name = remote or str(folder / "bundle.js")
        self.texts = {self.name: text}
        self.places = OriginalPlaces(
            self.files, self.texts, {self.name: moves} if moves else {}
        )

    def shown(self, line: int, column: int) -> str:
        stack = f"    at f ({self.name}:{line}:{column})"
        shown = self.places.shown(stack)
        assert shown.startswith("    at f (")
        assert shown.endswith(")")
        return shown.removeprefix("    at f (").removesuffix(")")


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    folder.mkdir()
    return folder


def test_a_map_in_the_module() -> None:
    bundle = Bundle(f"code\n{embedded(MAP)}")
    assert bundle.shown(1, 1) == "/app/src/a.ts:12:5"
    assert bundle.shown(1, 21) == "/app/src/b.ts:1:1"
    assert bundle.shown(2, 1) == f"{bundle.name}:2:1"
    assert bundle.places.take_problems() == []


def test_a_map_next_to_the_module(dist: Path) -> None:
    (dist / "maps").mkdir()
    (dist / "maps" / "a b.map").write_text(
        json.dumps({**MAP, "sources": ["../../src/a%20b.ts", "webpack://x/./b.ts"]})
    )
    bundle = Bundle("code\n//# sourceMappingURL=maps/a%20b.map?v=1", dist)
    assert bundle.shown(1, 1) == f"{dist.parent}/src/a b.ts:12:5"
    assert bundle.shown(1, 21) == "webpack://x/b.ts:1:1"
    assert list(bundle.places.map_files()) == [str(dist / "maps" / "a b.map")]


def test_columns_are_counted_as_the_map_counts_them() -> None:
    # The engine counts characters, the map UTF-16 code units.
    bundle = Bundle(f"'😀😀', code()\n{embedded(MAP)}")
    assert bundle.shown(1, 18) == "/app/src/a.ts:12:5"
    assert bundle.shown(1, 19) == "/app/src/b.ts:1:1"


def test_what_was_moved_for_the_engine_is_moved_back() -> None:
    moves = [Move(1, 5, 3), Move(1, 30, 8)]
    bundle = Bundle("code", moves=moves)
    assert bundle.shown(1, 4) == f"{bundle.name}:1:4"
    assert bundle.shown(1, 29) == f"{bundle.name}:1:26"
    assert bundle.shown(1, 30) == f"{bundle.name}:1:22"
    assert bundle.shown(2, 30) == f"{bundle.name}:2:30"
    mapped = Bundle(f"code\n{embedded(MAP)}", moves=moves)
    assert mapped.shown(1, 23) == "/app/src/a.ts:12:5"
    assert mapped.shown(1, 24) == "/app/src/b.ts:1:1"


def test_places_are_found_in_any_text() -> None:
    bundle = Bundle(f"code\n{embedded(MAP)}")
    text = f'/x {{"stack":"    at f ({bundle.name}:1:1)\\n    at {bundle.name}:1:21"}}'
    assert bundle.places.shown(text) == (
        '/x {"stack":"    at f (/app/src/a.ts:12:5)\\n    at /app/src/b.ts:1:1"}'
    )


def test_a_module_that_comes_later_is_known_then() -> None:
    bundle = Bundle("code")
    assert bundle.places.shown("/late.js:1:1") == "/late.js:1:1"
    bundle.texts["/late.js"] = f"code\n{embedded(MAP)}"
    assert bundle.places.shown("/late.js:1:1") == "/src/a.ts:12:5"


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("missing.map", "there is no file"),
        ("folder", "is not a file"),
        ("broken.map", "it is not valid JSON"),
        ("binary.map", "is not UTF-8"),
        ("large.map", "is larger than 64 MiB"),
        ("data:application/json;base64,#", "cannot be decoded"),
    ],
)
def test_a_map_that_cannot_be_used_is_a_problem_once(
    dist: Path, comment: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(original_places, "SIZE_LIMIT_BYTES", 10)
    (dist / "folder").mkdir()
    (dist / "broken.map").write_text("{")
    (dist / "binary.map").write_bytes(b"\xff")
    (dist / "large.map").write_text(" " * 11)
    bundle = Bundle(f"code\n//# sourceMappingURL={comment}", dist)
    assert bundle.shown(1, 1) == f"{bundle.name}:1:1"
    assert bundle.shown(1, 2) == f"{bundle.name}:1:2"
    (told,) = bundle.places.take_problems()
    assert told.startswith(f"the source map of {bundle.name} cannot be used: ")
    assert problem in told
    assert bundle.places.take_problems() == []


@pytest.mark.parametrize(
    "name", ["/app/node_modules/p/bundle.js", "https://example.com/bundle.js"]
)
def test_other_peoples_modules_may_name_a_map_that_is_not_there(name: str) -> None:
    bundle = Bundle("code\n//# sourceMappingURL=bundle.js.map", remote=name)
    assert bundle.shown(1, 1) == f"{name}:1:1"
    assert bundle.places.take_problems() == []


def test_a_page_never_has_a_map_in_a_file(dist: Path) -> None:
    (dist / "secret").write_text(json.dumps(MAP))
    address = f"file://{dist / 'secret'}"
    for written in (address, str(dist / "secret")):
        bundle = Bundle(
            f"code\n//# sourceMappingURL={written}", remote="https://example.com/x.js"
        )
        assert bundle.shown(1, 1) == "https://example.com/x.js:1:1"
        assert bundle.places.map_files() == {}
    with_own = Bundle(f"code\n{embedded(MAP)}", remote="https://example.com/d/x.js")
    assert with_own.shown(1, 1) == "https://example.com/src/a.ts:12:5"


def test_in_an_archive_only_what_is_in_it_is_read(tmp_path: Path, dist: Path) -> None:
    outside = tmp_path / "outside.map"
    outside.write_text(json.dumps(MAP))
    (dist / "inside.map").write_text(json.dumps(MAP))
    inside = Bundle("code\n//# sourceMappingURL=inside.map", dist, root=dist)
    # The file itself is not there, so it is called as the map calls it.
    assert inside.shown(1, 1) == "../src/a.ts:12:5"
    leads_out = Bundle("code\n//# sourceMappingURL=../outside.map", dist, root=dist)
    assert leads_out.shown(1, 1) == f"{leads_out.name}:1:1"
    assert "what is in the archive" in leads_out.places.take_problems()[0]


def test_the_line_comes_from_the_map_or_from_the_file(dist: Path) -> None:
    source = dist / "b.ts"
    source.write_text("'😀'; b;\r\n")
    given_map = source_map(
        [[(0, 0, 0, 4), (9, 1, 0, 6)]],
        ["a.ts", "b.ts"],
        sourcesContent=["one\ntwo", None],
    )
    bundle = Bundle(f"code\n{embedded(given_map)}", dist)
    assert bundle.shown(1, 1) == f"{dist}/a.ts:1:5"
    assert bundle.shown(1, 10) == f"{source}:1:7"
    line = bundle.places.source_line
    assert line(f"{dist}/a.ts", 2, 2) == ("two", 1)
    assert line(str(source), 1, 7) == ("'😀'; b;", 5)
    assert line(str(source), 9, 1) is None
    assert line(f"{dist}/none.ts", 1, 1) is None
    assert line("https://example.com/none.ts", 1, 1) is None


def test_what_is_kept_has_a_bound(dist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(original_places, "PLACES_MAXIMUM", 2)
    monkeypatch.setattr(original_places, "MAPS_LIMIT_BYTES", 300)
    bundle = Bundle(f"code\n{embedded(MAP)}", dist)
    for number in range(5):
        bundle.texts[f"/{number}.js"] = f"code\n{embedded(MAP)}"
    for number in (*range(5), *range(5)):
        assert bundle.places.shown(f"/{number}.js:1:1") == "/src/a.ts:12:5"
    assert len(bundle.places._places) == 2
    assert sum(size for _, size in bundle.places._maps.values()) <= 300
