"""Timers, promises, errors and iterations as scripts in JavaScript see them."""

import asyncio
import time
from pathlib import Path

import pytest
from default_settings import users_with
from script_runs import Run, echo, javascript, run

from gharial.errors import ConfigurationError
from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.script import ScriptError
from gharial.virtual_user.virtual_user import VirtualUser


def run_body(tmp_path: Path, body: str, **options: object) -> Run:
    script = f"""
import {{ sleep, check, group, fail }} from 'k6';
import exec from 'k6/execution';
export default function () {{ {body} }}
"""
    return run(javascript(tmp_path, script), echo, **options)  # type: ignore[arg-type]


# -- Timers ---------------------------------------------------------------------------


def test_timers_run_in_the_order_of_their_due_times_and_stably(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """const seen = []; const add = (x) => () => seen.push(x);
        setTimeout(add('c'), 30); setTimeout(add('a'), 10); setTimeout(add('a2'), 10);
        setTimeout(add('b'), 20); setTimeout(add('0'), 0); setTimeout(add('-'), -5);
        setTimeout(add('n'), NaN); setTimeout(add('u'));
        setTimeout(() => console.log(seen.join()), 60);""",
    )
    # The four that are due at once keep their order; k6 guarantees as much.
    assert result.console == ["0,-,n,u,a,a2,b,c"]


def test_timer_ids_count_up_for_both_kinds_and_clears_are_interchangeable(
    tmp_path: Path,
) -> None:
    result = run_body(
        tmp_path,
        """const a = setTimeout(() => console.log('never'), 10);
        const b = setInterval(() => console.log('never'), 10);
        console.log(a, b); clearInterval(a); clearTimeout(b);
        clearTimeout(99); clearTimeout('x'); clearTimeout(undefined); clearInterval();""",
    )
    assert result.console == ["1 2"]


def test_interval_repeats_and_can_be_cleared_inside_its_callback(
    tmp_path: Path,
) -> None:
    result = run_body(
        tmp_path,
        """let n = 0; const id = setInterval(() => { console.log(++n);
        if (n === 3) clearInterval(id); }, 5);""",
    )
    assert result.console == ["1", "2", "3"]
    assert result.outcomes == [IterationOutcome.COMPLETED]


def test_clearing_the_head_lets_the_next_run(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """const head = setTimeout(() => console.log('head'), 5);
        setTimeout(() => console.log('next'), 20); clearTimeout(head);""",
    )
    assert result.console == ["next"]


def test_a_timer_cleared_by_one_due_at_the_same_time_does_not_run(
    tmp_path: Path,
) -> None:
    result = run_body(
        tmp_path,
        """let b; setTimeout(() => { console.log('a'); clearTimeout(b); }, 5);
        b = setTimeout(() => console.log('b'), 5);""",
    )
    assert result.console == ["a"]


def test_extra_arguments_reach_the_callback_and_this_is_the_global_object(
    tmp_path: Path,
) -> None:
    result = run_body(
        tmp_path,
        """setTimeout(function (...rest) {
          console.log(rest.join(), this === globalThis); }, 1, 'a', 'b');""",
    )
    assert result.console == ["a,b true"]


@pytest.mark.parametrize("value", ["undefined", "null", "'code'", "5", ""])
def test_timers_take_functions_only(tmp_path: Path, value: str) -> None:
    # HTML would run a string as code; k6 refuses it, and so do we.
    result = run_body(
        tmp_path,
        f"try {{ setTimeout({value}); }} catch (e) {{ console.log(e.name); }}",
    )
    assert result.console == ["TypeError"]


@pytest.mark.parametrize("module", ["k6/timers", "k6/experimental/timers"])
def test_timer_modules_hold_the_globals(tmp_path: Path, module: str) -> None:
    script = f"""
import {{ setTimeout as t, setInterval as i, clearTimeout as c, clearInterval as d }} from '{module}';
export default () => console.log(
  t === setTimeout, i === setInterval, c === clearTimeout, d === clearInterval);"""
    assert run(javascript(tmp_path, script)).console == ["true true true true"]


# -- The loop -------------------------------------------------------------------------


