import pytest


@pytest.mark.parametrize(
    "value",
    [
        "5",
        "'text'",
        r"'\ud800'",
        "true",
        "null",
        "[1, [2], { a: 3 }]",
        "{ a: { b: [] }, 'c d': null }",
        "{ ['__proto__']: 5 }",
    ],
)
def test_plain_values_are_cloned(realm, value) -> None:
    realm.run(f"const value = {value}; const copy = structuredClone(value)")
    assert realm.value("copy") == realm.value("value")
    assert realm.value("copy !== value || Object(value) !== value") is True


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("structuredClone(undefined) === undefined", True),
        ("Object.is(structuredClone(-0), -0)", True),
        ("Number.isNaN(structuredClone(NaN))", True),
        ("structuredClone(2n ** 70n) === 2n ** 70n", True),
        ("structuredClone(new Date(5)).getTime()", 5),
        ("Number.isNaN(structuredClone(new Date(NaN)).getTime())", True),
        ("String(structuredClone(/a.b/gi))", "/a.b/gi"),
        ("structuredClone(Object.assign(/a/g, { lastIndex: 3 })).lastIndex", 0),
        ("typeof structuredClone(new Number(3))", "object"),
        ("structuredClone(new String('s')).valueOf()", "s"),
        ("structuredClone(new Boolean(false)).valueOf()", False),
        ("typeof structuredClone(Object(1n))", "object"),
        ("[...structuredClone(new Map([[{ k: 1 }, new Set([2])]]))][0][0]", {"k": 1}),
        ("[...structuredClone(new Set([1, [2]]))]", [1, [2]]),
        ("[...structuredClone(new Uint16Array([1, 65535]))]", [1, 65535]),
        ("structuredClone(new Uint8Array(4).subarray(1, 3)).byteOffset", 1),
        ("structuredClone(new Uint8Array(4).subarray(1, 3)).buffer.byteLength", 4),
        ("structuredClone(new DataView(new ArrayBuffer(8), 2, 4)).byteLength", 4),
        ("structuredClone(new Float64Array([0.5]))[0]", 0.5),
        ("structuredClone(new ArrayBuffer(2, { maxByteLength: 8 })).resizable", True),
        ("structuredClone(new RangeError('r')) instanceof RangeError", True),
        ("structuredClone(new RangeError('r')).message", "r"),
        ("structuredClone(new Error('m', { cause: [1] })).cause", [1]),
        ("structuredClone(Object.assign(new Error(), { name: 'X' })).name", "Error"),
        ("(() => structuredClone(error).stack === error.stack)()", True),
        ("structuredClone(new DOMException('m', 'AbortError')).code", 20),
        ("structuredClone(new Blob(['abc'], { type: 'a/b' })).size", 3),
        ("structuredClone([1, , 3]).length", 3),
        ("1 in structuredClone([1, , 3])", False),
        ("structuredClone(Object.assign([1], { extra: 2 })).extra", 2),
        ("structuredClone({ get x() { return 4; } })", {"x": 4}),
        ("structuredClone(Object.create({ inherited: 1 }))", {}),
        ("structuredClone({ [Symbol('s')]: 1 })", {}),
        ("structuredClone(Object.defineProperty({}, 'h', { value: 1 }))", {}),
        (
            "Object.getPrototypeOf(structuredClone(new (class A { a = 1; })()))"
            " === Object.prototype",
            True,
        ),
        (
            "structuredClone(Object.setPrototypeOf({ a: 1 }, Map.prototype))",
            {"a": 1},
        ),
    ],
)
def test_special_values_are_cloned(realm, expression, expected) -> None:
    realm.run("const error = new Error('s')")
    assert realm.value(expression) == expected


def test_cycles_and_shared_objects_keep_their_shape(realm) -> None:
    realm.run("""
        const shared = { s: 1 };
        const value = { one: shared, two: shared, map: new Map() };
        value.self = value;
        value.map.set('up', value);
        const buffer = new ArrayBuffer(4);
        value.views = [new Uint8Array(buffer), new Uint16Array(buffer)];
        const copy = structuredClone(value);
    """)
    assert (
        realm.value("""[
            copy.self === copy, copy.one === copy.two, copy.one !== shared,
            copy.map.get('up') === copy, copy.views[0].buffer === copy.views[1].buffer,
        ]""")
        == [True] * 5
    )


@pytest.mark.parametrize(
    "value",
    [
        "() => 1",
        "class A {}",
        "Symbol()",
        "{ a: [() => 1] }",
        "new WeakMap()",
        "new WeakSet()",
        "new WeakRef({})",
        "Promise.resolve()",
        "new EventTarget()",
        "new Event('x')",
        "new URL('ws://h')",
        "new Map([[1, () => 1]])",
        "new SharedArrayBuffer(1)",
        "AbortSignal.abort()",
    ],
)
def test_what_cannot_be_cloned_is_refused(realm, value) -> None:
    assert realm.value(f"thrown(() => structuredClone({value}))") == "DataCloneError 25"


def test_transferred_buffers_are_moved(realm) -> None:
    realm.run("""
        const buffer = Uint8Array.of(1, 2).buffer;
        const copy = structuredClone({ buffer }, { transfer: [buffer] });
    """)
    assert realm.value("[buffer.byteLength, buffer.detached]") == [0, True]
    assert realm.value("[...new Uint8Array(copy.buffer)]") == [1, 2]
    refused = "thrown(() => structuredClone(buffer))"
    assert realm.value(refused) == "DataCloneError 25"


@pytest.mark.parametrize(
    ("value", "transfer"),
    [
        ("buffer", "[buffer, buffer]"),
        ("buffer", "[{}]"),
        ("[buffer, () => 1]", "[buffer]"),
        ("buffer", "[new Uint8Array(buffer)]"),
    ],
)
def test_a_failed_transfer_leaves_the_buffer(realm, value, transfer) -> None:
    realm.run("const buffer = new ArrayBuffer(2)")
    clone = f"structuredClone({value}, {{ transfer: {transfer} }})"
    assert realm.value(f"thrown(() => {clone})") == "DataCloneError 25"
    assert realm.value("buffer.byteLength") == 2


def test_what_a_getter_throws_passes_through(realm) -> None:
    getter = "{ get x() { throw new RangeError(); } }"
    assert realm.value(f"thrown(() => structuredClone({getter}))") == "RangeError"


def test_it_takes_an_argument(realm) -> None:
    assert realm.value("thrown(() => structuredClone())") == "TypeError"
