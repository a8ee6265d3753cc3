"""What QuickJS says when something goes wrong, and how it writes a stack."""

from gharial.engine.port import ErrorKind
from gharial.lazy_pattern import lazy_pattern

# What it throws where it was told to stop.
INTERRUPTED = "InternalError: interrupted"
# What it throws at the limit of its heap; without memory for an error it throws null.
OUT_OF_MEMORY = "InternalError: out of memory"
_NULL = "null"
# What a module loader of ours raised is in front of it, as far as it fits.
_LOADER_FAILED = "module loader failed"
_NO_EXPORT = lazy_pattern(
    r"Could not find export '(?P<name>[^']*)' in module '(?P<module>[^']*)'"
)
# Frames of its own functions, and what is no frame in a file.
_OWN_FRAME = lazy_pattern(r"\(native\)|^\s*at [^(:]*$")


def kind_of(message: str) -> ErrorKind:
    """Return what an exception of this message stands for."""
    if message == INTERRUPTED:
        return ErrorKind.INTERRUPTED
    if message == OUT_OF_MEMORY:
        return ErrorKind.OUT_OF_MEMORY
    if message == _NULL:
        return ErrorKind.PERHAPS_OUT_OF_MEMORY
    if _LOADER_FAILED in message:
        return ErrorKind.LOADER_FAILED
    return ErrorKind.THROWN


def missing_export(message: str) -> tuple[str, str] | None:
    """Return the name that a module should export and does not, and the module."""
    found = _NO_EXPORT.search(message)
    return None if found is None else (found["name"], found["module"])


def frames_of(stack: str) -> list[str]:
    """Return the frames of a stack that are in files, innermost first."""
    lines = (line.rstrip() for line in (stack or "").splitlines())
    return [line for line in lines if line.strip() and not _OWN_FRAME.search(line)]
