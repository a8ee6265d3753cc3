"""``--secret-source``: where a script's secrets come from."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from gharial.errors import ConfigurationError, did_you_mean
from gharial.virtual_user.context import Secrets

KINDS = ("file", "mock")
_EXAMPLE = "--secret-source file=secrets.txt"


def secret_option(command: Any) -> Any:
    """Add the flag that names a source of secrets to a command."""
    return click.option(
        "--secret-source",
        "secret_sources",
        metavar="SOURCE",
        multiple=True,
        envvar=["GHARIAL_SECRET_SOURCE", "K6_SECRET_SOURCE"],
        help="Where k6/secrets gets secrets: file=PATH with lines NAME=VALUE, or "
        "mock=NAME=VALUE,...; repeatable.",
    )(command)


def read_secrets(given: Sequence[str]) -> Secrets:
    """
    Return all secrets by source and name.

    A source may have a name (``file=name=vault,filename=s.txt``) and be the default one
    (``mock=default,key=value``); a single source is the default anyway.

    Raises:
        ConfigurationError: If a source is none, or cannot be read.

    Source:
        k6 v2.2, ``internal/secretsource``.

    """
    found: dict[str, dict[str, str]] = {}
    for number, text in enumerate(given, 1):
        kind, equals, rest = text.partition("=")
        if not equals or kind not in KINDS:
            raise ConfigurationError(
                f"--secret-source {text!r}: expected a source such as {_EXAMPLE}"
                f"{did_you_mean(kind, KINDS)}"
            )
        settings = _Settings(text, rest)
        values = (
            dict(_read_lines(text, settings.path))
            if kind == "file"
            else settings.values
        )
        if settings.is_default or len(given) == 1:
            if "" in found:
                raise ConfigurationError(
                    f"--secret-source {text!r}: another source is already the default"
                )
            found[""] = values
        found[settings.name or f"{kind}{number}"] = values
    return found


class _Settings:
    """What stands after the kind of a source, taken apart."""

    def __init__(self, source: str, text: str) -> None:
        self.name = ""
        self.is_default = False
        self.path = ""
        self.values: dict[str, str] = {}
        for part in text.split(","):
            key, equals, value = part.partition("=")
            if part == "default":
                self.is_default = True
            elif not equals:
                self.path = part
            elif key == "name":
                self.name = value
            elif key == "filename":
                self.path = value
            elif key:
                self.values[key] = value
            else:
                raise ConfigurationError(
                    f"--secret-source {source!r}: {part!r} has no name before the '='"
                )


def _read_lines(source: str, path: str) -> Iterator[tuple[str, str]]:
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(
            f"--secret-source {source!r}: cannot read {path!r}: {reason}"
        ) from None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            # The line itself may be a secret.
            raise ConfigurationError(
                f"--secret-source {source!r}: line {number} of {path!r} is not of the form "
                "NAME=VALUE"
            )
        yield name.strip(), value.strip()
