import pytest

from gharial.scripting.languages import Language, all_suffixes, language_of


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("a/b.js", Language.JAVASCRIPT),
        ("b.MJS", Language.JAVASCRIPT),
        ("b.cjs", Language.JAVASCRIPT),
        ("https://a.test/b.ts", Language.TYPESCRIPT),
        ("b.d.mts", Language.TYPESCRIPT),
        ("b.CTS", Language.TYPESCRIPT),
        ("b.py", Language.PYTHON),
        ("b.tar", None),
        ("js", None),
        ("a.js/b", None),
    ],
)
def test_a_name_says_its_language(name: str, language: Language | None) -> None:
    assert language_of(name) is language


def test_all_endings_are_named() -> None:
    assert all_suffixes() == ".js, .mjs, .cjs, .ts, .mts, .cts or .py"
