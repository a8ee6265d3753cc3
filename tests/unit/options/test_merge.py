import pickle
from collections.abc import Mapping
from typing import Any

import pytest

from gharial.errors import ExitCode
from gharial.executors.catalog import SCENARIO_TYPES, scenarios_of
from gharial.options.merge import (
    Consolidated,
    OptionsError,
    consolidate,
    memory_limit_for_reading,
)
from gharial.options.rows import OPTION_ROWS
from gharial.options.sources import ConfigFile

CHAT = {"chat": {"executor": "constant-vus", "vus": 2, "duration": "5s"}}


def consolidated(
    script: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
    *,
    exports: frozenset[str] = frozenset({"default"}),
) -> Consolidated:
    return consolidate(
        script or {},
        environment or {},
        flags or {},
        exports=exports,
        scenario_types=SCENARIO_TYPES,
    )


def described(found: Consolidated) -> dict[str, str]:
    scenarios = scenarios_of(found.options)
    return {
        name: scenario.describe().partition(" (")[0]
        for name, scenario in scenarios.items()
    }


@pytest.mark.parametrize(
    ("script", "scenario"),
    [
        pytest.param({}, "1 iterations for each of 1 VUs", id="nothing said"),
        pytest.param({"vus": None}, "1 iterations for each of 1 VUs", id="null"),
        pytest.param({"vus": 4}, "4 iterations shared among 4 VUs", id="vus alone"),
        pytest.param(
            {"vus": 4, "iterations": 9}, "9 iterations shared among 4 VUs", id="both"
        ),
        pytest.param(
            {"iterations": 9}, "9 iterations shared among 1 VUs", id="iterations"
        ),
        pytest.param({"duration": "9s"}, "1 looping VUs for 9s", id="duration"),
        pytest.param({"duration": 9000}, "1 looping VUs for 9s", id="milliseconds"),
        pytest.param(
            {"vus": 3, "duration": "1m30s"}, "3 looping VUs for 1m30s", id="with vus"
        ),
        pytest.param(
            {"stages": [{"duration": "5s", "target": 7}, {"duration": 0, "target": 2}]},
            "Up to 7 looping VUs for 5s over 2 stages",
            id="stages",
        ),
        pytest.param({"stages": []}, "1 iterations for each of 1 VUs", id="no stages"),
    ],
)
def test_shortcuts_become_a_scenario(script: dict[str, Any], scenario: str) -> None:
    assert described(consolidated(script)) == {"default": scenario}


def test_a_duration_limits_shared_iterations() -> None:
    found = consolidated({"iterations": 9, "duration": "30s"})
    assert scenarios_of(found.options)["default"].regular_duration_s == 30.0


@pytest.mark.parametrize(
    ("script", "environment", "flags", "scenarios"),
    [
        pytest.param(
            {"vus": 2, "duration": "9s"},
            {},
            {"vus": "5"},
            {"default": "5 looping VUs for 9s"},
            id="vus alone keep the duration",
        ),
        pytest.param(
            {"vus": 2, "duration": "9s"},
            {},
            {"iterations": "7"},
            {"default": "7 iterations shared among 2 VUs"},
            id="iterations wipe the duration",
        ),
        pytest.param(
            {"vus": 2, "duration": "9s"},
            {"K6_DURATION": "8s"},
            {},
            {"default": "2 looping VUs for 8s"},
            id="the environment is above the script",
        ),
        pytest.param(
            {},
            {"K6_DURATION": "8s"},
            {"duration": "7s"},
            {"default": "1 looping VUs for 7s"},
            id="flags are above the environment",
        ),
        pytest.param(
            {},
            {"K6_DURATION": "8s", "GHARIAL_DURATION": "7s"},
            {},
            {"default": "1 looping VUs for 7s"},
            id="our variables are above those of k6",
        ),
        pytest.param(
            {"iterations": 3},
            {},
            {"stages": ("5s:4", "1m:2")},
            {"default": "Up to 4 looping VUs for 1m5s over 2 stages"},
            id="stages wipe iterations",
        ),
        pytest.param(
            {"scenarios": CHAT},
            {},
            {"system_tags": "url"},
            {"chat": "2 looping VUs for 5s"},
            id="other flags leave scenarios",
        ),
    ],
)
def test_a_higher_source_wins(
    script: dict[str, Any],
    environment: dict[str, str],
    flags: dict[str, Any],
    scenarios: dict[str, str],
) -> None:
    found = consolidated(script, environment, flags)
    assert described(found) == scenarios
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("flags", "scenario", "flag"),
    [
        ({"vus": 5}, "5 iterations shared among 5 VUs", "--vus"),
        ({"duration": "9s"}, "1 looping VUs for 9s", "--duration"),
        (
            {"iterations": 3, "vus": 2},
            "3 iterations shared among 2 VUs",
            "--iterations",
        ),
    ],
)
def test_overridden_scenarios_are_told(
    flags: dict[str, Any], scenario: str, flag: str
) -> None:
    found = consolidated({"scenarios": CHAT}, flags=flags)
    assert described(found) == {"default": scenario}
    assert found.warnings == (
        f"scenarios (script options) are overridden by flag {flag}",
    )


