from ipaddress import ip_network

import pytest

from gharial.options.addresses import (
    MAX_LOCAL_ADDRESSES,
    check_host_pattern,
    parse_hosts,
    parse_local_ips,
    parse_networks,
)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.0.0.1:80", "::1", "[::1]", "[::1]:8443"]
)
def test_hosts_map_to_addresses_with_or_without_a_port(address: str) -> None:
    assert parse_hosts({"example.com": address}) == {"example.com": address}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "b",
        "127.0.0.1:",
        "127.0.0.1:x",
        "127.0.0.1:99999",
        "[::1]x",
        "[::1",
        "::1::",
    ],
)
def test_other_texts_are_no_addresses(address: str) -> None:
    with pytest.raises(ValueError, match=r"is not a valid address; write for example"):
        parse_hosts({"example.com": address})


@pytest.mark.parametrize("pattern", ["a", "a.example", "a:80", "*", "*.a", "*a"])
def test_patterns_begin_with_a_star_or_have_none(pattern: str) -> None:
    check_host_pattern(pattern)


@pytest.mark.parametrize("pattern", ["", "a*", "a.*.b", "a b", "ws://a", "**"])
def test_other_texts_are_no_patterns(pattern: str) -> None:
    with pytest.raises(ValueError, match="is not a valid host name"):
        check_host_pattern(pattern)


@pytest.mark.parametrize("value", [5, "a=b", ["a"]])
def test_values_that_are_no_map_are_left_to_the_model(value: object) -> None:
    assert parse_hosts(value) is value


def test_networks_are_read_from_lists_and_texts() -> None:
    networks = (ip_network("10.0.0.0/8"), ip_network("fd00::1/128"))
    assert parse_networks("10.1.2.3/8, fd00::1") == networks
    assert parse_networks(["10.0.0.0/8", "fd00::1"]) == networks
    assert parse_networks(networks) == networks


@pytest.mark.parametrize("value", ["x", ["10.0.0.0/40"], 5])
def test_other_values_are_no_networks(value: object) -> None:
    with pytest.raises(ValueError, match="is no"):
        parse_networks(value)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("10.0.0.5", ("10.0.0.5",)),
        ("10.0.0.5,::1", ("10.0.0.5", "::1")),
        ("10.0.0.254-10.0.1.1", ("10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1")),
        ("10.0.0.0/30", ("10.0.0.1", "10.0.0.2")),
        ("fd::1-fd::2", ("fd::1", "fd::2")),
        ("", ()),
    ],
)
def test_local_addresses_are_expanded(text: str, addresses: tuple[str, ...]) -> None:
    assert parse_local_ips(text) == addresses


@pytest.mark.parametrize(
    "text", ["x", "10.0.0.5-10.0.0.4", "10.0.0.1-::1", "10.0.0.0/x"]
)
def test_other_texts_are_no_local_addresses(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid address, range or network"):
        parse_local_ips(text)


def test_local_addresses_are_bounded() -> None:
    with pytest.raises(ValueError, match="more than 65,536 addresses"):
        parse_local_ips("fd::/64")
    assert len(parse_local_ips("fd::0-fd::ffff")) == MAX_LOCAL_ADDRESSES
