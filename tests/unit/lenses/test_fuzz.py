"""Every lens reads whatever may come, or says that it cannot."""

from contextlib import suppress
from typing import Any

import pytest
from heard_facts import HeardFacts
from hypothesis import given
from hypothesis import strategies as st

from gharial.lenses.catalog import LENSES
from gharial.lenses.lens import BINARY, TEXT, UnreadableError

# Beginnings that lead further into decoders than arbitrary bytes do.
BEGINNINGS = (
    *(b"42[", b"451-", b"40", b"MESSAGE\n", b"RECEIPT\nreceipt-id:", b"\x30", b"\x90"),
    *(b'{"type":"next","id":"1","payload":', b'{"jsonrpc":"2.0","id":1,', b"[36,"),
    *(b'{"type":1,', b'["1","1",', b'{"id":1,', b"\x01\x02", b"{}\x1e", b"\x10"),
)
MESSAGES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")),
    st.builds(bytes.__add__, st.sampled_from(BEGINNINGS), st.binary(max_size=60)),
)


@pytest.mark.parametrize("name", LENSES)
@given(
    dialogue=st.lists(
        st.tuples(st.booleans(), MESSAGES, st.sampled_from((TEXT, BINARY))), max_size=8
    )
)
def test_a_lens_raises_nothing_but_that_it_cannot_read(
    name: str, dialogue: list[tuple[bool, bytes, Any]]
) -> None:
    facts = HeardFacts()
    lens = LENSES[name].lens(facts)
    with suppress(UnreadableError):
        for is_sent, payload, kind in dialogue:
            (lens.sent if is_sent else lens.received)(payload, kind, 1.0)
    lens.closed(1000, 2.0)
    assert all(isinstance(fact[1], (str, int)) for fact in facts.seen)
