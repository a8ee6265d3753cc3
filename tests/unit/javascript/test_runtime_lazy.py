import pytest

from gharial.engine.quickjs_binding import binding as quickjs

LAZY = [
    ("DOMException", "dom_exception"),
    ("Event", "event_classes"),
    ("EventTarget", "event_classes"),
    ("CustomEvent", "event_classes"),
    ("MessageEvent", "event_classes"),
    ("CloseEvent", "event_classes"),
    ("ErrorEvent", "event_classes"),
    ("AbortController", "abort"),
    ("AbortSignal", "abort"),
    ("Blob", "blob"),
    ("ReadableStream", "streams"),
    ("URL", "url"),
    ("URLSearchParams", "url"),
    ("TextEncoder", "encoding"),
    ("TextDecoder", "encoding"),
    ("fetch", "fetch"),
    ("Headers", "headers"),
    ("Response", "response"),
    ("structuredClone", "structured_clone"),
    ("atob", "base64"),
    ("btoa", "base64"),
    ("crypto", "crypto"),
    ("performance", "performance"),
    ("queueMicrotask", "microtask"),
]


@pytest.mark.parametrize(("name", "file"), LAZY)
def test_a_global_is_loaded_when_it_is_first_read(realm, name, file) -> None:
    assert file not in realm.loaded
    kind = realm.value(f"typeof {name}")
    assert kind in ("function", "object")
    assert file in realm.loaded
    assert realm.value(
        f"(({{ get, value, ...flags }}) => flags)"
        f"(Object.getOwnPropertyDescriptor(globalThis, '{name}'))"
    ) == {
        "writable": True,
        # Functions and attributes are, classes and namespaces are not.
        "enumerable": name[0].islower() and name != "console",
        "configurable": True,
    }


@pytest.mark.parametrize(("name", "file"), LAZY)
def test_a_class_has_its_name_and_tag(realm, name, file) -> None:
    if realm.value(f"typeof {name} === 'function' && /^[A-Z]/.test('{name}')"):
        assert realm.value(f"{name}.name") == name
        assert realm.value(f"{name}.prototype[Symbol.toStringTag]") == name


def test_only_what_sockets_need_is_loaded_at_first(realm) -> None:
    assert realm.loaded == ["lazy", "web_idl", "events", "console"]


def test_a_file_is_loaded_once(realm) -> None:
    realm.run("URL; URLSearchParams; URL; gharial.load('url')")
    assert realm.loaded.count("url") == 1


def test_a_script_may_replace_a_global_before_it_is_loaded(realm) -> None:
    realm.run("URL = 5; URLSearchParams")
    assert realm.value("URL") == 5
    realm.run("Object.defineProperty(globalThis, 'atob', { value: 6 }); btoa")
    assert realm.value("atob") == 6
    realm.run("delete globalThis.TextDecoder; TextEncoder")
    assert realm.value("typeof TextDecoder") == "undefined"


def test_a_script_may_replace_a_global_after_it_is_loaded(realm) -> None:
    realm.run("Blob; Blob = 7")
    assert realm.value("Blob") == 7


def test_lazy_globals_are_enumerable_as_if_they_were_there(realm) -> None:
    assert realm.value("Object.keys(globalThis).includes('atob')") is True
    assert realm.value("Object.keys(globalThis).includes('URL')") is False
    assert realm.value("'URL' in globalThis") is True


def test_required_arguments_are_counted_in_the_message(realm) -> None:
    with pytest.raises(quickjs.JSError, match="2 arguments required, but only 1"):
        realm.run("new EventTarget().addEventListener('x')")


@pytest.mark.parametrize(
    ("value", "converted"),
    [
        ("'plain'", "plain"),
        (r"'a\ud800b'", "a\ufffdb"),
        (r"'\udc00\ud800'", "\ufffd\ufffd"),
        (r"'\ud83d\ude00'", "\U0001f600"),
        ("42", "42"),
        ("null", "null"),
        ("{ toString: () => 'object' }", "object"),
    ],
)
def test_a_usv_string_has_no_lone_surrogates(realm, value, converted) -> None:
    assert realm.value(f"gharial.toUSVString({value})") == converted
