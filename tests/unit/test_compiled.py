"""The hot path is compiled where it can be, all of it or nothing, and up to date."""

import importlib
import os
import shutil
import sys
import sysconfig
import time
from importlib.util import cache_from_source
from pathlib import Path

import hatch_build
import pytest

import gharial
from gharial.engine.quickjs import QuickJs
from gharial.engine.quickjs_binding import binding
from gharial.process.build import IS_COMPILED

PACKAGE = Path(gharial.__file__).parent


def is_compiled(name: str) -> bool:
    module = f"gharial.{Path(name).with_suffix('').as_posix().replace('/', '.')}"
    try:
        file = importlib.import_module(module).__file__
    except ImportError:
        return False
    return not str(file).endswith(".py")


def test_all_of_it_is_compiled_or_nothing() -> None:
    assert len({is_compiled(name) for name in hatch_build.BUILT}) == 1


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


def test_the_engine_is_the_one_that_was_compiled_with_the_rest() -> None:
    has_ours = hasattr(binding, "new_bytecode")
    assert has_ours == (
        is_compiled(hatch_build.COMPILED[0]) and sys.platform != "win32"
    )


def test_what_is_compiled_is_newer_than_its_source() -> None:
    if is_compiled(hatch_build.COMPILED[0]):
        assert hatch_build.is_up_to_date(PACKAGE.parents[1], PACKAGE), (
            "run python hatch_build.py"
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the sources alone."""
    for name in hatch_build.BUILT:
        source = tmp_path / "src" / "gharial" / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.touch()
    return tmp_path


class Compiler:
    """Writes what a compiler would, an hour later each time, and counts how often."""

    def __init__(self) -> None:
        self.count = 0
        self.began_at_s = time.time()

    def __call__(self, root: Path) -> bool:
        self.count += 1
        for name in hatch_build.BUILT:
            file = root / hatch_build.KEPT / "gharial" / hatch_build.built_file(name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(str(self.count), "ascii")
            os.utime(file, (self.compiled_at_s, self.compiled_at_s))
        return True

    @property
    def compiled_at_s(self) -> float:
        return self.began_at_s + 3600.0 * self.count


def installed(monkeypatch: pytest.MonkeyPatch) -> Compiler:
    compiler = Compiler()
    monkeypatch.setattr(hatch_build, "compile_all", compiler)
    monkeypatch.delenv(hatch_build.PLAIN, raising=False)
    monkeypatch.setattr(
        hatch_build, "built_file", lambda name: Path(name).with_suffix(".so")
    )
    return compiler


def in_package(checkout: Path) -> set[str]:
    found = (checkout / "src").rglob("*.so")
    return {file.read_text("ascii") for file in found}


def test_what_was_compiled_is_kept_while_a_plain_build_is_tested(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = installed(monkeypatch)
    assert hatch_build.compile_in_place(checkout)
    with monkeypatch.context() as plain:
        plain.setenv(hatch_build.PLAIN, "1")
        assert not hatch_build.compile_in_place(checkout)
        assert in_package(checkout) == set()
    assert hatch_build.compile_in_place(checkout)
    assert (compiler.count, in_package(checkout)) == (1, {"1"})


def test_it_is_compiled_again_once_a_source_has_changed(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = installed(monkeypatch)
    assert hatch_build.compile_in_place(checkout)
    for count, changed in ((2, hatch_build.COMPILED[0]), (3, "new.pxd")):
        source = checkout / "src" / "gharial" / changed
        source.touch()
        changed_at_s = compiler.compiled_at_s + 60.0
        os.utime(source, (changed_at_s, changed_at_s))
        for _ in range(2):
            assert hatch_build.compile_in_place(checkout)
            assert in_package(checkout) == {str(count)}


def test_a_failure_to_compile_leaves_the_plain_files(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hatch_build, "compile_all", lambda root: False)
    monkeypatch.delenv(hatch_build.PLAIN, raising=False)
    assert not hatch_build.compile_in_place(checkout)
    assert in_package(checkout) == set()


@pytest.mark.parametrize(
    "name", [name for name in hatch_build.COMPILED if name.endswith("_in_c.pyx")]
)
def test_each_file_in_c_has_one_in_python_and_one_that_chooses(name: str) -> None:
    source = PACKAGE / name
    assert source.with_name(source.name.replace("_in_c.pyx", "_in_python.py")).exists()
    module = f"gharial.{name.removesuffix('_in_c.pyx').replace('/', '.')}"
    chosen, in_python = (
        importlib.import_module(end) for end in (module, f"{module}_in_python")
    )
    for public in chosen.__all__:
        assert (
            getattr(chosen, public) is not getattr(in_python, public)
        ) == IS_COMPILED, public


def test_it_is_known_how_it_was_built() -> None:
    assert is_compiled(hatch_build.COMPILED[0]) == IS_COMPILED


@pytest.mark.slow
def test_a_compiler_is_tried_before_anything_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(hatch_build, "WITH_AN_ENGINE", ("3.9",))
    # The tools of both kinds of systems find nothing, whatever is installed.
    monkeypatch.setenv("CC", str(tmp_path / "no-compiler"))
    monkeypatch.setenv("DISTUTILS_USE_SDK", "1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"no C compiler .* use Python 3\.9"):
        hatch_build.check_installable()


def test_none_is_needed_where_the_engine_has_a_wheel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    monkeypatch.setattr(hatch_build, "WITH_AN_ENGINE", (here,))
    monkeypatch.setattr(hatch_build, "can_compile", lambda: False)
    hatch_build.check_installable()


def test_the_bytecode_is_there_where_python_does_not_write_it(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    file = checkout / "src" / "gharial" / "plain.py"
    file.write_text("x = 1\n", "utf-8")
    hatch_build.write_bytecode(checkout)
    assert Path(cache_from_source(str(file))).is_file()
