from typing import cast

import pytest

from gharial.javascript.callees import with_callee
from gharial.javascript.original_places import OriginalPlaces


class Lines:
    """The lines of one file."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")

    def source_line(
        self, name: str, number: int, column: int
    ) -> tuple[str, int] | None:
        return (self.lines[number - 1], column - 1) if name == "/s.js" else None


def told(call: str, message: str = "TypeError: not a function") -> str:
    """Return the message where the call's last parenthesis opens, marked by a bar."""
    line, column = call.replace("|", ""), call.index("|") + 1
    places = cast("OriginalPlaces", Lines(line))
    stack = f"    at f (/s.js:1:{column})\n    at g (/s.js:9:9)"
    return with_callee(message, stack, places)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("o.a.c|(1)", "o.a.c"),
        ("missing|()", "missing"),
        ("const x = this.#p|()", "this.#p"),
        ("o['a']|(2)", "o['a']"),
        ("o[i + 1].f|()", "o[i+1].f"),
        ("o?.a.q|()", "o?.a.q"),
        ("o.a?.|()", "o.a"),
        ("f().g|()", "(...).g"),
        ("  .then|()", "(...).then"),
        ("f(g|(1))", "g"),
        ("return o.f|()", "o.f"),
        ("await o.f|()", "o.f"),
    ],
)
def test_what_is_called_is_named(call: str, name: str) -> None:
    assert told(call) == f"TypeError: {name} is not a function"


@pytest.mark.parametrize(
    "call",
    [
        pytest.param("o.f()|()", id="the result of a call"),
        pytest.param("(0, f)|()", id="an expression"),
        pytest.param("f<T>|()", id="type arguments"),
        pytest.param("throw new TypeError|('not a function')", id="thrown by itself"),
        pytest.param("throw TypeError|('not a function')", id="thrown without new"),
        pytest.param("new Thing|()", id="a constructor"),
        pytest.param("o.f|`x`", id="a template"),
        pytest.param("|f()", id="another place"),
    ],
)
def test_what_has_no_plain_name_is_left(call: str) -> None:
    assert told(call) == "TypeError: not a function"


def test_other_messages_are_left() -> None:
    assert (
        told("f|()", "TypeError: f is not iterable") == "TypeError: f is not iterable"
    )


@pytest.mark.parametrize(
    "stack",
    ["", "    at map (native)\n    at f (/s.js:1:2)", "    at f (/other.js:1:2)"],
)
def test_a_place_outside_the_script_names_nothing(stack: str) -> None:
    places = cast("OriginalPlaces", Lines("f(1)"))
    message = "TypeError: not a function"
    assert with_callee(message, stack, places) == message
