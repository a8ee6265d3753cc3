"""A lazy pattern is used like the regular expression that it becomes."""

import re

import pytest

from gharial import lazy_pattern as module
from gharial.lazy_pattern import lazy_pattern


@pytest.mark.parametrize("method", ["match", "fullmatch", "search"])
def test_it_finds_what_the_regular_expression_finds(method: str) -> None:
    for text in ("AB", "xab", "ab!", ""):
        found = getattr(lazy_pattern("(a)b", re.IGNORECASE), method)(text)
        expected = getattr(re.compile("(a)b", re.IGNORECASE), method)(text)
        assert (found and found.span()) == (expected and expected.span())


def test_the_other_methods_are_there_too() -> None:
    lazy = lazy_pattern("b+")
    assert lazy.sub("-", "abba") == "a-a"
    assert lazy.split("abbab") == ["a", "a", ""]
    assert lazy.findall("abbab") == ["bb", "b"]
    assert [each.start() for each in lazy.finditer("abbab")] == [1, 4]
    assert lazy_pattern(b"b").search(b"ab")
    assert lazy_pattern("(?P<x>a)").groupindex == {"x": 1}


def test_it_is_compiled_once_and_when_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled = []
    compile_pattern = re.compile

    def noting(text: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(text)
        return compile_pattern(text, flags)

    monkeypatch.setattr(module.re, "compile", noting)
    lazy = lazy_pattern("a")
    assert not compiled
    assert lazy.match("a")
    assert lazy.search("ba")
    assert compiled == ["a"]


def test_what_it_does_not_have_is_an_error() -> None:
    with pytest.raises(AttributeError):
        lazy_pattern("a").no_such_method  # type: ignore[attr-defined]  # noqa: B018
