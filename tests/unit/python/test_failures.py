import pytest

from gharial.python.failures import SHOWN_FRAMES_MAXIMUM, script_error

FILE = "script.py"


def raised(source: str) -> BaseException:
    try:
        exec(compile(source, FILE, "exec"), {})
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def shown(source: str) -> str:
    return str(script_error(raised(source), {FILE}))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param(
            "raise ValueError('bad')",
            "ValueError: bad\n    at <module> (script.py:1:1)",
            id="message",
        ),
        pytest.param(
            "raise ValueError",
            "ValueError\n    at <module> (script.py:1:1)",
            id="no message",
        ),
        pytest.param(
            "def f():\n  def g(): 1/0\n  g()\nf()",
            "ZeroDivisionError: division by zero\n"
            "    at f.g (script.py:2:12)\n"
            "    at f (script.py:3:3)\n"
            "    at <module> (script.py:4:1)",
            id="innermost first",
        ),
        pytest.param(
            "import json\njson.loads('')",
            "JSONDecodeError: Expecting value: line 1 column 1 (char 0)\n"
            "    at <module> (script.py:2:1)",
            id="the script's frames only",
        ),
        pytest.param(
            "try: {}['x']\nexcept KeyError as e: raise ValueError('bad') from e",
            "ValueError: bad\n"
            "    at <module> (script.py:2:23)\n"
            "  caused by KeyError: 'x'\n"
            "    at <module> (script.py:1:6)",
            id="cause",
        ),
        pytest.param(
            "try: {}['x']\nexcept KeyError: raise ValueError('bad')",
            "ValueError: bad\n"
            "    at <module> (script.py:2:18)\n"
            "  while handling KeyError: 'x'\n"
            "    at <module> (script.py:1:6)",
            id="context",
        ),
        pytest.param(
            "try: {}['x']\nexcept KeyError: raise ValueError('bad') from None",
            "ValueError: bad\n    at <module> (script.py:2:18)",
            id="suppressed context",
        ),
        pytest.param(
            "raise ExceptionGroup('all', [ValueError('a')])",
            "ExceptionGroup: all (1 sub-exception)\n"
            "    at <module> (script.py:1:1)\n"
            "  with ValueError: a",
            id="group",
        ),
        pytest.param(
            "class E(Exception):\n  def __str__(self): 1/0\nraise E",
            "E: (its message cannot be shown)\n    at <module> (script.py:3:1)",
            id="a message that throws",
        ),
    ],
)
def test_an_exception_is_shown_with_the_scripts_frames(source: str, text: str) -> None:
    assert shown(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("x = (1", "SyntaxError: '(' was never closed\n    at script.py:1:5\n"),
        ("if x:\npass", "IndentationError: expected an indented block after"),
        ("  x", "IndentationError: unexpected indent\n    at script.py:1:"),
    ],
)
def test_a_syntax_error_shows_its_line(source: str, text: str) -> None:
    assert shown(source).startswith(text)


def test_endless_recursion_is_shown_shortly() -> None:
    lines = shown("def f(): f()\nf()").splitlines()
    assert lines[0].startswith("RecursionError")
    assert len(lines) == SHOWN_FRAMES_MAXIMUM + 2
    assert lines[-1].endswith(" more")


def test_circular_causes_are_shown_once() -> None:
    error = raised("raise ValueError('a')")
    other = raised("raise KeyError('b')")
    error.__cause__, other.__cause__ = other, error
    assert str(script_error(error, {FILE})).count("caused by") == 1


def test_an_error_without_script_frames_has_no_stack() -> None:
    assert script_error(ValueError("x"), {FILE}).stack == ""


def test_of_a_long_line_the_place_is_shown() -> None:
    line = "a = 1; " * 10_000 + "b = ; " + "c = 1; " * 10_000
    with pytest.raises(SyntaxError) as raised:
        compile(line, "s.py", "exec")
    text = str(script_error(raised.value, {"s.py"}))
    assert "b = ; c" in text
    assert len(text) < 500
