"""Puts a library, its server and our scripts into a folder of their own."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.libraries.client_library import FOLDER, Library

LIMIT_S: Final = 300.0


# What npm and pip say where they reach no registry.
_NO_REGISTRY: Final = re.compile(
    "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT"
    "|NewConnectionError|ConnectTimeoutError|NameResolutionError"
)


class InstallError(Exception):
    """Something could not be installed."""


class NoRegistryError(InstallError):
    """Node.js, npm or a registry is missing here."""


def install(library: Library, cache: Path) -> Path:
    """
    Return a folder with all that a library's run needs; packages stay for the next time.

    Raises:
        InstallError: If that cannot be done.

    """
    folder = cache / library.script.stem
    folder.mkdir(parents=True, exist_ok=True)
    npm_packages = sorted({*library.packages, *library.server_packages})
    wanted = json.dumps([npm_packages, library.python_packages])
    stamp = folder / "installed.json"
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        stamp.unlink(missing_ok=True)
        _install_from_npm(npm_packages, folder)
        _install_from_pypi(library.python_packages, folder)
        stamp.write_text(wanted, "utf-8")
    for ours in ("clients", "servers"):
        shutil.copytree(FOLDER / ours, folder, dirs_exist_ok=True)
    return folder


def _install_from_npm(packages: Sequence[str], folder: Path) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NoRegistryError("Node.js and npm are not installed")
    # Their own programs are not run: none of these packages needs to be built.
    flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps")
    dependencies = dict(_name_and_version(each) for each in packages)
    described = {"name": "trial", "private": True, "dependencies": dependencies}
    (folder / "package.json").write_text(json.dumps(described, indent=1), "utf-8")
    _run([npm, "install", "--loglevel=error", *flags], folder)


def _name_and_version(package: str) -> tuple[str, str]:
    # A scope begins with an "@", an alias has another one in what stands for its version.
    at = package.index("@", 1)
    return package[:at], package[at + 1 :]


def _install_from_pypi(packages: Sequence[str], folder: Path) -> None:
    if packages:
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--upgrade")
        _run([*pip, "--target", str(folder / "python"), *packages], folder)


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise NoRegistryError(f"{command[0]} did not end in {LIMIT_S}s") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip()
        kind = NoRegistryError if _NO_REGISTRY.search(said) else InstallError
        raise kind(f"{command[0]} failed", said) from error
