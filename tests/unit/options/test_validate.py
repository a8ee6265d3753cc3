import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gharial.executors.catalog import SCENARIO_TYPES, scenarios_of
from gharial.options.model import Options
from gharial.options.validate import find_problems

SOME_NAMES = ("executor", "vus", "duration", "stages", "target", "threshold", "min")


def problems_of(values: dict[str, Any], *exports: str) -> list[str]:
    _, problems = find_problems(
        values,
        dict.fromkeys(values, "script options"),
        exports=frozenset(exports or ("default",)),
        scenario_types=SCENARIO_TYPES,
    )
    return [f"{problem.path}: {problem.message}" for problem in problems]


def constant_vus(**fields: Any) -> dict[str, Any]:
    return {"executor": "constant-vus", "duration": "5s", **fields}


@pytest.mark.parametrize(
    ("scenario", "problem"),
    [
        ({}, ".executor: is required (there are per-vu-iterations, shared-iterations,"),
        (3, ": 3 is not a scenario"),
        (
            {"executor": "constant-vu"},
            '.executor: there is no executor "constant-vu"; did you mean "constant-vus"?',
        ),
        ({"executor": "constant-vus"}, ".duration: is required"),
        (
            constant_vus(durration=1),
            '.durration: there is no such field; did you mean "duration"?',
        ),
        (constant_vus(vus=0), ".vus: must be at least 1, not 0"),
        (constant_vus(vus=1.5), ".vus: 1.5 is not a whole number"),
        (constant_vus(vus=True), ".vus: true is not a whole number"),
        (constant_vus(vus="two"), ".vus: 'two' is not a whole number"),
        (constant_vus(duration="soon"), ".duration: 'soon' is not a duration; write"),
        (constant_vus(duration=[]), ".duration: [] is not a duration; write"),
        (
            constant_vus(duration=float("nan")),
            ".duration: nan is not a duration; write",
        ),
        (
            constant_vus(duration="10"),
            ".duration: must be at least 1s, not 10ms (a number without a unit is in "
            "milliseconds; did you mean 10s?)",
        ),
        (constant_vus(duration="500ms"), ".duration: must be at least 1s, not 500ms"),
        (constant_vus(startTime="-1s"), ".startTime: must be at least 0s, not -1s"),
        (constant_vus(gracefulStop=-1), ".gracefulStop: must be at least 0s, not -1ms"),
        (constant_vus(env=[]), ".env: [] is not a map of names to values"),
        (constant_vus(env={"A": []}), ".env.A: [] is not a string"),
        (
            constant_vus(exec="defalt"),
            '.exec: the script exports no function "defalt"; did you mean "default"? '
            "(exported: default)",
        ),
        (
            {"executor": "shared-iterations", "vus": 5, "iterations": 3},
            ": iterations (3) must be at least vus (5), so that each VU has one",
        ),
        (
            {"executor": "per-vu-iterations", "maxDuration": "1ms"},
            ".maxDuration: must be at least 1s, not 1ms",
        ),
        ({"executor": "ramping-vus"}, ".stages: is required"),
        (
            {"executor": "ramping-vus", "stages": []},
            ".stages: must have at least one entry",
        ),
        (
            {"executor": "ramping-vus", "stages": [{"duration": "1s", "traget": 1}]},
            ".stages[0].target: is required",
        ),
        (
            {
                "executor": "ramping-vus",
                "startVUs": 0,
                "stages": [{"duration": "1s", "target": 0}],
            },
            ": startVUs or a stage's target must be more than 0",
        ),
        (
            {
                "executor": "constant-arrival-rate",
                "rate": 5,
                "duration": "5s",
                "preAllocatedVUs": 9,
                "maxVUs": 3,
            },
            ": maxVUs (3) must be at least preAllocatedVUs (9)",
        ),
        (
            {
                "executor": "constant-arrival-rate",
                "rate": 5,
                "duration": "5s",
                "preAllocatedVUs": 0,
            },
            ": preAllocatedVUs or maxVUs must be more than 0",
        ),
        (
            {
                "executor": "constant-arrival-rate",
                "rate": 5,
                "timeUnit": 0,
                "duration": "5s",
                "preAllocatedVUs": 1,
            },
            ": timeUnit must be more than 0s",
        ),
        (
            {"executor": "externally-controlled", "vus": 3, "maxVUs": 2},
            ": maxVUs (2) must be at least vus (3)",
        ),
    ],
)
def test_mistakes_in_a_scenario(scenario: Any, problem: str) -> None:
    found = problems_of({"scenarios": {"chat": scenario}})
    assert any(text.startswith(f"scenarios.chat{problem}") for text in found), found


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"scenarios": []}, "scenarios: [] is not a map of names to scenarios"),
        (
            {"scenarios": {"a b": constant_vus()}},
            "scenarios.a b: 'a b' is not a valid scenario name; use letters, digits, '_' and '-'",
        ),
        ({"vus": 0}, "vus: must be at least 1, not 0"),
        ({"vus": -1, "duration": "5s"}, "vus: must be at least 0, not -1"),
        ({"iterations": 0}, "iterations: must be at least 1, not 0"),
        (
            {"iterations": 2, "vus": 3},
            "iterations: iterations (2) must be at least vus (3), so that each VU has one",
        ),
        (
            {"iterations": 2, "stages": [{"duration": 1, "target": 1}]},
            "iterations: iterations and stages cannot be used together; keep one of them, or "
            "write all as scenarios",
        ),
        (
            {"duration": "5s", "scenarios": {"chat": constant_vus()}},
            "duration: duration and scenarios cannot be used together; keep one of them, or "
            "write all as scenarios",
        ),
        ({"throw": "maybe"}, "throw: 'maybe' is neither true nor false"),
        ({"wsDebug": math.inf}, "wsDebug: inf is not a whole number"),
        ({"wsDebug": math.nan}, "wsDebug: nan is not a whole number"),
        ({"wsDebug": 1e30}, "wsDebug: 1e+30 is too large"),
        (
            {"maxMessageSize": math.inf},
            "maxMessageSize: inf is not a valid size; write a number of bytes or for "
            "example '64MiB'",
        ),
        (
            {"duration": math.inf},
            "duration: inf is not a duration; write for example '30s', '1m30s', '500ms', "
            "'2d3h', or a number of milliseconds",
        ),
        ({"userAgent": 5}, "userAgent: 5 is not a string"),
        ({"dns": 5}, "dns: 5 is not a map of names to values"),
        (
            {"dns": {"polcy": "any"}},
            'dns.polcy: there is no such field; did you mean "policy"? (there are ttl, '
            "select, policy)",
        ),
        (
            {"dns": "policy=preferIPv44"},
            "dns.policy: 'preferIPv44' is not valid; did you mean \"preferIPv4\"? (one "
            "of preferIPv4, preferIPv6, onlyIPv4, onlyIPv6, any)",
        ),
        ({"tlsAuth": [{"cert": "a"}]}, "tlsAuth[0].key: is required"),
        (
            {"blockHostnames": ["a b"]},
            "blockHostnames: 'a b' is not a valid host name; write for example 'example.com' or "
            "'*.example.com'",
        ),
        ({"tlsAuth": 3}, "tlsAuth: 3 is not a list"),
        (
            {"systemTags": ["urll"]},
            "systemTags[0]: 'urll' is not a system tag; did you mean \"url\"? (there are "
            "check, error, error_code, expected_response, group, ip, iter, method, name, "
            "ocsp_status, proto, scenario, service, status, subproto, tls_version, url, "
            "vu)",
        ),
        (
            {"maxMessageSize": "big"},
            "maxMessageSize: 'big' is not a valid size; write a number of bytes or for example "
            "'64MiB'",
        ),
        ({"closeTimeout": 0}, "closeTimeout: must be at least 1ms, not 0s"),
        (
            {"thresholds": {"checks": ["rate>0.9", 3]}},
            "thresholds.checks: 3 is not a threshold; write for example 'p(95)<200' or "
            "{threshold: 'p(95)<200', abortOnFail: true, delayAbortEval: '10s'}",
        ),
        (
            {"thresholds": {"checks": [{"threshold": "rate>>1"}]}},
            "thresholds.checks: threshold 'rate>>1', column 6: expected a number",
        ),
        (
            {"thresholds": {"checks{": ["rate>1"]}},
            "thresholds.checks{: metric 'checks{', column 8: expected '}' as the last "
            "character",
        ),
        ({"thresholds": []}, "thresholds: [] is not a map of names to values"),
        ({"thresholds": {"checks": 3}}, "thresholds.checks: 3 is not a list"),
    ],
)
def test_mistakes_in_the_options(values: dict[str, Any], problem: str) -> None:
    assert problem in problems_of(values)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(SOME_NAMES) | st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(Options.names()), ANYTHING, max_size=4))