def test_vus_beside_scenarios_of_the_same_source_are_ignored_with_a_warning() -> None:
    found = consolidated({"vus": 9, "scenarios": CHAT})
    assert described(found) == {"chat": "2 looping VUs for 5s"}
    assert found.warnings == (
        "vus (script options) is ignored next to scenarios, which have their own",
    )


def test_a_higher_source_replaces_the_whole_map_of_tags() -> None:
    found = consolidated({"tags": {"a": "1", "b": "2"}}, flags={"tags": ("a=3",)})
    assert found.options.tags == {"a": "3"}


@pytest.mark.parametrize(
    ("script", "warnings"),
    [
        pytest.param({"rps": 3, "batch": 2, "cloud": {}}, [], id="of HTTP alone"),
        pytest.param(
            {"executionSegment": "0:1/2"},
            ["executionSegment (script options): k6 knows this, Gharial ignores it"],
            id="of k6, without effect",
        ),
        pytest.param(
            {"ext": {}, "noUsageReport": True, "features": "x", "out": ["json"]},
            ["features, out (script options): k6 knows this, Gharial ignores it"],
            id="all that would have one is told",
        ),
        pytest.param(
            {"tresholds": {}},
            [
                "tresholds (script options): there is no such option, so it has no "
                'effect; did you mean "thresholds"?'
            ],
            id="misspelt",
        ),
        pytest.param(
            {"xyzzy": 1, "quux": 2},
            [
                f"{name} (script options): there is no such option, so it has no effect"
                for name in ("xyzzy", "quux")
            ],
            id="unknown",
        ),
    ],
)
def test_options_without_effect(script: dict[str, Any], warnings: list[str]) -> None:
    assert list(consolidated(script).warnings) == warnings


def test_unknown_options_of_a_script_and_of_a_config_file_are_both_reported() -> None:
    found = consolidate(
        {"xyzzy": 1},
        {},
        {},
        exports=frozenset({"default"}),
        scenario_types=SCENARIO_TYPES,
        config=ConfigFile({"quux": 2}, "c.json"),
    )
    assert found.warnings == tuple(
        f"{name}: there is no such option, so it has no effect"
        for name in ("xyzzy (script options)", "quux (config file c.json)")
    )


def test_a_config_file_is_below_the_script() -> None:
    found = consolidate(
        {"userAgent": "script"},
        {},
        {},
        exports=frozenset({"default"}),
        scenario_types=SCENARIO_TYPES,
        config=ConfigFile({"userAgent": "config", "batch": 3}, "c.json"),
    )
    assert (found.options.user_agent, found.options.batch) == ("script", 3)


def test_a_threshold_names_a_metric_that_there_is() -> None:
    with pytest.raises(OptionsError, match="nothing_like_it"):
        consolidate(
            {"thresholds": {"nothing_like_it": ["count>1"]}},
            {},
            {},
            exports=frozenset({"default"}),
            scenario_types=SCENARIO_TYPES,
            metrics={},
        )