def test_promise_jobs_run_before_the_next_task(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """setTimeout(() => { console.log('task 1');
          Promise.resolve().then(() => console.log('job')); queueMicrotask(() => console.log('micro')); }, 1);
        setTimeout(() => console.log('task 2'), 1);""",
    )
    assert result.console == ["task 1", "job", "micro", "task 2"]


def test_sleep_suspends_this_user_and_its_queue(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """setTimeout(() => console.log('timer'), 5); sleep(0.05); console.log('awake');""",
    )
    assert result.console == ["awake", "timer"]


def test_promises_are_not_run_by_sleep(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """Promise.resolve().then(() => console.log('job')); sleep(0.02); console.log('awake');""",
    )
    assert result.console == ["awake", "job"]


def test_an_await_that_nothing_settles_ends_the_iteration_silently(
    tmp_path: Path,
) -> None:
    script = "export default async function () { await new Promise(() => {}); }"
    result = run(javascript(tmp_path, script))
    assert result.outcomes == [IterationOutcome.COMPLETED]
    assert result.log == []


def test_async_default_function_waits_for_what_it_awaits(tmp_path: Path) -> None:
    script = """export default async function () {
      await new Promise((done) => setTimeout(done, 10)); console.log('after'); }"""
    assert run(javascript(tmp_path, script)).console == ["after"]


def test_iterations_leave_nothing_behind_but_module_state(tmp_path: Path) -> None:
    script = """let kept = 0;
    export default function () {
      console.log(__VU, __ITER, kept++);
      setTimeout(() => console.log('timer', __ITER), 5); }"""
    result = run(javascript(tmp_path, script), iterations=2)
    assert result.console == ["1 0 0", "timer 0", "1 1 1", "timer 1"]


# -- Errors ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param("throw new RangeError('x');", "RangeError: x", id="main"),
        pytest.param(
            "setTimeout(() => { null.f; }, 1);", "TypeError: cannot read", id="timer"
        ),
        pytest.param(
            "Promise.reject(new Error('x'));",
            "Uncaught (in promise) Error: x",
            id="rejection",
        ),
        pytest.param(
            "(async () => { throw new Error('lost'); })();",
            "Uncaught (in promise) Error: lost",
            id="forgotten async function",
        ),
        pytest.param(
            "setTimeout(async () => { await null; throw new Error('x'); }, 1);",
            "Uncaught (in promise) Error: x",
            id="async timer",
        ),
        pytest.param("fail('on purpose');", "Error: on purpose", id="fail"),
        pytest.param("throw 'text';", "text", id="thrown text"),
    ],
)
def test_an_exception_fails_the_iteration_and_is_logged_with_its_place(
    tmp_path: Path, body: str, message: str
) -> None:
    result = run_body(tmp_path, "\n" + body, iterations=2)
    # A failed iteration counts; the next one runs.
    assert result.outcomes == [IterationOutcome.FAILED] * 2
    assert result.total("iterations") == 2
    assert len(result.errors) == 2
    assert message in result.errors[0]
    if "text" not in message:
        assert "script.js:5:" in result.errors[0]
    assert "gharial:" not in result.errors[0]


