"""Scripts that tests run in a context of the engine."""

from typing import Any, cast

from gharial.engine.port import JsContext
from gharial.engine.quickjs import QuickJsContext
from gharial.engine.shared_numbers import with_numbers


def evaluate(context: JsContext, source: str, filename: str) -> Any:
    """Run a script, which may say ``$NAME`` for a shared number; return its value."""
    raw = cast("QuickJsContext", context).raw
    return raw.eval(with_numbers(source), filename=filename)
