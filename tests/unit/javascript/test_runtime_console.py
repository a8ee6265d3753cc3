import pytest


@pytest.mark.parametrize(
    ("method", "level"),
    [
        ("log", "info"),
        ("info", "info"),
        ("debug", "debug"),
        ("warn", "warn"),
        ("error", "error"),
    ],
)
def test_a_method_has_its_level(realm, method, level) -> None:
    realm.run(f"console.{method}('text')")
    assert realm.logged == [(level, "text")]
    assert "inspect" not in realm.loaded


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("", ""),
        ("'100% sure'", "100% sure"),
        ("'a', 'b', 3", "a b 3"),
        ("null, undefined, true", "null undefined true"),
        ("-0, 1.5, 10n, NaN", "-0 1.5 10n NaN"),
        ("Symbol('s')", "Symbol(s)"),
        ("{ a: 1, b: 'x' }", '{ a: 1, b: "x" }'),
        ("{ 'a b': 1, [Symbol('s')]: 2 }", '{ "a b": 1 }'),
        ("{}", "{}"),
        ("[]", "[]"),
        ("[1, 'a', [2]]", '[1, "a", [2]]'),
        ("{ a: { b: { c: {} } } }", "{ a: { b: { c: {} } } }"),
        (
            "{ a: { b: { c: { d: { e: {}, f: [] } } } } }",
            "{ a: { b: { c: { d: { e: [Object], f: [Array] } } } } }",
        ),
        ("new Map([['k', { v: 1 }]])", 'Map(1) { "k" => { v: 1 } }'),
        ("new Set([1, 'x'])", 'Set(2) { 1, "x" }'),
        ("new Date(0)", "1970-01-01T00:00:00.000Z"),
        ("new Date(NaN)", "Invalid Date"),
        ("/x/g", "/x/g"),
        ("function named() {}", "[Function: named]"),
        ("() => 1", "[Function (anonymous)]"),
        ("class Mine {}", "[class Mine]"),
        ("new (class Mine { a = 1; })()", "Mine { a: 1 }"),
        ("Object.create(null)", "[Object: null prototype] {}"),
        ("new Uint8Array([1, 2])", "Uint8Array(2) [1, 2]"),
        (
            "new Uint8Array([1, 255]).buffer",
            "ArrayBuffer { [Uint8Contents]: <01 ff>, byteLength: 2 }",
        ),
        (
            "new DataView(new ArrayBuffer(3), 1)",
            "ArrayBuffer { [Uint8Contents]: <00 00>, byteLength: 2 }",
        ),
        ("Promise.resolve()", "Promise {}"),
        ("{ get g() { return 1; }, set s(v) {} }", "{ g: [Getter], s: [Setter] }"),
        ("new String('s'), new Number(1)", '[String: "s"] [Number: 1]'),
        ("new Blob(['abc'], { type: 'a/b' })", 'Blob { size: 3, type: "a/b" }'),
        (
            "new MessageEvent('message', { data: 'd' })",
            'MessageEvent { type: "message", data: "d" }',
        ),
        ("new Array(3)", "[undefined, undefined, undefined]"),
        (r"'a\nb'", "a\nb"),
        (r"['a\nb']", r'["a\nb"]'),
        (r"'\ud800'", "\ud800"),
    ],
)
def test_values_are_shown(realm, arguments, text) -> None:
    realm.run(f"console.log({arguments})")
    assert realm.logged == [("info", text)]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("'%s is %d', 'Bob', '42.9'", "Bob is 42"),
        ("'%i %f', 1.9, '2.5'", "1 2.5"),
        ("'%o %O', { a: 1 }, [2]", "{ a: 1 } [2]"),
        ("'%j', { a: 1 }", '{"a":1}'),
        ("'%c styled', 'color: red'", " styled"),
        ("'%% %s', 1", "% 1"),
        ("'%s'", "%s"),
        ("'%s %s', 1", "1 %s"),
        ("'%s', 1, 2, 'x'", "1 2 x"),
        ("'%x', 1", "%x 1"),
        ("'%d', Symbol()", "NaN"),
        ("'%d', 5n", "5n"),
        ("5, '%s', 1", "5 %s 1"),
    ],
)
def test_placeholders_are_filled(realm, arguments, text) -> None:
    realm.run(f"console.log({arguments})")
    assert realm.logged == [("info", text)]