# Reasons whose text is made by code that calls the host.
@pytest.mark.parametrize(
    "body",
    [
        pytest.param("Promise.reject(event);", id="rejection"),
        pytest.param("(async () => { throw event; })();", id="async function"),
        pytest.param("throw event;", id="listener"),
        pytest.param("setTimeout(() => { throw event; });", id="timer"),
        pytest.param("setTimeout(async () => { throw event; });", id="async timer"),
    ],
)
def test_an_event_that_is_thrown_says_what_it_is_of(tmp_path: Path, body: str) -> None:
    script = f"""export default function () {{
      const socket = new WebSocket('ws://127.0.0.1:1/');
      socket.onerror = (event) => {{ {body} }};
      socket.onclose = () => {{}};
    }}"""
    result = run(javascript(tmp_path, script), iterations=2)
    assert result.outcomes == [IterationOutcome.FAILED] * 2
    thrown = [text for text in result.errors if "Event {" in text]
    assert len(thrown) == 2
    assert all("127.0.0.1:1" in text and "refused" in text for text in thrown)


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("{ toString() { return performance.now() > 0 ? 'timed' : ''; } }", "timed"),
        ("{ code: 5 }", "{ code: 5 }"),
        ("new CloseEvent('close', { code: 4001, reason: 'full' })", "code: 4001"),
        ("{ toString() { throw 1; } }", "(a value that cannot be shown)"),
        ("{ stack: 7 }", "{ stack: 7 }"),
        ("undefined", "undefined"),
        ("Symbol('mine')", "Symbol(mine)"),
    ],
)
@pytest.mark.parametrize("how", ["Promise.reject", "fail_with"])
def test_any_value_can_be_thrown(
    tmp_path: Path, reason: str, message: str, how: str
) -> None:
    script = f"""function fail_with(value) {{ throw value; }}
    export default function () {{ {how}({reason}); }}"""
    result = run(javascript(tmp_path, script))
    assert result.outcomes == [IterationOutcome.FAILED]
    assert message in result.errors[0]


def test_a_rejection_that_is_handled_in_the_same_task_is_fine(tmp_path: Path) -> None:
    result = run_body(
        tmp_path, "const p = Promise.reject(1); p.catch(() => console.log('handled'));"
    )
    assert result.console == ["handled"]
    assert result.outcomes == [IterationOutcome.COMPLETED]


def test_async_default_that_rejects_fails(tmp_path: Path) -> None:
    script = "export default async function () { await null; throw new Error('x'); }"
    result = run(javascript(tmp_path, script))
    assert result.outcomes == [IterationOutcome.FAILED]
    assert len(result.errors) == 1


def test_an_exception_drops_the_pending_timers_with_a_warning_each(
    tmp_path: Path,
) -> None:
    result = run_body(
        tmp_path,
        """setTimeout(() => console.log('never'), 50); setInterval(() => {}, 50);
        throw new Error('x');""",
    )
    assert result.console == []
    assert [text for level, text, _ in result.log if level == 30] == [
        "setTimeout 1 was stopped because the VU iteration was interrupted",
        "setInterval 2 was stopped because the VU iteration was interrupted",
    ]


def test_an_endless_loop_is_stopped_and_the_next_iteration_runs(tmp_path: Path) -> None:
    script = """export default function () { if (__ITER === 0) for (;;); console.log('next'); }"""
    result = run(
        javascript(tmp_path, script),
        iterations=2,
        settings=users_with(callback_timeout_s=0.2),
    )
    assert result.outcomes == [IterationOutcome.FAILED, IterationOutcome.COMPLETED]
    assert "endless loop" in result.errors[0]
    assert result.console == ["next"]


def test_time_in_which_the_process_did_not_run_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As of a process that is stopped, or gets nothing of a busy machine.
    monkeypatch.setattr(time, "thread_time", lambda: 1.0)
    script = """export default function () {
      const end = Date.now() + 400;
      while (Date.now() < end);
      console.log('done');
    }"""
    result = run(
        javascript(tmp_path, script), settings=users_with(callback_timeout_s=0.1)
    )
    assert result.errors == []
    assert result.console == ["done"]


def test_endless_recursion_is_an_error_of_the_script(tmp_path: Path) -> None:
    script = """const f = () => f() + 1;
    export default function () { f(); }"""
    result = run(javascript(tmp_path, script), iterations=2)
    assert result.outcomes == [IterationOutcome.FAILED] * 2
    assert "stack overflow" in result.errors[0] or "call stack" in result.errors[0]


# -- Scripts that cannot start --------------------------------------------------------


