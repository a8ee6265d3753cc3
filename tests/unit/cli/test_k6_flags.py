from typing import Any

import click
import pytest

from gharial.cli.k6_flags import command_first
from gharial.cli.main import gharial
from gharial.errors import ExitCode

Output = pytest.CaptureFixture[str]

# What `k6 COMMAND --help` of k6 v1.1.0 lists, without --help.
_GLOBAL = (
    *("-a", "--address", "-c", "--config", "--log-format", "--log-output"),
    *("--no-color", "--profiling-enabled", "-q", "--quiet", "--secret-source"),
    *("-v", "--verbose"),
)
_RUNTIME = (
    *("--include-system-env-vars", "--compatibility-mode", "-t", "--type", "-e"),
    *("--env", "--no-thresholds", "--no-summary", "--summary-mode"),
    *("--summary-export", "--traces-output"),
)
_OPTIONS = (
    *("-u", "--vus", "-d", "--duration", "-i", "--iterations", "-s", "--stage"),
    *("--execution-segment", "--execution-segment-sequence", "-p", "--paused"),
    *("--no-setup", "--no-teardown", "--max-redirects", "--batch"),
    *("--batch-per-host", "--rps", "--user-agent", "--http-debug"),
    *("--insecure-skip-tls-verify", "--no-connection-reuse"),
    *("--no-vu-connection-reuse", "--min-iteration-duration", "-w", "--throw"),
    *("--blacklist-ip", "--block-hostnames", "--summary-trend-stats"),
    *("--summary-time-unit", "--system-tags", "--tag", "--console-output"),
    *("--discard-response-bodies", "--local-ips", "--dns"),
)
K6 = {
    "run": (*_OPTIONS, *_RUNTIME, "-o", "--out", "-l", "--linger", "--no-usage-report"),
    "archive": (*_OPTIONS, *_RUNTIME, "-O", "--archive-out", "--exclude-env-vars"),
    "inspect": (*_RUNTIME, "--execution-requirements"),
    "new": ("-f", "--force", "--project-id", "--template"),
    "pause": (),
    "resume": (),
    "scale": ("-m", "--max", "-u", "--vus"),
    "status": (),
    "version": ("--json",),
}


@pytest.mark.parametrize("name", K6)
def test_each_flag_of_k6_is_known(name: str) -> None:
    command = gharial.get_command(click.Context(gharial), name)
    assert command is not None
    known = {flag for each in command.params for flag in each.opts}
    wanted = {*K6[name], *(() if name == "version" else _GLOBAL)}
    assert not wanted - known


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        ([], []),
        (["run", "x.js", "-q"], ["run", "x.js", "-q"]),
        (["-q", "run", "x.js"], ["run", "-q", "x.js"]),
        (
            ["-v", "--address", "a:1", "--log-format=json", "run", "x.js"],
            ["run", "-v", "--address", "a:1", "--log-format=json", "x.js"],
        ),
        (["--quiet=true", "run", "x.js"], ["run", "--quiet=true", "x.js"]),
        (["-q"], ["-q"]),
        (["-q", "--vus", "run"], ["-q", "--vus", "run"]),
        (["--address"], ["--address"]),
        (["--version"], ["--version"]),
    ],
)
def test_flags_before_the_command_are_its_own(
    given: list[str], moved: list[str]
) -> None:
    assert command_first(given) == moved


@pytest.mark.parametrize(
    ("flags", "note"),
    [
        (["--profiling-enabled"], "--profiling-enabled has no effect"),
        (["--traces-output", "otel"], "--traces-output has no effect"),
        (["--compatibility-mode", "base"], "--compatibility-mode base has no effect"),
        (["--summary-mode", "legacy"], "the summary mode legacy is not there"),
    ],
)
def test_a_flag_without_effect_is_said_once(
    flags: list[str], note: str, command_line: Any, capsys: Output
) -> None:
    assert command_line("run", *flags, "a.js") == ExitCode.OK
    assert capsys.readouterr().err.count(note) == 1


@pytest.mark.parametrize(
    "flags",
    [
        ["--no-usage-report"],
        ["--no-usage-report=true"],
        ["--profiling-enabled=false"],
        ["--compatibility-mode=extended"],
        ["--traces-output=none"],
        ["--type=js"],
        ["-t", "js"],
    ],
)
def test_a_flag_that_changes_nothing_is_accepted(
    flags: list[str], command_line: Any, capsys: Output
) -> None:
    assert command_line("run", *flags, "a.js") == ExitCode.OK
    assert "effect" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["run", "--execution-segment", "1/2", "a.js"],
            "no option --execution-segment: Gharial has no execution segments: --workers",
        ),
        (
            ["archive", "--execution-segment-sequence=0,1/2", "a.js"],
            "no option --execution-segment-sequence",
        ),
        (
            ["run", "--compatibility-mode", "bse", "a.js"],
            "--compatibility-mode takes extended or base, not 'bse'",
        ),
        (["run", "-t", "ts", "a.js"], "'ts' is not one of 'js', 'archive'"),
        (["run", "-t", "archive", "a.js"], "--type archive: 'a.js' is none"),
        (["run", "-t", "js", "a.tar"], "--type js: 'a.tar' is an archive"),
        (["run", "-t", "js", "a.py"], "--type js: 'a.py' is Python"),
        (["scale", "-u", "1", "--max", "3"], "no option --max: a run cannot change"),
        (["run", "--lingr", "a.js"], 'no option --lingr; did you mean "--linger"?'),
        (
            ["run", "--no-usage-reports", "a.js"],
            'no option --no-usage-reports; did you mean "--no-usage-report"?',
        ),
        (
            ["run", "--no-conection-reuse", "a.js"],
            'no option --no-conection-reuse; did you mean "--no-connection-reuse"?',
        ),
        (
            ["run", "--discard-response-body", "a.js"],
            'did you mean "--discard-response-bodies"?',
        ),
        (["run", "--http-debug=ful", "a.js"], "'ful' is not valid; write 'full'"),
        (["stats"], "there is no command \"stats\": 'gharial status' shows"),
        (["cloud", "run", "a.js"], 'there is no command "cloud": Gharial runs tests'),
        (["login"], 'there is no command "login": Gharial has no cloud'),
        (["completion", "bsh"], "'bsh' is not one of 'bash', 'zsh'"),
        (["verson"], 'there is no command "verson"; did you mean "version"?'),
        (["help", "rnu"], 'there is no command "rnu"; did you mean "run"?'),
        (["help", "serve", "ech"], 'there is no command "ech"; did you mean "echo"?'),
        (["help", "run", "x"], 'gharial run: run has no command "x"'),
    ],
)
def test_what_cannot_be_said_here(
    arguments: list[str], message: str, command_line: Any, capsys: Output
) -> None:
    assert command_line(*arguments) == ExitCode.INVALID_CONFIG
    assert message in capsys.readouterr().err


def test_a_switch_of_a_script_can_be_switched_off(command_line: Any) -> None:
    command_line.script_options = {"paused": True, "linger": True}
    assert command_line("run", "--paused=false", "-l=false", "a.js") == ExitCode.OK
    assert command_line.options.paused is False
    assert command_line.options.linger is False
