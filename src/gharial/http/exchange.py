"""An HTTP request and its outcome, as plain records."""

from dataclasses import field

from gharial.lazy_dataclass import dataclass

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RequestCookie:
    """
    A cookie that goes with one request.

    Attributes:
        name: Its name.
        value: Its value.
        replaces: Whether a cookie of this name in the jar stays at home.

    """

    name: str
    value: str
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """
    One request, with the redirects that may follow.

    Attributes:
        method: The method, in upper case.
        url: The URL as the script wrote it; a user and a password in it authenticate.
        headers: Extra headers, in order.
        body: The body as it goes over the wire, None for none.
        cookies: Cookies in addition to those of the jar.
        max_redirects: How many redirects are followed.
        warns_of_redirects: Whether the user hears of redirects that are not followed.
        timeout_s: The longest that all of it may take.
        uses_digest: Whether user and password answer a digest challenge (RFC 7616).
        local_address: The address to connect from, empty for any.

    """

    method: str
    url: str
    headers: Pairs = ()
    body: bytes | None = None
    cookies: tuple[RequestCookie, ...] = ()
    max_redirects: int = 10
    warns_of_redirects: bool = True
    timeout_s: float = 60.0
    uses_digest: bool = False
    local_address: str = ""


@dataclass(frozen=True, slots=True)
class HttpFailure:
    """
    Why a request has no response.

    Attributes:
        code: k6's number for the kind.
        message: A few words without addresses, fit for a tag.
        detail: One sentence for people.

    """

    code: int
    message: str
    detail: str


@dataclass(frozen=True, slots=True)
class Timings:
    """
    How long each phase took, in seconds.

    Attributes:
        blocked_s: Waiting for a connection, with the resolution of the name.
        connecting_s: TCP's connect; 0 on a connection that was open.
        tls_s: TLS's handshake; 0 likewise.
        sending_s: Writing the request.
        waiting_s: From its last byte to the answer's first.
        receiving_s: Reading the answer.

    """

    blocked_s: float = 0.0
    connecting_s: float = 0.0
    tls_s: float = 0.0
    sending_s: float = 0.0
    waiting_s: float = 0.0
    receiving_s: float = 0.0

    @property
    def duration_s(self) -> float:
        """The time for sending, waiting and receiving together."""
        return self.sending_s + self.waiting_s + self.receiving_s


@dataclass(frozen=True, slots=True)
class HttpExchange:
    """
    One request on the wire and its response, or the reason why there is none.

    Attributes:
        method: The method.
        url: The URL, without user and password.
        request_headers: The headers that were sent.
        status: The status code, 0 if there is no answer.
        reason: The reason phrase.
        headers: The answer's headers in the order of the wire.
        body: The answer's body, decompressed.
        version: ``HTTP/1.1``, empty if there is no answer.
        timings: How long it took.
        remote_ip: The peer's address, empty if no connection was made.
        remote_port: The peer's port.
        tls_version: ``tls1.3``, empty without TLS.
        tls_cipher: The cipher suite's name.
        sent_bytes: Bytes written.
        received_bytes: Bytes read.
        failure: Why there is no answer.
        written_url: The URL as it was written, for tags; empty for the same.

    """

    method: str
    url: str
    request_headers: Pairs = ()
    status: int = 0
    reason: str = ""
    headers: Pairs = ()
    body: bytes = b""
    version: str = ""
    timings: Timings = field(default_factory=Timings)
    remote_ip: str = ""
    remote_port: int = 0
    tls_version: str = ""
    tls_cipher: str = ""
    sent_bytes: int = 0
    received_bytes: int = 0
    failure: HttpFailure | None = None
    written_url: str = ""

    @property
    def error_code(self) -> int:
        """k6's number for what went wrong, 0 for nothing."""
        if self.failure is not None:
            return self.failure.code
        return 1000 + self.status if self.status >= 400 else 0

    def header(self, name: str) -> str:
        """Return a header of the answer, empty if it has none of that name."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")

    def header_values(self, name: str) -> tuple[str, ...]:
        """Return all values of a header of the answer."""
        return tuple(v for n, v in self.headers if n.lower() == name.lower())
