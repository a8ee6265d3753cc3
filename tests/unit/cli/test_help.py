import json
from typing import Any

import pytest

Output = pytest.CaptureFixture[str]


@pytest.mark.parametrize("names", [[], ["run"], ["serve"], ["serve", "echo"]])
def test_help_is_what_the_flag_shows(
    names: list[str], command_line: Any, capsys: Output
) -> None:
    assert command_line("help", *names) == 0
    shown = capsys.readouterr().out
    assert command_line(*names, "--help") == 0
    assert shown == capsys.readouterr().out
    assert shown.startswith(f"Usage: {' '.join(['gharial', *names])} ")


def test_the_version_for_people_and_for_programs(
    command_line: Any, capsys: Output
) -> None:
    assert command_line("version", "--json") == 0
    version = json.loads(capsys.readouterr().out)
    assert command_line("version") == 0
    line = capsys.readouterr().out
    assert line.startswith(
        f"gharial {version['version']} (Python {version['python']}, "
        f"{version['os']}/{version['arch']}"
    )
    assert ("in plain Python" in line) is not version["compiled"]
