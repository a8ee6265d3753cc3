"""From options to the settings of the rooms that know no options."""

from typing import Any

from gharial.lifecycle.machine import own_addresses
from gharial.net.settings import (
    ClientCertificate,
    DnsPolicy,
    Limits,
    NetworkSettings,
    TlsRange,
    TlsSettings,
)
from gharial.options.info import Settings
from gharial.options.model import Options
from gharial.options.network_options import DnsOption, TlsAuth, TlsVersions
from gharial.options.rows import OPTION_ROWS
from gharial.options.values import OptionRecord
from gharial.virtual_user.context import VuSettings

# What an iteration that ends takes beyond the longest close handshake.
WIND_DOWN_EXTRA_S = 5.0

# Records inside of settings, by the records inside of options that have the same fields.
_RECORDS: dict[type[OptionRecord], type] = {
    DnsOption: DnsPolicy,
    TlsVersions: TlsRange,
    TlsAuth: ClientCertificate,
}


def network_settings(options: Options) -> NetworkSettings:
    """Return how sockets are to be opened."""
    return NetworkSettings(
        **_given(options, Settings.NETWORK),
        limits=Limits(**_given(options, Settings.LIMITS)),
        tls=TlsSettings(**_given(options, Settings.TLS)),
    )


def local_addresses(options: Options) -> tuple[str, ...]:
    """Return the addresses to connect from; empty for the system's choice."""
    if options.has_own_addresses:
        return own_addresses()
    return options.local_ips


def vu_settings(options: Options) -> VuSettings:
    """Return what the options say of every virtual user."""
    given = _given(options, Settings.USERS)
    given["local_ips"] = local_addresses(options)
    return VuSettings(**given, wind_down_s=options.close_timeout_s + WIND_DOWN_EXTRA_S)


def _given(options: Options, settings: Settings) -> dict[str, Any]:
    """Return the options whose rows say that they go to these settings."""
    return {
        row.attribute: _as_setting(getattr(options, row.attribute))
        for row in OPTION_ROWS.values()
        if row.info.settings is settings
    }


def _as_setting(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_as_setting, value))
    if isinstance(value, OptionRecord):
        return _RECORDS[type(value)](**dict(value))
    return value
