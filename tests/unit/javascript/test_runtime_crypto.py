import re

import pytest


@pytest.mark.parametrize(
    "array",
    [
        "Int8Array",
        "Uint8Array",
        "Uint8ClampedArray",
        "Int16Array",
        "Uint16Array",
        "Int32Array",
        "Uint32Array",
        "BigInt64Array",
        "BigUint64Array",
    ],
)
def test_random_values_fill_arrays_of_integers(realm, array) -> None:
    realm.run(
        f"const array = new {array}(64); const same = crypto.getRandomValues(array)"
    )
    assert realm.value("same === array") is True
    # All zero by chance: once in 2 to the 512th, or less.
    assert realm.value("array.some((value) => value != 0)") is True


def test_random_values_stay_inside_of_a_view(realm) -> None:
    realm.run("""
        const bytes = new Uint8Array(96);
        crypto.getRandomValues(bytes.subarray(32, 64));
    """)
    assert realm.value("bytes.subarray(32, 64).some((byte) => byte)") is True
    assert realm.value("[...bytes.subarray(0, 32), ...bytes.subarray(64)]") == [0] * 64


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ("crypto.getRandomValues(new Uint8Array(65537))", "QuotaExceededError 22"),
        ("crypto.getRandomValues(new Uint32Array(16385))", "QuotaExceededError 22"),
        ("crypto.getRandomValues(new Uint8Array(65536))", "nothing"),
        ("crypto.getRandomValues(new Uint8Array(0))", "nothing"),
        ("crypto.getRandomValues(new Float64Array(1))", "TypeMismatchError 17"),
        (
            "crypto.getRandomValues(new DataView(new ArrayBuffer(1)))",
            "TypeMismatchError 17",
        ),
        ("crypto.getRandomValues(new ArrayBuffer(1))", "TypeError"),
        ("crypto.getRandomValues([1])", "TypeError"),
        ("crypto.getRandomValues()", "TypeError"),
        ("crypto.getRandomValues.call({}, new Uint8Array(1))", "TypeError"),
        ("crypto.randomUUID.call({})", "TypeError"),
        ("new crypto.constructor()", "TypeError"),
    ],
)
def test_what_is_refused(realm, action, error) -> None:
    assert realm.value(f"thrown(() => {action})") == error


def test_a_uuid_is_of_version_4_and_new_each_time(realm) -> None:
    one, other = realm.value("[crypto.randomUUID(), crypto.randomUUID()]")
    form = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(form, one)
    assert one != other
