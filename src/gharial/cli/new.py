"""``gharial new``: write a script to start from."""

from importlib.resources import files
from pathlib import Path

import click

from gharial.cli.command import Command
from gharial.cli.k6_flags import global_flags_of_k6, ignored_value
from gharial.errors import ConfigurationError, did_you_mean
from gharial.scripting.languages import SUFFIXES, Language, all_suffixes, language_of

# By template: the server of ours that it runs against.
TEMPLATES = {"chat": "chat", "echo": "echo", "arrival-rate": "echo"}


@click.command(cls=Command)
@click.argument("file", required=False)
@click.option(
    "--language",
    metavar="LANGUAGE",
    help="javascript, typescript or python (default: from FILE's name).",
)
@click.option(
    "--template",
    metavar="TEMPLATE",
    default="chat",
    show_default=True,
    help="chat, echo or arrival-rate.",
)
@click.option("-f", "--force", is_flag=True, help="Overwrite FILE.")
@global_flags_of_k6
@ignored_value("--project-id")
@ignored_value("-a", "--address")
def new(
    file: str | None,
    language: str | None,
    template: str,
    force: bool,  # noqa: FBT001 - click passes all by name
) -> None:
    """Write a starter script to FILE (default: script.js)."""
    chosen = _language(file, language)
    _check("--template", template, tuple(TEMPLATES))
    suffix = SUFFIXES[chosen][0]
    path = Path(file or f"script{suffix}")
    name = f"{template.replace('-', '_')}{suffix}"
    text = files("gharial.cli.templates").joinpath(name).read_text("utf-8")
    try:
        with path.open("w" if force else "x", encoding="utf-8") as target:
            target.write(text.replace("SCRIPT", str(path)))
    except FileExistsError:
        raise ConfigurationError(
            f"{str(path)!r} exists already; --force overwrites it"
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(f"cannot write {str(path)!r}: {reason}") from error
    click.echo(
        f"wrote {path}; to try it:\n"
        f"  gharial serve {TEMPLATES[template]}      in another terminal\n"
        f"  gharial run {path}"
    )


def _language(file: str | None, given: str | None) -> Language:
    if given is not None:
        _check("--language", given, tuple(Language))
        return Language(given)
    if file is None:
        return Language.JAVASCRIPT
    language = language_of(file)
    if language is None:
        raise ConfigurationError(
            f"{file!r}: unknown language; end the name in {all_suffixes()}, or "
            "use --language"
        )
    return language


def _check(flag: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise ConfigurationError(
            f"{flag} {given!r}: no such name{did_you_mean(given, known)} "
            f"(there are {', '.join(known)})"
        )
