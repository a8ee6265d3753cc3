import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapped_bundles import Segment, embedded, source_map

from gharial.javascript.source_maps import (
    OriginalPlace,
    SourceMapError,
    character_column,
    embedded_map,
    map_address,
    read_source_map,
    utf16_column,
)

SOURCES = ("a.ts", "b.ts", "c.ts")
numbers = st.integers(0, 5_000_000)
segments = st.one_of(
    st.tuples(numbers),
    st.tuples(numbers, st.integers(0, len(SOURCES) - 1), numbers, numbers),
)
bundles = st.lists(
    st.lists(segments, max_size=6, unique_by=lambda each: each[0]), max_size=5
)


def place_of(
    lines: list[list[Segment]], line: int, column: int
) -> OriginalPlace | None:
    """Say where a place comes from by looking at all segments, one by one."""
    before = [each for each in lines[line] if each[0] <= column]
    segment = max(before, default=(0,))
    return (
        OriginalPlace(SOURCES[segment[1]], segment[2], segment[3])
        if len(segment) > 1
        else None
    )


@settings(max_examples=60)
@given(lines=bundles, is_sorted=st.booleans(), data=st.data())
def test_each_place_is_found_where_it_was_written(
    lines: list[list[Segment]],
    is_sorted: bool,
    data: st.DataObject,
) -> None:
    if is_sorted:
        lines = [sorted(each) for each in lines]
    read = read_source_map(json.dumps(source_map(lines, SOURCES)))
    for line, found in enumerate(lines):
        columns = [each[0] for each in found]
        near = [column + by for column in columns for by in (-1, 0, 1)]
        for column in [*near, data.draw(numbers)]:
            assert read.place(line, column) == place_of(lines, line, column)
    assert read.place(len(lines) + 1, 0) is None
    assert read.place(-1, 0) is None


def test_a_map_of_a_compiler() -> None:
    # As the format's own documents have it: tsc's "AAAA" is the start of all.
    given_map = {"version": 3, "sources": ["x.ts"], "mappings": "AAAA,IAAMA;;CACC"}
    read = read_source_map(json.dumps(given_map))
    assert read.place(0, 3) == OriginalPlace("x.ts", 0, 0)
    assert read.place(0, 4) == OriginalPlace("x.ts", 0, 6)
    assert read.place(1, 4) is None
    assert read.place(2, 0) is None
    assert read.place(2, 1) == OriginalPlace("x.ts", 1, 7)


def test_sections_each_have_their_part() -> None:
    first = source_map([[(0, 0, 5, 0)]], ["a.ts"], sourcesContent=["A"])
    second = source_map([[(0, 0, 7, 2), (4, 0, 8, 0)], [(0, 0, 9, 0)]], ["b.ts"])
    read = read_source_map(
        json.dumps(
            {
                "version": 3,
                "sections": [
                    {"offset": {"line": 1, "column": 0}, "map": first},
                    {"offset": {"line": 1, "column": 10}, "map": second},
                ],
            }
        )
    )
    assert read.place(0, 3) is None
    assert read.place(1, 9) == OriginalPlace("a.ts", 5, 0)
    assert read.place(1, 10) == OriginalPlace("b.ts", 7, 2)
    assert read.place(1, 15) == OriginalPlace("b.ts", 8, 0)
    assert read.place(2, 0) == OriginalPlace("b.ts", 9, 0)
    assert read.contents == {"a.ts": "A"}


