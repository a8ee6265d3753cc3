"""URLs, redirects and subprotocols: normalised, or refused."""

import atheris

with atheris.instrument_imports(include=["gharial", "oracles"]):
    import oracles
from harness import Input, run


def check(data: bytes) -> None:
    """Read the bytes as text, well-formed or with lone surrogates."""
    given = Input(data)
    options = given.byte()
    encoding = "utf-16-le" if options & 1 else "utf-8"
    errors = "surrogateescape" if options & 2 and not options & 1 else "replace"
    text = given.rest().decode(encoding, errors)
    oracles.check_url(text)
    oracles.check_redirect(text)
    oracles.check_subprotocol(text)


SEEDS = [
    b"\x00" + url.encode()
    for url in (
        "ws://host.test/",
        "wss://user:pass%40word@host.test:8443/a/../b?c=d#e",
        "http://[::1]:80/",
        "https://\u00fc\u00f1\u00ed.test/%zz?\u00e4",
        "ws+unix:///run/app.sock:/chat?a=b",
        "wss+unix:/run/a%20b.sock",
        "//other.test/path",
        "?query",
        "ws://0x7f.1:65535/",
        "chat.v2",
    )
]

if __name__ == "__main__":
    run("urls", check, SEEDS)
