"""
The cookie jars of one virtual user's script.

A jar lives in the script as an object that only we can look into, so that it is freed
with it.
"""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from gharial.engine.port import JsContext
from gharial.net.cookies import CookieJar
from gharial.virtual_user.virtual_user import VirtualUser


class CookieJars:
    """What the class ``CookieJar`` of ``k6/http`` calls; None stands for the VU's own."""

    def __init__(self, user: VirtualUser, context: JsContext) -> None:
        self._user = user
        self._embed = context.embed
        self._to_python = context.to_python

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what the module calls, by name."""
        return {
            "jarMake": lambda: self._embed(CookieJar()),
            "jarSet": self.set,
            "jarCookies": lambda jar, url: self.get(jar).cookies_for_url(url),
            "jarDelete": lambda jar, url, name: self.get(jar).delete(url, name),
            "jarClear": lambda jar, url: self.get(jar).clear(url),
        }

    def get(self, jar: CookieJar | None) -> CookieJar:
        """Return a jar; the VU's own is another one in each iteration."""
        return self._user.cookies if jar is None else jar

    def set(
        self, jar: CookieJar | None, url: str, name: str, value: str, options: Any
    ) -> str | None:
        """Put a cookie in; return what is wrong with it, if anything."""
        given: dict[str, Any] = {} if options is None else self._to_python(options)
        expires: float | None = None
        if given.get("expires"):
            try:
                expires = _epoch_s(str(given["expires"]))
            except ValueError:
                return f"{given['expires']!r} is not a date, such as Mon, 02 Jan 2006"
        try:
            max_age = float(given["max_age"]) if given.get("max_age") else None
        except (TypeError, ValueError):
            return f"{given['max_age']!r} is not a number of seconds"
        try:
            self.get(jar).set(
                url,
                name,
                value,
                domain=str(given.get("domain") or ""),
                path=str(given.get("path") or ""),
                expires_at_epoch_s=expires,
                max_age_s=max_age,
                secure=bool(given.get("secure")),
                http_only=bool(given.get("http_only")),
            )
        except ValueError as error:
            return str(error)
        return None


def _epoch_s(text: str) -> float:
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        return datetime.fromisoformat(text).timestamp()
