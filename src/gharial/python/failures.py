"""Formats a Python exception for the author of a script."""

from collections.abc import Container, Iterator
from itertools import islice
from types import CodeType, TracebackType

from gharial.scripting.source_line import line_around
from gharial.virtual_user.script import ScriptError

# Runaway recursion has about a thousand frames that all look the same.
SHOWN_FRAMES_MAXIMUM = 20
SHOWN_MEMBERS_MAXIMUM = 5


def script_error(error: BaseException, files: Container[str]) -> ScriptError:
    """
    Return an exception with the script's own frames only, innermost first.

    Args:
        error: What was raised.
        files: The names of the script's files, as its code objects carry them.

    """
    return ScriptError(_message(error), "\n".join(_lines(error, files, set())))


def _message(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else _text(error)
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(its message cannot be shown)"


def _lines(
    error: BaseException, files: Container[str], seen: set[int]
) -> Iterator[str]:
    seen.add(id(error))
    if isinstance(error, SyntaxError) and error.filename is not None:
        yield from _syntax_lines(error)
    frames = list(_frames(error.__traceback__, files))
    frames.reverse()
    yield from frames[:SHOWN_FRAMES_MAXIMUM]
    if len(frames) > SHOWN_FRAMES_MAXIMUM:
        yield f"    … {len(frames) - SHOWN_FRAMES_MAXIMUM} more"
    if isinstance(error, BaseExceptionGroup):
        for member in islice(error.exceptions, SHOWN_MEMBERS_MAXIMUM):
            yield f"  with {_message(member)}"
            yield from _lines(member, files, seen)
    cause = error.__cause__
    link = "caused by"
    if cause is None and not error.__suppress_context__:
        cause = error.__context__
        link = "while handling"
    if cause is not None and id(cause) not in seen:
        lines = list(_lines(cause, files, seen))
        # What happened inside Gharial only is no news to the script's author.
        if lines:
            yield f"  {link} {_message(cause)}"
            yield from lines


def _syntax_lines(error: SyntaxError) -> Iterator[str]:
    place = f"{error.filename}:{error.lineno or 1}"
    yield f"    at {place}:{error.offset}" if error.offset else f"    at {place}"
    if not error.text:
        return
    line = error.text.rstrip("\n")
    indent = len(line) - len(line.lstrip())
    offset = error.offset or 1
    shown, column = line_around(line[indent:], max(0, offset - 1 - indent))
    yield f"        {shown}"
    if error.offset:
        width = 1
        if error.end_lineno == error.lineno and error.end_offset:
            width = max(1, min(error.end_offset, len(line) + 1) - error.offset)
        width = min(width, max(1, len(shown) - column))
        yield "        " + " " * column + "^" * width


def _frames(traceback: TracebackType | None, files: Container[str]) -> Iterator[str]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename in files:
            column = _column(code, traceback.tb_lasti)
            name = code.co_qualname.replace("<locals>.", "")
            place = f"{code.co_filename}:{traceback.tb_lineno}{column}"
            yield f"    at {name} ({place})"
        traceback = traceback.tb_next


def _column(code: CodeType, instruction: int) -> str:
    # Two bytes an instruction; None under -X no_debug_ranges.
    position = next(islice(code.co_positions(), instruction // 2, None), None)
    if position is None or position[2] is None:
        return ""
    return f":{position[2] + 1}"
