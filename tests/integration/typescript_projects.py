"""Compilers of TypeScript from npm, and projects of all JavaScript that we show to users."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

NPM_LIMIT_S = 180
TSC_LIMIT_S = 240
ROOT = Path(__file__).resolve().parents[2]
# The first and the last of 5, and the last of the others.
COMPILERS = {"5.0": "5.0.4", "5": "^5.9.3", "6": "^6.0.3", "7": "^7.0.2"}
K6_TYPES = "^2.3.0"

_BLOCK = re.compile(
    r"((?:<!-- given: [^\n]* -->\n)*)^```(javascript|typescript)\n(.*?)^```",
    re.DOTALL | re.MULTILINE,
)
_GIVEN = re.compile(r"<!-- given: (.*) -->")
_OPTIONS = "export const options ="
_TYPED_OPTIONS = f"/** @type {{import('k6/options').Options}} */\n{_OPTIONS}"


def install_compilers(folder: Path) -> Path:
    """Install compilers and k6's types into a folder; skip the test if that fails."""
    npm = shutil.which("npm")
    if shutil.which("node") is None or npm is None:
        pytest.skip("Node.js and npm are not installed")
    dependencies = {f"ts-{n}": f"npm:typescript@{v}" for n, v in COMPILERS.items()}
    dependencies["@types/k6"] = K6_TYPES
    described = {"name": "trial", "private": True, "dependencies": dependencies}
    (folder / "package.json").write_text(json.dumps(described))
    flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
    done = subprocess.run(
        [npm, "install", *flags],
        cwd=folder,
        timeout=NPM_LIMIT_S,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip("npm cannot install TypeScript and @types/k6 here")
    return folder


def complaints(folder: Path, compiler: str, project: str) -> str:
    """Return what a compiler says of a project in a folder; empty if all is well."""
    tsc = folder / "node_modules" / f"ts-{compiler}" / "bin" / "tsc"
    done = subprocess.run(
        ["node", str(tsc), "--noEmit", "--pretty", "false", "--project", project],
        cwd=folder,
        timeout=TSC_LIMIT_S,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 or done.stdout, done.stderr
    return done.stdout


def write_snippets(folder: Path) -> int:
    """
    Write the code of all pages to files of their own, and return how many there are.

    What a block takes for given, a comment before it says: ``<!-- given: declare … -->``.
    """
    folder.mkdir()
    written = 0
    for page in [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]:
        name = "-".join(page.relative_to(ROOT).with_suffix("").parts)
        for number, (given, language, code) in enumerate(_blocks(page), 1):
            modules = [each for each in given if each.startswith("declare module")]
            values = [each for each in given if each not in modules]
            code = code.replace(_OPTIONS, _TYPED_OPTIONS)
            # JavaScript knows no `declare`.
            is_script = language == "javascript" and not values
            file = folder / f"{name}-{number}.{'js' if is_script else 'ts'}"
            is_declaration = code.startswith("declare module")
            if not is_declaration:
                code += "\nexport {};\n"
                file.write_text("\n".join([*values, code]), "utf-8")
                written += 1
            if modules:
                declared = folder / f"{name}-{number}-given.d.ts"
                declared.write_text("\n".join(modules), "utf-8")
    return written


def _blocks(page: Path) -> Iterator[tuple[list[str], str, str]]:
    for given, language, code in _BLOCK.findall(page.read_text("utf-8")):
        yield _GIVEN.findall(given), language, code
