"""Writes the parts of a run's summary to their targets."""

from collections.abc import Mapping
from pathlib import Path

import click

from gharial.cli.screen import Screen


def write_texts(texts: Mapping[str, str | bytes], screen: Screen) -> list[str]:
    """
    Write each string, or bytes, to its target, even if others fail.

    Args:
        texts: By target: ``stdout``, ``stderr`` or a file's path.
        screen: Where the first two are.

    Returns:
        One sentence for each that could not be written.

    """
    problems = []
    for target, text in texts.items():
        try:
            _write(target, text, screen)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            problems.append(f"the summary cannot be written to {target!r}: {reason}")
    return problems


def _write(target: str, text: str | bytes, screen: Screen) -> None:
    match target:
        case "stdout":
            screen.print(text)
        case "stderr":
            click.echo(text, err=True, nl=False)
        case _ if isinstance(text, bytes):
            Path(target).write_bytes(text)
        case _:
            # Half a surrogate pair, which JavaScript has, becomes a question mark.
            Path(target).write_text(text, encoding="utf-8", errors="replace")
