import pytest


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("'aGk='", "hi"),
        ("'aGk'", "hi"),
        ("''", ""),
        (r"' a G\tk\n= \f\r'", "hi"),
        ("'/+8='", "\xff\xef"),
        ("'aGl='", "hi"),
        ("null", "\x9e\xe9e"),
    ],
)
def test_atob_forgives(realm, text, decoded) -> None:
    assert realm.value(f"atob({text})") == decoded


@pytest.mark.parametrize(
    "text",
    ["'a'", "'aGk=='", "'aG=k'", "'===='", "'aGk-'", "'aGk_'", r"'aG\u00a0k'", "'é'"],
)
def test_atob_refuses_what_is_no_base64(realm, text) -> None:
    assert realm.value(f"thrown(() => atob({text}))") == "InvalidCharacterError 5"


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("'hi'", "aGk="),
        ("''", ""),
        (r"'\u00ff\u0000'", "/wA="),
        ("12", "MTI="),
        ("undefined", "dW5kZWZpbmVk"),
    ],
)
def test_btoa_encodes_latin_1(realm, text, encoded) -> None:
    assert realm.value(f"btoa({text})") == encoded


@pytest.mark.parametrize("text", [r"'\u0100'", "'😀'", r"'\ud800'"])
def test_btoa_refuses_other_characters(realm, text) -> None:
    assert realm.value(f"thrown(() => btoa({text}))") == "InvalidCharacterError 5"


def test_long_texts_come_back(realm) -> None:
    realm.run(r"const text = '\u00ff\u0001'.repeat(40000)")
    assert realm.value("atob(btoa(text)) === text") is True


@pytest.mark.parametrize("name", ["atob", "btoa"])
def test_an_argument_is_required(realm, name) -> None:
    assert realm.value(f"thrown(() => {name}())") == "TypeError"
