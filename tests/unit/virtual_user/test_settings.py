"""Each option that says how sockets and virtual users behave gets to their settings."""

import re
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

import gharial
from gharial.net.settings import (
    ClientCertificate,
    Limits,
    NetworkSettings,
    TlsRange,
    TlsSettings,
)
from gharial.options.info import Settings
from gharial.options.model import Options
from gharial.options.network_options import DnsOption, TlsAuth, TlsVersions
from gharial.options.rows import OPTION_ROWS, OptionRow
from gharial.options.socket_options import SocketOption
from gharial.virtual_user.settings import (
    WIND_DOWN_EXTRA_S,
    VuSettings,
    network_settings,
    vu_settings,
)

CERTIFICATE = TlsAuth(cert="c", key="k", password="p", domains=("d",))
# Per option a value that is not its default, and what it is to be in the settings.
OF_SOCKETS: dict[str, tuple[Any, dict[str, Any]]] = {
    "user_agent": ("me", {"user_agent": "me"}),
    "hosts": ({"a.test": "127.0.0.1"}, {"hosts": {"a.test": "127.0.0.1"}}),
    "block_hostnames": (("*.test",), {"block_hostnames": ("*.test",)}),
    "blacklist_ips": (
        (ip_network("10.0.0.0/8"),),
        {"blacklist_ips": (ip_network("10.0.0.0/8"),)},
    ),
    "ws_redirects": (3, {"ws_redirects": 3}),
    "lenses": (("mqtt", "stomp"), {"lenses": ("mqtt", "stomp")}),
    "dns": (
        DnsOption(ttl_s=7.0, select="first", policy="onlyIPv6"),
        {"dns.ttl_s": 7.0, "dns.select": "first", "dns.policy": "onlyIPv6"},
    ),
    "insecure_skip_tls_verify": (True, {"tls.insecure_skip_tls_verify": True}),
    "ca_certificates": (("ca.pem",), {"tls.ca_certificates": ("ca.pem",)}),
    "tls_version": (
        TlsVersions(min="tls1.2", max="tls1.3"),
        {"tls.tls_version": TlsRange("tls1.2", "tls1.3")},
    ),
    "tls_cipher_suites": (("A", "B"), {"tls.tls_cipher_suites": ("A", "B")}),
    "tls_auth": (
        (CERTIFICATE,),
        {"tls.tls_auth": (ClientCertificate("c", "k", "p", ("d",)),)},
    ),
    "dial_timeout_s": (1.5, {"limits.dial_timeout_s": 1.5}),
    "tls_timeout_s": (2.5, {"limits.tls_timeout_s": 2.5}),
    "handshake_timeout_s": (3.5, {"limits.handshake_timeout_s": 3.5}),
    "max_message_size_bytes": (77, {"limits.max_message_size_bytes": 77}),
}
OF_USERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "system_tags": (frozenset({"url"}), {"system_tags": frozenset({"url"})}),
    "throw": (True, {"throw": True}),
    "no_cookies_reset": (True, {"no_cookies_reset": True}),
    "local_ips": (("127.0.0.2",), {"local_ips": ("127.0.0.2",)}),
    "browser_globals": (True, {"browser_globals": True}),
    "random_seed": (5, {"random_seed": 5}),
    "min_iteration_duration_s": (4.5, {"min_iteration_duration_s": 4.5}),
    "callback_timeout_s": (5.5, {"callback_timeout_s": 5.5}),
    "message_queue_size_bytes": (70_000, {"message_queue_size_bytes": 70_000}),
    "sockets": (
        (SocketOption(match="*", name="a"),),
        {"sockets": (SocketOption(match="*", name="a"),)},
    ),
    "tag_url_query": (True, {"tag_url_query": True}),
    "memory_limit_bytes": (2_000_000, {"memory_limit_bytes": 2_000_000}),
    "setup_timeout_s": (6.5, {"setup_timeout_s": 6.5}),
    "teardown_timeout_s": (7.5, {"teardown_timeout_s": 7.5}),
    "max_redirects": (2, {"max_redirects": 2}),
    "batch": (8, {"batch": 8}),
    "batch_per_host": (9, {"batch_per_host": 9}),
    "rps": (11, {"rps": 11}),
    "discard_response_bodies": (True, {"discard_response_bodies": True}),
    "no_connection_reuse": (True, {"no_connection_reuse": True}),
    "no_vu_connection_reuse": (True, {"no_vu_connection_reuse": True}),
    "http_debug": ("full", {"http_debug": "full"}),
}
OF_BOTH = {
    "close_timeout_s": (
        8.5,
        {"limits.close_timeout_s": 8.5},
        {"wind_down_s": 8.5 + WIND_DOWN_EXTRA_S},
    )
}
ROWS = [
    *((name, value, there, {}) for name, (value, there) in OF_SOCKETS.items()),
    *((name, value, {}, there) for name, (value, there) in OF_USERS.items()),
    *((name, *row) for name, row in OF_BOTH.items()),
]


def flat(settings: NetworkSettings | VuSettings) -> dict[str, Any]:
    """Return all settings by name, those of a part as ``part.name``."""
    found: dict[str, Any] = {}
    for name in settings.__dataclass_fields__:
        value = getattr(settings, name)
        parts = getattr(value, "__dataclass_fields__", None)
        if parts is None:
            found[name] = value
        else:
            found |= {f"{name}.{part}": getattr(value, part) for part in parts}
    return found


def settings_of_users(options: Options) -> VuSettings:
    return vu_settings(options, options.local_ips)


def changed(options: Options) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the settings that these options give another value than the defaults do."""

    def different(make: Any) -> dict[str, Any]:
        usual = flat(make(Options()))
        return {k: v for k, v in flat(make(options)).items() if v != usual[k]}

    return different(network_settings), different(settings_of_users)


@pytest.mark.parametrize(
    ("name", "value", "sockets", "users"), ROWS, ids=[row[0] for row in ROWS]
)
def test_an_option_changes_its_settings_and_no_others(
    name: str, value: Any, sockets: dict[str, Any], users: dict[str, Any]
) -> None:
    options = Options().with_(**{name: value})
    assert getattr(options, name) != getattr(Options(), name)
    assert changed(options) == (sockets, users)


def test_no_option_is_forgotten() -> None:
    named = {*OF_SOCKETS, *OF_USERS, *OF_BOTH}
    rows = OPTION_ROWS.values()
    assert named == {row.attribute for row in rows if row.info.settings is not None}


@pytest.mark.parametrize("row", OPTION_ROWS.values(), ids=OPTION_ROWS)
def test_an_option_goes_to_its_settings_or_a_room_reads_it(row: OptionRow) -> None:
    info = row.info
    assert (info.settings is None) is bool(info.used_by)
    if info.settings is not None:
        kinds = {
            Settings.NETWORK: NetworkSettings,
            Settings.LIMITS: Limits,
            Settings.TLS: TlsSettings,
            Settings.VUS: VuSettings,
        }
        assert row.attribute in {each.name for each in fields(kinds[info.settings])}
    else:
        room = Path(gharial.__file__).parent / info.used_by
        sources = [file.read_text("utf-8") for file in room.rglob("*.py")]
        assert any(re.search(rf"\.{row.attribute}\b", text) for text in sources)
