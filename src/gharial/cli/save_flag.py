"""The flag that saves a run."""

from typing import Final

import click

TO_FOLDER: Final = ""
"""What ``--save`` is if no file follows it."""

save_option = click.option(
    "--save",
    "save",
    metavar="[FILE]",
    is_flag=False,
    flag_value=TO_FOLDER,
    help="Save the run for 'gharial runs' and 'gharial compare', in FILE or with all saved "
    "runs.",
)
