"""The map of the house shows the rooms that there are, from top to bottom."""

import re
import tomllib
from pathlib import Path

import gharial

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = Path(gharial.__file__).parent
PAGE = (ROOT / "docs/explanation/architecture.md").read_text("utf-8")
# Data, not code.
NO_ROOMS = {"types"}


def table_under(heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, without its header."""
    part = PAGE.split(f"{heading}\n", 1)[1]
    rows = re.search(r"(?:^\|.*\n)+", part, flags=re.MULTILINE)
    assert rows is not None
    lines = rows[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named_in(text: str) -> list[str]:
    """Return what stands in code marks; blocks of code would shift all marks after them."""
    return re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def layers() -> list[list[str]]:
    """Return the rooms as import-linter is told of them, from top to bottom."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (found,) = [each["layers"] for each in contracts if each["type"] == "layers"]
    return [layer.split(" | ") for layer in found]


def test_the_map_shows_all_rooms_and_no_others() -> None:
    shown = [named_in(room)[0] for room, *_ in table_under("## Rooms")]
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    files = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    assert sorted(shown) == sorted((folders | files) - NO_ROOMS)


def test_the_map_goes_from_top_to_bottom_as_imports_do() -> None:
    shown = [named_in(room)[0] for room, *_ in table_under("## Rooms")]
    order = {room: i for i, layer in enumerate(layers()) for room in layer}
    assert [order[room] for room in shown] == sorted(order.values())


def test_files_to_start_reading_at_are_there() -> None:
    for room, _, files in table_under("## Rooms"):
        folder = PACKAGE / named_in(room)[0]
        for name in named_in(files):
            place = folder / name if folder.is_dir() else PACKAGE / name
            assert place.is_file(), place


def test_files_in_which_things_are_found_are_there() -> None:
    for _, where in table_under("### Where is …?"):
        for name in named_in(where):
            assert (PACKAGE / name).exists(), name


def test_files_named_in_the_text_are_there() -> None:
    named = [name for name in named_in(PAGE) if re.search(r"/.*\.(py|pyx|js)$", name)]
    assert named
    for name in named:
        assert (PACKAGE / name).is_file(), name
