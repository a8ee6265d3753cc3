"""
Prometheus' remote write 1.0: series as protobuf, compressed with snappy, over HTTP.

The messages are built at run time from a description of their fields by Google's own
protobuf package: the packages that ship these classes are unmaintained, and classes made
by a compiler are tied to one major version of that package, so would narrow what users
can install next to Gharial. Snappy's block format comes from ``cramjam``, which has wheels
where other bindings need a C library; HTTP from ``urllib3``.

Source:
    Prometheus' remote write specification 1.0; field numbers: ``prompb/remote.proto`` and
    ``prompb/types.proto`` of Prometheus.
"""

import ssl
import struct
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

import cramjam
import urllib3
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from urllib3.util import parse_url

from gharial.lazy_dataclass import dataclass
from gharial.outputs.base import OutputError
from gharial.outputs.basic_authorization import basic_authorization
from gharial.outputs.exponential import Buckets, ExponentialHistogram
from gharial.outputs.totals import Labels

SERIES_MAXIMUM: Final = 5_000
"""Series in one request; receivers bound a request's size."""

TIMEOUT_S: Final = 4.0
CHECK_TIMEOUT_S: Final = 3.0
RETRIES: Final = urllib3.Retry(
    total=1,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=None,
    backoff_factor=0.2,
    respect_retry_after_header=False,
    raise_on_status=False,
)

STALE: Final = struct.unpack("<d", struct.pack("<Q", 0x7FF0_0000_0000_0002))[0]
"""The NaN that marks a series as ended."""

_FIELDS: Final = {
    "WriteRequest": "1 timeseries *TimeSeries",
    "TimeSeries": "1 labels *Label; 2 samples *Sample; 4 histograms *Histogram",
    "Label": "1 name string; 2 value string",
    "Sample": "1 value double; 2 timestamp int64",
    "Histogram": "1 count_int uint64; 3 sum double; 4 schema sint32; "
    "5 zero_threshold double; 6 zero_count_int uint64; "
    "8 negative_spans *BucketSpan; 9 negative_deltas *sint64; "
    "11 positive_spans *BucketSpan; 12 positive_deltas *sint64; 15 timestamp int64",
    "BucketSpan": "1 offset sint32; 2 length uint32",
}


@dataclass(frozen=True, slots=True)
class Series:
    """
    One series and its value.

    Attributes:
        labels: With its name, as ``__name__``; sorted.
        value: The value.

    """

    labels: Labels
    value: float | ExponentialHistogram


@dataclass(frozen=True, slots=True)
class Target:
    """
    Where to write, and how.

    Attributes:
        url: Where.
        headers: What goes with each request.
        verifies: Whether the server's certificate is checked.
        tls_1_2: Whether TLS 1.2 will do.
        certificate: The file of the client's certificate, if it has one.
        key: The file of its key, if that is another.

    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    verifies: bool = True
    tls_1_2: bool = False
    certificate: str | None = None
    key: str | None = None


class RemoteWriter:
    """Writes series to one server."""

    def __init__(self, target: Target, user_agent: str) -> None:
        """
        Get ready, without touching the network.

        Args:
            target: Where to write.
            user_agent: Who writes.

        Raises:
            OutputError: If the URL is none, or a certificate cannot be used.

        """
        self._url, self._shown, host = _checked(target.url)
        self._headers = {
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
            "User-Agent": user_agent,
            **_authorization(target.url),
            **target.headers,
        }
        self._http = _connections(target, self._url, host)

    def check(self) -> None:
        """
        Write nothing, to see whether something could be written.

        Raises:
            OutputError: If not.

        """
        try:
            # A receiver that wants at least one series has read the request, so it is one.
            self._post(b"", timeout_s=CHECK_TIMEOUT_S, retries=False, accepts=400)
        except OutputError as error:
            raise OutputError(f"--out prometheus: {error.reason}") from error

    def write(self, series: Sequence[Series], time_ms: int) -> None:
        """
        Write series with one time.

        Raises:
            OutputError: If the server does not take them.

        """
        for begin in range(0, len(series), SERIES_MAXIMUM):
            part = series[begin : begin + SERIES_MAXIMUM]
            self._post(encode(part, time_ms), timeout_s=TIMEOUT_S, retries=RETRIES)

    def close(self) -> None:
        """Let go of connections."""
        self._http.clear()

    def _post(
        self,
        body: bytes,
        *,
        timeout_s: float,
        retries: "urllib3.Retry | bool",
        accepts: int = 200,
    ) -> None:
        try:
            answer = self._http.request(
                "POST",
                self._url,
                body=bytes(cramjam.snappy.compress_raw(body)),
                headers=self._headers,
                timeout=timeout_s,
                retries=retries,
                redirect=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise OutputError(
                f"cannot reach {self._shown}: {_reason(error)}"
            ) from error
        if not 200 <= answer.status < 300 and answer.status != accepts:
            text = (answer.data or b"")[:200].decode("utf-8", "replace")
            said = text.strip().splitlines()
            raise OutputError(
                f"{self._shown} answered {answer.status}"
                f"{': ' + said[0] if said else ''}{_hint(answer.status)}"
            )


def encode(series: Sequence[Series], time_ms: int) -> bytes:
    """Return the message of one write, not compressed."""
    request = messages()["WriteRequest"]()
    for each in series:
        written = request.timeseries.add()
        for name, value in each.labels:
            written.labels.add(name=name, value=value)
        if isinstance(each.value, ExponentialHistogram):
            _put(each.value, written.histograms.add(), time_ms)
        else:
            written.samples.add(value=each.value, timestamp=time_ms)
    data: bytes = request.SerializeToString()
    return data


@cache
def messages() -> dict[str, Any]:
    """Return the classes of remote write's messages by name."""
    file = descriptor_pb2.FileDescriptorProto(
        name="gharial/remote_write.proto", package="prometheus", syntax="proto3"
    )
    kinds = descriptor_pb2.FieldDescriptorProto
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for text in fields.split("; "):
            number, field_name, kind = text.split()
            added = message.field.add(name=field_name, number=int(number))
            is_many = kind.startswith("*")
            added.label = kinds.LABEL_REPEATED if is_many else kinds.LABEL_OPTIONAL
            kind = kind.lstrip("*")
            if kind in _FIELDS:
                added.type = kinds.TYPE_MESSAGE
                added.type_name = f".prometheus.{kind}"
            else:
                added.type = kinds.Type.Value(f"TYPE_{kind.upper()}")
    # A pool of its own: others in this process may define messages of the same names.
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(
            pool.FindMessageTypeByName(f"prometheus.{name}")
        )
        for name in _FIELDS
    }


