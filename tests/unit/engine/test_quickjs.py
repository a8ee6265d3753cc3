import ctypes
import os
from collections.abc import Callable
from typing import Any

import pytest
from engine_scripts import evaluate

from gharial.engine.port import EngineError, ErrorKind, JsContext, JsGroup
from gharial.engine.quickjs import QuickJs
from gharial.engine.quickjs_binding import binding as quickjs
from gharial.engine.quickjs_rejections import KEPT_MAXIMUM

MEMORY_BYTES = 64 * 1024 * 1024

# The hook for rejections is reached through the library's exports.
tracks_rejections = pytest.mark.skipif(
    os.name == "nt" or ctypes.sizeof(ctypes.c_void_p) != 8,
    reason="rejections that nobody awaits stay unseen here",
)


def reasons(context: JsContext) -> list[Any]:
    """Return what the promises were rejected with that nobody handles."""
    return [reason for reason, _ in context.take_rejections()]


@pytest.fixture(scope="module")
def engine() -> QuickJs:
    return QuickJs()


@pytest.fixture
def group(engine: QuickJs) -> JsGroup:
    return engine.new_group(memory_limit_bytes=MEMORY_BYTES)


@pytest.fixture
def context(group: JsGroup) -> JsContext:
    return group.new_context()


def translated(engine: QuickJs, action: Callable[[], Any]) -> EngineError:
    """Return, as ours, what an action raises."""
    try:
        action()
    except Exception as error:
        ours = engine.translate(error)
        assert ours is not None, error
        return ours
    raise AssertionError("nothing was raised")


def test_bytecode_runs_in_every_context(engine: QuickJs, group: JsGroup) -> None:
    bytecode = engine.compile("(n) => n + globalThis.base", "add.js")
    results = []
    for base in (1, 2):
        context = group.new_context()
        evaluate(context, f"globalThis.base = {base}", "base.js")
        results.append(context.run_bytecode(bytecode)(10))
    assert results == [11, 12]


def test_a_syntax_error_is_raised_as_ours(engine: QuickJs) -> None:
    with pytest.raises(EngineError, match="SyntaxError"):
        engine.compile("let = ;", "broken.js")


@pytest.mark.parametrize(
    ("source", "is_script"),
    [
        ("module.exports = 1;", True),
        ("if (done) return; exports.a = 1;", True),
        ("import { a } from 'b';", False),
        ("export default 1;", False),
        ("await ready;", False),
        ("let = ;", False),
    ],
)
def test_scripts_are_told_from_modules(
    engine: QuickJs, source: str, is_script: bool
) -> None:
    assert engine.check_script(source, "file.js") is is_script


def test_an_exception_keeps_its_message_and_its_stack(
    engine: QuickJs, context: JsContext
) -> None:
    source = "function inner() { throw new TypeError('mine') }\ninner()"
    error = translated(engine, lambda: evaluate(context, source, "thrown.js"))
    assert error.message == "TypeError: mine"
    assert "inner (thrown.js:1" in error.stack
    assert str(error).startswith("TypeError: mine\n")
    assert error.kind is ErrorKind.THROWN


def test_a_thrown_value_that_is_no_error_has_no_stack(
    engine: QuickJs, context: JsContext
) -> None:
    error = translated(engine, lambda: evaluate(context, "throw 'text'", "thrown.js"))
    assert (error.message, error.stack.strip()) == ("text", "")


def test_errors_of_others_are_not_translated(engine: QuickJs) -> None:
    assert engine.translate(ValueError("other")) is None


def test_plain_values_and_bytes_cross_as_they_are(context: JsContext) -> None:
    seen = evaluate(
        context,
        """(value) => value instanceof ArrayBuffer
        ? `bytes ${new Uint8Array(value).join()}` : `${typeof value} ${value}`""",
        "kinds.js",
    )
    given = [None, True, 1, 1.5, "é", b"\x01\xff"]
    assert [seen(value) for value in given] == [
        "object null",
        "boolean true",
        "number 1",
        "number 1.5",
        "string é",
        "bytes 1,255",
    ]


