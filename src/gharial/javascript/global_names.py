"""
The globals that are loaded on first use, and which of them a script may use.

An accessor for each of them takes 0.4 KB of every virtual user, so that those whose name
is nowhere in a script are left out, unless it can reach globals without naming them. So it
is with the variables of ``__ENV``, of which a shell has dozens and a script reads two.
"""

from collections.abc import Mapping

from gharial.lazy_pattern import lazy_pattern

# Name of the global -> file of the runtime that defines it.
LAZY_GLOBALS = {
    "console": "console",
    "DOMException": "dom_exception",
    "Event": "event_classes",
    "EventTarget": "event_classes",
    "CustomEvent": "event_classes",
    "MessageEvent": "event_classes",
    "CloseEvent": "event_classes",
    "ErrorEvent": "event_classes",
    "AbortController": "abort",
    "AbortSignal": "abort",
    "Blob": "blob",
    "File": "file",
    "FileReader": "file_reader",
    "ReadableStream": "streams",
    "ReadableStreamDefaultReader": "streams",
    "ReadableStreamDefaultController": "streams",
    "ReadableStreamBYOBReader": "byte_streams",
    "ReadableStreamBYOBRequest": "byte_streams",
    "ReadableByteStreamController": "byte_streams",
    "WritableStream": "writable_streams",
    "WritableStreamDefaultWriter": "writable_streams",
    "WritableStreamDefaultController": "writable_streams",
    "TransformStream": "transform_streams",
    "TransformStreamDefaultController": "transform_streams",
    "CountQueuingStrategy": "stream_strategies",
    "ByteLengthQueuingStrategy": "stream_strategies",
    "WebSocketStream": "websocket_stream",
    "WebSocketError": "websocket_stream",
    "URL": "url",
    "URLSearchParams": "url",
    "TextEncoder": "encoding",
    "TextDecoder": "encoding",
    "fetch": "fetch",
    "Headers": "headers",
    "Request": "request",
    "Response": "response",
    "FormData": "form_data",
    "XMLHttpRequest": "xml_http_request",
    "XMLHttpRequestEventTarget": "xml_http_request",
    "XMLHttpRequestUpload": "xml_http_request",
    "ProgressEvent": "progress_events",
    "TextDecoderStream": "text_streams",
    "TextEncoderStream": "text_streams",
    "CompressionStream": "compression_streams",
    "DecompressionStream": "compression_streams",
    "MessageChannel": "message_ports",
    "MessagePort": "message_ports",
    "BroadcastChannel": "message_ports",
    "Storage": "storage",
    "localStorage": "storage",
    "sessionStorage": "storage",
    "Intl": "intl",
    "EventSource": "event_source",
    "structuredClone": "structured_clone",
    "atob": "base64",
    "btoa": "base64",
    "crypto": "crypto",
    "Crypto": "crypto",
    "CryptoKey": "subtle_crypto",
    "SubtleCrypto": "subtle_crypto",
    "performance": "performance",
    "queueMicrotask": "microtask",
    "open": "open",
    "self": "worker_scope",
    "navigator": "worker_scope",
    "WorkerGlobalScope": "worker_scope",
    "DedicatedWorkerGlobalScope": "worker_scope",
    "addEventListener": "worker_scope",
    "removeEventListener": "worker_scope",
    "dispatchEvent": "worker_scope",
    "onerror": "worker_scope",
    "onunhandledrejection": "worker_scope",
    "reportError": "worker_scope",
    "PromiseRejectionEvent": "global_errors",
}

