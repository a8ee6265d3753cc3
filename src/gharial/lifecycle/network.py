"""From options to the settings of the rooms that know no options."""

from gharial.lifecycle.machine import own_addresses
from gharial.net.settings import (
    ClientCertificate,
    DnsPolicy,
    Limits,
    NetworkSettings,
    TlsRange,
    TlsSettings,
)
from gharial.options.model import Options
from gharial.virtual_user.context import VuSettings

# What an iteration that ends takes beyond the longest close handshake.
WIND_DOWN_EXTRA_S = 5.0


def network_settings(options: Options) -> NetworkSettings:
    """Return how sockets are to be opened."""
    return NetworkSettings(
        user_agent=options.user_agent,
        hosts=options.hosts,
        block_hostnames=options.block_hostnames,
        blacklist_ips=options.blacklist_ips,
        ws_redirects=options.ws_redirects,
        dns=DnsPolicy(**dict(options.dns)),
        tls=TlsSettings(
            insecure_skip_tls_verify=options.insecure_skip_tls_verify,
            ca_certificates=options.ca_certificates,
            tls_version=TlsRange(**dict(options.tls_version)),
            tls_cipher_suites=options.tls_cipher_suites,
            tls_auth=tuple(ClientCertificate(**dict(one)) for one in options.tls_auth),
        ),
        limits=Limits(
            dial_timeout_s=options.dial_timeout_s,
            tls_timeout_s=options.tls_timeout_s,
            handshake_timeout_s=options.handshake_timeout_s,
            close_timeout_s=options.close_timeout_s,
            max_message_size_bytes=options.max_message_size_bytes,
        ),
    )


def local_addresses(options: Options) -> tuple[str, ...]:
    """Return the addresses to connect from; empty for the system's choice."""
    if options.has_own_addresses:
        return own_addresses()
    return options.local_ips


def vu_settings(options: Options) -> VuSettings:
    """Return what the options say of every virtual user."""
    return VuSettings(
        system_tags=options.system_tags,
        throw=options.throw,
        no_cookies_reset=options.no_cookies_reset,
        local_ips=local_addresses(options),
        random_seed=options.random_seed,
        min_iteration_duration_s=options.min_iteration_duration_s,
        callback_timeout_s=options.callback_timeout_s,
        message_queue_size_bytes=options.message_queue_size_bytes,
        memory_limit_bytes=options.memory_limit_bytes,
        setup_timeout_s=options.setup_timeout_s,
        teardown_timeout_s=options.teardown_timeout_s,
        wind_down_s=options.close_timeout_s + WIND_DOWN_EXTRA_S,
        max_redirects=options.max_redirects,
        batch=options.batch,
        batch_per_host=options.batch_per_host,
        rps=options.rps,
        discard_response_bodies=options.discard_response_bodies,
        no_connection_reuse=options.no_connection_reuse,
        no_vu_connection_reuse=options.no_vu_connection_reuse,
        http_debug=options.http_debug,
    )
