"""``gharial inspect``: show what would run, without running it."""

import json
from contextlib import ExitStack
from typing import Any

import click

from gharial.cli.k6_flags import run_flags_of_k6
from gharial.cli.optional_values import ScriptCommand
from gharial.cli.screen import open_screen, screen_flags, screen_options
from gharial.cli.script_flags import script_options, script_request
from gharial.executors.catalog import executors_of, scenarios_of
from gharial.harmless import harmless_json
from gharial.lifecycle.plan import most_vus_of
from gharial.program.parts import Parts
from gharial.program.read_script import read_script
from gharial.timing import format_duration


@click.command(cls=ScriptCommand)
@click.argument("script")
@script_options
@click.option(
    "--execution-requirements",
    "has_requirements",
    is_flag=True,
    help="Add the maximum duration and number of virtual users.",
)
@screen_options
@run_flags_of_k6
@click.pass_obj
def inspect(
    parts: Parts,
    /,
    script: str,
    has_requirements: bool,  # noqa: FBT001 - click passes all by name
    **flags: Any,
) -> int:
    """
    Print the options that SCRIPT would run with, as JSON.

    They combine the config file, the script, the environment and the flags; shortcuts
    such as vus and duration are shown as the scenario that they stand for.
    """
    shown = screen_flags(flags)
    request = script_request(script, flags)
    with open_screen(parts, shown) as screen, ExitStack() as stack:
        read = read_script(parts, request, screen.log, stack)
        described = read.options.as_script_sees(scenarios_of(read.options))
        if has_requirements:
            executors = executors_of(read.options)
            described["totalDuration"] = format_duration(
                max(
                    each.plan.start_s + each.limit_s + each.plan.graceful_stop_s
                    for each in executors
                )
            )
            described["maxVUs"] = most_vus_of(executors)
        screen.print(
            harmless_json(json.dumps(described, indent=2, ensure_ascii=False)) + "\n"
        )
    return 0
