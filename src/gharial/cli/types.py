"""``gharial types``: let editors complete a script in JavaScript."""

import json
from importlib.resources import files
from pathlib import Path

import click

from gharial.cli.command import Command
from gharial.errors import ConfigurationError
from gharial.scripting.languages import SUFFIXES, Language

DECLARATIONS = "gharial.d.ts"
PROJECT = "jsconfig.json"

_PROJECT = {
    "compilerOptions": {
        "lib": ["ES2023", "DOM"],
        "module": "ESNext",
        "moduleResolution": "Bundler",
        # The latest that TypeScript 5.0 knows; scripts are not compiled anyway.
        "target": "ES2022",
        # Not all versions have it as their default.
        "strict": False,
        "types": [],
        "checkJs": True,
    },
    "include": [
        *(f"**/*{suffix}" for suffix in SUFFIXES[Language.JAVASCRIPT]),
        DECLARATIONS,
    ],
}


@click.command(cls=Command)
@click.argument("directory", default=".")
def types(directory: str) -> None:
    """
    Write type declarations for editors to DIRECTORY.

    DIRECTORY is that of your scripts, by default the current one. Editors that know
    TypeScript then complete Gharial's API in every script there. They check a script's
    options as well, after the comment /** @type {import('k6/options').Options} */.
    An existing jsconfig.json is not changed.
    """
    folder = Path(directory)
    if not folder.is_dir():
        raise ConfigurationError(f"there is no directory {directory!r}")
    text = files("gharial").joinpath("types", DECLARATIONS).read_text(encoding="utf-8")
    _write(folder / DECLARATIONS, text)
    click.echo(f"wrote {folder / DECLARATIONS}")
    project = folder / PROJECT
    if project.exists():
        click.echo(f'did not change {project}; its "include" must name {DECLARATIONS}')
    else:
        _write(project, json.dumps(_PROJECT, indent=2) + "\n")
        click.echo(f"wrote {project}")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(f"cannot write {str(path)!r}: {reason}") from error
