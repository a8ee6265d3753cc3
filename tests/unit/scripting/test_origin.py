import pytest

from gharial.scripting.origin import entry_name, is_remote


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("https://example.com/a.js", True),
        ("HTTPS://example.com/a.js", True),
        ("http://127.0.0.1:80/a.js", True),
        ("http://[::1]/a.js", True),
        ("http://localhost/a.js", True),
        ("http://example.com/a.js", False),
        ("http://localhost.example.com/a.js", False),
        ("http://127.0.0.1@example.com/a.js", False),
        ("http://[", False),
        ("/https://a.js", False),
        ("file:///a.js", False),
    ],
)
def test_modules_come_over_tls_or_from_this_machine(name: str, expected: bool) -> None:
    assert is_remote(name) is expected


def test_the_name_of_a_script() -> None:
    assert entry_name("https://h/a.js") == "https://h/a.js"
    assert entry_name("/a/../b.js") == "/b.js"
