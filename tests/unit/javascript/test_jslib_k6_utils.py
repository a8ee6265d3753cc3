"""The module runs with fakes of the modules that it imports."""

import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

SOURCE = (
    files("gharial.javascript.modules").joinpath("jslib_k6_utils.js").read_text("utf-8")
)

FAKES = {
    "k6": """
        export function check(value, conditions, tags) {
          for (const name of Object.keys(conditions)) {
            checks.push([name, Boolean(conditions[name]), tags ?? null]);
            return Boolean(conditions[name]);
          }
        }
    """,
    "k6/execution": """
        export const scenario = globalThis.scenario;
        export const test = { options: globalThis.options };
        export const vu = { tags: globalThis.tags };
    """,
    "utils": SOURCE,
}

EXPORTS = [
    "check",
    "findBetween",
    "getCurrentStageIndex",
    "normalDistributionStages",
    "parseDuration",
    "randomIntBetween",
    "randomItem",
    "randomString",
    "tagWithCurrentStageIndex",
    "tagWithCurrentStageProfile",
    "uuidv4",
]


@pytest.fixture
def load(realm) -> Callable[..., None]:
    def load_module(options: str = "{}", elapsed_s: float = 0) -> None:
        realm.context.set_module_loader(FAKES.get)
        realm.run(f"""
            globalThis.checks = [];
            globalThis.tags = {{}};
            globalThis.options = {options};
            globalThis.scenario = {{
              name: 'mine', startTime: Date.now() - {elapsed_s} * 1000,
            }};
        """)
        realm.context.eval(
            "import * as utils from 'utils'; globalThis.utils = utils;", module=True
        )
        realm.run_jobs()

    return load_module


def test_it_exports_what_the_versions_of_the_library_do(realm, load) -> None:
    load()
    assert realm.value("Object.keys(utils).sort()") == EXPORTS


def test_whole_numbers_include_both_ends(realm, load) -> None:
    load()
    realm.run("Math.random = () => 0")
    assert realm.value("utils.randomIntBetween(-2, 5)") == -2
    realm.run("Math.random = () => 0.999999")
    assert realm.value("utils.randomIntBetween(-2, 5)") == 5
    assert realm.value("utils.randomIntBetween(7, 7)") == 7


@pytest.mark.parametrize(
    ("expression", "form"),
    [
        ("utils.randomString(8)", r"[a-z]{8}"),
        ("utils.randomString(0)", r""),
        ("utils.randomString(20, '01')", r"[01]{20}"),
        ("utils.randomItem(['a', 'b'])", r"[ab]"),
        (
            "utils.uuidv4()",
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ),
        (
            "utils.uuidv4(true)",
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ),
    ],
)
def test_random_texts(realm, load, expression, form) -> None:
    load()
    assert re.fullmatch(form, realm.value(expression))


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("'<a>1</a>', '<a>', '</a>'", "1"),
        ("'<a></a>', '<a>', '</a>'", ""),
        ("'<a>1', '<a>', '</a>'", None),
        ("'1</a>', '<a>', '</a>'", None),
        ("'</a><a>1</a>', '<a>', '</a>'", "1"),
        ("'<a>1</a><a>2</a>', '<a>', '</a>', true", ["1", "2"]),
        ("'<a>1</a><a>2', '<a>', '</a>', true", ["1"]),
        ("'none', '<a>', '</a>', true", None),
        ("'|1|2|', '|', '|', true", ["1"]),
        ("'ab', '', '', true", [""]),
    ],
)
def test_text_between_two_others(realm, load, arguments, found) -> None:
    load()
    assert realm.value(f"utils.findBetween({arguments})") == found


def test_stages_follow_a_bell_curve(realm, load) -> None:
    load()
    stages = realm.value("utils.normalDistributionStages(10, 60, 4)")
    assert [stage["target"] for stage in stages] == [1, 6, 10, 6, 1, 0]
    assert [stage["duration"] for stage in stages] == [
        "10s",
        *["10s"] * 4,
        "10s",
    ]
    assert len(realm.value("utils.normalDistributionStages(10, 60)")) == 12


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1d", 86_400_000),
        ("1h30m", 5_400_000),
        ("1m5s", 65_000),
        ("500ms", 500),
        ("1s500ms", 1500),
        ("0.5s", 500),
        ("250", 250),
    ],
)
def test_durations(realm, load, text, milliseconds) -> None:
    load()
    assert realm.value(f"utils.parseDuration('{text}')") == milliseconds


@pytest.mark.parametrize("text", ["''", "null", "'1y'", "'s'", "'1s2s'", "'1.2.3s'"])
def test_what_is_no_duration_is_refused(realm, load, text) -> None:
    load()
    assert realm.value(f"thrown(() => utils.parseDuration({text}))") == "Error"


STAGES = """{ scenarios: { mine: {
    executor: 'ramping-vus', startVUs: 2, stages: [
        { duration: '10s', target: 5 },
        { duration: '20s', target: 5 },
        { duration: '1m', target: 0 },
    ],
} } }"""


@pytest.mark.parametrize(
    ("elapsed_s", "index", "profile"),
    [
        (0, 0, "ramp-up"),
        (15, 1, "steady"),
        (40, 2, "ramp-down"),
        (1000, 2, "ramp-down"),
    ],
)
def test_the_stage_that_the_scenario_is_in(
    realm, load, elapsed_s, index, profile
) -> None:
    load(STAGES, elapsed_s)
    assert realm.value("utils.getCurrentStageIndex()") == index
    realm.run("utils.tagWithCurrentStageIndex(); utils.tagWithCurrentStageProfile()")
    assert realm.value("tags") == {"stage": str(index), "stage_profile": profile}


@pytest.mark.parametrize(
    "options", ["{}", "{ scenarios: { mine: {} } }", "{ scenarios: {} }"]
)
def test_a_scenario_without_stages_has_no_stage(realm, load, options) -> None:
    load(options)
    assert realm.value("thrown(() => utils.getCurrentStageIndex())") == "Error"


def test_checks_that_are_no_promises_are_judged_at_once(realm, load) -> None:
    load()
    judged: Any = realm.value("utils.check(3, { a: (v) => v === 3, b: 0 }, { t: 'x' })")
    assert judged is False
    assert realm.value("checks") == [["a", True, {"t": "x"}], ["b", False, {"t": "x"}]]


@pytest.mark.parametrize(
    ("value", "conditions", "passed"),
    [
        ("3", "{ a: async (v) => v === 3 }", True),
        ("3", "{ a: async (v) => v === 3, b: false }", False),
        ("3", "{ a: Promise.resolve(0) }", False),
        ("Promise.resolve(3)", "{ a: (v) => v === 3 }", True),
    ],
)
def test_checks_may_be_promises(realm, load, value, conditions, passed) -> None:
    load()
    assert realm.awaited(f"utils.check({value}, {conditions})") is passed


def test_a_check_that_throws_has_failed(realm, load) -> None:
    load()
    throws = "() => { throw new RangeError(); }"
    check = f"thrown(() => utils.check(1, {{ a: {throws} }}))"
    assert realm.value(check) == "RangeError"
    rejected = f"utils.check(1, {{ b: async {throws} }}).catch((e) => e.name)"
    assert realm.awaited(rejected) == "RangeError"
    assert realm.value("checks") == [["a", False, None], ["b", False, None]]
