"""Memory that was taken away, that is shared, or that may change its size."""

import pytest

SETUP = """
const detached = new ArrayBuffer(4);
const detachedView = new DataView(detached);
const detachedArray = new Uint8Array(detached);
detached.transfer();
const resizable = new ArrayBuffer(4, { maxByteLength: 8 });
const tracking = new Uint8Array(resizable);
const shared = new SharedArrayBuffer(4);
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("new Blob([detached, detachedView, detachedArray, 'x']).size", 1),
        ("thrown(() => new Blob([resizable]))", "TypeError"),
        ("thrown(() => new Blob([tracking]))", "TypeError"),
        ("thrown(() => new Blob([new DataView(resizable)]))", "TypeError"),
        ("thrown(() => new Blob([shared]))", "TypeError"),
        ("new Blob([new DataView(new ArrayBuffer(4), 1, 2)]).size", 2),
        ("new TextDecoder().decode(detached)", ""),
        ("new TextDecoder().decode(detachedView)", ""),
        ("new TextDecoder().decode(new Uint8Array(shared)).length", 4),
        ("new TextDecoder().decode(shared).length", 4),
        ("thrown(() => new TextDecoder().decode(resizable))", "TypeError"),
        ("thrown(() => new TextDecoder().decode(tracking))", "TypeError"),
        (
            "new TextEncoder().encodeInto('abc', detachedArray)",
            {"read": 0, "written": 0},
        ),
        ("new TextEncoder().encodeInto('', detachedArray)", {"read": 0, "written": 0}),
        (
            "new TextEncoder().encodeInto('abc', new Uint8Array(shared))",
            {"read": 3, "written": 3},
        ),
        ("thrown(() => new TextEncoder().encodeInto('abc', tracking))", "TypeError"),
        ("crypto.getRandomValues(detachedArray) === detachedArray", True),
        ("thrown(() => crypto.getRandomValues(tracking))", "TypeError"),
        ("thrown(() => crypto.getRandomValues(new Uint8Array(shared)))", "TypeError"),
    ],
)
def test_memory_of_unusual_kinds(realm, expression, expected) -> None:
    realm.run(SETUP)
    assert realm.value(expression) == expected