def test_an_iteration_that_does_not_end_says_what_it_waits_for(tmp_path: Path) -> None:
    script = """function tick() {}
    export default function () {
      const socket = new WebSocket(__ENV.URL.replace('//', '//ada:secret@'));
      socket.onopen = () => {
        setInterval(tick, 1000);
        setTimeout((text) => console.log(text), 60_000, 'never');
        console.log('waits');
      };
    }"""
    result = Run()

    async def interrupt(user: VirtualUser) -> None:
        while result.console.count("waits") <= len(result.outcomes):  # noqa: ASYNC110 - the script says it
            await asyncio.sleep(0.01)
        user.interrupt()

    run(javascript(tmp_path, script), echo, iterations=2, during=interrupt, into=result)
    assert result.outcomes == [IterationOutcome.INTERRUPTED] * 2
    # Said once for a scenario.
    [text] = [text for _, text, fields in result.log if fields["source"] == "keeping"]
    assert "waiting for WebSocket ws://127.0.0.1:" in text
    assert "(open); setInterval 1 of tick (" in text
    assert "script.js:1:1); setTimeout 2 of <anonymous> (" in text
    assert "script.js:6:20)" in text
    assert "secret" not in text


@pytest.mark.parametrize("fault", ["null.f", "const const"])
def test_of_a_minified_line_an_error_shows_its_place(
    tmp_path: Path, fault: str
) -> None:
    filler = ";".join(f"let a{index}={index}" for index in range(10_000))
    source = f"{filler};{fault};{filler.replace('let a', 'let b')}"
    with pytest.raises(ScriptError) as raised:
        javascript(tmp_path, source)
    text = str(raised.value)
    assert fault in text
    assert len(text) < 1000


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param("export default function () {", "SyntaxError", id="syntax"),
        pytest.param(
            "throw new Error('at the top'); export default () => {}",
            "at the top",
            id="top level",
        ),
        pytest.param("export const x = 1;", "exports no function", id="no function"),
        pytest.param(
            "import 'k6/websocket'; export default () => {}",
            'did you mean "k6/websockets"',
            id="misspelt module",
        ),
        pytest.param(
            "import './nothing.js'; export default () => {}",
            "there is no such file",
            id="missing file",
        ),
        pytest.param(
            "import 'k6/browser'; export default () => {}", "browser", id="refused"
        ),
        pytest.param(
            "import 'http://example.test/x.js'; export default () => {}",
            "https",
            id="plain http",
        ),
        pytest.param(
            "import { nothing } from 'k6'; export default () => {}",
            "nothing",
            id="missing export",
        ),
        pytest.param(
            "await new Promise(() => {}); export default () => {}",
            "is never settled",
            id="await without end",
        ),
    ],
)
def test_a_script_that_cannot_start_says_why(
    tmp_path: Path, source: str, message: str
) -> None:
    with pytest.raises(Exception, match=r"(?s).") as caught:
        javascript(tmp_path, source)
    assert message in str(caught.value)
    assert caught.value.exit_code == 107  # type: ignore[attr-defined]


def test_a_syntax_error_shows_its_line(tmp_path: Path) -> None:
    with pytest.raises(ScriptError) as caught:
        javascript(tmp_path, "const a = 1;\nconst b = a +;\nexport default () => {}")
    assert "script.js:2" in str(caught.value)
    assert "const b = a +;" in str(caught.value)


# -- Modules --------------------------------------------------------------------------


def test_modules_by_relative_absolute_and_file_names(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.js").write_text(
        "import b from '../b.js'; export const a = b + 1;"
    )
    (tmp_path / "b.js").write_text("export default 1;")
    (tmp_path / "data.json").write_text('{"key": [1, 2]}')
    result = run(
        javascript(
            tmp_path,
            f"""import {{ a }} from './lib/a.js';
            import absolute from '{tmp_path}/b.js';
            import url from 'file://{tmp_path}/b.js';
            import data from './data.json';
            const late = await import('./b.js');
            export default async function () {{
              const later = await import('./lib/a.js');
              console.log(a, absolute, url, data.key[1], late.default, later.a);
            }}""",
        )
    )
    assert result.console == ["2 1 1 2 1 2"]


def test_a_module_that_throws_can_be_caught_where_it_is_imported(
    tmp_path: Path,
) -> None:
    (tmp_path / "bad.js").write_text("throw new Error('inner');")
    result = run_body(
        tmp_path,
        """import('./bad.js').catch((error) => console.log(error.message));""",
    )
    assert result.console == ["inner"]
    assert result.outcomes == [IterationOutcome.COMPLETED], result.log
    result = run_body(tmp_path, """import('./bad.js');""")
    assert result.outcomes == [IterationOutcome.FAILED]
    assert result.errors[0].startswith("Uncaught (in promise) Error: inner")


