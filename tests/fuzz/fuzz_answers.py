"""Answers to the handshake: accepted or refused, the same wherever they are cut."""

import atheris

with atheris.instrument_imports(include=["gharial", "oracles"]):
    import oracles
from harness import Input, run


def check(data: bytes) -> None:
    """Take an answer; the first bytes say how it is cut."""
    given = Input(data)
    cuts = given.cuts()
    oracles.check_answer(given.rest(), cuts)


SEEDS = [
    b"\x00" + oracles.ANSWER,
    b"\x02\x00\x10\x00\x90" + oracles.ANSWER + b"\x81\x02hi",
    b"\x01\x00\x30HTTP/1.1 503 Later\r\nRetry-After: 5\r\nContent-Length: 3\r\n\r\nwhy",
    b"\x01\x00\x50HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwhy\r\n0\r\n\r\n",
    b"\x00HTTP/1.0 302 Found\r\nLocation: /elsewhere\r\n\r\n",
    b"\x00HTTP/1.1 100 Continue\r\n\r\n" + oracles.ANSWER,
]

if __name__ == "__main__":
    run("answers", check, SEEDS)
