import pytest

URL = "http://a.test/"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (
            f"(({{ method, url, redirect, mode, credentials, cache, keepalive, duplex }}) => [method,"
            f" url, redirect, mode, credentials, cache, keepalive, duplex])(new Request('{URL}#x'))",
            [
                "GET",
                f"{URL}#x",
                "follow",
                "cors",
                "same-origin",
                "default",
                False,
                "half",
            ],
        ),
        (f"new Request('{URL}', {{ method: 'post' }}).method", "POST"),
        (f"new Request('{URL}', {{ method: 'patch' }}).method", "patch"),
        (f"new Request(new Request('{URL}', {{ method: 'PUT' }})).method", "PUT"),
        (
            f"new Request(new Request('{URL}', {{ headers: {{ a: 'b' }} }}), {{ headers: {{ c: 'd' }} }})"
            ".headers.has('a')",
            False,
        ),
        (f"new Request('{URL}').body", None),
        (
            f"new Request('{URL}', {{ method: 'POST', body: 'x' }}).headers.get('content-type')",
            "text/plain;charset=UTF-8",
        ),
        (f"new Request('{URL}').signal.aborted", False),
        (
            f"new Request('{URL}', {{ signal: AbortSignal.abort() }}).signal.aborted",
            True,
        ),
    ],
)
def test_what_a_request_is_to_be(realm, expression, expected) -> None:
    assert realm.value(expression) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "'/relative'",
        f"'{URL}', {{ method: 'a b' }}",
        f"'{URL}', {{ method: 'CONNECT' }}",
        f"'{URL}', {{ body: 'x' }}",
        f"'{URL}', {{ mode: 'navigate' }}",
        f"'{URL}', {{ cache: 'x' }}",
        f"'{URL}', {{ signal: {{}} }}",
        f"'{URL}', {{ method: 'POST', body: new ReadableStream() }}",
        f"'{URL}', {{ method: 'POST', body: new ReadableStream(), duplex: 'full' }}",
    ],
)
def test_what_is_no_request_is_refused(realm, arguments) -> None:
    assert realm.value(f"thrown(() => new Request({arguments}))") == "TypeError"


def test_a_request_has_one_body(realm) -> None:
    realm.run(f"""
        const first = new Request('{URL}', {{ method: 'POST', body: 'text' }});
        const second = first.clone();
        const third = new Request(first);
    """)
    assert realm.value(
        "[first.bodyUsed, second.bodyUsed, third.bodyUsed, thrown(() => new Request(first))]"
    ) == [True, False, False, "TypeError"]
    assert realm.awaited("Promise.all([second.text(), third.text()])") == ["text"] * 2
    assert realm.awaited("first.text().catch((error) => error.name)") == "TypeError"


def test_a_stream_is_a_body(realm) -> None:
    realm.run("""
        const stream = new ReadableStream({ start(controller) {
          controller.enqueue(new Uint8Array([97]));
          controller.enqueue(new Uint8Array([98]));
          controller.close();
        } });
        const response = new Response(stream);
    """)
    assert realm.value("response.body === stream") is True
    realm.run("const copy = response.clone()")
    assert realm.awaited("Promise.all([response.text(), copy.text()])") == ["ab", "ab"]
    assert (
        realm.awaited(
            "new Response(ReadableStream.from(['x'])).text().catch((error) => error.message)"
        )
        == "the body has a chunk that is not a Uint8Array"
    )


def test_a_signal_of_a_request_follows_its_own(realm) -> None:
    realm.run(f"""
        const controller = new AbortController();
        const request = new Request('{URL}', {{ signal: controller.signal }});
        const {{ signal }} = request;
        controller.abort('why');
    """)
    assert realm.value(
        "[signal === controller.signal, signal === request.signal, signal.reason]"
    ) == [False, True, "why"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(r => [r.type, r.status, r.ok])(Response.error())", ["error", 0, False]),
        (
            "(r => [r.status, r.headers.get('location')])(Response.redirect('http://a/b', 307))",
            [307, "http://a/b"],
        ),
        ("thrown(() => Response.redirect('http://a/', 200))", "RangeError"),
        ("thrown(() => Response.redirect('/a'))", "TypeError"),
        ("thrown(() => Response.error().headers.set('a', 'b'))", "TypeError"),
        ("thrown(() => Response.json(undefined))", "TypeError"),
        ("thrown(() => new Response('x', { status: 204 }))", "TypeError"),
        ("thrown(() => new Response('x', { status: 199 }))", "RangeError"),
        ("thrown(() => new Response('x', { statusText: 'a\\nb' }))", "TypeError"),
        (
            "(r => [r.status, r.headers.get('content-type')])(Response.json({}, { status: 201 }))",
            [201, "application/json"],
        ),
        ("new Response().body", None),
        ("new Response('x').bodyUsed", False),
        ("(r => [r.body === r.body, r.body.locked])(new Response('x'))", [True, False]),
    ],
)
def test_responses_of_the_scripts_own(realm, expression, expected) -> None:
    assert realm.value(expression) == expected


def test_a_body_that_was_read_has_a_stream_that_is_closed(realm) -> None:
    realm.run("const response = new Response('text'); const read = response.text()")
    assert realm.value("[response.bodyUsed, thrown(() => response.clone())]") == [
        True,
        "TypeError",
    ]
    assert realm.awaited("response.body.getReader().read()") == {"done": True}
    assert realm.awaited("new Response('a b').blob().then((blob) => blob.type)") == (
        "text/plain;charset=UTF-8"
    )
