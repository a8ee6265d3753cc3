import pytest

from gharial.javascript.text_encodings import decoder, encoding_name


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("utf8", "utf-8"),
        (" UTF-8\n", "utf-8"),
        ("unicode-1-1-utf-8", "utf-8"),
        ("latin1", "windows-1252"),
        ("iso-8859-9", "windows-1254"),
        ("visual", "iso-8859-8"),
        ("logical", "iso-8859-8-i"),
        ("gb2312", "gbk"),
        ("sjis", "shift_jis"),
        ("ks_c_5601-1987", "euc-kr"),
        ("utf-16", "utf-16le"),
        ("ucs-2", "utf-16le"),
        ("iso-2022-kr", None),
        ("replacement", None),
        ("utf-7", None),
        ("utf-32", None),
        ("", None),
        ("\u00a0utf-8", None),
        ("\u212aoi8-r", None),
    ],
)
def test_a_label_stands_for_an_encoding(label, name) -> None:
    assert encoding_name(label) == name


@pytest.mark.parametrize(
    "name",
    ["ibm866", "iso-8859-2", "koi8-u", "macintosh", "x-mac-cyrillic", "windows-1258"],
)
def test_ascii_is_the_same_in_all_of_them(name) -> None:
    assert decoder(name, is_fatal=True).decode(b"plain", True) == "plain"


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("windows-1252", b"\x81\x8d", "\x81\x8d"),
        ("windows-1255", b"\xd9", None),
        ("windows-874", b"\xdb", None),
        ("windows-874", b"\x81", "\x81"),
    ],
)
def test_control_characters_fill_the_gaps_of_code_pages(name, data, text) -> None:
    if text is None:
        assert decoder(name, is_fatal=False).decode(data, True) == "\ufffd"
        with pytest.raises(UnicodeDecodeError):
            decoder(name, is_fatal=True).decode(data, True)
    else:
        assert decoder(name, is_fatal=True).decode(data, True) == text
