from gharial.scripting.addresses import address_of, path_of, quoted


def test_a_path_and_its_address() -> None:
    assert address_of("/a b/c.js") == "file:///a%20b/c.js"
    assert path_of("file:///a%20b/../c.js") == "/c.js"
    assert address_of("https://h/a b") == "https://h/a b"
    assert address_of("k6/http") == "k6/http"


def test_only_what_cannot_be_in_a_reference_is_escaped() -> None:
    assert quoted("./a b/é%20.js?x=1#y") == "./a%20b/%C3%A9%20.js?x=1#y"
