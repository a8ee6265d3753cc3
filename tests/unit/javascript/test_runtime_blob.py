import pytest


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("new Blob()", ""),
        ("new Blob([])", ""),
        ("new Blob(['a', 'b'])", "ab"),
        (r"new Blob(['\ud800'])", "\ufffd"),
        ("new Blob(['é€😀'])", "é€😀"),
        ("new Blob([new Uint8Array([97, 98, 99]).subarray(1)])", "bc"),
        ("new Blob([new Uint8Array([97, 98]).buffer])", "ab"),
        ("new Blob([new DataView(new Uint8Array([97, 98, 99]).buffer, 1, 1)])", "b"),
        ("new Blob([new Blob(['x']), 'y'])", "xy"),
        ("new Blob([1, null, { toString: () => 'o' }])", "1nullo"),
        ("new Blob(new Set(['a', 'b']))", "ab"),
        (r"new Blob(['a\r\nb\rc'], { endings: 'native' })", "a\nb\nc"),
        (r"new Blob(['a\r\nb'])", "a\r\nb"),
        ("new Blob(['hello']).slice(1, 3)", "el"),
        ("new Blob(['hello']).slice(-2)", "lo"),
        ("new Blob(['hello']).slice(0, -4)", "h"),
        ("new Blob(['hello']).slice(3, 1)", ""),
        ("new Blob(['hello']).slice(9)", ""),
        ("new Blob(['hello']).slice(NaN, 1.9)", "h"),
        ("new Blob(['hello']).slice(1).slice(1, 3)", "ll"),
        ("gharial.makeBlob(new Uint8Array([120]).buffer)", "x"),
        ("new Blob([new Uint8Array([0xef, 0xbb, 0xbf, 97])])", "a"),
    ],
)
def test_what_a_blob_holds(realm, expression, text) -> None:
    realm.run("Blob")
    assert realm.awaited(f"({expression}).text()") == text


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("new Blob(['é']).size", 2),
        ("new Blob([], { type: 'Text/PLAIN' }).type", "text/plain"),
        (r"new Blob([], { type: 'a\u0080' }).type", ""),
        ("new Blob(['x'], { type: 'a/b' }).slice().type", ""),
        ("new Blob(['x']).slice(0, 1, 'C/D').type", "c/d"),
        ("String(new Blob())", "[object Blob]"),
        ("thrown(() => new Blob('text'))", "TypeError"),
        ("thrown(() => new Blob(5))", "TypeError"),
        ("thrown(() => new Blob({}))", "TypeError"),
        ("thrown(() => new Blob(null))", "TypeError"),
        ("thrown(() => new Blob([], 5))", "TypeError"),
        ("thrown(() => new Blob([], { endings: 'odd' }))", "TypeError"),
        ("thrown(() => new Blob([Symbol()]))", "TypeError"),
        ("thrown(() => Blob())", "TypeError"),
        ("thrown(() => Blob.prototype.size)", "TypeError"),
        ("gharial.isBlob(new Blob())", True),
        ("gharial.isBlob({})", False),
        ("gharial.isBlob(null)", False),
        ("[...gharial.blobBytes(new Blob(['ab']))]", [97, 98]),
    ],
)
def test_blobs_are_as_the_standard_says(realm, expression, expected) -> None:
    realm.run("Blob")
    assert realm.value(expression) == expected


def test_the_bytes_that_a_script_gets_are_its_own(realm) -> None:
    realm.run("const source = new Uint8Array([1, 2]); const blob = new Blob([source])")
    realm.run("source[0] = 9; blob.bytes().then((bytes) => { bytes[1] = 9; })")
    assert realm.awaited("blob.bytes().then((bytes) => [...bytes])") == [1, 2]
    assert realm.awaited("blob.arrayBuffer().then((b) => b.byteLength)") == 2


def test_a_blob_can_be_read_as_a_stream(realm) -> None:
    realm.run("""
        async function all(stream) {
          const sizes = [];
          for await (const chunk of stream) sizes.push(chunk.length);
          return sizes;
        }
    """)
    assert realm.awaited("all(new Blob(['abc']).stream())") == [3]
    assert realm.awaited("all(new Blob().stream())") == []
