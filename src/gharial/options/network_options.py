"""The options of connections, of TLS and of HTTP: a row for each."""

import ipaddress
from dataclasses import field
from typing import Annotated, Any, Literal

from gharial.lenses.catalog import AUTO, OFF, check_name
from gharial.options.addresses import (
    check_host_pattern,
    parse_hosts,
    parse_local_ips,
    parse_networks,
)
from gharial.options.info import Group, OptionInfo, Settings
from gharial.options.records import After, Before, OptionRecord
from gharial.options.socket_options import SocketOption
from gharial.options.values import (
    FILLED,
    Duration,
    Natural,
    PositiveDuration,
    Size,
    TextList,
    at_least,
    at_most,
    checked,
)
from gharial.options.written import read_hosts, read_json, read_record

# Stands for ``ttl: "inf"``: longer than any run.
FOREVER_S = 10 * 365 * 86_400.0

TlsName = Literal["", "tls1.0", "tls1.1", "tls1.2", "tls1.3"]


def _ttl(value: Any) -> Any:
    return FOREVER_S * 1000.0 if value == "inf" else value


class DnsOption(OptionRecord):
    """
    How a name becomes one address.

    Attributes:
        ttl_s: How long an answer is kept; 0 asks each time.
        select: Which of the addresses.
        policy: Which kinds of addresses, and which first.

    """

    ttl_s: Annotated[Duration, Before(_ttl)] = 300.0
    select: Literal["first", "random", "roundRobin"] = "random"
    policy: Literal["preferIPv4", "preferIPv6", "onlyIPv4", "onlyIPv6", "any"] = (
        "preferIPv4"
    )