def test_names_and_contents_of_sources() -> None:
    given_map = source_map(
        [[(0, 0, 0, 0), (1, 1, 0, 0)]],
        ["a.ts", "b.ts"],
        sourceRoot="/src",
        sourcesContent=["let a", None],
    )
    given_map["sources"][1] = None
    read = read_source_map(")]}'\n" + json.dumps(given_map))
    assert read.place(0, 0) == OriginalPlace("/src/a.ts", 0, 0)
    assert read.place(0, 1) is None
    assert read.contents == {"/src/a.ts": "let a"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html>", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", '"map"'),
        ('{"version": 2}', "version 2"),
        ('{"version": 3}', '"sources" is missing'),
        ('{"version": 3, "sources": []}', '"mappings" is missing'),
        ('{"version": 3, "sources": 1, "mappings": ""}', '"sources"'),
        ('{"version": 3, "sources": [], "mappings": "AAAA"}', "more files"),
        ('{"version": 3, "sources": ["a"], "mappings": "ACAA"}', "more files"),
        ('{"version": 3, "sources": ["a"], "mappings": "A A"}', "'A A'"),
        ('{"version": 3, "sources": ["a"], "mappings": "AA"}', "'AA'"),
        ('{"version": 3, "sources": ["a"], "mappings": "AAAg"}', "incomplete"),
        ('{"version": 3, "sources": ["a"], "mappings": "AADA"}', "out of the files"),
        ('{"version": 3, "sources": ["a"], "mappings": "ggggggggggA"}', "not a valid"),
        ('{"version": 3, "sections": 1}', '"sections"'),
        ('{"version": 3, "sections": [{"map": {}}]}', '"offset"'),
        (
            '{"version": 3, "sections": [{"offset": {"line": 0, "column": 0}}]}',
            '"map"',
        ),
    ],
)
def test_what_is_no_map_says_why(text: str, reason: str) -> None:
    with pytest.raises(SourceMapError, match=reason):
        read_source_map(text)


@given(text=st.text() | st.text('{}[]":,AgC;', max_size=40))
def test_whatever_is_read_is_a_map_or_no_map(text: str) -> None:
    for tried in (
        text,
        json.dumps({"version": 3, "sources": ["a"], "mappings": text}),
    ):
        try:
            read_source_map(tried).place(0, 0)
        except SourceMapError:
            continue


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("a;\n//# sourceMappingURL=a.js.map", "a.js.map"),
        ("a;\n//# sourceMappingURL=a.js.map\n\n", "a.js.map"),
        ("a;//@ sourceMappingURL=a.js.map\r\n", "a.js.map"),
        ("a;\n/*# sourceMappingURL=a.css.map */\n", "a.css.map"),
        ("a;\n/*# sourceMappingURL=a.css.map*/\n", "a.css.map"),
        ("a;\n//# sourceMappingURL=old.map\n//# sourceMappingURL=new.map", "new.map"),
        ("a;\n//# sourceMappingURL=a.map\n// the end\n/* of * all */", "a.map"),
        ("a;\n//# sourceMappingURL=a.map\nb();", None),
        ("a('//# sourceMappingURL=a.map');", None),
        ("a('sourceMappingURL=a.map')", None),
        ("// sourceMappingURL=a.map", None),
        ("//# sourceMappingURL=", None),
        ("a", None),
    ],
)
def test_the_comment_at_the_end_names_the_map(text: str, address: str | None) -> None:
    assert map_address(text) == address


def test_a_map_in_its_address() -> None:
    comment = embedded({"é": 1})
    address = map_address(comment)
    assert address is not None
    assert json.loads(embedded_map(address)) == {"é": 1}
    assert embedded_map("data:application/json,%7B%22a%22%3A1%7D") == '{"a":1}'


@pytest.mark.parametrize(
    "address", ["data:", "data:x;base64,####", "data:x;base64,/w==", "data:x,%ff"]
)
def test_an_address_that_holds_no_map(address: str) -> None:
    with pytest.raises(SourceMapError):
        embedded_map(address)


@given(line=st.text(), data=st.data())
def test_columns_of_characters_and_of_utf_16(line: str, data: Any) -> None:
    column = data.draw(st.integers(0, len(line)))
    units = utf16_column(line, column)
    assert units == len(line[:column].encode("utf-16-le", "surrogatepass")) // 2
    assert character_column(line, units) == column
