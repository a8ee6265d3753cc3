import pytest

RECORD = """
const reader = new FileReader();
const events = [];
for (const type of ['loadstart', 'progress', 'load', 'abort', 'error', 'loadend']) {
  reader[`on${type}`] = (e) => events.push(`${type} ${e.loaded}/${e.total} ${reader.readyState}`);
}
"""


def run_timers(realm) -> None:
    for callback, _ in realm.timers:
        callback()
        realm.run_jobs()


@pytest.mark.parametrize(
    ("method", "result"),
    [
        ("readAsText(blob)", "näht"),
        ("readAsText(blob, 'latin1')", "nÃ¤ht"),
        ("readAsText(blob, 'nonsense')", "näht"),
        ("readAsText(new Blob(['\\u00e4'], { type: 'a/b;charset=latin1' }))", "Ã¤"),
        ("readAsText(new Blob([new Uint8Array([255, 254, 97, 0])]))", "a"),
        ("readAsDataURL(blob)", "data:text/plain;base64,bsOkaHQ="),
        (
            "readAsDataURL(new Blob(['a']))",
            "data:application/octet-stream;base64,YQ==",
        ),
        ("readAsBinaryString(blob)", "n\xc3\xa4ht"),
    ],
)
def test_a_blob_is_read(realm, method, result) -> None:
    realm.run(RECORD)
    realm.run("const blob = new Blob(['näht'], { type: 'text/plain' });")
    realm.run(f"reader.{method}")
    assert realm.value("[reader.result, reader.readyState]") == [None, 1]
    run_timers(realm)
    assert realm.value("reader.result") == result


def test_reading_has_the_events_of_the_standard(realm) -> None:
    realm.run(RECORD)
    realm.run("reader.readAsArrayBuffer(new Blob(['abc']))")
    assert realm.value("thrown(() => reader.readAsText(new Blob()))") == (
        "InvalidStateError 11"
    )
    run_timers(realm)
    assert realm.value("events") == [
        "loadstart 0/3 1",
        "progress 3/3 1",
        "load 3/3 2",
        "loadend 3/3 2",
    ]
    assert realm.value("[reader.result.byteLength, reader.error]") == [3, None]


def test_aborting_ends_it(realm) -> None:
    realm.run(RECORD)
    realm.run("reader.abort(); reader.readAsText(new Blob(['abc'])); reader.abort()")
    run_timers(realm)
    assert realm.value("[events, reader.result]") == [
        ["abort 0/0 2", "loadend 0/0 2"],
        None,
    ]


def test_only_blobs_are_read(realm) -> None:
    realm.run(RECORD)
    assert realm.value("thrown(() => reader.readAsText('abc'))") == "TypeError"


def test_a_file_is_a_blob_with_a_name(realm) -> None:
    realm.run("const file = new File(['ab'], 'x\\ud800', { type: 'a/b' })")
    assert realm.value(
        """[file instanceof Blob, file.name, file.size, file.type,
          file.lastModified === gharial.host.nowMs(),
          new File([], 'a', { lastModified: 5.5 }).lastModified,
          String(file), thrown(() => new File([]))]"""
    ) == [True, "x\ufffd", 2, "a/b", True, 5, "[object File]", "TypeError"]
