import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gharial.errors import ConfigurationError, ExitCode
from gharial.program.read_script import script_environment

Output = pytest.CaptureFixture[str]


def test_flags_become_options(command_line: Any, tmp_path: Path) -> None:
    code = command_line(
        "run",
        *("-u", "3", "-d", "90s", "--tag", "a=1", "--tag", "b=2"),
        *("--hosts", "example.com=127.0.0.1:8000", "--insecure-skip-tls-verify"),
        *("--user-agent", "me", "--dns", "ttl=0", "-w", "--random-seed", "7"),
        *("--close-timeout", "2s", "--max-message-size", "1MiB", "--no-thresholds"),
        *("--summary-trend-stats", "avg,p(99)", "--min-iteration-duration", "1s"),
        *("--block-hostnames", "*.test", "--blacklist-ip", "10.0.0.0/8"),
        *("--system-tags", "url,scenario", "--local-ips", "127.0.0.1"),
        "script.js",
    )
    assert code == ExitCode.OK
    options = command_line.options
    assert (options.vus, options.duration_s) == (3, 90)
    assert options.tags == {"a": "1", "b": "2"}
    assert options.hosts == {"example.com": "127.0.0.1:8000"}
    assert options.insecure_skip_tls_verify
    assert options.throw
    assert options.no_thresholds
    assert options.user_agent == "me"
    assert options.dns.ttl_s == 0
    assert options.random_seed == 7
    assert options.close_timeout_s == 2
    assert options.max_message_size_bytes == 1024**2
    assert options.summary_trend_stats == ("avg", "p(99)")
    assert options.min_iteration_duration_s == 1
    assert options.block_hostnames == ("*.test",)
    assert [str(each) for each in options.blacklist_ips] == ["10.0.0.0/8"]
    assert options.system_tags == {"url", "scenario"}
    assert list(options.local_ips) == ["127.0.0.1"]


def test_stages_may_be_repeated(command_line: Any, capsys: Output) -> None:
    code = command_line("run", "-s", "10s:5", "-s", "1m:0", "script.js")
    # Ramping is known by name, and may be run or not be run yet.
    if code == ExitCode.OK:
        assert [stage.target for stage in command_line.options.stages] == [5, 0]
    else:
        assert "ramping-vus" in capsys.readouterr().err


def test_flags_win_over_the_script(command_line: Any) -> None:
    command_line.script_options = {"vus": 5, "duration": "10s", "userAgent": "script"}
    command_line("run", "-u", "2", "script.js")
    assert command_line.options.vus == 2
    assert command_line.options.duration_s == 10
    assert command_line.options.user_agent == "script"


def test_the_host_is_closed_whatever_happens(command_line: Any) -> None:
    command_line("run", "script.js")
    command_line.read_error = ConfigurationError("no good")
    command_line("run", "script.js")
    assert [host.is_closed for host in command_line.hosts] == [True, True]


def test_the_script_sees_its_variables_and_the_systems(
    command_line: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_SYSTEM", "1")
    command_line("run", "-e", "A=b=c", "--env", "EMPTY=", "script.js")
    assert command_line.environment["A"] == "b=c"
    assert command_line.environment["EMPTY"] == ""
    assert command_line.environment["FROM_SYSTEM"] == "1"
    assert command_line.hosts[0].environment == command_line.environment
    command_line("run", "-e", "A=1", "--no-include-system-env-vars", "script.js")
    assert command_line.environment == {"A": "1"}


@pytest.mark.parametrize("variable", ["A", "", "=b", "1A=2", "A-B=1", "ä=1"])
def test_a_variable_without_a_name_or_a_value_is_refused(variable: str) -> None:
    with pytest.raises(ConfigurationError, match="-e "):
        script_environment([variable], {})


def test_the_summary_is_on_the_standard_output(
    command_line: Any, capsys: Output
) -> None:
    command_line("run", "-q", "script.js")
    assert "TOTAL RESULTS" in capsys.readouterr().out


def test_the_summary_can_be_left_out(command_line: Any, capsys: Output) -> None:
    command_line("run", "--summary-mode", "disabled", "script.js")
    assert capsys.readouterr().out == ""


def test_the_summary_can_be_exported(command_line: Any, tmp_path: Path) -> None:
    file = tmp_path / "summary.json"
    assert command_line("run", "--summary-export", str(file), "script.js") == 0
    assert set(json.loads(file.read_text("utf-8"))) == {"metrics", "root_group"}


def test_an_export_that_cannot_be_written_is_told_before_the_run(
    command_line: Any, capsys: Output, tmp_path: Path
) -> None:
    path = tmp_path / "missing" / "summary.json"
    code = command_line("run", "--summary-export", str(path), "script.js")
    assert code == ExitCode.INVALID_CONFIG
    assert command_line.options is None
    assert "--summary-export: cannot write" in capsys.readouterr().err


def test_an_export_is_not_begun_by_a_run_that_cannot_begin(
    command_line: Any, tmp_path: Path
) -> None:
    command_line.read_error = ConfigurationError("no good")
    file = tmp_path / "summary.json"
    command_line("run", "--summary-export", str(file), "script.js")
    assert not file.exists()


def test_problems_and_their_code_reach_the_user(
    command_line: Any, capsys: Output
) -> None:
    command_line.result = replace(
        command_line.result, exit_code=ExitCode.SIGNAL, problems=("stopped by SIGINT",)
    )
    assert command_line("run", "script.js") == ExitCode.SIGNAL
    assert capsys.readouterr().err.endswith("gharial: stopped by SIGINT\n")


def test_problems_are_json_if_the_log_is(command_line: Any, capsys: Output) -> None:
    command_line.result = replace(
        command_line.result, exit_code=ExitCode.SIGNAL, problems=("stopped by SIGINT",)
    )
    assert command_line("run", "--log-format", "json", "script.js") == ExitCode.SIGNAL
    last = capsys.readouterr().err.splitlines()[-1]
    assert json.loads(last)["msg"] == "stopped by SIGINT"


def test_warnings_about_options_are_logged(command_line: Any, capsys: Output) -> None:
    command_line.script_options = {"duraton": "10s"}
    assert command_line("run", "script.js") == 0
    assert "duration" in capsys.readouterr().err


def test_console_lines_go_to_their_file(
    command_line: Any, capsys: Output, tmp_path: Path
) -> None:
    file = tmp_path / "console.txt"
    command_line("run", "--console-output", str(file), "script.js")
    assert 'msg="running"' in file.read_text("utf-8")
    assert "running" not in capsys.readouterr().err


def test_a_certificate_that_cannot_be_read_is_told_before_the_run(
    command_line: Any, capsys: Output, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.pem"
    code = command_line("run", "--ca-cert", str(missing), "script.js")
    assert code == ExitCode.INVALID_CONFIG
    assert str(missing) in capsys.readouterr().err
    assert command_line.options is None
