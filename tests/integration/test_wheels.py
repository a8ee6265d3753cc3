"""What is published: wheels that need no compiler, on each Python that is installed here."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 1500
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
WORKFLOW = ROOT / ".github/workflows/release.yml"


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="auditwheel is for Linux")
def test_wheels_install_and_run_without_a_compiler(tmp_path: Path) -> None:
    pytest.importorskip("auditwheel", reason="pip install --group wheels")
    build = [sys.executable, str(ROOT / "packaging/wheels.py"), "--into", str(tmp_path)]
    if not os.environ.get("GHARIAL_ALL_PYTHONS"):
        build += ["--python", sys.executable]
    done = subprocess.run(build, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stdout + done.stderr
    wheels = sorted(tmp_path.glob("*.whl"))
    assert wheels
    for wheel in wheels:
        assert "-manylinux" in wheel.name, wheel.name
        _try(wheel, tmp_path)


def _try(wheel: Path, folder: Path) -> None:
    version = re.search(r"-cp3(\d+)-", wheel.name)
    assert version is not None
    place = folder / f"venv-{version[1]}"
    python = _python_of(f"3.{version[1]}")
    if python == sys.executable:
        venv.create(place, with_pip=True)
    else:
        subprocess.run([python, "-m", "venv", str(place)], check=True, timeout=LIMIT_S)
    inside = place / "bin"
    # Programs of the system are not found, and the compiler that Python names fails.
    bare = {
        "PATH": str(inside),
        "CC": "/bin/false",
        "HOME": os.environ.get("HOME", "/"),
    }
    bare |= {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_"))}
    only = ("--only-binary", ":all:", "--quiet", "--disable-pip-version-check")
    for command in (
        [str(inside / "pip"), "install", *only, str(wheel)],
        [str(inside / "python"), str(ROOT / "packaging/try_installed.py")],
    ):
        done = subprocess.run(
            command,
            env=bare,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "works on Python 3." in done.stdout


def _python_of(version: str) -> str:
    if sys.version.startswith(f"{version}."):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    found = [shutil.which(f"python{version}"), *pyenv.glob(f"{version}.*/bin/python")]
    return str([each for each in found if each][-1])


def test_the_release_builds_what_the_project_says_it_supports() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    runners = workflow["jobs"]["wheels"]["strategy"]["matrix"]["runner"]
    for system in ("ubuntu-24.04", "ubuntu-24.04-arm", "macos-15", "windows-2025"):
        assert system in runners
    settings = PROJECT["tool"]["cibuildwheel"]
    built = {f"3.{n}" for n in re.findall(r"cp3(\d+)-\*", settings["build"])}
    named = re.findall(
        r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"])
    )
    assert built == set(named) == {"3.11", "3.12", "3.13", "3.14"}
    script = settings["test-command"].split("{project}/")[1]
    assert (ROOT / script).is_file()


def test_only_tags_are_published() -> None:
    publish = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]["publish"]
    assert publish["if"] == "startsWith(github.ref, 'refs/tags/v')"
    assert set(publish["needs"]) == {"wheels", "source"}
