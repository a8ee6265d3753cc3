import pytest

from gharial.companions.addresses import (
    DashboardRequest,
    dashboard_as_in_k6,
    parse_address,
    parse_dashboard,
)
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
def test_what_is_not_an_address_is_refused(text):
    with pytest.raises(ConfigurationError, match="expected HOST:PORT"):
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "host", "port", "opens"),
    [
        ("", "127.0.0.1", 5665, False),
        ("open", "127.0.0.1", 5665, True),
        (",open", "127.0.0.1", 5665, True),
        ("0.0.0.0:8000", "0.0.0.0", 8000, False),
        (":0,open", "127.0.0.1", 0, True),
        ("8080", "127.0.0.1", 8080, False),
        ("localhost", "localhost", 5665, False),
        ("[::1]:99", "::1", 99, False),
    ],
)
def test_each_part_of_the_place_may_be_left_out(text, host, port, opens):
    assert parse_dashboard(text) == DashboardRequest(host, port, opens=opens)


@pytest.mark.parametrize("text", ["host:x", "1:70000", ":1,close", "a:1,open,open"])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(ConfigurationError, match="expected HOST:PORT"):
        parse_dashboard(text)


def test_the_variables_of_k6_are_understood():
    assert dashboard_as_in_k6({}) is None
    assert dashboard_as_in_k6({"K6_WEB_DASHBOARD": "false"}) is None
    on = {"K6_WEB_DASHBOARD": "true"}
    assert dashboard_as_in_k6(on) == "127.0.0.1:5665"
    more = {"K6_WEB_DASHBOARD_PORT": "99", "K6_WEB_DASHBOARD_OPEN": "true"}
    assert dashboard_as_in_k6(on | more) == "127.0.0.1:99,open"