def test_an_error_at_the_top_level_is_shown_as_it_was_thrown(tmp_path: Path) -> None:
    with pytest.raises(ScriptError) as caught:
        javascript(tmp_path, "throw new Error('top'); export default () => {}")
    assert str(caught.value).startswith("Error: top\n    at ")


def test_commonjs_files(tmp_path: Path) -> None:
    (tmp_path / "helper.js").write_text(
        "exports.twice = (x) => 2 * x; exports.default = 7;"
    )
    result = run(
        javascript(
            tmp_path,
            """const { check } = require('k6');
            const helper = require('./helper.js');
            module.exports.options = { vus: 3 };
            module.exports.default = function () {
              console.log(helper.twice(2), check(1, { 'is one': (x) => x === 1 })); };""",
        )
    )
    assert result.console == ["4 true"]


def test_what_a_commonjs_file_only_mentions_need_not_exist(tmp_path: Path) -> None:
    script = """#!/usr/bin/env gharial
    // once: require('fs')
    module.exports = { default() {
      for (const name of ['fs', 'constructor', 'k6/browser', './nothing.js']) {
        try { require(name); } catch (e) { console.log(e.message.slice(0, 40)); }
      }
      require('k6/browser'); require('./nothing.js');
    } };"""
    result = run(javascript(tmp_path, script))
    assert result.console == [
        'cannot import "fs": Node.js modules are ',
        'cannot import "constructor": there is no',
        'the module "k6/browser" is not part of G',
        f'cannot import "{tmp_path}/nothing.js"'[:40],
    ]


def test_commonjs_names_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "helper.js").write_text("exports.twice = (x) => 2 * x;")
    result = run(
        javascript(
            tmp_path,
            """import helper, { twice } from './helper.js';
            export default () => console.log(twice(1), helper.twice(2));""",
        )
    )
    assert result.console == ["2 4"]


def test_options_and_exports_are_read(tmp_path: Path) -> None:
    host = javascript(
        tmp_path,
        """export const options = {
          vus: 2, rps: NaN, batch: 1e999, f: () => 1, scenarios: { a: { executor: 'x' } },
        };
        export function setup() {} export default () => {}; export const notAFunction = 1;""",
    )
    assert host.exports == {"setup", "default"}
    # JSON has no such numbers: null would say nothing, where k6 refuses them.
    assert host.options == {
        "vus": 2,
        "rps": "NaN",
        "batch": "Infinity",
        "scenarios": {"a": {"executor": "x"}},
    }


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("5", "not a number"),
        ("'x'", "not a string"),
        ("[1]", "not an array"),
        ("() => {}", "not a function"),
        ("(() => { const o = {}; o.o = o; return o; })()", "circular"),
    ],
)
def test_options_that_are_no_object_of_data_are_refused(
    tmp_path: Path, options: str, problem: str
) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        javascript(
            tmp_path, f"export const options = {options}; export default () => {{}}"
        )
    assert caught.value.exit_code == 104


def test_each_user_has_its_own_globals(tmp_path: Path) -> None:
    host = javascript(
        tmp_path,
        """globalThis.count = (globalThis.count ?? 0) + 1;
        export default () => console.log(globalThis.count++);""",
    )
    assert run(host).console == ["1"]
    assert run(host).console == ["1"]


# -- k6's own functions ---------------------------------------------------------------


def test_checks_and_groups_are_recorded(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """const ok = group('outer', () => group('inner', () =>
          check(5, { 'is five': (v) => v === 5, 'is true': true, 'is six': (v) => v === 6 },
            { mine: 'tag' })));
        console.log(ok);
        try { check(1, { 'throws': () => { throw new Error('c'); } }); } catch (e) { console.log(e.message); }
        try { check(1, { 'a::b': true }); } catch (e) { console.log(e.message); }
        try { group('x', async () => {}); } catch (e) { console.log(e.name); }""",
    )
    assert result.console == [
        "false",
        "c",
        "a check's name must not contain '::': 'a::b'",
        "TypeError",
    ]
    assert (
        result.count("checks", check="is five", group="::outer::inner", mine="tag") == 1
    )
    assert result.count("checks") == 4
    assert result.count("group_duration") == 2


