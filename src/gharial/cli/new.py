"""``gharial new``: write a script to start from."""

from importlib.resources import files
from pathlib import Path

import click

from gharial.errors import ConfigurationError, did_you_mean

LANGUAGES = {"javascript": ".js", "typescript": ".ts", "python": ".py"}
# By template: the server of ours that it runs against.
TEMPLATES = {"chat": "chat", "echo": "echo", "arrival-rate": "echo"}
_BY_SUFFIX = {
    **dict.fromkeys((".js", ".mjs"), "javascript"),
    **dict.fromkeys((".ts", ".mts"), "typescript"),
    ".py": "python",
}


@click.command()
@click.argument("file", required=False)
@click.option(
    "--language",
    metavar="LANGUAGE",
    help="javascript, typescript or python (default: what FILE's name says).",
)
@click.option(
    "--template",
    metavar="TEMPLATE",
    default="chat",
    show_default=True,
    help="chat, echo or arrival-rate.",
)
@click.option("-f", "--force", is_flag=True, help="Overwrite FILE.")
def new(
    file: str | None,
    language: str | None,
    template: str,
    force: bool,  # noqa: FBT001 - click passes all by name
) -> None:
    """Write a script to start from to FILE (script.js unless given)."""
    chosen = _language(file, language)
    _check("--template", template, tuple(TEMPLATES))
    path = Path(file or f"script{LANGUAGES[chosen]}")
    name = f"{template.replace('-', '_')}{LANGUAGES[chosen]}"
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


def _language(file: str | None, given: str | None) -> str:
    if given is not None:
        _check("--language", given, tuple(LANGUAGES))
        return given
    if file is None:
        return "javascript"
    suffix = Path(file).suffix.lower()
    if suffix not in _BY_SUFFIX:
        raise ConfigurationError(
            f"{file!r}: cannot tell the language; let the name end in .js, .ts or .py, or "
            "use --language"
        )
    return _BY_SUFFIX[suffix]


def _check(flag: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise ConfigurationError(
            f"{flag} {given!r}: there is none of that name{did_you_mean(given, known)} "
            f"(there are {', '.join(known)})"
        )
