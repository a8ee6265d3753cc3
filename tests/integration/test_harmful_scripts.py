"""Scripts that do us harm: each meets a limit, and the run goes on."""

from dataclasses import replace
from pathlib import Path

import pytest
from default_settings import users_with
from safety_net import LIMIT_S
from script_runs import echo
from whole_runs import run_whole

from gharial.errors import ExitCode
from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.virtual_user.settings import VuSettings

SETTINGS = users_with(
    callback_timeout_s=0.3, memory_limit_bytes=24 * 1024 * 1024, wind_down_s=1.0
)


def run(
    folder: Path,
    source: str,
    vus: int = 2,
    name: str = "s.js",
    settings: VuSettings = SETTINGS,
):
    """Run three iterations of each VU; of each VU the first one does harm."""
    executor = PerVuIterations(ScenarioPlan(), vus, 3, 600.0)
    ran = run_whole(folder, name, source, [executor], echo, settings=settings)
    assert ran.result.exit_code is ExitCode.OK
    assert ran.total("iterations") == 3 * vus
    return ran


JAVASCRIPT = {
    "an endless loop": ("for (;;);", "ran for more than 300ms"),
    "endless recursion": ("const f = () => 1 + f(); f();", "stack"),
    "endless recursion of a getter": (
        "const o = { get x() { return this.x + 1; } }; o.x;",
        "stack",
    ),
    "a huge allocation": (
        "const all = []; for (;;) all.push(new Array(1e5).fill('x'));",
        # A slow machine meets the other limit first.
        ("took more than 24 MiB", "ran for more than 300ms"),
    ),
    "a huge buffer": ("new ArrayBuffer(1e9);", "took more than 24 MiB"),
    "a huge text": (
        "let text = 'x'; for (;;) text += text;",
        ("took more than", "too long"),
    ),
    "a storm of promises": (
        "const storm = () => Promise.resolve().then(storm); storm();",
        ("took more than 24 MiB", "ran for more than 300ms"),
    ),
    "an endless async loop": (
        "(async () => { for (;;) await null; })();",
        "ran for more than 300ms",
    ),
    # The engine looks at its limits at one of several places of each step, by a count that
    # calls shift. At one of them it drops its exception, and the async function with it.
    **{
        f"an endless async loop after {calls} calls": (
            "(() => 0)(); " * calls + "(async () => { for (;;) await null; })();",
            "ran for more than 300ms",
        )
        for calls in range(1, 5)
    },
    "deep JSON": ("JSON.parse('['.repeat(1e6));", "stack"),
    "a regular expression without end": (
        "/^(a+)+$/.test('a'.repeat(40) + 'b');",
        ("ran for more than 300ms", "stack"),
    ),
    "sorting without end": (
        "[3, 2, 1].sort(() => { for (;;); });",
        "ran for more than 300ms",
    ),
}


@pytest.mark.parametrize("harm", JAVASCRIPT)
def test_a_limit_ends_it_and_the_next_iteration_runs(tmp_path: Path, harm: str):
    code, told = JAVASCRIPT[harm]
    source = f"""
    let before = 0;
    export default function () {{
      before += 1;
      if (__ITER === 0) {{ {code} }}
      else console.log('fine', __VU);
    }}
    """
    ran = run(tmp_path, source)
    expected = (told,) if isinstance(told, str) else told
    assert any(text in error for error in ran.errors for text in expected), ran.errors
    assert sorted(ran.console) == ["fine 1", "fine 1", "fine 2", "fine 2"]


def test_timers_without_end_are_refused(tmp_path: Path):
    source = """
    export default function () {
      if (__ITER > 0) { console.log('fine'); return; }
      for (let i = 0; i < 1e6; i += 1) setTimeout(() => 0, 1e6);
    }
    """
    executor = PerVuIterations(ScenarioPlan(), 1, 2, 600.0)
    ran = run_whole(tmp_path, "s.js", source, [executor])
    assert "more than 100,000 timers are set" in ran.errors[0]
    assert ran.console == ["fine"]


@pytest.mark.parametrize("harm", ["an endless loop", "a huge allocation"])
def test_the_virtual_user_is_replaced(tmp_path: Path, harm: str):
    code, _ = JAVASCRIPT[harm]
    source = f"""
    let left = 'nothing';
    export default function () {{
      if (__ITER === 0) {{ left = 'a mess'; {code} }}
      else console.log(left, __VU);
    }}
    """
    ran = run(tmp_path, source)
    # What the broken instance left is gone; the others' things are untouched.
    assert sorted(ran.console) == sorted(2 * ["nothing 1", "nothing 2"])