def _dns(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    return {key.strip(): inner.strip() for key, _, inner in pairs}


class TlsVersions(OptionRecord):
    """The lowest and the highest version of TLS; empty for the library's own."""

    min: TlsName = ""
    max: TlsName = ""


def _tls_versions(value: Any) -> Any:
    return {"min": value, "max": value} if isinstance(value, str) else value


class TlsAuth(OptionRecord):
    """A client certificate (PEM string or a path to it), and whom to show it."""

    cert: str
    key: str
    password: str | None = None
    domains: TextList = ()


def _http_debug(value: Any) -> Any:
    if value in ("headers", "full"):
        return value
    # k6 documents it as a boolean, too.
    if value is True or value == "true":
        return "headers"
    if value is False or value in ("false", ""):
        return None
    raise ValueError(
        f"{value!r} is not valid; write 'full', or 'headers' to leave out bodies (the flag "
        "alone does that)"
    )


def _one_or_names(names: Any) -> Any:
    for word in (AUTO, OFF):
        if word in names and len(names) > 1:
            raise ValueError(f"{word!r} stands alone")
    return names


Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Networks = Annotated[tuple[Network, ...], Before(parse_networks)]
Lenses = Annotated[TextList, checked(check_name), After(_one_or_names), FILLED]
Hosts = Annotated[dict[str, str], Before(parse_hosts)]
HttpDebug = Annotated[Literal["headers", "full"] | None, Before(_http_debug)]


class NetworkOptions(OptionRecord):
    """How virtual users connect."""

    hosts: Annotated[
        Hosts,
        OptionInfo(
            "Connect to ADDRESS or ADDRESS:PORT instead of resolving NAME.",
            group=Group.CONNECTIONS,
            flags="--hosts",
            metavar="NAME=ADDRESS...",
            details="The name may be ``name:port``, or begin with ``*``.",
            settings=Settings.NETWORK,
            read=read_hosts,
        ),
    ] = field(default_factory=dict)
    block_hostnames: Annotated[
        Annotated[TextList, checked(check_host_pattern)],
        OptionInfo(
            "Never connect to matching host names, for example *.example.com.",
            group=Group.CONNECTIONS,
            flags="--block-hostnames",
            metavar="PATTERN...",
            settings=Settings.NETWORK,
        ),
    ] = ()
    blacklist_ips: Annotated[
        Networks,
        OptionInfo(
            "Never connect to addresses in this range.",
            group=Group.CONNECTIONS,
            flags="--blacklist-ip",
            metavar="RANGE...",
            settings=Settings.NETWORK,
        ),
    ] = ()
    local_ips: Annotated[
        Annotated[tuple[str, ...], Before(parse_local_ips)],
        OptionInfo(
            "Addresses, ranges or networks to connect from, or auto for all.",
            group=Group.CONNECTIONS,
            flags="--local-ips",
            metavar="ADDRESSES",
            details="Virtual users take turns with them.",
            settings=Settings.VUS,
        ),
    ] = ()
    dns: Annotated[
        Annotated[DnsOption, Before(_dns)],
        OptionInfo(
            "How to resolve names: ttl=5m,select=random,policy=preferIPv4.",
            group=Group.CONNECTIONS,
            flags="--dns",
            metavar="SETTINGS",
            settings=Settings.NETWORK,
        ),
    ] = DnsOption()
    user_agent: Annotated[
        str,
        OptionInfo(
            "User-Agent header.",
            group=Group.CONNECTIONS,
            flags="--user-agent",
            metavar="STRING",
            settings=Settings.NETWORK,
        ),
    ] = "Gharial"
    dial_timeout_s: Annotated[
        PositiveDuration,
        OptionInfo(
            "Longest wait for DNS and the TCP connection.",
            group=Group.CONNECTIONS,
            flags="--dial-timeout",
            metavar="TIME",
            settings=Settings.LIMITS,
            in_k6=False,
        ),
    ] = 30.0
    tls_timeout_s: Annotated[
        PositiveDuration,
        OptionInfo(
            "Longest wait for the TLS handshake.",
            group=Group.CONNECTIONS,
            flags="--tls-timeout",
            metavar="TIME",
            settings=Settings.LIMITS,
            in_k6=False,
        ),
    ] = 30.0
    handshake_timeout_s: Annotated[
        PositiveDuration,
        OptionInfo(
            "Longest wait for the server's answer to the upgrade request.",
            group=Group.CONNECTIONS,
            flags="--handshake-timeout",
            metavar="TIME",
            settings=Settings.LIMITS,
            in_k6=False,
        ),
    ] = 60.0
    close_timeout_s: Annotated[
        PositiveDuration,
        OptionInfo(
            "Longest wait for the closing handshake and the end of TCP.",
            group=Group.CONNECTIONS,
            flags="--close-timeout",
            metavar="TIME",
            settings=Settings.LIMITS,
            in_k6=False,
        ),
    ] = 10.0
    max_message_size_bytes: Annotated[
        Size,
        OptionInfo(
            "Largest message to accept, for example 64MiB.",
            group=Group.CONNECTIONS,
            flags="--max-message-size",
            metavar="SIZE",
            details="A larger one closes its socket.",
            settings=Settings.LIMITS,
            in_k6=False,
        ),
    ] = 64 * 1024 * 1024
    # 4 s of 2,000 small messages a second take 3 MB.
    message_queue_size_bytes: Annotated[
        Annotated[Size, at_least(64 * 1024)],
        OptionInfo(
            "Stop reading when a busy virtual user has SIZE of data waiting.",
            group=Group.CONNECTIONS,
            flags="--message-queue-size",
            metavar="SIZE",
            settings=Settings.VUS,
            in_k6=False,
        ),
    ] = 8 * 1024 * 1024
    ws_redirects: Annotated[
        Annotated[Natural, at_most(20)],
        OptionInfo(
            "Redirects that a WebSocket may follow (the standard says none).",
            group=Group.CONNECTIONS,
            flags="--ws-redirects",
            metavar="COUNT",
            settings=Settings.NETWORK,
            in_k6=False,
        ),
    ] = 0
    sockets: Annotated[
        tuple[SocketOption, ...],
        OptionInfo(
            "Name and configure sockets by their URL, also those of libraries.",
            group=Group.CONNECTIONS,
            details="A list of ``{ match, name, tags, headers, compression, tls, "
            "lens }``. In ``match``, ``*`` stands for any characters; the first that "
            "matches counts, and what the script gives to a socket comes before it.",
            settings=Settings.VUS,
            read=read_json,
            in_k6=False,
        ),
    ] = ()
    tag_url_query: Annotated[
        bool,
        OptionInfo(
            "Keep the query of sockets' URLs in the tags url and name, as k6 does.",
            group=Group.CONNECTIONS,
            flags="--tag-url-query",
            details="Also that of ``fetch()``; a token or an id in it makes each URL a "
            "series of its own.",
            settings=Settings.VUS,
            in_k6=False,
        ),
    ] = False
    lenses: Annotated[
        Lenses,
        OptionInfo(
            "Lenses that read what goes over sockets: auto, off or names.",
            group=Group.CONNECTIONS,
            flags="--lens",
            metavar="NAMES",
            details="``auto`` takes those that a socket is recognised by; separate names "
            "with commas.",
            settings=Settings.NETWORK,
            in_k6=False,
        ),
    ] = (AUTO,)
    ws_debug: Annotated[
        Natural,
        OptionInfo(
            "Log all frames of the first COUNT sockets.",
            group=Group.CONNECTIONS,
            flags="--ws-debug",
            metavar="COUNT",
            used_by="lifecycle",
            in_k6=False,
        ),
    ] = 0
    insecure_skip_tls_verify: Annotated[
        bool,
        OptionInfo(
            "Accept any server certificate.",
            group=Group.TLS,
            flags="--insecure-skip-tls-verify",
            settings=Settings.TLS,
        ),
    ] = False
    ca_certificates: Annotated[
        TextList,
        OptionInfo(
            "Also trust the certificate authorities in this PEM file.",
            group=Group.TLS,
            flags="--ca-cert",
            metavar="FILE...",
            details="Each value is a PEM string, or the path of a file or folder.",
            settings=Settings.TLS,
            in_k6=False,
        ),
    ] = ()
    tls_auth: Annotated[
        tuple[TlsAuth, ...],
        OptionInfo(
            "Client certificates, each with the domains it is for.",
            group=Group.TLS,
            settings=Settings.TLS,
            read=read_json,
            variables=("TLSAUTH", "TLS_AUTH"),
        ),
    ] = ()
    tls_version: Annotated[
        Annotated[TlsVersions, Before(_tls_versions)],
        OptionInfo(
            "Version of TLS, or the lowest and the highest.",
            group=Group.TLS,
            settings=Settings.TLS,
            read=read_record,
        ),
    ] = TlsVersions()
    tls_cipher_suites: Annotated[
        TextList,
        OptionInfo(
            "Cipher suites, by their OpenSSL or IANA names.",
            group=Group.TLS,
            settings=Settings.TLS,
        ),
    ] = ()
    max_redirects: Annotated[
        Natural | None,
        OptionInfo(
            "Redirects that an HTTP request may follow.",
            group=Group.HTTP,
            flags="--max-redirects",
            metavar="COUNT",
            details="Unless set, 10, with a warning if there are more.",
            settings=Settings.VUS,
        ),
    ] = None
    batch: Annotated[
        Natural,
        OptionInfo(
            "Requests of one http.batch() to run at once; 0 for no limit.",
            group=Group.HTTP,
            flags="--batch",
            metavar="COUNT",
            settings=Settings.VUS,
        ),
    ] = 20
    batch_per_host: Annotated[
        Natural,
        OptionInfo(
            "Of these, requests to one host at once; 0 for no limit.",
            group=Group.HTTP,
            flags="--batch-per-host",
            metavar="COUNT",
            settings=Settings.VUS,
        ),
    ] = 6
    rps: Annotated[
        Natural,
        OptionInfo(
            "At most COUNT HTTP requests per second; 0 for no limit.",
            group=Group.HTTP,
            flags="--rps",
            metavar="COUNT",
            settings=Settings.VUS,
        ),
    ] = 0
    discard_response_bodies: Annotated[
        bool,
        OptionInfo(
            "Discard the bodies of HTTP responses.",
            group=Group.HTTP,
            flags="--discard-response-bodies",
            details="A request with a ``responseType`` keeps its own.",
            settings=Settings.VUS,
        ),
    ] = False
    no_connection_reuse: Annotated[
        bool,
        OptionInfo(
            "Open a new connection for every HTTP request.",
            group=Group.HTTP,
            flags="--no-connection-reuse",
            settings=Settings.VUS,
        ),
    ] = False
    no_vu_connection_reuse: Annotated[
        bool,
        OptionInfo(
            "Close HTTP connections after every iteration.",
            group=Group.HTTP,
            flags="--no-vu-connection-reuse",
            settings=Settings.VUS,
        ),
    ] = False
    no_cookies_reset: Annotated[
        bool,
        OptionInfo(
            "Keep cookies from one iteration to the next.",
            group=Group.HTTP,
            settings=Settings.VUS,
        ),
    ] = False
    http_debug: Annotated[
        HttpDebug,
        OptionInfo(
            "Log HTTP requests and responses; full includes bodies.",
            group=Group.HTTP,
            flags="--http-debug",
            metavar="[headers|full]",
            settings=Settings.VUS,
        ),
    ] = None
