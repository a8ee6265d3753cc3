"""The words of ends."""

import pytest

from gharial.net.failures import FailureReason
from gharial.websocket.ends import violation


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        pytest.param(
            1002,
            FailureReason.PROTOCOL,
            "websocket: the server broke the protocol: a reserved bit is set",
            id="the server is wrong",
        ),
        pytest.param(
            1009,
            FailureReason.TOO_BIG,
            "websocket: a message is larger than maxMessageSize (1000 bytes)",
            id="the limit is ours",
        ),
    ],
)
def test_what_the_server_sent_is_told_in_its_own_words(
    code: int, reason: FailureReason, words: str
) -> None:
    failure = violation(code, "a reserved bit is set", 1000)
    assert (failure.reason, failure.message) == (reason, words)
