"""``gharial archive``: put a test with everything it needs into one file."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from gharial.cli.k6_flags import run_flags_of_k6
from gharial.cli.optional_values import ScriptCommand
from gharial.cli.overwriting import refuse_overwriting
from gharial.cli.screen import open_screen, screen_flags, screen_options
from gharial.cli.script_flags import script_options, script_request
from gharial.errors import ConfigurationError
from gharial.program.packing import exported, language_of_script, portable, sources_of
from gharial.program.parts import Parts
from gharial.program.read_script import read_script
from gharial.scripting.archive import write_archive
from gharial.scripting.languages import ARCHIVE_SUFFIX
from gharial.scripting.origin import STANDARD_INPUT, entry_name, is_remote

# As the file of an archive.
STDOUT = "-"


@click.command(cls=ScriptCommand, short_help="Pack a script into one file.")
@click.argument("script")
@script_options
@click.option(
    "-O",
    "--output",
    "--archive-out",
    "output",
    metavar="FILE",
    help="Where to write it, - for standard output (default: the script's name with .tar).",
)
@click.option(
    "--include",
    metavar="PATH",
    multiple=True,
    help="Also put in this file or folder; repeatable.",
)
@click.option(
    "--exclude-env-vars",
    "has_no_variables",
    is_flag=True,
    help="Leave out the variables given with -e.",
)
@screen_options
@run_flags_of_k6
@click.pass_obj
def archive(
    parts: Parts,
    /,
    script: str,
    output: str | None,
    include: tuple[str, ...],
    has_no_variables: bool,  # noqa: FBT001 - click passes all by name
    **flags: Any,
) -> int:
    """
    Pack SCRIPT, everything it imports and opens, and its options into one file.

    'gharial run FILE' runs it, also on another machine. The variables given with -e are
    included, the system's environment variables are not. Files that a Python script opens
    must be named with --include.
    """
    shown = screen_flags(flags)
    variables = flags["variables"]
    request = script_request(script, flags)
    if Path(script).suffix == ARCHIVE_SUFFIX:
        raise ConfigurationError(f"{script!r} is an archive already")
    with open_screen(parts, shown) as screen, ExitStack() as stack:
        read = read_script(parts, request, screen.log, stack)
        sources = sources_of(read, include)
        stored = {} if has_no_variables else read.environment
        names = {each.partition("=")[0] for each in variables}

        def write(target: Path) -> None:
            write_archive(
                target,
                script=entry_name(script),
                language=language_of_script(read),
                sources=sources,
                options=exported(portable(read.options)),
                environment={k: v for k, v in stored.items() if k in names},
            )

        if output == STDOUT:
            with tempfile.TemporaryDirectory(prefix="gharial-") as folder:
                target = Path(folder, f"script{ARCHIVE_SUFFIX}")
                write(target)
                screen.print(target.read_bytes())
            return 0
        target = Path(output or f"{_stem(script)}{ARCHIVE_SUFFIX}")
        refuse_overwriting((("the archive", str(target)),), sources)
        try:
            write(target)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ConfigurationError(
                f"cannot write {str(target)!r}: {reason}"
            ) from error
        screen.print(
            f"wrote {target} with {len(sources)} files; gharial run {target}\n"
        )
    return 0


def _stem(script: str) -> str:
    """Return what an archive is called after, with its ending."""
    path = urlsplit(script).path if is_remote(script) else script
    return "script" if script == STANDARD_INPUT else Path(path).stem or "script"
