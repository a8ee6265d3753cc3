"""
The engine's binding for Python.

It is the one that is compiled with Gharial (``quickjs_in_c.c``). Where it could not be
compiled, the package ``quickjs-bindings`` has the same, without what we add to it.
"""

from typing import TYPE_CHECKING

from gharial.errors import GharialError

if TYPE_CHECKING:
    from quickjs import _quickjs as binding
else:
    try:
        from gharial.engine import quickjs_in_c as binding
    except ImportError:
        try:
            from quickjs import _quickjs as binding
        except ImportError:
            raise GharialError(
                "there is no JavaScript engine: Gharial was installed without a C "
                "compiler, and the package quickjs-bindings, which has wheels for "
                "CPython 3.11 and 3.13, is not there; install one, and Gharial again"
            ) from None

__all__ = ["binding"]
