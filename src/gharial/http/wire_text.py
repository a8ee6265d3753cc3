"""HTTP requests and responses as strings, for debugging."""

from collections.abc import Iterator

from gharial.http.exchange import HttpExchange, Pairs

BODY_MAXIMUM = 10_000
"""Characters of a body that are shown."""


def wire_texts(
    exchange: HttpExchange, body: bytes | None, *, has_bodies: bool
) -> Iterator[str]:
    """
    Yield a request and, if there is one, its answer, much as they stand on the wire.

    Args:
        exchange: The exchange.
        body: What was sent.
        has_bodies: Whether bodies are shown.

    """
    line = f"{exchange.method} {exchange.url} HTTP/1.1"
    yield _text("Request", line, exchange.request_headers, body if has_bodies else b"")
    if exchange.failure is None:
        line = f"{exchange.version} {exchange.status} {exchange.reason}"
        content = exchange.body if has_bodies else b""
        yield _text("Response", line, exchange.headers, content)


def _text(title: str, line: str, headers: Pairs, body: bytes | None) -> str:
    lines = [f"{title}:", line.rstrip()]
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        shown = body[: BODY_MAXIMUM * 4].decode("utf-8", "replace")
        end = "" if len(shown) <= BODY_MAXIMUM else "…"
        lines += ["", shown[:BODY_MAXIMUM] + end]
    return "\n".join(lines)
