"""The path of a message is compiled where it can be, all of it or nothing, and up to date."""

import importlib
import os
import shutil
import sysconfig
from pathlib import Path

import hatch_build
import pytest

import gharial
from gharial.engine.quickjs import QuickJs

PACKAGE = Path(gharial.__file__).parent


def is_compiled(name: str) -> bool:
    module = f"gharial.{Path(name).with_suffix('').as_posix().replace('/', '.')}"
    try:
        file = importlib.import_module(module).__file__
    except ImportError:
        return False
    return not str(file).endswith(".py")


def test_all_of_it_is_compiled_or_nothing() -> None:
    assert len({is_compiled(name) for name in hatch_build.COMPILED}) == 1


@pytest.mark.skipif(
    bool(os.environ.get(hatch_build.PLAIN))
    or not shutil.which("cc")
    or not Path(sysconfig.get_path("include"), "Python.h").exists(),
    reason="it was installed without a C compiler, or without Python's headers",
)
def test_it_is_compiled_where_there_is_a_compiler() -> None:
    assert is_compiled(hatch_build.COMPILED[0])


def test_the_engine_has_what_the_compiled_path_takes_of_it() -> None:
    assert (QuickJs().compiled is not None) == is_compiled(hatch_build.COMPILED[0])


def test_what_is_compiled_is_newer_than_its_source() -> None:
    if is_compiled(hatch_build.COMPILED[0]):
        assert hatch_build.is_up_to_date(PACKAGE.parents[1]), (
            "run python hatch_build.py"
        )


@pytest.mark.parametrize(
    "name", [name for name in hatch_build.COMPILED if name.endswith(".pyx")]
)
def test_each_twin_in_c_has_a_plain_one(name: str) -> None:
    source = PACKAGE / name
    # What goes around the binding of the engine is done by way of it in quickjs.py.
    plain = {"quickjs_messages": "quickjs"}.get(source.stem, source.stem)
    assert source.with_name(f"{plain}.py").exists()