def _put(histogram: ExponentialHistogram, written: Any, time_ms: int) -> None:
    written.count_int = histogram.count
    written.sum = histogram.sum
    written.schema = histogram.scale
    written.zero_threshold = histogram.zero_threshold
    written.zero_count_int = histogram.zero_count
    written.timestamp = time_ms
    for buckets, spans, deltas in (
        (histogram.positive, written.positive_spans, written.positive_deltas),
        (histogram.negative, written.negative_spans, written.negative_deltas),
    ):
        for offset, length in _spans(buckets):
            spans.add(offset=offset, length=length)
        before = 0
        for count in buckets.counts.tolist():
            deltas.append(count - before)
            before = count


def _spans(buckets: Buckets) -> Iterator[tuple[int, int]]:
    """Yield runs of buckets: the gap before each, of the first its number, and length."""
    end = 0
    length = 0
    offset = 0
    for index in buckets.indexes.tolist():
        # Prometheus' number of a bucket is that of its upper bound.
        number = index + 1
        if length and number == end:
            length += 1
        else:
            if length:
                yield offset, length
            offset, length = number - end, 1
        end = number + 1
    if length:
        yield offset, length


def _checked(url: str) -> tuple[str, str, str]:
    try:
        parsed = parse_url(url)
    except urllib3.exceptions.LocationParseError:
        parsed = None
    if parsed is None or parsed.scheme not in ("http", "https") or not parsed.host:
        raise OutputError(
            f"--out prometheus: {url!r} is not a URL of remote write; write for example "
            "'http://localhost:9090/api/v1/write', or listen=HOST:PORT to be scraped"
        )
    bare = parsed._replace(auth=None)
    return bare.url, bare._replace(query=None).url, parsed.host


def _authorization(url: str) -> dict[str, str]:
    auth = parse_url(url).auth
    return {"Authorization": basic_authorization(unquote(auth))} if auth else {}


def _connections(target: Target, url: str, host: str) -> urllib3.PoolManager:
    tls = ssl.TLSVersion.TLSv1_2 if target.tls_1_2 else ssl.TLSVersion.TLSv1_3
    context = urllib3.util.create_urllib3_context(
        cert_reqs=ssl.CERT_REQUIRED if target.verifies else ssl.CERT_NONE,
        ssl_minimum_version=tls,
    )
    if target.verifies:
        context.load_default_certs()
    else:
        # Users who ask for this need no warning at each request.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    if target.certificate is not None:
        try:
            context.load_cert_chain(target.certificate, target.key)
        except OSError as error:
            raise OutputError(
                f"--out prometheus: clientCertificate {target.certificate!r} cannot be "
                f"used: {error.strerror or error}"
            ) from error
    options: dict[str, Any] = {
        "ssl_context": context,
        "cert_reqs": "CERT_REQUIRED" if target.verifies else "CERT_NONE",
    }
    proxy = urllib.request.getproxies().get(url.partition(":")[0])
    if proxy and not urllib.request.proxy_bypass(host):
        return urllib3.ProxyManager(proxy, **options)
    return urllib3.PoolManager(**options)


def _reason(error: Exception) -> str:
    inner: BaseException = error
    if isinstance(inner, urllib3.exceptions.MaxRetryError) and inner.reason:
        inner = inner.reason
    cause = inner.__cause__ or inner.__context__
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    if isinstance(inner, urllib3.exceptions.TimeoutError):
        return "no answer in time"
    return str(inner)


def _hint(status: int) -> str:
    if status in (404, 405):
        return (
            "; is this the path of remote write, and does it take any (Prometheus does "
            "with --web.enable-remote-write-receiver)?"
        )
    if status in (401, 403):
        return "; set username and password, or bearerToken"
    return ""