def test_objects_come_out_as_handles(context: JsContext) -> None:
    handle = evaluate(context, "({ list: [1, 'a', null], deep: { x: true } })", "o.js")
    assert handle.get("list").get(1) == "a"
    assert handle.to_python() == {"list": [1, "a", None], "deep": {"x": True}}
    assert evaluate(context, "new Uint8Array([1, 2]).buffer", "b.js").to_bytes() == (
        b"\x01\x02"
    )


def test_an_embedded_thing_crosses_back_as_itself(context: JsContext) -> None:
    thing = object()
    identity = evaluate(context, "(value) => value", "identity.js")
    keys = evaluate(context, "(value) => Object.keys(value).length", "keys.js")
    assert identity(context.embed(thing)) is thing
    assert keys(context.embed(thing)) == 0


def test_modules_come_from_the_loader(context: JsContext) -> None:
    asked: list[str] = []

    def load(name: str) -> str:
        asked.append(name)
        return "export const answer = 42;"

    context.set_module_loader(load)
    results: list[int] = []
    evaluate(
        context,
        "(f) => { import('one').then(({ answer }) => f(answer)); }",
        "import.js",
    )(results.append)
    context.run_jobs()
    assert (asked, results) == (["one"], [42])


def test_jobs_run_only_when_they_are_told_to(context: JsContext) -> None:
    results: list[str] = []
    evaluate(context, "(f) => { Promise.resolve('done').then(f); }", "job.js")(
        results.append
    )
    assert results == []
    context.run_jobs()
    assert results == ["done"]


@tracks_rejections
def test_a_rejection_that_nobody_handles_is_told_once(context: JsContext) -> None:
    evaluate(
        context,
        "async function failing() { throw new RangeError('mine') }\nfailing(); 0",
        "rejected.js",
    )
    context.run_jobs()
    [reason] = reasons(context)
    assert reason.get("message") == "mine"
    assert "failing (rejected.js:1" in reason.get("stack")
    assert reasons(context) == []


@tracks_rejections
@pytest.mark.parametrize(
    ("reason", "taken"),
    [
        ("'text'", "text"),
        ("undefined", quickjs.Undefined),
        ("null", None),
        ("1.5", 1.5),
        ("2n ** 70n", 2**70),
    ],
)
def test_any_value_can_be_the_reason(
    context: JsContext, reason: str, taken: object
) -> None:
    evaluate(context, f"Promise.reject({reason}); 0", "reason.js")
    assert reasons(context) == [taken]


@tracks_rejections
def test_a_rejection_runs_no_script_code(context: JsContext) -> None:
    # The engine is in the middle of its work then.
    calls: list[str] = []
    tell = evaluate(
        context,
        """(called) => {
          Object.defineProperty(Array.prototype, 0, { set: called, configurable: true });
          const reason = {
            toString() { called('toString'); },
            get stack() { called('stack'); },
            get message() { called('message'); },
          };
          Promise.reject(reason);
          delete Array.prototype[0];
        }""",
        "reason.js",
    )
    tell(calls.append)
    assert len(reasons(context)) == 1
    assert calls == []


@tracks_rejections
def test_a_promise_that_is_gone_is_not_mistaken_for_another(context: JsContext) -> None:
    # Nothing refers to the first one, so the second would get its place in memory.
    evaluate(
        context,
        "Promise.reject('mine'); Promise.reject(1).catch(() => 0); 0",
        "place.js",
    )
    context.run_jobs()
    assert reasons(context) == ["mine"]


@tracks_rejections
def test_places_are_taken_again(context: JsContext) -> None:
    evaluate(
        context,
        """const first = Promise.reject('first');
        for (let i = 0; i < 10_000; i++) Promise.reject(i).catch(() => 0);
        Promise.reject('second'); first.catch(() => 0); Promise.reject('third'); 0""",
        "places.js",
    )
    context.run_jobs()
    assert sorted(reasons(context)) == ["second", "third"]


