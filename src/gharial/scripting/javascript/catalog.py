"""The modules that a script can import by name: which file holds each."""

import re
from functools import cache
from importlib.resources import files

BUILTIN_MODULES = {
    "k6": "k6.js",
    "k6/crypto": "crypto.js",
    "k6/data": "data.js",
    "k6/encoding": "encoding.js",
    "k6/execution": "execution.js",
    "k6/experimental/timers": "timers.js",
    "k6/experimental/websockets": "experimental_websockets.js",
    "k6/html": "html.js",
    "k6/http": "http.js",
    "k6/metrics": "metrics.js",
    "k6/secrets": "secrets.js",
    "k6/timers": "timers.js",
    "k6/websockets": "websockets.js",
    "k6/ws": "ws.js",
}

# Parts of k6 that will not be had, with the reason that the user is told.
REFUSED_MODULES = {
    "k6/browser": "Gharial drives no browser",
    "k6/experimental/browser": "Gharial drives no browser",
    "k6/net/grpc": "Gharial speaks no gRPC",
    "k6/experimental/grpc": "Gharial speaks no gRPC",
    "k6/experimental/redis": "Gharial has no Redis client",
    "k6/experimental/tracing": "Gharial does not trace HTTP calls",
}

_JSLIB_UTILS = re.compile(r"https://jslib\.k6\.io/k6-utils/[^/]+/(index\.js)?")


def builtin_file(name: str) -> str | None:
    """Return the file that holds the built-in module ``name``, None if it is none."""
    if _JSLIB_UTILS.fullmatch(name):
        return "jslib_k6_utils.js"
    return BUILTIN_MODULES.get(name)


@cache
def module_source(file_name: str) -> str:
    """Return the text of a built-in module's file."""
    return (
        files("gharial.scripting.javascript.modules")
        .joinpath(file_name)
        .read_text("utf-8")
    )


@cache
def runtime_source(name: str) -> str:
    """Return the text of a part of the runtime."""
    return (
        files("gharial.scripting.javascript.runtime")
        .joinpath(f"{name}.js")
        .read_text("utf-8")
    )
