"""The option of docs/how-to/extend/add-an-option.md: one row, and all else follows."""

from collections.abc import Mapping

import click
import pytest
from click.testing import CliRunner
from tests.unit.docs.test_reference import generator
from tests.unit.examples_of_docs import examples_of

from gharial.cli.option_flags import option_flags
from gharial.executors.catalog import SCENARIO_TYPES
from gharial.lazy_dataclass import dataclass
from gharial.options import merge, model, rows, run_options, validate
from gharial.options.merge import OptionsError, consolidate
from gharial.options.model import Options
from gharial.options.names import folded
from gharial.virtual_user import settings as settings_module
from gharial.virtual_user.script import ScriptError
from gharial.virtual_user.settings import vu_settings

EXAMPLES = examples_of("extend/add-an-option.md")


@pytest.fixture(autouse=True)
def row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the row of the page among the options, and the field in the settings."""
    names = {**vars(run_options), **vars(model)}
    exec(f"class Extended(Options):\n{EXAMPLES['row']}", names)
    for module in (rows, merge, validate):
        monkeypatch.setattr(module, "Options", names["Extended"])
    made = rows._rows()["maxSockets"]
    monkeypatch.setitem(rows.OPTION_ROWS, made.name, made)
    monkeypatch.setitem(rows._NAMES, folded(made.name), made.name)
    names = {"VuSettings": settings_module.VuSettings}
    exec(f"class Extended(VuSettings):\n{EXAMPLES['setting']}", names)
    extended = dataclass(frozen=True, slots=True)(names["Extended"])
    monkeypatch.setattr(settings_module, "VuSettings", extended)


def options_of(
    script: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Options:
    return consolidate(
        script or {},
        environment or {},
        flags or {},
        exports=frozenset({"default"}),
        scenario_types=SCENARIO_TYPES,
    ).options


def max_sockets(options: Options) -> int:
    return vu_settings(options).max_sockets  # type: ignore[attr-defined]


def test_all_sources_set_it_and_the_settings_have_it() -> None:
    script, variable = {"maxSockets": 1}, {"GHARIAL_MAX_SOCKETS": "2"}
    assert max_sockets(options_of()) == 0
    assert max_sockets(options_of(script)) == 1
    assert max_sockets(options_of(script, variable)) == 2
    assert max_sockets(options_of(script, variable, {"maxSockets": "3"})) == 3


def test_its_mistakes_are_reported_like_those_of_any_option() -> None:
    with pytest.raises(OptionsError) as raised:
        options_of(flags={"maxSockets": "-1"})
    assert raised.value.problems == (
        "maxSockets (flag --max-sockets): must be at least 0, not -1",
    )


def test_it_has_a_flag_with_help() -> None:
    @click.command()
    @option_flags
    def command(**given: object) -> None:
        click.echo(given["maxSockets"])

    run = CliRunner().invoke
    assert run(command, ["--max-sockets", "4"]).output == "4\n"
    shown = run(command, ["--help"]).output
    assert "--max-sockets COUNT" in shown
    assert "Most open sockets of a virtual user" in shown


def test_the_reference_lists_it() -> None:
    [line] = [
        each for each in generator().options_page().splitlines() if "maxSock" in each
    ]
    assert line == (
        "| `maxSockets` | `0` | `GHARIAL_MAX_SOCKETS` | `--max-sockets` | Most open "
        "sockets of a virtual user; 0 for no limit. *Not in k6.* |"
    )


def test_what_uses_it() -> None:
    names = {"VuSettings": settings_module.VuSettings, "ScriptError": ScriptError}
    exec(EXAMPLES["use"], names)
    check_room, settings = (
        names["check_room"],
        vu_settings(options_of({"maxSockets": 2})),
    )
    check_room(1, settings)
    with pytest.raises(ScriptError, match="more than 2 open sockets; close some"):
        check_room(2, settings)
    check_room(99, vu_settings(options_of()))


def test_the_line_for_the_table_of_settings() -> None:
    table = eval(f"{{{EXAMPLES['test_settings.py']}}}")
    [(name, (value, there))] = table.items()
    options = options_of().with_(**{name: value})
    made = vu_settings(options)
    assert {key: getattr(made, key) for key in there} == there