@tracks_rejections
def test_rejections_without_end_are_not_kept(context: JsContext) -> None:
    evaluate(context, "for (let i = 0; i < 5000; i++) Promise.reject(i); 0", "many.js")
    assert reasons(context) == list(range(KEPT_MAXIMUM))


@tracks_rejections
def test_a_rejection_that_is_handled_later_is_none(context: JsContext) -> None:
    evaluate(
        context,
        """const late = Promise.reject(new Error('mine'));
        Promise.resolve().then(() => late.catch(() => 0)); 0""",
        "late.js",
    )
    context.run_jobs()
    assert reasons(context) == []


@tracks_rejections
def test_rejections_belong_to_their_context(group: JsGroup) -> None:
    first, second = group.new_context(), group.new_context()
    evaluate(first, "Promise.reject(1); 0", "first.js")
    assert reasons(second) == []
    assert reasons(first) == [1]


def test_the_watchdog_stops_what_does_not_end(
    engine: QuickJs, group: JsGroup, context: JsContext
) -> None:
    asked: list[None] = []

    def should_stop() -> bool:
        asked.append(None)
        return len(asked) > 2

    group.set_interrupt_handler(should_stop)
    source = "try { for (;;); } catch { 'caught' }"
    error = translated(engine, lambda: evaluate(context, source, "endless.js"))
    assert error.kind is ErrorKind.INTERRUPTED


def test_the_memory_limit_holds(engine: QuickJs) -> None:
    group = engine.new_group(memory_limit_bytes=8 * 1024 * 1024)
    context = group.new_context()
    before_bytes = group.memory_bytes()
    assert 0 < before_bytes < 8 * 1024 * 1024
    source = "const all = []; for (;;) all.push(new Uint8Array(100000));"
    error = translated(engine, lambda: evaluate(context, source, "memory.js"))
    assert "out of memory" in error.message


def test_a_heap_tells_that_it_is_full_before_the_engine_has_no_memory(engine: QuickJs):
    limit_bytes = 8 * 1024 * 1024
    group = engine.new_group(memory_limit_bytes=limit_bytes)
    context = group.new_context()
    assert not context.over_limit_bytes()
    evaluate(context, "globalThis.kept = new Uint8Array(6000000)", "fill.js")
    assert not context.over_limit_bytes()
    evaluate(context, "globalThis.more = new Uint8Array(4000000)", "fill.js")
    assert context.over_limit_bytes() == limit_bytes
    assert group.memory_bytes() > limit_bytes
    evaluate(context, "delete globalThis.kept", "free.js")
    group.collect()
    assert not context.over_limit_bytes()


def test_small_things_without_end_are_stopped_with_memory_left(engine: QuickJs):
    group = engine.new_group(memory_limit_bytes=8 * 1024 * 1024)
    context = group.new_context()
    group.set_interrupt_handler(lambda: context.over_limit_bytes() > 0)
    source = "const all = []; const more = () => all.push({}); for (;;) more();"
    error = translated(engine, lambda: evaluate(context, source, "small.js"))
    assert error.kind is ErrorKind.INTERRUPTED
    assert group.memory_bytes() < 12 * 1024 * 1024


FILL = "(size) => { (globalThis.kept ??= []).push(new Uint8Array(size)); }"
MEGABYTE = 1_000_000


def test_of_those_that_share_a_heap_each_may_take_the_limit(engine: QuickJs):
    group = engine.new_group(memory_limit_bytes=16 * MEGABYTE)
    contexts = [group.new_context() for _ in range(8)]
    for size_bytes in (3 * MEGABYTE, 8 * MEGABYTE):
        for context in contexts:
            evaluate(context, FILL, "fill.js")(size_bytes)
            assert context.over_limit_bytes() == 0
            context.run_jobs()
    assert group.memory_bytes() > 80 * MEGABYTE


