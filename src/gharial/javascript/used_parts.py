"""
What of Gharial a script uses, judged by its source text.

It is loaded when the script was read: what is loaded later, with the first use, holds up
the event loop in the middle of a run.
"""

import re
from collections.abc import Iterator
from importlib import import_module

from gharial.lenses.catalog import decoders_in

_SOCKETS = (
    "gharial.javascript.sockets",
    "gharial.virtual_user.socket_parts",
    "gharial.engine.compiled_messages",
)
_HTTP = ("gharial.javascript.http_requests", "gharial.http.client")
# By names that scripts use them by.
_PARTS = (
    (
        ("WebSocket", "WebSocketStream", "k6/websockets", "k6/experimental/websockets"),
        _SOCKETS,
    ),
    (
        ("k6/ws",),
        ("gharial.javascript.legacy_sockets", "gharial.virtual_user.socket_parts"),
    ),
    (("k6/http", "fetch", "XMLHttpRequest", "EventSource"), _HTTP),
    (("k6/html",), ("gharial.javascript.html_selections",)),
    (("k6/crypto", "k6/encoding"), ("gharial.javascript.digests",)),
    (
        ("URL", "URLSearchParams", "TextEncoder", "TextDecoder", "crypto"),
        ("gharial.javascript.web_platform",),
    ),
    (
        ("CompressionStream", "DecompressionStream"),
        ("gharial.javascript.compression",),
    ),
    (("subtle",), ("gharial.javascript.web_crypto.subtle",)),
    (
        ("Intl", "toLocaleString", "toLocaleDateString", "toLocaleTimeString"),
        ("gharial.javascript.time_zones",),
    ),
    (
        ("k6/experimental/fs", "k6/experimental/csv"),
        ("gharial.javascript.opened_files",),
    ),
    # The match of a request over a socket, and `Response.json()` of `k6/http`.
    (("match", "json"), ("gharial.websocket.json_paths",)),
)


def used_parts(source: str) -> Iterator[str]:
    """Yield the names of modules that a script with this text may use."""
    for names, modules in _PARTS:
        if any(name in source and _has(source, name) for name in names):
            yield from modules
    yield from decoders_in(source)


def _has(source: str, name: str) -> bool:
    """Return whether a name is in a text, and not only as a part of another."""
    return re.search(rf"\b{name}\b", source) is not None


def load_used_parts(source: str) -> None:
    """Load what a script with this text may use."""
    for module in used_parts(source):
        import_module(module)