@pytest.mark.parametrize(
    ("value", "total"),
    [
        pytest.param("'12.5'", 12.5, id="a text"),
        pytest.param("''", 0, id="an empty text"),
        pytest.param("'0x10'", 16, id="a hexadecimal text"),
        pytest.param("true", 1, id="true"),
        pytest.param("[3]", 3, id="an array of one"),
        pytest.param("new Date(5)", 5, id="a date"),
        pytest.param("{ valueOf: () => 9 }", 9, id="an object that has a value"),
        *((each, None) for each in ("'x'", "null", "undefined", "NaN", "{}", "[1, 2]")),
    ],
)
def test_what_converts_to_a_number_is_one_as_in_k6(
    tmp_path: Path, value: str, total: float | None
) -> None:
    script = f"""import {{ Counter }} from 'k6/metrics';
    const counter = new Counter('my_counter');
    export default () => console.log(counter.add({value}));"""
    result = run(javascript(tmp_path, script))
    assert result.console == ["false" if total is None else "true"]
    assert result.total("my_counter") == (total or 0)
    problem = "is an invalid value for the metric 'my_counter'"
    assert any(problem in text for _, text, _ in result.log) is (total is None)


def test_custom_metrics(tmp_path: Path) -> None:
    script = """import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
    const counter = new Counter('my_counter'); const gauge = new Gauge('my_gauge');
    const rate = new Rate('my_rate'); const trend = new Trend('my_trend', true);
    export default function () {
      counter.add(2, { kind: 'a' }); counter.add(true); gauge.add(7); rate.add(true);
      rate.add(0); trend.add(12.5); trend.add('not a number');
      console.log(counter.name);
      try { new Counter('late'); } catch (e) { console.log(e.name); }
    }"""
    host = javascript(tmp_path, script)
    result = run(host)
    assert result.console == ["my_counter", "Error"]
    assert result.total("my_counter") == 3
    assert result.total("my_counter", kind="a") == 2
    assert result.count("my_rate") == 2
    assert result.count("my_trend") == 1
    assert {metric.name for metric in host.metrics} == {
        "my_counter",
        "my_gauge",
        "my_rate",
        "my_trend",
    }


def test_execution_tells_of_the_run(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """console.log(exec.vu.idInTest, exec.vu.iterationInInstance, exec.scenario.name,
          exec.scenario.executor, exec.scenario.iterationInTest);
        exec.vu.metrics.tags.room = 'blue'; check(1, { tagged: true });
        delete exec.vu.metrics.tags.room; check(1, { plain: true });""",
    )
    assert result.console == ["1 0 default per-vu-iterations 0"]
    assert result.count("checks", room="blue") == 1


def test_abort_ends_the_script_at_once(tmp_path: Path) -> None:
    result = run_body(
        tmp_path,
        """try { exec.test.abort('enough'); } catch (e) { console.log('caught'); }
        console.log('after');""",
    )
    assert result.console == []
    assert result.outcomes == [IterationOutcome.INTERRUPTED]


def test_seeded_random_numbers_repeat(tmp_path: Path) -> None:
    script = "export default () => console.log(Math.random());"
    host = javascript(tmp_path, script)
    settings = users_with(random_seed=5)
    assert run(host, settings=settings).console == run(host, settings=settings).console


