"""Takes secrets out of what is shown: URLs, answers, messages."""

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Final

REDACTED: Final = "***SECRET_REDACTED***"
"""What a log shows in place of a secret, as in k6."""

MASK: Final = "***"

URLS_KEPT: Final = 2000

# Only from the beginning of a word on, or a long one takes time by its square.
_SECRET_NAME: Final = (
    r"(?<![\w.-])[\w.-]*(?:token|secret|passw|pwd|api[_-]?key|apikey|auth(?!or(?!iz))|credential|session|"
    r"signature|jwt|cookie)[\w.-]*+"
)
_USER: Final = r"(?<=://)[^/?#@\s]+@"
_PAIR: Final = (
    rf"(?P<name>[\"']?{_SECRET_NAME}[\"']?\s*[=:]\s*)"
    r"(?P<value>\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|(?:Bearer |Basic )?[^\s&;,\"'<>}#]+)"
)


@cache
def _compiled(pattern: str) -> "re.Pattern[str]":
    # Hardly any run needs them, and it takes a while.
    return re.compile(pattern, re.IGNORECASE)


# The names of a run come again each second, in its tables and in their onsets.
@lru_cache(maxsize=URLS_KEPT)
def masked_url(url: str) -> str:
    """Return a URL without user, password and the values of secret parameters."""
    if "://" not in url:
        return url
    base, mark, query = _without_user(url).partition("?")
    if not mark:
        return base
    return f"{base}?{_compiled(_PAIR).sub(_masked_pair, query)}"


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """
    Return what a server wrote, without secrets.

    Args:
        text: The string.
        secrets: Strings that are known to be secret.

    """
    return _compiled(_PAIR).sub(_masked_pair, without_known(text, secrets))


def without_known(text: str, secrets: Iterable[str] = ()) -> str:
    """
    Return a message without secrets that are known, and without users in URLs.

    Args:
        text: The string; "unexpected token: x" is not about a secret and stays.
        secrets: Strings that are known to be secret.

    """
    return _without_user(redacted(text, secrets))


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return a text without secrets that are known, the longest of which come first."""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return text


def secret_texts(secrets: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Return what must not be shown of sources of secrets: longest first."""
    texts = {value for values in secrets.values() for value in values.values() if value}
    return tuple(sorted(texts, key=len, reverse=True))


def _without_user(text: str) -> str:
    return _compiled(_USER).sub(f"{MASK}@", text) if "@" in text else text


def _masked_pair(found: "re.Match[str]") -> str:
    return found["name"] + MASK
