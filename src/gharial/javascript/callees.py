"""
What is not a function, by its name: the engine says only that something is not.

Its stack has the place of the call's parenthesis, and the name is what the source has
before that. That costs nothing but where an exception is shown.
"""

from gharial.javascript.original_places import OriginalPlaces
from gharial.lazy_pattern import lazy_pattern

_PROBLEM = "TypeError: not a function"
_PLACE = lazy_pattern(r"\s*at (?:[^(\n]*\()?(.+?):(\d+):(\d+)\)?$")
_NAME = r"#?[A-Za-z_$][\w$]*"
# Names and their members; not the results of other calls.
_CALLEE = lazy_pattern(
    rf"{_NAME}(?:\s*\??\.\s*{_NAME}|\s*\[[^\[\]()]*\])*(?=\s*(?:\?\.)?\s*$)"
)


def with_callee(message: str, stack: str, places: OriginalPlaces) -> str:
    """
    Return an error's message that names what is not a function, if it says no more.

    Args:
        message: The error's name and message.
        stack: Where it was thrown, first line first; empty if that is not in the script.
        places: What knows the lines of the script's files.

    """
    if message != _PROBLEM:
        return message
    match = _PLACE.match(stack.partition("\n")[0])
    if match is None:
        return message
    found = places.source_line(match[1], int(match[2]), int(match[3]))
    if found is None:
        return message
    line, column = found
    if line[column : column + 1] != "(":
        return message
    callee = _CALLEE.search(line, 0, column)
    if callee is None:
        return message
    name = "".join(callee[0].split())
    before = line[: callee.start()].rstrip()
    if before.endswith("new") or name.endswith("Error"):
        # The script may have thrown such an error itself.
        return message
    if before.endswith("."):
        name = f"(...).{name}"
    return f"TypeError: {name} is not a function"
