"""What we add to the engine where it is compiled: parts on demand, shared bytecode."""

import pytest

from gharial.engine.port import EngineError, JsContext
from gharial.engine.quickjs import QuickJs
from gharial.engine.quickjs_binding import binding

ENGINE = QuickJs()
LIMIT_BYTES = 64 * 1024 * 1024
pytestmark = pytest.mark.skipif(
    not hasattr(binding, "new_bytecode"), reason="the engine was not compiled"
)
SEEN = """
JSON.stringify(Reflect.ownKeys(globalThis).map((key) => {
  const { get, set, value, ...rest } = Object.getOwnPropertyDescriptor(globalThis, key);
  return [String(key), typeof get, typeof set, typeof value, rest,
          value?.prototype && Reflect.ownKeys(value.prototype).map(String)];
}))
"""


@pytest.fixture
def context() -> JsContext:
    return ENGINE.new_group(memory_limit_bytes=LIMIT_BYTES).new_context()


def test_a_global_object_looks_as_the_engine_makes_it(context: JsContext) -> None:
    package = pytest.importorskip("quickjs")
    assert context.run_script(SEEN, "a.js") == package.Context().eval(SEEN)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("'a1b22'.match('[0-9]+$')[0]", "22"),
        ("[...'a1b22'.matchAll('[0-9]+')].join()", "1,22"),
        ("String('abc'.search('c'))", "2"),
        ("'a-b'.split(/-/).join()", "a,b"),
        ("eval('/b/.exec(`abc`).index') + ''", "1"),
        ("new Function('return /x/g')().flags", "g"),
        ("delete globalThis.Map; new Set([1]).size + typeof Map", "1undefined"),
        ("globalThis.Map = 1; new Set([1]).size + String(Map)", "11"),
        ("var Date = 7; String(Date)", "7"),
        ("Object.keys(globalThis).includes('Map') + ''", "false"),
        ("String(Map.groupBy([1, 2], (n) => n % 2).get(1))", "1"),
        ("new Uint8Array([1, 2]).constructor.BYTES_PER_ELEMENT + ''", "1"),
        ("Object.prototype.toString.call(Atomics)", "[object Atomics]"),
        ("typeof new WeakRef(globalThis).deref()", "object"),
        ("(class extends Date {}).prototype instanceof Date ? 'yes' : 'no'", "yes"),
    ],
)
def test_parts_are_there_when_they_are_needed(
    context: JsContext, source: str, expected: str
) -> None:
    assert context.run_script(source, "a.js") == expected
    # And the same again, from bytecode.
    other = ENGINE.new_group(memory_limit_bytes=LIMIT_BYTES).new_context()
    assert other.run_bytecode(ENGINE.compile_script(source, "a.js")) == expected


def test_bytes_of_the_host_are_a_whole_buffer(context: JsContext) -> None:
    length = context.run_script(
        "(data) => data.byteLength + data.slice(1).byteLength", ""
    )
    assert length(b"abc") == 5


def test_parts_belong_to_their_global_object() -> None:
    group = ENGINE.new_group(memory_limit_bytes=LIMIT_BYTES)
    one, other = group.new_context(), group.new_context()
    one.run_script("Map.prototype.mine = 1; RegExp.prototype.mine = 1", "a.js")
    assert other.run_script("'mine' in new Map() || 'mine' in /a/", "a.js") is False


MODULES = {
    "/a/main.js": """
        import other, { count, add } from './other.js';
        import * as all from './other.js';
        export * from './other.js';
        const tag = (strings) => strings;
        const parts = () => tag`a${1}b`;
        add();
        globalThis.seen = [
          count, other, Object.keys(all).join(), parts() === parts(), parts().raw[1],
          add.toString(), 10n ** 20n === 100000000000000000000n, /a+/.test('caat'),
        ];
        export const later = import('./late.js').then((late) => { globalThis.late = late.x; });
        await later;
        class Private { #x = 1; static { this.y = new Private().#x; } }
        globalThis.y = Private.y;
    """,
    "/a/other.js": """
        import { later } from './main.js';
        export let count = 0;
        export const add = () => { count += 1; };
        export default (() => typeof later)
    """,
    "/a/late.js": "export const x = 'late';",
    "/a/wrong.js": "\n\nexport default null.x;",
}


def loaded(context: JsContext, name: str) -> None:
    context.set_module_loader(lambda found: ENGINE_MODULES[found])
    context.run_script(
        f"import('{name}').catch((e) => {{ globalThis.error = e; }})", "/a"
    )
    context.run_pending_jobs()


ENGINE_MODULES = {
    name: ENGINE.compile_module(source, name) for name, source in MODULES.items()
}


def test_modules_are_compiled_once_and_run_in_each_global_object() -> None:
    for _ in range(2):
        group = ENGINE.new_group(memory_limit_bytes=LIMIT_BYTES)
        for context in (group.new_context(), group.new_context()):
            loaded(context, "/a/main.js")
            assert (
                context.run_script("globalThis.error?.stack", "a.js")
                is binding.Undefined
            )
            seen = context.run_script(
                "seen[1] = typeof seen[1]; JSON.stringify(seen)", ""
            )
            assert seen == (
                '[1,"function","add,count,default",true,"b","() => { count += 1; }",true,true]'
            )
            assert context.run_script("late + y", "a.js") == "late1"
        group.collect()