def test_names_are_read_in_both_spellings() -> None:
    camel = consolidated({"minIterationDuration": "2s", "blacklistIPs": ["10.0.0.0/8"]})
    snake = consolidated(
        {"min_iteration_duration": "2s", "blacklist_ips": "10.0.0.0/8"}
    )
    assert camel.options == snake.options
    assert camel.options.min_iteration_duration_s == 2.0


def test_all_problems_are_told_at_once_with_their_sources() -> None:
    with pytest.raises(OptionsError) as raised:
        consolidated(
            {"throw": "maybe", "thresholds": {"checks": ["rate>"]}},
            {"K6_VUS": "many"},
            {"duration": "10ms", "tags": ("x",)},
            exports=frozenset({"chat"}),
        )
    paths = [problem.partition(":")[0] for problem in raised.value.problems]
    assert sorted(paths) == [
        "duration (flag --duration)",
        "exec (default)",
        "tags (flag --tag)",
        "thresholds.checks (script options)",
        "throw (script options)",
        "vus (environment variable K6_VUS)",
    ]
    assert raised.value.exit_code is ExitCode.INVALID_CONFIG
    assert str(raised.value).splitlines() == list(raised.value.problems)


def test_the_error_pickles() -> None:
    error = pickle.loads(pickle.dumps(OptionsError(("a: b", "c: d"))))
    assert error.problems == ("a: b", "c: d")
    assert str(error) == "a: b\nc: d"


def with_arguments(
    arguments: Mapping[str, Any],
    script: Mapping[str, Any],
    flags: Mapping[str, Any],
) -> Consolidated:
    return consolidate(
        script,
        {},
        flags,
        exports=frozenset({"default"}),
        scenario_types=SCENARIO_TYPES,
        arguments=arguments,
    )


def test_arguments_of_a_call_win_over_all_others() -> None:
    found = with_arguments({"vus": 3}, {"vus": 1, "duration": "5s"}, {"vus": 2})
    assert found.options.vus == 3
    assert described(found) == {"default": "3 looping VUs for 5s"}


def test_arguments_of_a_call_that_say_how_long_take_away_what_others_say() -> None:
    found = with_arguments({"iterations": 2}, {"scenarios": CHAT}, {})
    assert described(found) == {"default": "2 iterations shared among 1 VUs"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("treshold", '; did you mean "thresholds"?'),
        ("executionSegment", ""),
    ],
)
def test_an_unknown_argument_of_a_call_is_a_mistake(name: str, message: str) -> None:
    with pytest.raises(OptionsError) as caught:
        with_arguments({name: {}}, {}, {})
    assert str(caught.value) == (
        f"{name} (options of the call): there is no such option{message}"
    )


def test_an_option_of_k6_that_changes_nothing_is_no_mistake_in_a_call() -> None:
    assert with_arguments({"noUsageReport": True, "vus": 2}, {}, {}).options.vus == 2


MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("sources", "limit_bytes"),
    [
        pytest.param({}, None, id="nobody says"),
        pytest.param({"flags": {"vus": 3}}, None, id="of other things"),
        pytest.param({"flags": {"memory_limit": "64MiB"}}, 64 * MEBIBYTE, id="flag"),
        pytest.param(
            {
                "script": {"memoryLimit": "8MiB"},
                "environment": {"GHARIAL_MEMORY_LIMIT": "16MiB"},
            },
            16 * MEBIBYTE,
            id="environment over an archive",
        ),
        pytest.param(
            {
                "flags": {"memory_limit": "64MiB"},
                "arguments": {"memoryLimit": 32 * MEBIBYTE},
            },
            32 * MEBIBYTE,
            id="argument over flag",
        ),
        pytest.param(
            {"config": ConfigFile({"memoryLimit": "32MiB"}, "c.json")},
            32 * MEBIBYTE,
            id="config file",
        ),
        pytest.param(
            {
                "config": ConfigFile({"memoryLimit": "32MiB"}, "c.json"),
                "script": {"memoryLimit": "8MiB"},
            },
            8 * MEBIBYTE,
            id="script over a config file",
        ),
        pytest.param({"flags": {"memory_limit": "huge"}}, None, id="no size"),
    ],
)
def test_memory_limit_for_reading(
    sources: dict[str, Any], limit_bytes: int | None
) -> None:
    given = {"script": {}, "environment": {}, "flags": {}, **sources}
    assert memory_limit_for_reading(**given) == limit_bytes


