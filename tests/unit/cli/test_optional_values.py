import click
import pytest
from click.testing import CliRunner

from gharial.cli.optional_values import ScriptCommand


@click.command(cls=ScriptCommand)
@click.argument("script")
@click.option("--show", is_flag=False, flag_value="")
@click.option("--debug", is_flag=False, flag_value="headers")
@click.option("--name")
def command(script: str, show: str | None, debug: str | None, name: str | None) -> None:
    if debug is not None:
        show = debug
    click.echo(f"{script} {show!r} {name!r}")


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["s.js"], "s.js None None"),
        (["--show", "s.js"], "s.js '' None"),
        (["--show", "S.CJS"], "S.CJS '' None"),
        (["--show", "1:2", "s.py"], "s.py '1:2' None"),
        (["--show=1:2", "s.ts"], "s.ts '1:2' None"),
        (["s.js", "--show"], "s.js '' None"),
        (["--debug", "s.js"], "s.js 'headers' None"),
        (["--debug", "full", "s.js"], "s.js 'full' None"),
        (["--show", "--name", "x.js", "s.tar"], "s.tar '' 'x.js'"),
        (["--name", "x.js", "--show", "s.tar"], "s.tar '' 'x.js'"),
    ],
)
def test_a_flag_without_its_value_takes_no_script_for_it(arguments, shown):
    assert CliRunner().invoke(command, arguments).output == f"{shown}\n"