def test_an_exception_of_a_compiled_module_has_its_place(context: JsContext) -> None:
    loaded(context, "/a/wrong.js")
    assert "/a/wrong.js:3:" in context.run_script("error.stack", "a.js")


def test_what_is_no_module_is_told_of_where_it_is_loaded(context: JsContext) -> None:
    context.set_module_loader(lambda name: ENGINE.compile_module("let let;", name))
    with pytest.raises(binding.JSError) as raised:
        context.run_module("import '/b.js';", "/a.js")
    error = ENGINE.translate(raised.value)
    assert isinstance(error, EngineError)
    assert "SyntaxError" in error.message
    assert "/b.js:1" in error.stack


def test_a_context_that_is_closed_leaves_its_neighbours_their_modules() -> None:
    group = ENGINE.new_group(memory_limit_bytes=LIMIT_BYTES)
    one, other = group.new_context(), group.new_context()
    for context in (one, other):
        loaded(context, "/a/late.js")
    one.close()
    other.set_module_loader(
        lambda name: ENGINE.compile_module("export const x = 7", name)
    )
    one = group.new_context()
    one.set_module_loader(lambda name: "")
    one.close()
    other.run_script("import('/b.js').then((m) => { globalThis.n = m.x })", "/a.js")
    other.run_pending_jobs()
    assert other.run_script("n", "a.js") == 7


def test_heaps_share_text_and_lines_of_functions() -> None:
    text = "/*" + "x" * 500_000 + "*/"
    code = ENGINE.compile_script(f"(function () {{ {text} }})", "a.js")
    sizes = []
    for _ in range(2):
        group = ENGINE.new_group(memory_limit_bytes=LIMIT_BYTES)
        context = group.new_context()
        before = group.memory_bytes()
        function = context.run_bytecode(code)
        sizes.append(group.memory_bytes() - before)
        assert text in str(function)
    assert max(sizes) < 20_000


def test_functions_outlive_the_context_that_was_first() -> None:
    group = ENGINE.new_group(memory_limit_bytes=LIMIT_BYTES)
    code = ENGINE.compile_script("(a) => `${a}${/b/.source}`", "a.js")
    contexts = [group.new_context() for _ in range(3)]
    functions = [each.run_bytecode(code) for each in contexts]
    functions[0] = None
    contexts[0].close()
    group.collect()
    assert [function("a") for function in functions[1:]] == ["ab", "ab"]
    new = group.new_context()
    assert new.run_bytecode(code)("c") == "cb"


def test_a_tagged_template_does_not_keep_the_first_global_object() -> None:
    group = ENGINE.new_group(memory_limit_bytes=LIMIT_BYTES)
    tagged = ENGINE.compile_script("((parts) => parts[0])`some ${1} text`", "a.js")
    large = ENGINE.compile_script("globalThis.text = 'x'.repeat(1e6); 1", "b.js")
    neighbour = group.new_context()
    first = group.new_context()
    assert first.run_bytecode(tagged) == "some "
    assert first.run_bytecode(large) == 1
    assert group.memory_bytes() > 1_000_000
    first.close()
    group.collect()
    assert group.memory_bytes() < 1_000_000
    assert neighbour.run_bytecode(tagged) == "some "


def test_a_heap_ends_while_functions_of_its_modules_are_held_in_cycles() -> None:
    held = """
    globalThis.all = []
    for (const n of Array(50).keys()) {
      const one = { f: () => [one, n], then: (done) => { all.push(done, one.f()) } }
      all.push(one, Promise.resolve(one).then(async () => { await one; one.f() }))
      all.push((function* () { yield one; yield all })().next().value)
    }
    ((parts) => parts.raw[0])`text`
    """
    code = ENGINE.compile_script(held, "a.js")
    plain = ENGINE.compile_script("globalThis.more = [() => more, all]; 1", "b.js")
    for _ in range(20):
        group = ENGINE.new_group(memory_limit_bytes=LIMIT_BYTES)
        contexts = [group.new_context() for _ in range(3)]
        for context in contexts:
            assert context.run_bytecode(code) == "text"
            assert context.run_bytecode(plain) == 1
            context.run_pending_jobs()


def test_a_heap_tells_that_it_was_full_though_it_is_not_any_more() -> None:
    group = ENGINE.new_group(memory_limit_bytes=LIMIT_BYTES)
    context = group.new_context()
    assert not group.was_full()
    with pytest.raises(Exception):  # noqa: B017 - of the binding
        context.run_script(
            "(() => { const a = []; for (;;) a.push(new Array(1e5).fill(1)); })()",
            "a.js",
        )
    group.collect()
    assert group.memory_bytes() < LIMIT_BYTES / 2
    assert group.was_full()
    assert not group.was_full()
