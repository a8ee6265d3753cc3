"""
What of Gharial a script uses, judged by its source text.

It is loaded when the script was read: what is loaded later, with the first use, holds up
the event loop in the middle of a run.
"""

import re
from collections.abc import Iterator
from importlib import import_module

_SOCKETS = (
    "gharial.javascript.sockets",
    "gharial.virtual_user.socket_parts",
    "gharial.engine.compiled_messages",
)
_PARTS = (
    (re.compile(r"\bWebSocket(Stream)?\b|\bk6/(experimental/)?websockets\b"), _SOCKETS),
    (
        re.compile(r"\bk6/ws\b"),
        ("gharial.javascript.legacy_sockets", "gharial.virtual_user.socket_parts"),
    ),
    (
        re.compile(r"\bk6/http\b|\bfetch\b|\bXMLHttpRequest\b|\bEventSource\b"),
        ("gharial.javascript.http_requests", "gharial.http.client"),
    ),
    (re.compile(r"\bk6/html\b"), ("gharial.javascript.html_selections",)),
    (re.compile(r"\bk6/(crypto|encoding)\b"), ("gharial.javascript.digests",)),
    (
        re.compile(r"\bURL\b|\bURLSearchParams\b|\bText(En|De)coder\b|\bcrypto\b"),
        ("gharial.javascript.web_platform",),
    ),
    (re.compile(r"\b(C|Dec)ompressionStream\b"), ("gharial.javascript.compression",)),
    (re.compile(r"\bsubtle\b"), ("gharial.javascript.web_crypto.subtle",)),
    (re.compile(r"\bIntl\b|\btoLocale\w*String\b"), ("gharial.javascript.time_zones",)),
    (re.compile(r"\bk6/experimental/(fs|csv)\b"), ("gharial.javascript.opened_files",)),
    # The match of a request over a socket, and `Response.json()` of `k6/http`.
    (re.compile(r"\bmatch\b|\bjson\b"), ("gharial.websocket.json_paths",)),
)


def used_parts(source: str) -> Iterator[str]:
    """Yield the names of modules that a script with this text may use."""
    for words, modules in _PARTS:
        if words.search(source):
            yield from modules


def load_used_parts(source: str) -> None:
    """Load what a script with this text may use."""
    for module in used_parts(source):
        import_module(module)
