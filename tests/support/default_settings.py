"""The settings that the options' defaults make, with changes."""

from dataclasses import replace
from typing import Any

from gharial.net.settings import DnsPolicy, Limits, NetworkSettings, TlsSettings
from gharial.options.model import Options
from gharial.virtual_user.settings import VuSettings, network_settings, vu_settings

_OPTIONS = Options()
_NETWORK = network_settings(_OPTIONS)
_USERS = vu_settings(_OPTIONS)
RUN_LIMITS: dict[str, Any] = {
    "setup_timeout_s": _OPTIONS.setup_timeout_s,
    "teardown_timeout_s": _OPTIONS.teardown_timeout_s,
    "handle_summary_timeout_s": _OPTIONS.handle_summary_timeout_s,
}
"""How long the parts of a run around its scenarios may take."""


def network_with(**changes: Any) -> NetworkSettings:
    """Return how sockets are to be opened."""
    return replace(_NETWORK, **changes)


def limits_with(**changes: Any) -> Limits:
    """Return the limits of sockets."""
    return replace(_NETWORK.limits, **changes)


def tls_with(**changes: Any) -> TlsSettings:
    """Return the settings of TLS."""
    return replace(_NETWORK.tls, **changes)


def dns_with(**changes: Any) -> DnsPolicy:
    """Return how names are resolved."""
    return replace(_NETWORK.dns, **changes)


def users_with(**changes: Any) -> VuSettings:
    """Return what holds for every virtual user."""
    return replace(_USERS, **changes)
