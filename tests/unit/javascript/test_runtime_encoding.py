import pytest


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("''", []),
        ("undefined", []),
        ("'a'", [97]),
        ("'é€😀'", [195, 169, 226, 130, 172, 240, 159, 152, 128]),
        (r"'\ud800'", [239, 191, 189]),
        (r"'\udc00x'", [239, 191, 189, 120]),
        (r"'a\u0000b'", [97, 0, 98]),
        ("5", [53]),
    ],
)
def test_text_is_encoded(realm, text, encoded) -> None:
    assert realm.value(f"[...new TextEncoder().encode({text})]") == encoded


@pytest.mark.parametrize(
    ("text", "size", "read", "written"),
    [
        ("'abc'", 2, 2, 2),
        ("'abc'", 9, 3, 3),
        ("'a😀'", 4, 1, 1),
        ("'a😀'", 5, 3, 5),
        ("'é'", 1, 0, 0),
        (r"'\ud800'", 3, 1, 3),
        (r"'\ud800'", 2, 0, 0),
        ("''", 0, 0, 0),
    ],
)
def test_encode_into_stops_at_whole_characters(
    realm, text, size, read, written
) -> None:
    into = f"new TextEncoder().encodeInto({text}, new Uint8Array({size}))"
    assert realm.value(into) == {"read": read, "written": written}


@pytest.mark.parametrize(
    ("label", "encoding", "data", "text"),
    [
        ("utf-8", "utf-8", "[0xc3, 0xa9]", "é"),
        ("UTF8 ", "utf-8", "[0xef, 0xbb, 0xbf, 97]", "a"),
        ("utf-8", "utf-8", "[0xff, 97, 0xe2, 0x82]", "\ufffda\ufffd"),
        ("utf-8", "utf-8", "[0xed, 0xa0, 0x80]", "\ufffd\ufffd\ufffd"),
        ("utf-8", "utf-8", "[0xf0, 0x9f, 97]", "\ufffda"),
        ("utf-16", "utf-16le", "[97, 0, 0x3d, 0xd8, 0, 0xde]", "a\U0001f600"),
        ("utf-16le", "utf-16le", "[0xff, 0xfe, 97, 0]", "a"),
        ("utf-16be", "utf-16be", "[0, 97]", "a"),
        ("utf-16le", "utf-16le", "[0, 0xd8, 97, 0]", "\ufffda"),
        ("utf-16le", "utf-16le", "[97]", "\ufffd"),
        ("latin1", "windows-1252", "[0x80, 0x81, 0xe9]", "€\x81é"),
        ("ascii", "windows-1252", "[0x9d]", "\x9d"),
        ("windows-1253", "windows-1253", "[0xaa]", "\ufffd"),
        ("koi8-r", "koi8-r", "[0xc1]", "\u0430"),
        ("shift_jis", "shift_jis", "[0x82, 0xa0]", "あ"),
        ("gbk", "gbk", "[0xc4, 0xe3]", "你"),
        ("big5", "big5", "[0xa7, 0x41]", "你"),
        ("euc-kr", "euc-kr", "[0xb0, 0xa1]", "가"),
        ("euc-jp", "euc-jp", "[0xa4, 0xa2]", "あ"),
    ],
)
def test_bytes_are_decoded(realm, label, encoding, data, text) -> None:
    realm.run(f"const decoder = new TextDecoder('{label}')")
    assert realm.value("decoder.encoding") == encoding
    assert realm.value(f"decoder.decode(new Uint8Array({data}))") == text


@pytest.mark.parametrize("label", ["utf-8", "utf-16le", "shift_jis", "iso-2022-jp"])
def test_a_stream_may_be_cut_anywhere(realm, label) -> None:
    codec = {"iso-2022-jp": "iso2022-jp"}.get(label, label)
    text = "aあbい"
    data = list(text.encode(codec))
    realm.run(f"""
        const decoder = new TextDecoder('{label}');
        let text = '';
        for (const byte of {data}) {{
          text += decoder.decode(Uint8Array.of(byte), {{ stream: true }});
        }}
        text += decoder.decode();
        const again = decoder.decode(Uint8Array.from({data}));
    """)
    assert realm.value("[text, again]") == [text, text]


def test_a_byte_order_mark_is_dropped_once(realm) -> None:
    realm.run("""
        const mark = [0xef, 0xbb, 0xbf];
        const decoder = new TextDecoder();
        let text = '';
        for (const byte of [...mark, ...mark, 97]) {
          text += decoder.decode(Uint8Array.of(byte), { stream: true });
        }
        text += decoder.decode();
        const next = decoder.decode(Uint8Array.from([...mark, 98]));
        const kept = new TextDecoder('utf-8', { ignoreBOM: true })
          .decode(Uint8Array.from([...mark, 99]));
    """)
    assert realm.value("[text, next, kept]") == ["\ufeffa", "b", "\ufeffc"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("new TextDecoder().decode()", ""),
        ("new TextDecoder().decode(new Uint8Array([97]).buffer)", "a"),
        ("new TextDecoder().decode(new DataView(new Uint8Array([97]).buffer))", "a"),
        ("new TextDecoder().decode(new Uint8Array([97, 98]).subarray(1))", "b"),
        ("new TextDecoder('utf-8', { fatal: 1 }).fatal", True),
        ("new TextDecoder('utf-8', { ignoreBOM: 1 }).ignoreBOM", True),
        ("new TextDecoder('utf-8', null).fatal", False),
        ("new TextEncoder().encoding", "utf-8"),
        ("thrown(() => new TextDecoder('nonsense'))", "RangeError"),
        ("thrown(() => new TextDecoder('replacement'))", "RangeError"),
        (r"thrown(() => new TextDecoder('\u212aoi8-r'))", "RangeError"),
        (r"thrown(() => new TextDecoder('utf-8\u0000'))", "RangeError"),
        ("thrown(() => new TextDecoder().decode('text'))", "TypeError"),
        ("thrown(() => new TextDecoder().decode(null))", "TypeError"),
        ("thrown(() => new TextEncoder().encodeInto('a'))", "TypeError"),
        ("thrown(() => new TextEncoder().encodeInto('a', [1]))", "TypeError"),
        ("thrown(() => TextEncoder.prototype.encode())", "TypeError"),
        ("thrown(() => TextDecoder.prototype.encoding)", "TypeError"),
    ],
)
def test_coders_check_their_arguments(realm, expression, expected) -> None:
    assert realm.value(expression) == expected


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("utf-8", "[0xff]"),
        ("utf-8", "[0xe2, 0x82]"),
        ("utf-16le", "[0, 0xd8]"),
        ("windows-1253", "[0xaa]"),
        ("shift_jis", "[0x82]"),
    ],
)
def test_a_fatal_decoder_throws_and_works_again(realm, label, data) -> None:
    realm.run(f"const decoder = new TextDecoder('{label}', {{ fatal: true }})")
    decode = f"decoder.decode(new Uint8Array({data}))"
    assert realm.value(f"thrown(() => {decode})") == "TypeError"
    assert realm.value("decoder.decode()") == ""
