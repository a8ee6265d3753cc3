"""What an answer's ``Set-Cookie`` headers say."""

from collections.abc import Iterable
from email.utils import parsedate_to_datetime

from gharial.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SetCookie:
    """
    One cookie that a server sets.

    Attributes:
        name: Its name.
        value: Its value.
        domain: The domain it is for, empty for the server's own name.
        path: The prefix of paths it is for, empty for the default.
        http_only: Whether scripts in a browser would not see it.
        secure: Whether it goes to secure URLs only.
        max_age_s: How long it lasts, 0 if that is not said.
        expires_at_epoch_s: When it ends, 0 if that is not said.

    """

    name: str
    value: str
    domain: str = ""
    path: str = ""
    http_only: bool = False
    secure: bool = False
    max_age_s: int = 0
    expires_at_epoch_s: float = 0.0


def parse_set_cookies(headers: Iterable[str]) -> list[SetCookie]:
    """Return the cookies of these headers; what has no name and value is left out."""
    found = []
    for header in headers:
        pair, *rest = header.split(";")
        name, separator, value = pair.partition("=")
        if not separator or not name.strip():
            continue
        attributes = {}
        for part in rest:
            key, _, content = part.partition("=")
            attributes[key.strip().lower()] = content.strip()
        found.append(
            SetCookie(
                name.strip(),
                value.strip().strip('"'),
                domain=attributes.get("domain", ""),
                path=attributes.get("path", ""),
                http_only="httponly" in attributes,
                secure="secure" in attributes,
                max_age_s=_whole(attributes.get("max-age", "")),
                expires_at_epoch_s=_epoch_s(attributes.get("expires", "")),
            )
        )
    return found


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0


def _epoch_s(text: str) -> float:
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        return 0.0