def test_the_one_that_takes_too_much_is_found_among_its_neighbours(engine: QuickJs):
    group = engine.new_group(memory_limit_bytes=16 * MEGABYTE)
    greedy, *others = [group.new_context() for _ in range(8)]
    # Garbage that only the collector frees: it counts for nobody.
    litter = "() => { const a = { data: new Uint8Array(30000) }; a.self = a; }"
    stopped_at = None
    for turn in range(100):
        for context in others:
            evaluate(context, FILL, "fill.js")(1000)
            evaluate(context, litter, "litter.js")()
            assert context.over_limit_bytes() == 0
            context.run_jobs()
        evaluate(greedy, FILL, "fill.js")(MEGABYTE)
        if found := greedy.over_limit_bytes():
            assert found == 16 * MEGABYTE
            stopped_at = turn
            break
        greedy.run_jobs()
    assert stopped_at is not None
    assert 16 <= stopped_at <= 60


def test_litter_is_nobodys_fault(engine: QuickJs):
    limit_bytes = 16 * MEGABYTE
    group = engine.new_group(memory_limit_bytes=limit_bytes)
    contexts = [group.new_context() for _ in range(3)]
    evaluate(contexts[0], FILL, "fill.js")(15 * MEGABYTE)
    litter = "() => { const a = { data: new Uint8Array(3e6) }; a.self = a; }"
    for _ in range(40):
        for context in contexts:
            evaluate(context, litter, "litter.js")()
            assert context.over_limit_bytes() == 0
            context.run_jobs()


def test_all_together_may_take_what_each_may(engine: QuickJs):
    limit_bytes = 16 * MEGABYTE
    group = engine.new_group(memory_limit_bytes=limit_bytes)
    contexts = [group.new_context() for _ in range(2)]
    # Before anybody looks into it, so it is not known whose it is.
    for context in contexts:
        evaluate(context, FILL, "fill.js")(15 * MEGABYTE)
    contexts[0].run_jobs()
    evaluate(contexts[0], FILL, "fill.js")(4 * MEGABYTE)
    assert contexts[0].over_limit_bytes() == 2 * limit_bytes


def test_one_task_alone_can_take_too_much_of_a_shared_heap(engine: QuickJs):
    group = engine.new_group(memory_limit_bytes=16 * MEGABYTE)
    greedy, other = group.new_context(), group.new_context()
    evaluate(other, FILL, "fill.js")(10 * MEGABYTE)
    other.run_jobs()
    group.set_interrupt_handler(lambda: greedy.over_limit_bytes() > 0)
    source = "const all = []; const more = () => all.push({}); for (;;) more();"
    error = translated(engine, lambda: evaluate(greedy, source, "small.js"))
    assert error.kind is ErrorKind.INTERRUPTED
    assert group.memory_bytes() < 60 * MEGABYTE
    assert evaluate(other, "kept.length", "still.js") == 1


def test_a_heap_that_is_small_again_is_left_to_the_engine(engine: QuickJs):
    group = engine.new_group(memory_limit_bytes=16 * MEGABYTE)
    first, second = group.new_context(), group.new_context()
    for context in (first, second):
        evaluate(context, FILL, "fill.js")(12 * MEGABYTE)
        context.run_jobs()
    evaluate(first, "delete globalThis.kept", "free.js")
    evaluate(second, "delete globalThis.kept", "free.js")
    group.collect()
    # The engine collects by itself again, in the middle of a task.
    evaluate(
        first,
        "for (let i = 0; i < 400; i += 1) { const a = { d: new Uint8Array(1e5) }; a.a = a; }",
        "litter.js",
    )
    assert group.memory_bytes() < 30 * MEGABYTE


def test_a_closed_context_leaves_the_others_running(group: JsGroup) -> None:
    first, second = group.new_context(), group.new_context()
    first.close()
    del first
    assert evaluate(second, "1 + 1", "still.js") == 2
