"""A line of source for an error message: of a long line, the part around the position."""

SHOWN_MAXIMUM = 120
# What is kept before the place, so that it can be recognised.
_BEFORE = 60
_CUT = "…"


def line_around(line: str, column: int) -> tuple[str, int]:
    """
    Return what is to be shown of a line, and where in it the column is then.

    Args:
        line: The line, without its end.
        column: The place that the error is about, from 0.

    Returns:
        At most `SHOWN_MAXIMUM` characters, with an ellipsis where some were left out.

    """
    if len(line) <= SHOWN_MAXIMUM:
        return line, column
    start = max(0, min(column - _BEFORE, len(line) - SHOWN_MAXIMUM))
    end = start + SHOWN_MAXIMUM
    shown = line[start:end]
    if start > 0:
        shown = _CUT + shown[1:]
    if end < len(line):
        shown = shown[:-1] + _CUT
    return shown, min(column, len(line)) - start
