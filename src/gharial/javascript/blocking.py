"""Whether a script may suspend its virtual user, judged by its source text."""

from gharial.lazy_pattern import lazy_pattern

_BLOCKING_WORD = lazy_pattern(r"\bsleep\b")
_BLOCKING_MODULES = ("k6/ws",)

# What can be imported by name from `k6/http` and never waits.
_WAITLESS = frozenset(
    {
        *("CookieJar", "cookieJar", "asyncRequest", "file", "url"),
        *("expectedStatuses", "setResponseCallback"),
        *("TLS_1_0", "TLS_1_1", "TLS_1_2", "TLS_1_3"),
    }
)
_HTTP = lazy_pattern(r"""["'`]k6/http["'`]""")
_NAMED_IMPORT = lazy_pattern(r"""\bimport\s*\{([^{}]*)\}\s*from\s*(["'])k6/http\2""")


def may_block(source: str) -> bool:
    """
    Return whether a module's code may make a call that suspends its virtual user.

    Where it cannot be told, the answer is yes: that costs memory and nothing else.
    """
    if _BLOCKING_WORD.search(source) or any(one in source for one in _BLOCKING_MODULES):
        return True
    mentions = len(_HTTP.findall(source))
    if not mentions:
        return False
    harmless = [
        match
        for match in _NAMED_IMPORT.finditer(source)
        if all(_is_waitless(name) for name in match[1].split(","))
    ]
    return len(harmless) < mentions


def _is_waitless(imported: str) -> bool:
    name = imported.strip().split(maxsplit=1)
    return not name or name[0] in _WAITLESS