_WORD = lazy_pattern(r"\b[A-Za-z]\w*")
# Names that nearly always are those of another object's methods, and come after a dot.
_METHODS = frozenset(
    {
        "addEventListener",
        "removeEventListener",
        "dispatchEvent",
        "onerror",
        "onunhandledrejection",
    }
)
_BARE_METHOD = lazy_pattern(rf"(?<![.\w$])(?:{'|'.join(sorted(_METHODS))})\b")
# By these a script finds a global whose name it puts together, or takes from elsewhere.
_ROUNDABOUT = lazy_pattern(
    r"\b(globalThis|global|self|eval|Function|with)\b|\\u"
    # Modules that are loaded later on, and not when the script is read.
    r"|\bimport\s*\(|\brequire\s*\(\s*[^\s\"'k]"
    r"|\brequire\s*\(\s*[\"'](?!k6)"
)
# Methods of the language that follow a locale; the engine's own follow none.
_LOCALE_METHOD = lazy_pattern(r"\b(?:toLocale(?:Date|Time)?String|localeCompare)\b")
# Classes of k6's that scripts may call without `new`, and how they do so: by their names,
# or by others that they give them.
_CLASS = r"\b(?:WebSocket|Blob|Counter|Gauge|Rate|Trend|SharedArray|CookieJar|Parser)\b"
_CALLED = lazy_pattern(
    rf"(?P<new>\bnew\s+(?:[\w$]+\s*\.\s*)*)?{_CLASS}\s*\("
    rf"|{_CLASS}\s*(?:\bas\b|:)"
    rf"|=\s*(?:[\w$]+\s*\.\s*)*{_CLASS}(?!\s*\()"
)
_THIS = lazy_pattern(r"\bthis\b")
_ENVIRONMENT = lazy_pattern(r"\b__ENV\b")
_VARIABLE = lazy_pattern(
    r"\b__ENV\s*(?:(?:\?\.|\.)\s*([A-Za-z_$][\w$]*)"
    r"|(?:\?\.)?\[\s*(?:\"([^\"\\]*)\"|'([^'\\]*)')\s*\])"
)


class GlobalNames:
    """
    Which lazy globals the modules of a script may use.

    Attributes:
        has_locale_methods: Whether they name a method that follows a locale, such as
            ``toLocaleString``.
        calls_classes: Whether they may call classes of k6's without ``new``.

    """

    def __init__(self) -> None:
        self.calls_classes = False
        self._names: set[str] = set()
        self._variables: set[str] = set()
        self._has_all = False
        self._has_all_variables = False
        self.has_locale_methods = False

    def see(self, source: str, *, is_sloppy: bool = False) -> None:
        """
        Take note of a module of the script's.

        Args:
            source: Its text.
            is_sloppy: Whether ``this`` may be the global object in it, as in CommonJS.

        """
        if _ROUNDABOUT.search(source) or (is_sloppy and _THIS.search(source)):
            self._has_all = self._has_all_variables = True
        if _LOCALE_METHOD.search(source):
            self.has_locale_methods = True
        self.calls_classes = self.calls_classes or any(
            match["new"] is None for match in _CALLED.finditer(source)
        )
        named = [one or two or three for one, two, three in _VARIABLE.findall(source)]
        self._variables.update(named)
        if len(named) < len(_ENVIRONMENT.findall(source)):
            # The object itself goes somewhere, or its names are put together.
            self._has_all_variables = True
        self.see_ours(source)

    def see_ours(self, source: str) -> None:
        """Take note of a module of ours, which names all globals that it touches."""
        words = set(_WORD.findall(source))
        if words & _METHODS:
            words = words - _METHODS | set(_BARE_METHOD.findall(source))
        self._names.update(LAZY_GLOBALS.keys() & words)

    def table(self) -> dict[str, str]:
        """Return the part of `LAZY_GLOBALS` that is needed."""
        if self._has_all:
            return LAZY_GLOBALS
        return {
            name: LAZY_GLOBALS[name] for name in LAZY_GLOBALS if name in self._names
        }

    def variables(self, environment: Mapping[str, str]) -> Mapping[str, str]:
        """Return the part of ``__ENV`` that is needed."""
        if self._has_all_variables:
            return environment
        return {
            name: value
            for name, value in environment.items()
            if name in self._variables
        }
