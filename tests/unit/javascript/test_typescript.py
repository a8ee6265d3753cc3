import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.engine.quickjs_binding import binding as quickjs
from gharial.javascript.typescript import is_typescript, strip_types
from gharial.virtual_user.script import ScriptError

ROOT = Path(__file__).parents[3]


def stripped(source: str) -> str:
    """Return what is left, having checked that lines are as they were."""
    result = strip_types(source, "script.ts")
    assert result.count("\n") == source.count("\n")
    return result


def value(source: str) -> object:
    """Run a script without modules; return what its last line gives."""
    context = quickjs.Context()
    result = context.eval(stripped(source) + "\n;JSON.stringify(result)")
    return json.loads(result) if isinstance(result, str) else None


@pytest.mark.parametrize(
    ("source", "result"),
    [
        pytest.param("let a: number = 1;", "let a         = 1;", id="annotation"),
        pytest.param("let a!: T", "let a    ", id="definite"),
        pytest.param(
            "function f<T>(a: T, b?: X): void {}",
            "function f   (a   , b    )       {}",
            id="function",
        ),
        pytest.param("interface A { b: c }", ";                   ", id="interface"),
        pytest.param("export type A = B | C", ";                    ", id="type"),
        pytest.param("declare const x: 1;", ";                  ", id="declare"),
        pytest.param("f(a as any as B)", "f(a            )", id="as"),
        pytest.param("a = b satisfies C;", "a = b            ;", id="satisfies"),
        pytest.param("a!.b![0]!", "a .b [0] ", id="non-null"),
        pytest.param("a = <B>c;", "a =    c;", id="assertion in brackets"),
        pytest.param("f<A, B<C>>(1)", "f         (1)", id="type arguments"),
        pytest.param("let é: A = '😀' as B", "let é    = '😀'     ", id="columns"),
        pytest.param("let a: '😀' = 1", "let a       = 1", id="a wide character"),
        pytest.param("class A<T> implements B, C {}", "class A                    {}",
                     id="class"),
        pytest.param("abstract class A { abstract b(): c; }",
                     "         class A { ;              ; }", id="abstract"),
        pytest.param("class A { private readonly b?: c = 1 }",
                     "class A {                  b     = 1 }", id="field"),
        pytest.param("class A { declare b: c }", "class A { ;            }",
                     id="declared field"),
        pytest.param("class A { b(): c; b(d?: e) {} }",
                     "class A { ;     ; b(d    ) {} }", id="overload"),
        pytest.param("function f(this: A, b) {}", "function f(         b) {}",
                     id="this"),
        pytest.param("const f = async <T,>(a: T): Promise<T> => a",
                     "const f = async     (a   )             => a", id="arrow"),
        pytest.param("function f(a): a is B {}", "function f(a)         {}",
                     id="type guard"),
        pytest.param("import type { A } from 'b'", ";                         ",
                     id="import type"),
        pytest.param("import { a, type B } from 'c'; a()",
                     "import { a         } from 'c'; a()", id="inline type"),
        pytest.param("import { a, B } from 'c'; let d: B = a",
                     "import { a    } from 'c'; let d    = a", id="used as type only"),
        pytest.param("import A from 'c'; let d: A", ";                  let d   ",
                     id="all used as types only"),
        pytest.param("import 'c'", "import 'c'", id="for its effect"),
        pytest.param("import * as a from 'c'; a.b()", "import * as a from 'c'; a.b()",
                     id="namespace import"),
        pytest.param("export { type A, b }", "export {         b }", id="export type"),
        pytest.param("export type { A } from 'b'", ";                         ",
                     id="re-exported type"),
    ],
)  # fmt: skip
def test_types_become_spaces(source: str, result: str):
    assert stripped(source) == result


