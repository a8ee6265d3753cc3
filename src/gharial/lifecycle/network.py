"""From options to the settings of the rooms that know no options."""

from gharial.lifecycle.machine import own_addresses
from gharial.net.settings import (
    ClientCertificate,
    DnsPolicy,
    Limits,
    NetworkSettings,
    TlsSettings,
)
from gharial.options.model import Options
from gharial.virtual_user.context import HttpConnections, VuSettings

# What an iteration that ends takes beyond the longest close handshake.
WIND_DOWN_EXTRA_S = 5.0


def network_settings(options: Options) -> NetworkSettings:
    """Return how sockets are to be opened."""
    return NetworkSettings(
        user_agent=options.user_agent,
        hosts=tuple(options.hosts.items()),
        blocked_hosts=tuple(options.block_hostnames),
        blocked_networks=options.blacklist_ips,
        redirects=options.ws_redirects,
        dns=DnsPolicy(options.dns.ttl_s, options.dns.select, options.dns.policy),
        tls=TlsSettings(
            verify=not options.insecure_skip_tls_verify,
            ca=tuple(options.ca_certificates),
            minimum=options.tls_version.min,
            maximum=options.tls_version.max,
            ciphers=tuple(options.tls_cipher_suites),
            client_certificates=tuple(
                ClientCertificate(
                    certificate=one.cert,
                    key=one.key,
                    password=one.password,
                    domains=tuple(one.domains),
                )
                for one in options.tls_auth
            ),
        ),
        limits=Limits(
            dial_s=options.dial_timeout_s,
            tls_s=options.tls_timeout_s,
            handshake_s=options.handshake_timeout_s,
            close_s=options.close_timeout_s,
            message_bytes=options.max_message_bytes,
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
        system_tags=frozenset(options.system_tags),
        throw=options.throw,
        keep_cookies=options.no_cookies_reset,
        local_addresses=local_addresses(options),
        random_seed=options.random_seed,
        min_iteration_s=options.min_iteration_duration_s,
        task_limit_s=options.callback_timeout_s,
        message_queue_bytes=options.message_queue_bytes,
        memory_limit_bytes=options.memory_limit_bytes,
        setup_limit_s=options.setup_timeout_s,
        teardown_limit_s=options.teardown_timeout_s,
        wind_down_s=options.close_timeout_s + WIND_DOWN_EXTRA_S,
        redirects_maximum=options.max_redirects,
        batch=options.batch,
        batch_per_host=options.batch_per_host,
        requests_per_s=options.rps,
        discards_bodies=options.discard_response_bodies,
        http_connections=(
            HttpConnections.OF_A_REQUEST
            if options.no_connection_reuse
            else HttpConnections.OF_AN_ITERATION
            if options.no_vu_connection_reuse
            else HttpConnections.OF_A_USER
        ),
        http_debug=options.http_debug or "",
    )
