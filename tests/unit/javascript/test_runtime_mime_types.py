import json

import pytest


@pytest.fixture
def mime(realm):
    realm.run(
        """
        gharial.load('mime_types');
        function shown(type) { return type === null ? null : gharial.mimeTypeText(type); }
        """
    )
    return realm


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        (" Text/HTML ; Charset=UTF-8 ", "text/html;charset=UTF-8"),
        ("text/html;charset=gbk;charset=utf-8", "text/html;charset=gbk"),
        ("text/html;charset", "text/html"),
        ("text/html;;;charset=a", "text/html;charset=a"),
        ("text/html;charset=", "text/html"),
        ('text/html;charset=""', 'text/html;charset=""'),
        ('a/b;c="d\\\\\\"e;f"x;g=h', 'a/b;c="d\\\\\\"e;f";g=h'),
        ('a/b;c="d', "a/b;c=d"),
        ("a/b;c=d e", 'a/b;c="d e"'),
        ("a/b;c=\u0100", "a/b"),
        ("a/b;c d=e", "a/b"),
        ("text", None),
        ("/b", None),
        ("a/", None),
        ("a b/c", None),
        ("", None),
    ],
)
def test_a_media_type_is_taken_apart(mime, text, parsed) -> None:
    assert mime.value(f"shown(gharial.parseMimeType({json.dumps(text)}))") == parsed


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([], None),
        (["a/b", "c/d"], "c/d"),
        (["a/b, c/d"], "c/d"),
        (["a/b;x=1", "*/*", "nonsense"], "a/b;x=1"),
        (["a/b;charset=x", "a/b"], "a/b;charset=x"),
        (["a/b;charset=x", "c/d", "a/b"], "a/b"),
        (['a/b;x=","', "a/b;charset=y"], "a/b;charset=y"),
        (['a/b;x="c, d/e"'], 'a/b;x="c, d/e"'),
    ],
)
def test_the_last_of_several_headers_counts(mime, values, found) -> None:
    assert mime.value(f"shown(gharial.mimeTypeOf({json.dumps(values)}))") == found
