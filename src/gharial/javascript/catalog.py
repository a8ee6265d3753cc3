"""The modules that a script can import by name: which file holds each."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from gharial.engine.shared_numbers import with_numbers
from gharial.lazy_pattern import lazy_pattern

BUILTIN_MODULES = {
    "k6": "k6.js",
    "k6/crypto": "crypto.js",
    "k6/crypto/x509": "crypto_x509.js",
    "k6/data": "data.js",
    "k6/encoding": "encoding.js",
    "k6/execution": "execution.js",
    "k6/experimental/csv": "experimental_csv.js",
    "k6/experimental/fs": "experimental_fs.js",
    "k6/experimental/streams": "experimental_streams.js",
    "k6/experimental/timers": "timers.js",
    "k6/experimental/webcrypto": "experimental_webcrypto.js",
    "k6/experimental/websockets": "experimental_websockets.js",
    "k6/html": "html.js",
    "k6/http": "http.js",
    "k6/metrics": "metrics.js",
    "k6/secrets": "secrets.js",
    "k6/timers": "timers.js",
    "k6/websockets": "websockets.js",
    "k6/ws": "ws.js",
}

_BROWSER = (
    "Gharial does not drive browsers; for the WebSockets of a page use k6/websockets, and "
    "for the page itself k6 or Playwright"
)
_GRPC = "Gharial does not speak gRPC; use k6 for that"
# Parts of k6 that will not be had, with the reason that the user is told.
_REFUSED_MODULES = {
    "k6/browser": _BROWSER,
    "k6/experimental/browser": _BROWSER,
    "k6/net/grpc": _GRPC,
    "k6/experimental/grpc": _GRPC,
    "k6/experimental/redis": "Gharial has no Redis client; data that all virtual users "
    "share can be in a SharedArray of k6/data, or come over k6/http",
    "k6/experimental/tracing": "k6 has removed it, too; set the header traceparent "
    "yourself, in the parameters of a request or a WebSocket",
    "k6/options": "it has types only; in TypeScript write import type, in JavaScript leave "
    "it out",
}
_EXTENSIONS = (
    "extensions of k6 are written in Go; use an npm package, or write the script in Python "
    "and use a Python package"
)


def refused_because(name: str) -> str | None:
    """Return why a module of k6's is not part of Gharial; None for all others."""
    if name.startswith("k6/x/"):
        return _EXTENSIONS
    return _REFUSED_MODULES.get(name)


_JSLIB_UTILS = lazy_pattern(r"https://jslib\.k6\.io/k6-utils/[^/]+/(index\.js)?")


def builtin_file(name: str) -> str | None:
    """Return the file that holds the built-in module ``name``, None if it is none."""
    if _JSLIB_UTILS.fullmatch(name):
        return "jslib_k6_utils.js"
    return BUILTIN_MODULES.get(name)


def module_source(file_name: str) -> str:
    """Return the source of a built-in module's file."""
    return _texts("modules")[file_name]


def runtime_source(name: str) -> str:
    """Return the source of a part of the runtime."""
    return runtime_sources()[f"{name}.js"]


@cache
def runtime_sources() -> Mapping[str, str]:
    """Return the text of each file of the runtime, by its name, with its numbers."""
    sources = _texts("runtime")
    return {name: with_numbers(source) for name, source in sources.items()}


@cache
def _texts(folder: str) -> Mapping[str, str]:
    # All at once: one that is first needed when something has gone wrong might not be
    # readable then, for want of a free descriptor.
    return {
        file.name: file.read_text("utf-8")
        for file in Path(__file__).with_name(folder).glob("*.js")
    }
