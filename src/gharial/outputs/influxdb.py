"""
``--out influxdb``: each single value as a point of InfluxDB 1.x.

The client is ``influxdb``, the one for 1.x. Its successor ``influxdb-client`` speaks the
API of 2.x, which servers before 1.8 do not have, among them the one that Debian packages
(1.6), and it makes no databases there. No more is to come of the old client, as of 1.x;
we use its HTTP side and its quoting, and make the rest of a line once for many points.

Source:
    k6 v2.2, ``internal/output/influxdb``: settings, the field ``value``, tags as fields.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from math import isfinite
from time import sleep
from typing import Final

import numpy as np
from influxdb import InfluxDBClient
from influxdb.exceptions import InfluxDBClientError, InfluxDBServerError
from influxdb.line_protocol import make_line
from numpy.typing import NDArray
from requests.exceptions import RequestException

from gharial.lazy_dataclass import dataclass
from gharial.metrics.batch import Batch
from gharial.metrics.samples import SampleBlock
from gharial.outputs.base import Output, OutputError, RunEnd, RunFacts
from gharial.outputs.influxdb_settings import InfluxSettings, read_settings
from gharial.outputs.line_file import LINES_AT_ONCE, NAP_S
from gharial.outputs.points import points_of
from gharial.outputs.push_clock import PushClock

POINTS_AT_ONCE: Final = 5_000
"""Points of one request, which InfluxDB's makers advise."""

WAITING_MAXIMUM: Final = 200_000
"""Points that wait for the interval at most, 3 MB."""

START_LIMIT_S: Final = 5.0
"""How long the server may take for each answer before the run."""

WRITE_LIMIT_S: Final = 4.0
"""How long it may take for each attempt while the run goes on."""

ATTEMPTS: Final = 2
"""How often a write is tried; the same points once more change nothing."""

UNITS_NS: Final = {
    "n": 1,
    "u": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}


def make(argument: str, environment: Mapping[str, str]) -> Output:
    """
    Return an output that writes to InfluxDB.

    Args:
        argument: ``http://user:password@host:8086/database?precision=ms``.
        environment: ``GHARIAL_INFLUXDB_ADDR`` and others.

    Raises:
        OutputError: If a setting is wrong.

    """
    return InfluxDb(read_settings(argument, environment))


@dataclass(frozen=True, slots=True)
class _Piece:
    fields: str
    times_s: NDArray[np.float64]
    values: NDArray[np.float64]


class InfluxDb:
    """Points of a database, which is made if it is not there."""

    wants_samples = True

    def __init__(self, settings: InfluxSettings) -> None:
        """Take the settings."""
        self._settings = settings
        self._client = _client(settings, START_LIMIT_S, attempts=1)
        self._params = {
            "db": settings.database,
            "precision": settings.precision,
            **({"rp": settings.retention} if settings.retention else {}),
            **({"consistency": settings.consistency} if settings.consistency else {}),
        }
        self._waiting: list[SampleBlock] = []
        self._clock = PushClock(settings.push_interval_s)

    def start(self, run: RunFacts) -> None:
        """
        See that the server answers and takes points.

        Raises:
            OutputError: If it does not.

        """
        self._asked(self._client.ping)
        try:
            self._asked(partial(self._client.create_database, self._settings.database))
        except OutputError:
            # Not everybody may make databases; whether there is one shows below.
            pass
        # Nothing to write: the server says all the same if it would take something.
        self._asked(partial(self._client.write, "", self._params, protocol="line"))
        self._client.close()
        self._client = _client(self._settings, WRITE_LIMIT_S, attempts=ATTEMPTS)

    def write(self, batch: Batch) -> None:
        """Write a batch's values, or keep them until it is time to."""
        self._waiting.extend(points_of(batch))
        count = sum(len(block.values) for block in self._waiting)
        if self._clock.is_due(batch.end_s) or count > WAITING_MAXIMUM:
            self._push()

    def stop(self, end: RunEnd) -> None:
        """Write what is left, and let go of the connections."""
        try:
            self._push()
        finally:
            self._client.close()

    def _push(self) -> None:
        blocks, self._waiting = self._waiting, []
        unit_ns = UNITS_NS[self._settings.precision]
        lines = point_lines(blocks, self._settings.fields, unit_ns)
        under_way: deque[Future[object]] = deque()
        with ThreadPoolExecutor(self._settings.concurrent_writes) as pool:
            for text in _requests(lines):
                if len(under_way) >= self._settings.concurrent_writes:
                    under_way.popleft().result()
                under_way.append(pool.submit(self._write, text))
            for write in under_way:
                write.result()

    def _write(self, text: str) -> None:
        self._asked(partial(self._client.write, text, self._params, protocol="line"))

    def _asked(self, ask: Callable[[], object]) -> None:
        where = f"--out influxdb: {self._settings.address}"
        try:
            ask()
        except InfluxDBClientError as error:
            raise OutputError(
                f"{where} refuses: {_content(error)} (status {error.code})"
            ) from error
        except InfluxDBServerError as error:
            raise OutputError(f"{where} fails: {_content(error)}") from error
        except (RequestException, KeyError) as error:
            raise OutputError(f"{where} does not answer: {_reason(error)}") from error