def test_open_reads_files_beside_the_script_while_it_starts(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("grüß", "utf-8")
    (tmp_path / "bytes.bin").write_bytes(b"\xff\x00")
    script = """
    const text = open('./text.txt');
    const bytes = new Uint8Array(open('bytes.bin', 'b'));
    const problem = (path) => { try { open(path); } catch (e) { return e.message; } };
    const problems = [problem('missing'), problem('bytes.bin'), problem('.')];
    export default () => {
      console.log(text, bytes.join());
      for (const one of problems) console.log(one);
      console.log(problem('text.txt'));
    };"""
    assert run(javascript(tmp_path, script)).console == [
        "grüß 255,0",
        f"open('missing'): there is no file {tmp_path / 'missing'}",
        "open('bytes.bin'): it is not UTF-8; use open('bytes.bin', 'b')",
        "open('.'): Is a directory",
        "open() can be used only in the init context",
    ]


def test_the_global_object_is_that_of_a_worker(tmp_path: Path) -> None:
    script = """export default () => console.log(
      self === globalThis, navigator.onLine, navigator.hardwareConcurrency,
      navigator.userAgent, typeof window, typeof document);"""
    (line,) = run(javascript(tmp_path, script)).console
    assert line.startswith("true true 1 Gharial")
    assert line.endswith("undefined undefined")


def test_the_global_object_is_a_target_of_events(tmp_path: Path) -> None:
    script = """
      const heard = [];
      const listener = ({ type, target }) => heard.push(type, target === globalThis);
      export default () => {
        addEventListener('first', listener);
        self.addEventListener('second', listener);
        for (const type of ['first', 'second']) dispatchEvent(new Event(type));
        removeEventListener('first', listener);
        self.dispatchEvent(new Event('first'));
        self.onoffline = ({ type }) => heard.push(type);
        dispatchEvent(new Event('offline'));
        console.log(heard.join(' '), self instanceof EventTarget, self.constructor.name,
          Object.prototype.toString.call(self));
        try { new DedicatedWorkerGlobalScope(); } catch (error) { console.log(`${error}`); }
      };"""
    assert run(javascript(tmp_path, script)).console == [
        "first true second true offline true DedicatedWorkerGlobalScope "
        "[object DedicatedWorkerGlobalScope]",
        "TypeError: Illegal constructor",
    ]


@pytest.mark.parametrize(
    ("code", "shown", "outcome"),
    [
        pytest.param(
            "self.addEventListener('error', (e) => { console.log(e.message, e.error.message, "
            "e.lineno > 0, e.isTrusted); e.preventDefault(); }); setTimeout(() => { throw Error('a'); })",
            ["Uncaught Error: a a true true"],
            IterationOutcome.COMPLETED,
            id="a listener that prevents",
        ),
        pytest.param(
            "self.onerror = (...given) => { console.log(given.length, given[4].message); return true; };"
            "reportError(Error('b'))",
            ["5 b"],
            IterationOutcome.COMPLETED,
            id="onerror that returns true",
        ),
        pytest.param(
            "globalThis.onerror = (message) => console.log(message); console.log(typeof onerror);"
            "throw Error('c')",
            ["function", "Uncaught Error: c"],
            IterationOutcome.FAILED,
            id="onerror that only listens",
        ),
        pytest.param(
            "self.onunhandledrejection = (e) => { console.log(e.type, e.reason, "
            "e.promise instanceof Promise); e.preventDefault(); }; Promise.reject('d')",
            ["unhandledrejection d true"],
            IterationOutcome.COMPLETED,
            id="a rejection that is prevented",
        ),
        pytest.param(
            "addEventListener('unhandledrejection', (e) => console.log(e.reason)); Promise.reject('e')",
            ["e"],
            IterationOutcome.FAILED,
            id="a rejection that is heard of",
        ),
        pytest.param(
            "addEventListener('error', () => { throw Error('again'); }); throw Error('f')",
            [],
            IterationOutcome.FAILED,
            id="a listener that throws",
        ),
        pytest.param(
            "self.onerror = () => true; for (const all = [];;) all.push(new Uint8Array(1e7))",
            [],
            IterationOutcome.FAILED,
            id="a limit is not the script's to handle",
        ),
    ],
)
def test_what_nobody_catches_is_an_event(
    tmp_path: Path, code: str, shown: list[str], outcome: IterationOutcome
) -> None:
    result = run(
        javascript(tmp_path, f"export default function () {{ {code}; }}"),
        settings=users_with(memory_limit_bytes=64 << 20),
    )
    assert (result.console, result.outcomes) == (shown, [outcome])
