import io
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from gharial.scripting import resolve
from gharial.scripting.resolve import ModuleNotFoundInScriptError, SourceFiles

FILES = SourceFiles(frozenset({"k6", "k6/websockets"}))


def problem_of(name: str) -> str:
    with pytest.raises(ModuleNotFoundInScriptError) as caught:
        SourceFiles(FILES.builtin_names).read(name)
    assert caught.value.exit_code == 107
    assert caught.value.name == name
    return str(caught.value)


def test_files_are_read_by_path_and_by_url(tmp_path: Path) -> None:
    path = tmp_path / "a b.js"
    path.write_text("grün", "utf-8")
    assert FILES.read(str(path)) == "grün"
    assert FILES.read(path.as_uri()) == "grün"


def test_a_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "once.js"
    path.write_text("first", "utf-8")
    assert FILES.read(str(path)) == "first"
    path.write_text("second", "utf-8")
    assert FILES.read(str(path)) == "first"


def test_what_is_missing_is_named_with_what_is_near(tmp_path: Path) -> None:
    (tmp_path / "helper.js").write_text("", "utf-8")
    assert 'did you mean "helper.js"' in problem_of(str(tmp_path / "helpers.js"))
    assert "no such file" in problem_of(str(tmp_path / "no/where.js"))
    assert 'did you mean "k6/websockets"' in problem_of("k6/websocket")
    assert "./name.js" in problem_of("something-else-entirely")


def test_what_is_no_text_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.js").write_bytes(b"ok\xff")
    assert "not UTF-8 (byte 2)" in problem_of(str(tmp_path / "bytes.js"))
    assert "directory" in problem_of(str(tmp_path))
    assert "cannot import" in problem_of(f"{tmp_path}/nul\0.js")
    assert "cannot import" in problem_of("https://[x")
    assert "only https" in problem_of("http://127.0.0.1/a.js")


class Answer(io.BytesIO):
    """What a server answers with."""

    def __init__(self, body: bytes, url: str) -> None:
        super().__init__(body)
        self.url = url


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the list of what the network answers, next one first."""
    queued: list[Any] = []

    def urlopen(request: urllib.request.Request, timeout: float) -> Any:
        answer = queued.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return (
            answer if isinstance(answer, Answer) else Answer(answer, request.full_url)
        )

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    return queued


def test_a_page_is_fetched_once(answers: list[Any]) -> None:
    answers.append(b"text")
    files = SourceFiles(frozenset())
    assert files.read("https://h/a.js") == "text"
    assert files.read("https://h/a.js") == "text"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (
            urllib.error.URLError(OSError(111, "Connection refused")),
            "Connection refused",
        ),
        (urllib.error.HTTPError("u", 404, "", Message(), None), "status 404"),
        (TimeoutError("timed out"), "timed out"),
        (Answer(b"x", "http://h/a.js"), "no https"),
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
    monkeypatch.setattr(resolve, "MODULE_LIMIT_BYTES", 3)
    answers.append(b"four")
    assert "larger" in problem_of("https://h/a.js")