@pytest.mark.parametrize(
    ("source", "result"),
    [
        pytest.param(
            "enum A { B, C = 5, D, E = 'x', F = B | C }\n"
            "const result = [A.B, A[0], A.C, A.D, A.E, A.F]",
            [0, "B", 5, 6, "x", 5],
            id="enum",
        ),
        pytest.param(
            "const enum A { B = 1,\n C = 2 // two\n, 'D e' = 3,\n}\n"
            "const result = [A.B, A.C, A['D e']]",
            [1, 2, 3],
            id="enum over lines",
        ),
        pytest.param(
            "class A { constructor(public a: number, private readonly b = 2, c?: X) {} }\n"
            "const result = new A(1)",
            {"a": 1, "b": 2},
            id="parameter properties",
        ),
        pytest.param(
            "class A { x = 0 }\n"
            "class B extends A { constructor(public y: number) { super(); this.x = y } }\n"
            "const result = new B(3)",
            {"x": 3, "y": 3},
            id="parameter properties after super",
        ),
        pytest.param(
            "const a = 1 as any\n(function () {})()\nconst result = a",
            1,
            id="a cast that ends a statement",
        ),
        pytest.param(
            "let a = 1\ntype B = 5\n(0)\nconst result = a", 1, id="a type between"
        ),
        pytest.param(
            "const f = (\n  a: number\n):\n  Array<\n number> => [a]\nconst result = f(2)",
            [2],
            id="a result type over lines",
        ),
        pytest.param(
            "function f<T extends { a: number }>(x: T): T['a'] { return x.a }\n"
            "const result = f<{ a: number }>({ a: 4 })",
            4,
            id="generics",
        ),
        pytest.param(
            "abstract class A { abstract n(): number; twice(): number "
            "{ return this.n() * 2 } }\n"
            "class B extends A { override n(): number { return 3 } }\n"
            "const result = new B().twice()",
            6,
            id="abstract classes",
        ),
        pytest.param(
            "let a = 5, b = 3, c = 1\nconst result = a < b === (c > 0)",
            False,
            id="comparisons are no types",
        ),
        pytest.param(
            "const f = (x?: number, ...y: string[]): x is number => !x;\n"
            "const result = f(undefined)",
            True,
            id="optional and rest",
        ),
        # As esbuild and TypeScript compile them; the values are those of k6 1.1.0.
        pytest.param(
            "namespace A {\n  export const a = 1;\n  const hidden = 2;\n"
            "  export function f(x: number): number { return x + a + hidden }\n"
            "  export class K<T> {}\n  export enum E { X, Y }\n"
            "  export interface I {}\n}\n"
            "const result = [A.a, A.f(3), new A.K() instanceof A.K, A.E.Y,"
            " Object.keys(A).join()];",
            [1, 6, True, 1, "a,f,K,E"],
            id="namespace",
        ),
        pytest.param(
            "namespace A.B { export const z = 1; export namespace C { export let n = z } }\n"
            "A.B.C.n += 1;\nconst result = [A.B.z, A.B.C.n];",
            [1, 2],
            id="namespaces in namespaces",
        ),
        pytest.param(
            "namespace A { export let n = 1; export function up() { n += 1 } }\n"
            "A.up(); A.n += 5;\nA.up();\nconst result = A.n;",
            8,
            id="a variable that a namespace exports",
        ),
        pytest.param(
            "namespace A { export const { b, c: [d, ...e] } = { b: 1, c: [2, 3] } }\n"
            "const result = [A.b, A.d, A.e];",
            [1, 2, [3]],
            id="patterns that a namespace exports",
        ),
        pytest.param(
            "class A { static x = 1 }\nnamespace A { export const y = 2 }\n"
            "function f() {}\nnamespace f { export const z = 3 }\n"
            "namespace A { export const w = 4 }\n"
            "const result = [A.x, A.y, A.w, f.z];",
            [1, 2, 4, 3],
            id="namespaces of classes and functions",
        ),
        pytest.param(
            "namespace T { export interface I {} namespace U { type V = 1 } }\n"
            "const result = typeof T;",
            "undefined",
            id="a namespace of types",
        ),
        pytest.param(
            "namespace A { export namespace B { export const c = 1 } }\n"
            "import d = A.B.c;\nimport T = Nothing.I;\nconst result = [d, typeof T];",
            [1, "undefined"],
            id="import of a part of a namespace",
        ),
        pytest.param(
            "class A { accessor a: number = 1; accessor b = 2\n accessor #p = 3;\n"
            "  up() { this.#p++; return this.#p } }\n"
            "const a = new A(); a.a += 4;\n"
            "const result = [a.a, a.b, a.up(), Object.keys(a).length];",
            [5, 2, 4, 0],
            id="accessors",
        ),
    ],
)
def test_what_is_left_does_the_same(source: str, result: object):
    assert value(source) == result


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("interface I {}\nexport { I, f };\nfunction f() {}", "f"),
        ("type T = 1;\nexport { T as U, g as h };\nconst { g } = o;", "g as h"),
        ("type T = 1; const T = 2; export { T };", "T"),
        ("interface C {}\nclass C {}\nexport { C };", "C"),
        ("interface N {}\nnamespace N { export const a = 1 }\nexport { N };", "N"),
        ("enum E { A }\ninterface E {}\nexport { E }", "E"),
        ("type T = 1;\nexport { T };", ""),
    ],
)
def test_types_are_not_exported(source: str, names: str) -> None:
    exported = stripped(source).rpartition("export")[2]
    inside = exported.partition("{")[2].partition("}")[0]
    assert " ".join(inside.replace(",", "").split()) == names


@pytest.mark.parametrize(
    ("source", "told", "place"),
    [
        ("let a = 1;\n@sealed class A {}", "compile the script first", "2:1"),
        ("class A { accessor [a] = 1 }", "a plain name", "1:11"),
        ("export = 5", "export =", "1:1"),
    ],
)
def test_what_needs_a_compiler_is_refused_with_its_place(source, told, place):
    with pytest.raises(ScriptError) as caught:
        strip_types(source, "/x/script.ts")
    assert told in str(caught.value)
    assert f"/x/script.ts:{place}" in str(caught.value)


def test_broken_source_stays_broken_at_its_place():
    assert strip_types("let a = ;", "s.ts") == "let a = ;"


def javascript_files() -> list[Path]:
    folders = (ROOT / "examples", ROOT / "src/gharial/javascript")
    return sorted(path for folder in folders for path in folder.rglob("*.js"))


@pytest.mark.parametrize("path", javascript_files(), ids=lambda path: path.name)
def test_javascript_comes_back_as_it_is(path: Path):
    source = path.read_text("utf-8")
    assert strip_types(source, path.name) == source


@given(st.text(alphabet="abc{}()[]<>:;=,.!?\n '\"`/*é😀type as enum", max_size=60))
def test_no_text_breaks_it_or_moves_a_line(source: str):
    try:
        result = strip_types(source, "s.ts")
    except ScriptError:
        return
    assert result.count("\n") >= source.count("\n")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("a.ts", True), ("a.mts", True), ("a.cts", True), ("a.js", False), ("ts", False)],
)
def test_names_tell(name: str, is_one: bool):
    assert is_typescript(name) is is_one