@pytest.mark.parametrize("harm", ["an endless loop", "a huge allocation"])
def test_a_fresh_start_may_do_what_the_first_one_did(tmp_path: Path, harm: str):
    code, _ = JAVASCRIPT[harm]
    (tmp_path / "names.txt").write_text("ada")
    source = f"""
    import {{ Counter, Trend }} from 'k6/metrics';
    import {{ SharedArray }} from 'k6/data';
    const iterations = new Counter('begun');
    const trend = new Trend('lasting', true);
    const shared = new SharedArray('names', () => [open('names.txt')]);
    const name = open('names.txt');
    export function vuSetup() {{ console.log('set up', __VU); }}
    export default function () {{
      iterations.add(1);
      trend.add(5);
      if (__ITER === 0) {{ {code} }}
      else console.log(shared[0] + name, __VU);
    }}
    """
    ran = run(tmp_path, source)
    assert len(ran.errors) == 2, ran.errors
    assert ran.total("begun") == 6
    said = ("set up", "set up", "adaada", "adaada")
    assert sorted(ran.console) == sorted(
        f"{text} {vu}" for vu in (1, 2) for text in said
    )


def test_what_a_script_catches_does_not_save_it(tmp_path: Path):
    source = """
    export default function () {
      if (__ITER > 0) { console.log('fine'); return; }
      for (;;) { try { for (;;); } catch (error) { } finally { } }
    }
    """
    ran = run(tmp_path, source, vus=1)
    assert ran.console == ["fine", "fine"]


def test_a_neighbour_in_the_same_heap_goes_on(tmp_path: Path):
    source = """
    let kept = [];
    export default function () {
      if (__VU === 1) { for (;;) kept.push(new Array(1e5).fill('x')); }
      kept.push(__ITER);
      console.log(__VU, kept.join());
    }
    """
    ran = run(tmp_path, source, vus=3)
    assert sorted(ran.console) == sorted(
        f"{vu} {kept}" for vu in (2, 3) for kept in ("0", "0,1", "0,1,2")
    )


@pytest.mark.parametrize("made", ["new Array(5e5).fill(__VU)", "new ArrayBuffer(1e7)"])
def test_each_of_many_may_take_as_much_as_one(tmp_path: Path, made: str):
    # Together ten times what one may take; none takes more than half of it.
    source = f"""
    let kept;
    export default function () {{
      if (__ITER === 0) kept = {made};
      console.log(__VU, kept !== undefined);
    }}
    """
    ran = run(tmp_path, source, vus=20)
    assert ran.errors == []
    assert ran.console.count("20 true") == 3


@pytest.mark.slow
def test_one_that_takes_more_with_each_task_is_stopped_alone(tmp_path: Path):
    source = """
    const kept = [];
    export default function () {
      if (__ITER > 0) return;
      let turns = 0;
      const id = setInterval(() => {
        turns += 1;
        if (__VU === 3) kept.push(new Array(5e4).fill(turns));
        else kept.push(turns);
        if (turns === 500) { console.log(__VU); clearInterval(id); }
      }, 1);
    }
    """
    ran = run(tmp_path, source, vus=5)
    [error] = ran.errors
    assert "the script took more than 24 MiB" in error
    assert sorted(ran.console) == ["1", "2", "4", "5"]


def test_a_thousand_sockets_in_one_virtual_user(tmp_path: Path):
    source = """
    export default function () {
      if (__ITER > 0) return;
      for (let i = 0; i < 1000; i += 1) {
        const socket = new WebSocket(__ENV.URL);
        socket.onopen = () => socket.send(String(i));
        socket.onmessage = () => socket.close();
      }
    }
    """
    # On a slow machine, to make so many takes more than the limit of the other tests.
    settings = replace(SETTINGS, callback_timeout_s=LIMIT_S)
    ran = run(tmp_path, source, vus=1, settings=settings)
    assert ran.errors == []
    assert ran.total("ws_msgs_received") == 1000


PYTHON = {
    "an endless loop": ("while True: pass", "ran for more than 0.3 s"),
    "endless recursion": ("f = lambda: 1 + f(); f()", "recursion"),
    "deep JSON": ("__import__('json').loads('[' * 1000000)", "recursion"),
    "leaving": ("raise SystemExit(3)", "SystemExit: 3"),
}


@pytest.mark.parametrize("harm", PYTHON)
def test_a_limit_ends_it_in_python_too(tmp_path: Path, harm: str):
    code, told = PYTHON[harm]
    source = f"""
from gharial import log, vu

def default():
    if vu.iteration == 0:
        {code}
    log("fine", vu.id)
"""
    ran = run(tmp_path, source, name="s.py")
    assert any(told in error for error in ran.errors), ran.errors
    assert sorted(ran.console) == ["fine 1", "fine 1", "fine 2", "fine 2"]
