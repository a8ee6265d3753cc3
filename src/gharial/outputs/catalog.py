"""The available outputs: entry points of installed packages, Gharial's own included."""

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from gharial.errors import did_you_mean
from gharial.lazy_pattern import lazy_pattern
from gharial.outputs.base import MakeOutput, Output, OutputError

GROUP: Final = "gharial.outputs"

_PASSWORD: Final = lazy_pattern(r"//[^/\s@]*@")

ELSEWHERE: Final = {
    "cloud": "Gharial sends nothing to a cloud service",
    "kafka": "use --out json and a shipper, or a package that adds it",
    "datadog": "use --out statsd, which its agent takes",
    "web-dashboard": "use --dashboard",
    "dashboard": "use --dashboard",
}
"""Outputs of k6 that are something else here."""


def known_outputs() -> dict[str, EntryPoint]:
    """Return all outputs by name, without importing them."""
    return {point.name: point for point in entry_points(group=GROUP)}


def make_outputs(
    wanted: Sequence[str], environment: Mapping[str, str]
) -> dict[str, Output]:
    """
    Return outputs by what the user wrote for each, without what must not be shown.

    Args:
        wanted: ``name`` or ``name=argument``.
        environment: The variables that may set more.

    Raises:
        OutputError: If one does not exist, is not installed, or cannot be made so.

    """
    made: dict[str, Output] = {}
    known = known_outputs()
    for text in wanted:
        name, _, argument = text.partition("=")
        if name not in known:
            raise OutputError(_unknown(name, sorted(known)))
        shown = _PASSWORD.sub("//***@", text)
        if shown in made:
            raise OutputError(f"--out {shown} was given twice")
        make = _load(known[name])
        made[shown] = make(argument, environment)
    return made


def _load(point: EntryPoint) -> MakeOutput:
    try:
        make: MakeOutput = point.load()
    except ImportError as error:
        extra = (
            f" It needs the extra gharial[{_extra(point)}]." if _is_ours(point) else ""
        )
        raise OutputError(
            f"--out {point.name}: cannot be loaded: {error}.{extra}"
        ) from (error)
    return make


def _is_ours(point: EntryPoint) -> bool:
    return point.value.startswith("gharial.")


def _extra(point: EntryPoint) -> str:
    # Some outputs have several names; the extra has the module's.
    return point.value.partition(":")[0].rpartition(".")[2]


def _unknown(name: str, known: Sequence[str]) -> str:
    if name in ELSEWHERE:
        return f"--out {name}: {ELSEWHERE[name]}"
    hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
    return f"--out: there is no output {name!r}{hint}"
