"""What exists twice, in C and in plain Python, for one test over both."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import gharial
from gharial.process.build import IS_COMPILED, IS_POSIX_COMPILED

PACKAGE = Path(gharial.__file__).parent


def both(module: str, *, takes_posix: bool = False) -> list[Any]:
    """
    Return the modules ``…_in_c`` and ``…_in_python`` as parameters of a test.

    Args:
        module: The one that chooses, such as ``websocket.wire.sender``.
        takes_posix: Whether there is none in C elsewhere.

    """
    is_there = IS_POSIX_COMPILED if takes_posix else IS_COMPILED
    skip = pytest.mark.skipif(not is_there, reason="it is not compiled here")
    in_python = importlib.import_module(f"gharial.{module}_in_python")
    in_c = importlib.import_module(f"gharial.{module}_in_c") if is_there else None
    return [
        pytest.param(in_python, id="in Python"),
        pytest.param(in_c, id="in C", marks=skip),
    ]


def both_builds(module: str) -> list[Any]:
    """Return a module of one source as it is used here, and its plain source, run."""
    used = importlib.import_module(f"gharial.{module}")
    skip = pytest.mark.skipif(not IS_COMPILED, reason="it is not compiled here")
    return [
        pytest.param(_plain(module) if IS_COMPILED else used, id="in Python"),
        pytest.param(used, id="compiled", marks=skip),
    ]


def _plain(module: str) -> ModuleType:
    path = PACKAGE / f"{module.replace('.', '/')}.py"
    spec = importlib.util.spec_from_file_location(
        f"plain_{module.replace('.', '_')}", path
    )
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    # As if it had been imported, so that pickle finds its classes.
    sys.modules[made.__name__] = made
    spec.loader.exec_module(made)
    return made