def point_lines(
    blocks: list[SampleBlock], fields: Mapping[str, str], unit_ns: int = 1
) -> Iterator[list[str]]:
    """
    Yield lines of InfluxDB's line protocol, some at a time.

    Points of one series and time are one point for InfluxDB, the last one. So values that
    came at once get times that are a unit apart, if the unit is a microsecond or less;
    with longer ones, that would be a lie.

    Args:
        blocks: The values.
        fields: Tags that become fields, and those fields' types.
        unit_ns: The unit of times.

    """
    series: dict[str, list[_Piece]] = {}
    for block in blocks:
        # Of metadata what has a field: a tag of it would make a series of each value.
        named = (pair for pair in block.tags.metadata if pair[0] in fields)
        tags = {name: _clean(value) for name, value in (*block.tags, *named)}
        own = {
            name: value
            for name in sorted(fields)
            if (value := _field(tags.pop(name, ""), fields[name])) is not None
        }
        piece = _Piece(
            f",{make_line('m', None, own)[2:]}" if own else "",
            np.array(block.times_s),
            np.array(block.values),
        )
        series.setdefault(make_line(block.metric.name, tags), []).append(piece)
    for head, pieces in series.items():
        yield from _lines_of(head, pieces, unit_ns)


def _lines_of(head: str, pieces: list[_Piece], unit_ns: int) -> Iterator[list[str]]:
    times_s = np.concatenate([piece.times_s for piece in pieces])
    values = np.concatenate([piece.values for piece in pieces])
    sizes = [len(piece.values) for piece in pieces]
    texts = np.repeat(np.arange(len(pieces)), sizes)
    order = np.argsort(times_s, kind="stable")
    seconds = np.floor(times_s[order])
    rest_ns = ((times_s[order] - seconds) * 1e9).astype(np.int64)
    times = (seconds.astype(np.int64) * 1_000_000_000 + rest_ns) // unit_ns
    if unit_ns <= UNITS_NS["u"]:
        places = np.arange(len(times))
        times = np.maximum.accumulate(times - places) + places
    for start in range(0, len(order), LINES_AT_ONCE):
        chosen = order[start : start + LINES_AT_ONCE]
        yield [
            f"{head} value={value!r}{pieces[text].fields} {at}"
            for value, text, at in zip(
                values[chosen].tolist(),
                texts[chosen].tolist(),
                times[start : start + LINES_AT_ONCE].tolist(),
                strict=True,
            )
            if isfinite(value)
        ]


def _requests(lines: Iterator[list[str]]) -> Iterator[str]:
    waiting: list[str] = []
    made = 0
    for some in lines:
        waiting += some
        made += len(some)
        if made >= LINES_AT_ONCE:
            # See NAP_S.
            sleep(NAP_S)
            made = 0
        if len(waiting) >= POINTS_AT_ONCE:
            yield "\n".join(waiting)
            waiting = []
    if waiting:
        yield "\n".join(waiting)


def _field(text: str, kind: str) -> str | int | float | bool | None:
    """Return a tag's value as a field's, None if it is none of that type."""
    if not text:
        return None
    try:
        match kind:
            case "int":
                return int(text)
            case "float":
                return float(text) if isfinite(float(text)) else None
            case "bool":
                return {"true": True, "false": False}.get(text.lower())
    except ValueError:
        return None
    return text


def _clean(text: str) -> str:
    # Neither half a surrogate pair nor a backslash at the end has a place in a line.
    return text.encode("utf-8", "replace").decode().rstrip("\\")


def _client(
    settings: InfluxSettings, limit_s: float, *, attempts: int
) -> InfluxDBClient:
    return InfluxDBClient(
        settings.host,
        settings.port,
        settings.user,
        settings.password,
        settings.database,
        ssl=settings.is_tls,
        verify_ssl=not settings.is_insecure,
        timeout=limit_s,
        retries=attempts,
        path=settings.path,
        pool_size=settings.concurrent_writes,
        proxies={"http": settings.proxy, "https": settings.proxy}
        if settings.proxy
        else None,
    )


def _content(error: InfluxDBClientError | InfluxDBServerError) -> str:
    """Return what the server said; it mostly says it as JSON."""
    content = getattr(error, "content", None) or (error.args[0] if error.args else "")
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    try:
        text = json.loads(text)["error"]
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    return str(text).strip()[:300] or "no reason was given"


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return "the server is not InfluxDB"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        reason = getattr(cause, "reason", None)
        cause = (
            reason
            if isinstance(reason, Exception)
            else cause.__cause__ or cause.__context__
        )
    return str(error) or type(error).__name__
