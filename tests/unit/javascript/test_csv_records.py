from typing import Any

import pytest

from gharial.javascript.csv_records import CsvError, CsvRecords

PEOPLE = (
    b'name,age,city\nanna,3,"Bern, CH"\nbob,4,"a ""q"" b"\n\ncarl,5,Wien\r\n dora ,6, x'
)
ROWS = [
    ["name", "age", "city"],
    ["anna", "3", "Bern, CH"],
    ["bob", "4", 'a "q" b'],
    ["carl", "5", "Wien"],
    [" dora ", "6", " x"],
]


def records(data: bytes, **options: Any) -> list[Any]:
    given = {
        "delimiter": ",",
        "skip_first_line": False,
        "from_line": None,
        "to_line": None,
        "as_objects": False,
        **options,
    }
    return list(CsvRecords(data, 0, given))


# What k6 1.1.0 gives for the same file.
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ROWS),
        ({"skip_first_line": True}, ROWS[1:]),
        ({"from_line": 2}, ROWS[2:]),
        ({"from_line": 2, "skip_first_line": True}, ROWS[2:]),
        ({"from_line": 0, "skip_first_line": True}, ROWS[1:]),
        ({"to_line": 2}, ROWS[:3]),
        ({"to_line": 0}, ROWS),
        ({"from_line": 1, "to_line": 2}, ROWS[1:3]),
        (
            {"as_objects": True, "to_line": 1},
            [{"name": "anna", "age": "3", "city": "Bern, CH"}],
        ),
    ],
)
def test_rows_are_those_of_k6(options: dict[str, Any], expected: list[Any]) -> None:
    assert records(PEOPLE, **options) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"\n\r\n\n", [], id="empty lines"),
        pytest.param(b"a", [["a"]], id="no end of the line"),
        pytest.param(b"a\r", [["a"]], id="half an end of the line"),
        pytest.param(b"a,", [["a", ""]], id="an empty field"),
        pytest.param(b'""\n', [[""]], id="an empty quoted field"),
        pytest.param(b'"a\r\nb",c\nd,e', [["a\nb", "c"], ["d", "e"]], id="two lines"),
        pytest.param(b'"a""",b', [['a"', "b"]], id="a quote at the end"),
        pytest.param(b'a,"b"', [["a", "b"]], id="quoted to the end"),
        pytest.param("ä,é".encode(), [["ä", "é"]], id="UTF-8"),
    ],
)
def test_a_file_is_read_as_in_go(data: bytes, expected: list[list[str]]) -> None:
    assert records(data) == expected


@pytest.mark.parametrize("delimiter", [";", "\t", "|", "^", "]", "\\", "é"])
def test_a_delimiter_may_be_any_character(delimiter: str) -> None:
    data = f'a{delimiter}"b{delimiter}c"\n1{delimiter}2'.encode()
    expected = [["a", f"b{delimiter}c"], ["1", "2"]]
    assert records(data, delimiter=delimiter) == expected


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a,b\n1,2,3\n", "line 2 has 3 fields, the lines before have 2"),
        (b'a,b\nx"y,2\n', "line 2, column 1: a quote in a field that does not begin"),
        (b'a,b\n1,"x\n', "line 2, column 3: the quoted field has no closing quote"),
        (
            b'"a"b,c\n',
            "line 1, column 1: the quoted field has no closing quote, or text",
        ),
        (b'"a\nb","c"d\n', "line 2, column 4: the quoted field"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_place(
    data: bytes, problem: str
) -> None:
    with pytest.raises(CsvError) as caught:
        records(data)
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"delimiter": "ab"}, "delimiter must be one character"),
        ({"delimiter": '"'}, "delimiter must be one character"),
        ({"delimiter": ""}, "delimiter must be one character"),
        ({"from_line": 2, "to_line": 2}, "fromLine must be less than toLine"),
        ({"from_line": 9}, "it ends before line 9"),
        ({"as_objects": True, "skip_first_line": True}, "leave skipFirstLine out"),
        ({"as_objects": True, "from_line": 1}, "leave fromLine out"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(CsvError, match=problem):
        records(PEOPLE, **options)


def test_objects_need_a_header() -> None:
    with pytest.raises(CsvError, match="there is no header"):
        records(b"", as_objects=True)