def test_variables_of_k6_that_nothing_reads_are_told_once() -> None:
    found = consolidated(
        {},
        environment={
            "K6_EXECUTION_SEGMENT": "0:1/4",
            "K6_FEATURES": "x",
            "K6_COMPATIBILITY_MODE": "extended",
            "K6_TRACES_OUTPUT": "",
            "K6_MINE": "a script's own",
        },
    )
    assert found.warnings == (
        "K6_EXECUTION_SEGMENT, K6_FEATURES (environment variables): k6 knows this, Gharial "
        "ignores it",
    )


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        *(
            ("full", "full"),
            ("headers", "headers"),
            ("true", "headers"),
            (True, "headers"),
        ),
        *(("", None), ("false", None), (False, None)),
    ],
)
def test_http_debug_leaves_bodies_out_unless_it_is_full(
    given: object, wanted: str | None
) -> None:
    assert consolidated({"httpDebug": given}).options.http_debug == wanted


@pytest.mark.parametrize("given", ["foo", "FULL", 1, ["full"]])
def test_other_words_for_http_debug_are_refused(given: object) -> None:
    with pytest.raises(OptionsError) as caught:
        consolidated({}, flags={"httpDebug": given})
    assert str(caught.value) == (
        f"httpDebug (flag --http-debug): {given!r} is not valid; write 'full', or "
        "'headers' to leave out bodies (the flag alone does that)"
    )


def test_options_of_http_connections_keep_the_spelling_of_k6() -> None:
    found = consolidated(
        {"noVUConnectionReuse": True},
        environment={"K6_NO_CONNECTION_REUSE": "true"},
        flags={"discard_response_bodies": True},
    )
    seen = found.options.as_script_sees(scenarios_of(found.options))
    assert seen["noVUConnectionReuse"] is seen["noConnectionReuse"] is True
    assert seen["discardResponseBodies"] is True


def test_where_the_console_goes_is_not_the_scripts_choice() -> None:
    found = consolidated({"consoleOutput": "/etc/cron.d/x"})
    assert found.options.console_output is None
    assert found.warnings == (
        "consoleOutput (script options): has no effect in a script; set it with a flag, "
        "a variable or a config file",
    )
    told = consolidated({}, environment={"K6_CONSOLE_OUTPUT": "a.log"})
    assert told.options.console_output == "a.log"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("maxMessageSize", "9" * 400),
        ("thresholds", "[" * 100_000),
        ("tags", "{" * 5 + "["),
        ("stages", "[" * 100_000),
    ],
)
def test_what_is_too_large_or_too_deep_is_a_mistake_like_any_other(
    name: str, value: str
) -> None:
    variable = OPTION_ROWS[name].variables[0]
    with pytest.raises(OptionsError, match=name):
        consolidated({}, environment={variable: value})


def test_a_config_file_is_below_all_others_and_its_mistakes_are_named() -> None:
    config = ConfigFile({"vus": 7, "userAgent": "file", "vusers": 3}, "c.json")
    found = consolidate(
        {"userAgent": "script"},
        {},
        {},
        exports=frozenset({"default"}),
        scenario_types=SCENARIO_TYPES,
        config=config,
    )
    assert found.options.vus == 7
    assert found.options.user_agent == "script"
    [warning] = found.warnings
    assert warning.startswith("vusers (config file c.json): ")


def test_a_scripts_limit_of_memory_wins_over_a_config_files() -> None:
    config = ConfigFile({"memoryLimit": "64MiB"}, "c.json")
    limit = memory_limit_for_reading({"memoryLimit": "32MiB"}, {}, {}, config=config)
    assert limit == 32 * 1024 * 1024
    assert memory_limit_for_reading({}, {}, {}, config=config) == 64 * 1024 * 1024
