import pytest

HELPERS = """
async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}
async function failure(promise) {
  try { await promise; } catch (error) { return String(error.message ?? error); }
  return 'nothing';
}
"""


@pytest.mark.parametrize(
    ("source", "chunks"),
    [
        ("{ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } }", [1, 2]),
        ("{ start(c) { c.close(); } }", []),
        (
            "{ n: 0, pull(c) { c.enqueue(++this.n); if (this.n === 3) c.close(); } }",
            [1, 2, 3],
        ),
        (
            "{ async start(c) { c.enqueue('a'); }, pull(c) { c.close(); } }",
            ["a"],
        ),
    ],
)
def test_a_stream_gives_its_chunks_in_order(realm, source, chunks) -> None:
    realm.run(HELPERS)
    assert realm.awaited(f"all(new ReadableStream({source}))") == chunks


@pytest.mark.parametrize(
    "source",
    [
        "{ start() { return Promise.reject(new Error('bad')); } }",
        "{ start(c) { c.error(new Error('bad')); } }",
        "{ pull() { throw new Error('bad'); } }",
    ],
)
def test_a_failure_reaches_the_reader(realm, source) -> None:
    realm.run(HELPERS)
    read = f"new ReadableStream({source}).getReader().read()"
    assert realm.awaited(f"failure({read})") == "bad"


def test_a_stream_has_one_reader_at_a_time(realm) -> None:
    realm.run("const stream = new ReadableStream(); const reader = stream.getReader()")
    assert realm.value("[stream.locked, thrown(() => stream.getReader())]") == [
        True,
        "TypeError",
    ]
    realm.run("reader.releaseLock(); const other = stream.getReader()")
    realm.run(HELPERS)
    assert realm.awaited("failure(reader.read())") == "the reader was released"


def test_cancelling_tells_the_source(realm) -> None:
    realm.run("let reason; const s = new ReadableStream({ cancel(r) { reason = r; } })")
    realm.run("s.cancel('enough')")
    assert realm.value("reason") == "enough"
    assert realm.awaited("s.getReader().read()") == {"done": True}
