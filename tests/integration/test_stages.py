"""``setup`` and ``teardown`` in both languages."""

from pathlib import Path
from typing import Any

import pytest
from whole_runs import run_whole

from gharial.errors import ExitCode
from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations


def run(folder: Path, name: str, source: str, **limits: Any) -> tuple[Any, list[str]]:
    """Run a script with two VUs of two iterations; return result and console."""
    executor = PerVuIterations(ScenarioPlan(), 2, 2, 600.0)
    ran = run_whole(folder, name, source, [executor], **limits)
    return ran.result, [text for _, text, _ in ran.log]


JAVASCRIPT = """
export async function setup() {
  await new Promise((done) => setTimeout(done, 5));
  console.log('setup', __VU);
  return { users: ['ann'], count: 0 };
}
export default function (data) {
  data.count += 1;
  console.log(__VU, data.users[0], data.count);
}
export function teardown(data) { console.log('teardown', data.count); }
"""

PYTHON = """
import asyncio
from gharial import log, vu

async def setup():
    await asyncio.sleep(0.005)
    log("setup", vu.id)
    return {"users": ["ann"], "count": 0}

def default(data):
    data["count"] += 1
    log(vu.id, data["users"][0], data["count"])

def teardown(data):
    log("teardown", data["count"])
"""


@pytest.mark.parametrize(("name", "source"), [("s.js", JAVASCRIPT), ("s.py", PYTHON)])
def test_each_user_has_its_own_copy_of_the_data(
    tmp_path: Path, name: str, source: str
) -> None:
    result, console = run(tmp_path, name, source)
    assert result.exit_code is ExitCode.OK, result.problems
    assert console[0] == "setup 0"
    assert sorted(console[1:-1]) == ["1 ann 1", "1 ann 2", "2 ann 1", "2 ann 2"]
    assert console[-1] == "teardown 0"


def test_without_a_result_the_function_gets_undefined(tmp_path: Path) -> None:
    source = """
    export function setup() {}
    export default (data) => console.log(data === undefined);"""
    assert run(tmp_path, "s.js", source)[1] == ["true"] * 4


def test_both_can_be_left_out(tmp_path: Path) -> None:
    source = """
    export function setup() { console.log('no'); }
    export function teardown() { console.log('no'); }
    export default () => {}"""
    limits = {"setup_timeout_s": None, "teardown_timeout_s": None}
    assert run(tmp_path, "s.js", source, **limits)[1] == []


@pytest.mark.parametrize(
    ("source", "limits", "exit_code", "problem", "console"),
    [
        pytest.param(
            "export function setup() { throw new Error('x'); }",
            {},
            ExitCode.SCRIPT_EXCEPTION,
            "Error: x",
            [],
            id="setup throws",
        ),
        pytest.param(
            "export async function setup() { throw new Error('x'); }",
            {},
            ExitCode.SCRIPT_EXCEPTION,
            "Error: x",
            [],
            id="async setup throws",
        ),
        pytest.param(
            "export function setup() { const a = []; a.push(a); return a; }",
            {},
            ExitCode.SCRIPT_EXCEPTION,
            "circular",
            [],
            id="setup returns no data",
        ),
        pytest.param(
            "export function setup() { setInterval(() => {}, 10); }",
            {"setup_timeout_s": 0.1},
            ExitCode.SETUP_TIMEOUT,
            "setupTimeout",
            [],
            id="setup takes too long",
        ),
        pytest.param(
            "export function teardown() { throw new Error('x'); }",
            {},
            ExitCode.SCRIPT_EXCEPTION,
            "Error: x",
            ["ran"] * 4,
            id="teardown throws",
        ),
        pytest.param(
            "export function teardown() { setInterval(() => {}, 10); }",
            {"teardown_timeout_s": 0.1},
            ExitCode.TEARDOWN_TIMEOUT,
            "teardownTimeout",
            ["ran"] * 4,
            id="teardown takes too long",
        ),
    ],
)
def test_a_stage_that_fails_ends_the_run_with_its_code(
    tmp_path: Path,
    source: str,
    limits: dict[str, float],
    exit_code: ExitCode,
    problem: str,
    console: list[str],
) -> None:
    source += "\nexport default () => console.log('ran');"
    result, texts = run(tmp_path, "s.js", source, **limits)
    assert result.exit_code is exit_code
    assert problem in result.problems[0]
    assert [text for text in texts if text == "ran"] == console


def test_teardown_runs_after_an_aborted_test(tmp_path: Path) -> None:
    source = """
    import exec from 'k6/execution';
    export default () => exec.test.abort('enough');
    export function teardown() { console.log('teardown'); }"""
    result, console = run(tmp_path, "s.js", source)
    assert result.exit_code is ExitCode.SCRIPT_ABORTED
    assert console == ["teardown"]


def test_handle_summary_makes_texts_of_the_summary(tmp_path: Path) -> None:
    source = """
    export default () => {}
    export function handleSummary(data) {
      return { stdout: `${data.metrics.iterations.values.count}`, 'a.json': '{}' };
    }"""
    result, _ = run(tmp_path, "s.js", source)
    assert result.texts == {"stdout": "4", "a.json": "{}"}


def test_handle_summary_in_python(tmp_path: Path) -> None:
    source = """
def default():
    pass

def handle_summary(data):
    return {"stdout": str(data["metrics"]["iterations"]["values"]["count"])}
"""
    result, _ = run(tmp_path, "s.py", source)
    assert result.texts == {"stdout": "4"}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("throw new Error('x')", "Error: x"),
        ("return { a: 5 }", "strings or bytes by target"),
        ("return { a: undefined }", "strings or bytes by target"),
        ("return [1]", "strings or bytes by target"),
        ("return 'text'", "strings or bytes by target"),
    ],
)
def test_handle_summary_that_fails_leaves_the_summary_as_it_is(
    tmp_path: Path, body: str, problem: str
) -> None:
    source = f"export default () => {{}}; export function handleSummary() {{ {body} }}"
    result, log = run(tmp_path, "s.js", source)
    assert result.exit_code is ExitCode.OK
    assert result.texts is None
    assert problem in log[-1]


@pytest.mark.parametrize("value", ["null", "undefined", "''", "0", "false"])
def test_handle_summary_may_leave_the_summary_to_us(tmp_path: Path, value: str) -> None:
    source = f"""
    export default () => {{}}
    export const handleSummary = () => {value};"""
    result, log = run(tmp_path, "s.js", source)
    assert (result.texts, log) == (None, [])


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (
            "s.js",
            """
            export default () => {}
            export const handleSummary = () => ({
              a: new Uint8Array([0, 255]).subarray(1), b: new Uint8Array([65]).buffer });
            """,
        ),
        (
            "s.py",
            """
def default(): pass
def handle_summary(data): return {"a": b"\\xff", "b": bytearray(b"A")}
""",
        ),
    ],
)
def test_handle_summary_may_return_bytes(
    tmp_path: Path, name: str, source: str
) -> None:
    result, _ = run(tmp_path, name, source)
    assert result.texts == {"a": b"\xff", "b": b"A"}


def test_handle_summary_that_returns_no_text_asks_for_silence(tmp_path: Path) -> None:
    source = "export default () => {}; export const handleSummary = () => ({});"
    assert run(tmp_path, "s.js", source)[0].texts == {}