def test_whatever_is_said_gives_options_or_problems(values: dict[str, Any]) -> None:
    options, problems = find_problems(
        values,
        dict.fromkeys(values, "script options"),
        exports=frozenset({"default"}),
        scenario_types=SCENARIO_TYPES,
    )
    assert options is not None or problems
    if not problems:
        assert options is not None
        json.dumps(options.as_script_sees(scenarios_of(options)))


def test_a_mistake_is_told_once() -> None:
    stages = [{"duration": "x", "target": 1}]
    found = problems_of(
        {"scenarios": {"a": {"executor": "ramping-vus", "stages": stages}}}
    )
    assert len(found) == 1
    assert found[0].startswith("scenarios.a.stages[0].duration: 'x' is not a duration")


def test_trend_statistics_that_there_are_not() -> None:
    (problem,) = problems_of({"summaryTrendStats": ["avg", "p95"]})
    assert problem.startswith("summaryTrendStats: ")
    assert problem.count("summaryTrendStats") == 1
    assert "p95" in problem


def test_a_script_without_a_default_function_must_name_another() -> None:
    assert problems_of({}, "chat") == [
        "exec: the script exports no default function (exported: chat); export one, or "
        "name another in scenarios.NAME.exec"
    ]
    assert problems_of({"scenarios": {"a": constant_vus(exec="chat")}}, "chat") == []


def test_a_scenario_that_is_wrong_hides_no_problem_of_another() -> None:
    found = problems_of(
        {"scenarios": {"a": constant_vus(vus=0), "b": constant_vus(exec="x")}}
    )
    assert [text.partition(":")[0] for text in found] == [
        "scenarios.a.vus",
        "scenarios.b.exec",
    ]


def test_a_mistake_elsewhere_hides_none_in_the_shortcuts() -> None:
    found = problems_of({"throw": "maybe", "vus": 3, "iterations": 2})
    assert [text.partition(":")[0] for text in found] == ["throw", "iterations"]
