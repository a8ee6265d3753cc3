import json
from pathlib import Path

from gharial.errors import ExitCode


def test_the_options_of_all_sources_are_printed(
    command_line, capsys, monkeypatch, tmp_path: Path
):
    monkeypatch.setenv("K6_DURATION", "40s")
    (tmp_path / "c.json").write_text('{"userAgent": "config", "throw": true}')
    command_line.script_options = {"vus": 5, "userAgent": "script"}
    code = command_line(
        "inspect", "-u", "2", "-c", str(tmp_path / "c.json"), "script.js"
    )
    assert code == ExitCode.OK
    printed = json.loads(capsys.readouterr().out)
    assert printed["userAgent"] == "script"
    assert printed["throw"] is True
    assert printed["scenarios"]["default"]["vus"] == 2
    assert printed["scenarios"]["default"]["duration"] == "40s"
    assert command_line.hosts[0].is_closed


def test_what_the_run_requires_can_be_added(command_line, capsys):
    command_line.script_options = {
        "scenarios": {
            "a": {"executor": "constant-vus", "vus": 3, "duration": "1m"},
            "b": {
                "executor": "constant-arrival-rate",
                "rate": 5,
                "duration": "10s",
                "startTime": "50s",
                "preAllocatedVUs": 2,
                "maxVUs": 9,
            },
        }
    }
    command_line("inspect", "--execution-requirements", "script.js")
    printed = json.loads(capsys.readouterr().out)
    assert (printed["totalDuration"], printed["maxVUs"]) == ("1m30s", 12)


def test_mistakes_are_told_as_before_a_run(command_line, capsys):
    command_line.script_options = {"vus": "many"}
    assert command_line("inspect", "script.js") == ExitCode.INVALID_CONFIG
    assert "'many' is not a whole number" in capsys.readouterr().err
