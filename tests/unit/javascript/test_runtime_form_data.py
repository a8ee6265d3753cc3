import json

import pytest


@pytest.mark.parametrize(
    ("code", "entries"),
    [
        ("form.append('a', 1); form.append('a', '2')", [["a", "1"], ["a", "2"]]),
        ("form.append('a', '1'); form.set('a', '2')", [["a", "2"]]),
        (
            "form.append('a', 1); form.append('b', 2); form.append('a', 3); form.set('a', 4)",
            [["a", "4"], ["b", "2"]],
        ),
        ("form.append('a', 1); form.append('b', 2); form.delete('a')", [["b", "2"]]),
        ("form.set('\\ud800', 'x')", [["\ufffd", "x"]]),
    ],
)
def test_a_form_is_a_list_of_pairs(realm, code, entries) -> None:
    realm.run(f"const form = new FormData(); {code}")
    assert realm.value("[...form]") == entries
    assert realm.value("[...form.keys()]") == [name for name, _ in entries]
    assert realm.value("[...form.values()]") == [value for _, value in entries]


def test_blobs_become_files(realm) -> None:
    realm.run("""
        const form = new FormData();
        form.append('a', new Blob(['x'], { type: 'a/b' }));
        form.append('a', new Blob(['y']), 'name');
        const file = new File(['z'], 'own', { lastModified: 5 });
        form.append('b', file);
        form.append('b', file, 'other');
        const facts = (each) => [each.name, each.type, each.size, each instanceof File];
    """)
    assert realm.value("form.getAll('a').map(facts)") == [
        ["blob", "a/b", 1, True],
        ["name", "", 1, True],
    ]
    assert realm.value("[form.get('b') === file, form.getAll('b')[1].name]") == [
        True,
        "other",
    ]
    assert realm.value(
        """[form.has('b'), form.has('c'), form.get('c'), thrown(() => form.append('a')),
          thrown(() => form.append('a', 'b', 'c')), thrown(() => new FormData({}))]"""
    ) == [True, False, None, "TypeError", "TypeError", "TypeError"]


def test_a_form_is_sent_as_parts_and_read_from_them(realm) -> None:
    realm.run("""
        const form = new FormData();
        form.append('a', 'x\\ny');
        form.append('quo"ted\\n', '');
        form.append('file', new File(['--', new Uint8Array([13, 10, 255])], 'n"ame', { type: 'a/b' }));
        const response = new Response(form);
        const copy = response.clone();
    """)
    assert realm.value("response.headers.get('content-type')").startswith(
        "multipart/form-data; boundary=----formdata-gharial-"
    )
    text = realm.awaited("copy.text()")
    boundary = text.split("\r\n", 1)[0]
    assert text.replace(boundary, "B") == (
        'B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\ny\r\n'
        'B\r\nContent-Disposition: form-data; name="quo%22ted%0D%0A"\r\n\r\n\r\n'
        'B\r\nContent-Disposition: form-data; name="file"; filename="n%22ame"\r\n'
        "Content-Type: a/b\r\n\r\n--\r\n\ufffd\r\n"
        "B--\r\n"
    )
    assert realm.awaited("""response.formData().then(async (form) => {
        const file = form.get('file');
        return [[...form.keys()], form.get('a'), form.get('quo"ted\\r\\n'), file.name,
          file.type, [...await file.bytes()]];
    })""") == [
        ["a", 'quo"ted\r\n', "file"],
        "x\r\ny",
        "",
        'n"ame',
        "a/b",
        [45, 45, 13, 10, 255],
    ]


def test_other_forms_are_read(realm) -> None:
    assert realm.awaited(
        "new Response(new URLSearchParams('a=b+c&d=%C3%A4')).formData().then((f) => [...f])"
    ) == [["a", "b c"], ["d", "ä"]]


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        ("x", "text/plain", "not a form, by its Content-Type"),
        ("x", "multipart/form-data", "has no boundary"),
        ("x", "multipart/form-data; boundary=b", "does not begin with its boundary"),
        ("--b\r\nA: b\r\n\r\nx\r\n--b--", None, "a part has no name"),
        ('--b\r\nContent-Disposition: form-data; name="a"\r\n', None, "no end of its"),
        (
            '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
            None,
            "the body ends within a part",
        ),
        (
            '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--bc',
            None,
            "the body has no end",
        ),
        (
            '--b\r\nContent-Disposition: other; name="a"\r\n\r\nx\r\n--b--',
            None,
            "a part is not form-data",
        ),
    ],
)
def test_what_is_no_form_is_refused(realm, body, content_type, problem) -> None:
    headers = {"content-type": content_type or "multipart/form-data; boundary=b"}
    realm.run(
        f"const response = new Response({json.dumps(body)}, {{ headers: {json.dumps(headers)} }})"
    )
    assert problem in realm.awaited(
        "response.formData().catch((error) => error.message)"
    )