def test_an_error_is_shown_with_its_stack(realm) -> None:
    realm.run("""
        function broken() { throw new RangeError('bad', { cause: 'why' }); }
        try { broken(); } catch (error) { console.error('failed:', error); }
    """)
    [(level, text)] = realm.logged
    assert level == "error"
    assert text.startswith("failed: RangeError: bad\n    at broken (")
    assert text.endswith('[cause]: "why"')


def test_an_object_in_itself_is_circular(realm) -> None:
    realm.run("const a = { b: [] }; a.b.push(a, { a }); console.log(a)")
    assert realm.logged == [("info", "{ b: [[Circular], { a: [Circular] }] }")]


def test_the_same_object_twice_is_not_circular(realm) -> None:
    realm.run("const a = { n: 1 }; console.log([a, a])")
    assert realm.logged == [("info", "[{ n: 1 }, { n: 1 }]")]


def test_long_values_are_cut(realm) -> None:
    realm.run("console.log(new Array(5000).fill(7))")
    [(_, text)] = realm.logged
    assert text.endswith("7, ... 4900 more]")
    realm.run("console.log(new ArrayBuffer(5000))")
    assert "... 4950 more>" in realm.logged[1][1]


def test_what_cannot_be_shown_does_not_throw(realm) -> None:
    realm.run("""
        console.log({ a: new Proxy({}, { ownKeys() { throw new Error('no'); } }) });
    """)
    assert realm.logged == [("info", "{ a: [Object: could not be shown] }")]


@pytest.mark.parametrize(
    ("code", "logged"),
    [
        ("console.assert(true, 'x')", []),
        ("console.assert(false)", [("error", "Assertion failed")]),
        ("console.assert(0, 'x %d', 1)", [("error", "Assertion failed: x 1")]),
        ("console.assert(0, { a: 1 })", [("error", "Assertion failed { a: 1 }")]),
        (
            "console.count(); console.count()",
            [("info", "default: 1"), ("info", "default: 2")],
        ),
        (
            "console.count('a'); console.countReset('a'); console.count('a')",
            [("info", "a: 1")] * 2,
        ),
        ("console.dir('text')", [("info", '"text"')]),
        ("console.dirxml('a', 1)", [("info", "a 1")]),
        (
            "console.group('g'); console.log('in'); console.groupEnd()",
            [("info", "g"), ("info", "in")],
        ),
        ("console.time('t'); console.timeEnd('t')", [("info", "t: 0.000 ms")]),
        ("console.timeLog('t')", [("warn", "Timer 't' does not exist")]),
        ("console.table('text')", [("info", "text")]),
        (
            "console.table([{ a: 1, b: 'x' }, { a: 22 }])",
            [("info", '(index) | a  | b  \n0       | 1  | "x"\n1       | 22 |    ')],
        ),
        (
            "console.table({ k: 5 })",
            [("info", "(index) | Values\nk       | 5     ")],
        ),
    ],
)
def test_the_rest_of_the_methods(realm, code, logged) -> None:
    realm.run(code)
    assert realm.logged == logged
    assert realm.loaded.count("more_console") == 1


def test_a_trace_has_the_stack(realm) -> None:
    realm.run("(function outer() { console.trace('here'); })()")
    [(level, text)] = realm.logged
    assert level == "debug"
    assert text.startswith("Trace: here\n")
    assert "outer" in text


def test_console_is_a_plain_global(realm) -> None:
    realm.run("const { log } = console; log('detached')")
    assert realm.logged == [("info", "detached")]
    assert realm.value("console.nonsense === undefined") is True
    realm.run("console.log = () => {}; console.log('mine')")
    assert len(realm.logged) == 1
