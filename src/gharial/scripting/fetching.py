"""Modules from servers: fetched, or found in a folder that has copies of them."""

import contextlib
import http.client
import os
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

from gharial.scripting.missing_module import ModuleNotFoundInScriptError
from gharial.scripting.origin import is_remote

FETCH_LIMIT_S = 60.0
MODULE_LIMIT_BYTES = 32 * 1024 * 1024


class Pages:
    """
    Modules from servers.

    Args:
        folder: Where copies of them are looked up first, and kept; None for none.

    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def read(self, url: str) -> str:
        """
        Return the text of a module.

        Raises:
            ModuleNotFoundInScriptError: If it cannot be had, or not be kept.

        """
        copy = None if self._folder is None else self._folder / place_of(url)
        try:
            if copy is not None and copy.is_file():
                return copy.read_bytes().decode("utf-8", "replace")
        except OSError as error:
            raise _not_had(url, f"{copy}: {error.strerror or error}") from error
        page = _fetch(url)
        if isinstance(page, _Refusal):
            raise _not_had(url, page)
        if isinstance(page, str):
            raise _not_had(url, f"{page}; {self._way_out(url)}")
        if copy is not None:
            try:
                _keep(copy, page)
            except OSError as error:
                problem = f"it cannot be kept as {copy}: {error.strerror or error}"
                raise _not_had(url, problem) from error
        return page.decode("utf-8", "replace")

    def _way_out(self, url: str) -> str:
        place = place_of(url)
        if self._folder is not None:
            return f"there is no copy of it either, {self._folder / place}"
        return (
            f"without a network, save it next to the script and import './{place.name}', "
            f"or as FOLDER/{place} and run with --module-cache FOLDER"
        )


def place_of(url: str) -> PurePosixPath:
    """
    Return where in a module cache the copy of a page is: its host, then its path.

    A folder's page is ``index.js``; a port and a query belong to the names.
    """
    parts = urlsplit(url)
    host = quote(parts.netloc.rpartition("@")[2].lower(), safe=":[]").replace(":", "+")
    path = parts.path
    if not path or path.endswith("/"):
        path += "index.js"
    if parts.query:
        path += f"?{parts.query}"
    segments = [each for each in path.split("/") if each not in ("", ".", "..")]
    # Of what is escaped already the sign stays: no two pages have the same place.
    names = [quote(each, safe="%@!$&'()+,;=~") for each in segments]
    return PurePosixPath(host, *names)


def _keep(copy: Path, page: bytes) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=copy.parent, prefix=".gharial-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(page)
        # The mode of files that are made as usual, not that of temporary ones.
        Path(name).chmod(0o644)
        Path(name).replace(copy)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _not_had(url: str, problem: str) -> ModuleNotFoundInScriptError:
    return ModuleNotFoundInScriptError(url, f'cannot import "{url}": {problem}')


class _OnlySecure(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but only to where modules may come from."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        """Return the request that follows."""
        leaves_tls = req.type == "https" and not newurl.startswith("https:")
        if leaves_tls or not is_remote(newurl):
            raise urllib.error.URLError(
                f"it redirects to {newurl}, which is not an https: address"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(request: urllib.request.Request, timeout_s: float) -> Any:
    """Return the answer to a request."""
    return urllib.request.build_opener(_OnlySecure).open(request, timeout=timeout_s)


class _Fetch(threading.Thread):
    """
    Fetches a page, for as long as somebody waits for it.

    In a thread of its own, since each byte may take its time: that of a name, of a header,
    of a certificate.
    """

    def __init__(self, url: str, ends_at_s: float) -> None:
        super().__init__(name="gharial-fetch", daemon=True)
        self._url = url
        self._ends_at_s = ends_at_s
        self.body = b""
        self.is_too_late = False
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        """Fetch it."""
        request = urllib.request.Request(self._url, headers={"User-Agent": "Gharial"})
        try:
            with _open(request, FETCH_LIMIT_S) as response:
                while len(self.body) <= MODULE_LIMIT_BYTES:
                    read = response.read1(MODULE_LIMIT_BYTES)
                    if not read:
                        break
                    if time.monotonic() > self._ends_at_s:
                        self.is_too_late = True
                        break
                    self.body += read
        except (http.client.HTTPException, ValueError, OSError) as error:
            self.error = error


class _Refusal(str):
    """What a server said that was reached; a copy made elsewhere would not be better."""

    __slots__ = ()


def _fetch(url: str) -> bytes | str:
    """Return a page; if it cannot be had, say why."""
    fetch = _Fetch(url, time.monotonic() + FETCH_LIMIT_S)
    fetch.join(FETCH_LIMIT_S)
    error = fetch.error
    if fetch.is_alive() or fetch.is_too_late:
        return f"it did not arrive within {FETCH_LIMIT_S:g} s"
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return _Refusal(f"the server answered with status {error.code}")
    if error is not None:
        cause = getattr(error, "reason", error)
        return str(getattr(cause, "strerror", None) or cause)
    if len(fetch.body) > MODULE_LIMIT_BYTES:
        return "it is larger than 32 MiB"
    return fetch.body
