"""How sockets are to be opened: records that the network rooms share."""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network

from gharial.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """
    The longest that each wait may take, and the largest that a message may be.

    Attributes:
        dial_timeout_s: Name resolution and TCP (and the proxy's answer) together.
        tls_timeout_s: TLS's handshake.
        handshake_timeout_s: From the upgrade request to the end of its answer.
        close_timeout_s: From our close frame to the end of TCP.
        max_message_size_bytes: A larger incoming message closes the socket with 1009.

    """

    dial_timeout_s: float
    tls_timeout_s: float
    handshake_timeout_s: float
    close_timeout_s: float
    max_message_size_bytes: int


@dataclass(frozen=True, slots=True)
class DnsPolicy:
    """
    How a name becomes one address.

    Attributes:
        ttl_s: How long an answer is kept; 0 asks each time.
        select: Which of the addresses: ``first``, ``random`` or ``roundRobin``.
        policy: ``preferIPv4``, ``preferIPv6``, ``onlyIPv4``, ``onlyIPv6`` or ``any``.

    """

    ttl_s: float
    select: str
    policy: str


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """
    A certificate to show to servers of certain names.

    Attributes:
        cert: PEM text, or a path to it.
        key: PEM text, or a path to it.
        password: Opens the key, if it is locked.
        domains: Names to use it for; ``*.`` prefixes allowed; empty means all.

    """

    cert: str
    key: str
    password: str | None = None
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TlsRange:
    """
    Versions of TLS to speak.

    Attributes:
        min: The lowest, ``tls1.0`` to ``tls1.3``; empty for the library's own.
        max: The highest, likewise.

    """

    min: str
    max: str


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """
    TLS for every ``wss:`` socket.

    Attributes:
        insecure_skip_tls_verify: Whether any certificate is accepted, trusted or not, and
            whatever host it names.
        ca_certificates: PEM strings or paths of private authorities, next to the
            system's.
        tls_version: The versions to speak.
        tls_cipher_suites: OpenSSL or IANA names; empty for the library's own.
        tls_auth: Client certificates; the first that matches the name is shown.

    """

    insecure_skip_tls_verify: bool
    ca_certificates: tuple[str, ...]
    tls_version: TlsRange
    tls_cipher_suites: tuple[str, ...]
    tls_auth: tuple[ClientCertificate, ...]


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """
    What holds for all sockets of a run.

    Attributes:
        user_agent: The ``User-Agent`` header.
        hosts: Name or ``name:port`` (``*.`` prefixes allowed) to ``address`` or
            ``address:port``; the longer key wins.
        block_hostnames: Name patterns that must not be connected to.
        blacklist_ips: Address ranges that must not be connected to.
        dns: How names are resolved.
        tls: TLS settings.
        limits: The longest waits.
        ws_redirects: How many redirects a socket follows that does not say.
        lenses: Names of the lenses that read sockets; ``auto`` for those that a socket is
            recognised by, empty for none.
        proxies_from_environment: Whether ``HTTP_PROXY`` and its kin count.

    """

    user_agent: str
    hosts: Mapping[str, str]
    block_hostnames: tuple[str, ...]
    blacklist_ips: tuple[IPv4Network | IPv6Network, ...]
    dns: DnsPolicy
    tls: TlsSettings
    limits: Limits
    ws_redirects: int
    lenses: tuple[str, ...] = ()
    proxies_from_environment: bool = True


@dataclass(frozen=True, slots=True)
class SocketTls:
    """
    What one socket wants of TLS, in addition to the settings of the run.

    Attributes:
        certificate: Our own, PEM text or a path; empty for that of the run.
        key: Its key.
        password: Opens the key.
        ca: More authorities.
        server_name: The name to ask for and to check; empty for the URL's.
        verify: Whether the server's certificate is checked; None as in the run.

    """

    certificate: str = ""
    key: str = ""
    password: str | None = None
    ca: tuple[str, ...] = ()
    server_name: str = ""
    verify: bool | None = None
