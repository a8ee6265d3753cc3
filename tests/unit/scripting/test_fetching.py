import io
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from gharial.scripting import fetching
from gharial.scripting.fetching import Pages, place_of
from gharial.scripting.missing_module import ModuleNotFoundInScriptError
from gharial.scripting.origin import Origin
from gharial.scripting.resolve import SourceFiles


def problem_of(url: str) -> str:
    """Return what is wrong with a module from a server."""
    with pytest.raises(ModuleNotFoundInScriptError) as caught:
        SourceFiles(frozenset()).read(url)
    return str(caught.value)


class Answer(io.BytesIO):
    """What a server answers with."""

    def __init__(self, body: bytes, url: str) -> None:
        super().__init__(body)
        self.url = url


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the list of what the network answers, next one first."""
    queued: list[Any] = []

    def opened(request: urllib.request.Request, timeout_s: float) -> Any:
        answer = queued.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return (
            answer if isinstance(answer, Answer) else Answer(answer, request.full_url)
        )

    monkeypatch.setattr(fetching, "_open", opened)
    return queued


def test_a_page_is_fetched_once(answers: list[Any]) -> None:
    answers.append(b"text")
    files = SourceFiles(frozenset())
    assert files.read("https://h/a.js") == "text"
    assert files.read("https://h/a.js") == "text"
    assert files.pages() == {"https://h/a.js": "text"}


def test_a_page_that_is_known_is_not_fetched(answers: list[Any]) -> None:
    files = SourceFiles(frozenset(), Origin(pages={"https://h/a.js": "text"}))
    assert files.read("https://h/a.js") == "text"
    assert not answers


def test_a_page_is_kept_in_a_module_cache(answers: list[Any], tmp_path: Path) -> None:
    answers.append("é".encode())
    assert Pages(tmp_path / "new").read("https://h/b/a.js") == "é"
    (copy,) = (tmp_path / "new/h/b").iterdir()
    assert (copy.name, copy.read_text("utf-8")) == ("a.js", "é")
    copy.write_text("mine")
    assert Pages(tmp_path / "new").read("https://h/b/a.js") == "mine"


def test_a_page_that_cannot_be_kept_is_said(answers: list[Any], tmp_path: Path) -> None:
    (tmp_path / "h").write_text("a file")
    answers.append(b"text")
    with pytest.raises(ModuleNotFoundInScriptError, match="cannot be kept as"):
        Pages(tmp_path).read("https://h/a.js")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://jslib.k6.io/url/1.0.0/index.js", "jslib.k6.io/url/1.0.0/index.js"),
        ("https://Host:8443/a.js", "host+8443/a.js"),
        ("https://user:secret@h/a.js", "h/a.js"),
        ("https://h/a/", "h/a/index.js"),
        ("https://h", "h/index.js"),
        ("https://h/a.js?x=1&y=/../z", "h/a.js%3Fx=1&y=/z"),
        ("https://h/../../%2e%2e/a.js", "h/%2e%2e/a.js"),
        ("https://h/a b\\c.js", "h/a%20b%5Cc.js"),
    ],
)
def test_where_a_copy_is(url: str, place: str) -> None:
    assert str(place_of(url)) == place


def test_without_a_network_the_ways_out_are_named(
    answers: list[Any], tmp_path: Path
) -> None:
    url = "https://jslib.k6.io/url/1.0.0/index.js"
    offline = urllib.error.URLError(OSError(-2, "Name or service not known"))
    answers.extend([offline, offline])
    assert problem_of(url) == (
        f'cannot import "{url}": Name or service not known; without a network, save it '
        "next to the script and import './index.js', or as "
        "FOLDER/jslib.k6.io/url/1.0.0/index.js and run with --module-cache FOLDER"
    )
    with pytest.raises(ModuleNotFoundInScriptError) as caught:
        Pages(tmp_path).read(url)
    assert str(caught.value).endswith(
        f"there is no copy of it either, {tmp_path}/jslib.k6.io/url/1.0.0/index.js"
    )


def test_a_page_that_a_server_does_not_have_needs_no_way_out(
    answers: list[Any],
) -> None:
    url = "https://example.com/a.js"
    answers.append(urllib.error.HTTPError(url, 404, "", Message(), None))
    assert problem_of(url) == (
        f'cannot import "{url}": the server answered with status 404'
    )


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (
            urllib.error.URLError(OSError(111, "Connection refused")),
            "Connection refused",
        ),
        (urllib.error.HTTPError("u", 404, "", Message(), None), "status 404"),
        (TimeoutError("timed out"), "timed out"),
    ],
)
def test_what_the_network_does_wrong_is_said(
    answers: list[Any], answer: Any, problem: str
) -> None:
    answers.append(answer)
    assert problem in problem_of("https://h/a.js")


def test_a_page_that_is_too_large_is_refused(
    answers: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MODULE_LIMIT_BYTES", 3)
    answers.append(b"four")
    assert "larger" in problem_of("https://h/a.js")


def test_a_redirect_to_where_there_is_no_tls_is_not_followed() -> None:
    request = urllib.request.Request("https://h/a.js")
    handler = fetching._OnlySecure()
    arguments = (request, io.BytesIO(), 302, "Found", Message())
    with pytest.raises(urllib.error.URLError, match="not an https"):
        handler.redirect_request(*arguments, "http://h/b.js")
    followed = handler.redirect_request(*arguments, "https://h/b.js")
    assert followed.full_url == "https://h/b.js"


class Dripping(Answer):
    """Never ends, and gives a byte at a time."""

    def read1(self, size: int | None = -1, /) -> bytes:
        return b"x"


def test_a_page_that_never_ends_is_given_up(
    answers: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "FETCH_LIMIT_S", 0.01)
    answers.append(Dripping(b"", "https://h/a.js"))
    assert "did not arrive within 0.01 s" in problem_of("https://h/a.js")
