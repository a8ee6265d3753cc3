import pytest

from gharial.options.cluster_address import parse_cluster


@pytest.mark.parametrize(
    "text", ["auto", "local", "10.0.0.1:6379", "head.example:6379", "[::1]:6379"]
)
def test_a_cluster_is_named_by_a_word_or_its_heads_address(text):
    address = parse_cluster(f" {text} ")
    assert address.text == text
    assert address.is_local == (text == "local")
    assert address.is_auto == (text == "auto")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ray://head:10001", "cannot stream"),
        ("http://head:6379", "has no scheme"),
        ("head", "the port is missing"),
        ("head:0", "0 is not a port"),
        ("head:99999", "99999 is not a port"),
        ("", "not of the form HOST:PORT"),
        ("head:port", "not of the form HOST:PORT"),
    ],
)
def test_what_names_no_cluster_is_refused_with_what_would(text, problem):
    with pytest.raises(ValueError) as caught:
        parse_cluster(text)
    assert problem in str(caught.value)
    assert "'auto'" in str(caught.value)
