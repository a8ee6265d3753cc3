import pytest

from gharial.companions.control_server import parse_address
from gharial.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:6565", ("127.0.0.1", 6565)),
        ("[::1]:0", ("::1", 0)),
        (":6565", ("127.0.0.1", 6565)),
        ("localhost:1", ("localhost", 1)),
    ],
)
def test_an_address_has_host_and_port(text, address):
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "6565", "host:", "host:x", "host:70000"])
def test_what_is_none_is_refused(text):
    with pytest.raises(ConfigurationError, match="expected HOST:PORT"):
        parse_address(text)
