"""From options to the settings of virtual users and of the rooms that know no options."""

from typing import Any

from gharial.lazy_dataclass import dataclass
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
from gharial.options.records import OptionRecord
from gharial.options.rows import OPTION_ROWS
from gharial.options.socket_options import SocketOption

# What an iteration that ends takes beyond the longest close handshake.
WIND_DOWN_EXTRA_S = 5.0

# Records inside of settings, by the records inside of options that have the same fields.
_RECORDS: dict[type[OptionRecord], type] = {
    DnsOption: DnsPolicy,
    TlsVersions: TlsRange,
    TlsAuth: ClientCertificate,
}


@dataclass(frozen=True, slots=True)
class VuSettings:
    """
    What the options say of every virtual user.

    Attributes:
        system_tags: Names of the system tags to set.
        throw: Whether failed calls throw where they would otherwise warn.
        no_cookies_reset: Whether the cookie jar outlives an iteration.
        local_ips: Addresses to connect from; virtual users take turns.
        random_seed: Seeds ``Math.random`` of each VU; None for a random seed.
        browser_globals: Whether scripts in JavaScript have ``window``.
        callback_timeout_s: The longest that script code may run without a pause.
        memory_limit_bytes: What its script may take.
        message_queue_size_bytes: What may wait for it while it is busy.
        sockets: What holds for sockets by their URLs; the first that matches counts.
        tag_url_query: Whether the tags ``url`` and ``name`` keep the URL's query.
        min_iteration_duration_s: A whole iteration is filled up to this length.
        setup_timeout_s: The longest that ``vuSetup`` may take.
        teardown_timeout_s: The longest that ``vuTeardown`` may take.
        wind_down_s: The longest that an ended iteration may take to close its sockets.
        max_redirects: HTTP redirects that are followed; None for 10, with a warning
            where there are more.
        batch: HTTP requests of one batch that run at once, 0 for any number.
        batch_per_host: The same for one host.
        rps: HTTP requests that begin in a second, 0 for any number.
        discard_response_bodies: Whether bodies of HTTP answers are forgotten.
        no_connection_reuse: Whether each HTTP request has a connection of its own.
        no_vu_connection_reuse: Whether connections for HTTP end with each iteration.
        http_debug: What to log of HTTP: ``headers``, ``full``, or None for nothing.

    """

    system_tags: frozenset[str]
    throw: bool
    no_cookies_reset: bool
    local_ips: tuple[str, ...]
    random_seed: int | None
    browser_globals: bool
    callback_timeout_s: float
    memory_limit_bytes: int
    message_queue_size_bytes: int
    sockets: tuple[SocketOption, ...]
    tag_url_query: bool
    min_iteration_duration_s: float
    setup_timeout_s: float
    teardown_timeout_s: float
    wind_down_s: float
    max_redirects: int | None
    batch: int
    batch_per_host: int
    rps: int
    discard_response_bodies: bool
    no_connection_reuse: bool
    no_vu_connection_reuse: bool
    http_debug: str | None


def network_settings(options: Options) -> NetworkSettings:
    """Return how sockets are to be opened."""
    return NetworkSettings(
        **_given(options, Settings.NETWORK),
        limits=Limits(**_given(options, Settings.LIMITS)),
        tls=TlsSettings(**_given(options, Settings.TLS)),
    )


def vu_settings(options: Options, local_ips: tuple[str, ...] = ()) -> VuSettings:
    """
    Return what the options say of every virtual user.

    Args:
        options: The options.
        local_ips: The addresses to connect from on this machine; those of the options may
            stand for all that it has.

    """
    given = _given(options, Settings.VUS) | {"local_ips": local_ips}
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
        kind = _RECORDS.get(type(value))
        return value if kind is None else kind(**vars(value))
    return value
