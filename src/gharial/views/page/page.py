"""The page as one file: markup, styles, scripts and data, without external resources."""

import base64
import gzip
import html
import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

from gharial.errors import GharialError
from gharial.lazy_pattern import lazy_pattern
from gharial.report.document import RunDocument
from gharial.views.page.data import document_data

_PLACE: Final = lazy_pattern(r"<!--(\w+)-->|/\*(\w+)\*/")
_SCRIPTS: Final = (
    "format.js",
    "model.js",
    "charts.js",
    "panels.js",
    "tables.js",
    "page.js",
)


class ChartLibraryMissingError(GharialError):
    """The package was not built: the chart library is not in it."""

    def __init__(self) -> None:
        super().__init__(
            "the chart library is missing from this copy of Gharial; install it with pip, "
            "which fetches it"
        )


def report_page(document: RunDocument) -> str:
    """
    Return the report of a run as a page that works offline.

    Raises:
        ChartLibraryMissingError: If the package was not built.

    """
    return _page(f"Report of {document.identity.script}", document_data(document))


def dashboard_page(script: str, nonce: str) -> str:
    """
    Return the page of a running test; it requests ``/events`` for the rest.

    Args:
        script: The script's path.
        nonce: What its scripts carry, so that the browser runs no others.

    Raises:
        ChartLibraryMissingError: If the package was not built.

    """
    return _page(f"{script} - Gharial", None, nonce)


def _page(title: str, data: dict[str, Any] | None, nonce: str = "") -> str:
    parts = {
        "title": html.escape(title),
        "style": _text("vendor/uplot.css") + _text("page.css"),
        "nonce": f' nonce="{nonce}"' if nonce else "",
        # Its licence goes with every copy of it.
        "library": f"/*!\n{_text('vendor/uplot-license.txt')}*/\n"
        + _text("vendor/uplot.js"),
        "script": "".join(_text(name) for name in _SCRIPTS),
        "data": "" if data is None else _packed(data),
    }
    # In one go: what is put in may look like a place for something else.
    return _PLACE.sub(lambda found: parts[found[1] or found[2]], _text("page.html"))


def _packed(data: dict[str, Any]) -> str:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    # No time stamp inside, so that the same run gives the same file.
    packed = gzip.compress(text.encode("utf-8", "replace"), mtime=0)
    return base64.b64encode(packed).decode("ascii")


@cache
def _text(name: str) -> str:
    try:
        return (files("gharial.views.page") / name).read_text("utf-8")
    except FileNotFoundError:
        if name.startswith("vendor/"):
            raise ChartLibraryMissingError from None
        raise
