"""Where InfluxDB is, and how values become points of it."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from gharial.errors import did_you_mean
from gharial.lazy_dataclass import dataclass
from gharial.outputs.arguments import from_environment
from gharial.outputs.base import OutputError
from gharial.timing import DurationError, parse_duration

DEFAULTS: Final = {
    "addr": "http://localhost:8086",
    "db": "k6",
    "precision": "n",
    "pushInterval": "1s",
    "concurrentWrites": "4",
    "tagsAsFields": "vu:int,iter:int,url",
}

VARIABLES: Final = {
    "ADDR": "addr",
    "DB": "db",
    "USERNAME": "username",
    "PASSWORD": "password",
    "INSECURE": "insecure",
    "PROXY": "proxy",
    "PRECISION": "precision",
    "RETENTION": "retention",
    "CONSISTENCY": "consistency",
    "PUSH_INTERVAL": "pushInterval",
    "CONCURRENT_WRITES": "concurrentWrites",
    "TAGS_AS_FIELDS": "tagsAsFields",
}

IN_URL: Final = (
    *("insecure", "proxy", "precision", "retention", "consistency"),
    *("pushInterval", "concurrentWrites", "tagsAsFields"),
)
"""Settings that may stand after the URL's ``?``."""

PRECISIONS: Final = {
    **{name: name for name in ("n", "u", "ms", "s", "m", "h")},
    "ns": "n",
    "us": "u",
    "µs": "u",
}

CONSISTENCIES: Final = ("any", "one", "quorum", "all")
FIELD_TYPES: Final = ("string", "int", "float", "bool")
WRITES_MAXIMUM: Final = 64


@dataclass(frozen=True, slots=True)
class InfluxSettings:
    """
    All settings, checked.

    Attributes:
        host: The server.
        port: Its port.
        path: What comes before the API's own paths; mostly empty.
        is_tls: Whether to speak HTTPS.
        is_insecure: Whether any certificate will do.
        user: The user's name; None without one.
        password: The user's.
        database: Where to.
        precision: Unit of times: ``n``, ``u``, ``ms``, ``s``, ``m`` or ``h``.
        retention: The retention policy; empty for the database's own.
        consistency: Of a cluster; empty for the server's own.
        proxy: URL of a proxy; empty for what the environment says.
        push_interval_s: How long points wait.
        concurrent_writes: Requests at the same time.
        fields: Tags that become fields, and those fields' types.

    """

    host: str
    port: int
    path: str
    is_tls: bool
    is_insecure: bool
    user: str | None
    password: str | None
    database: str
    precision: str
    retention: str
    consistency: str
    proxy: str
    push_interval_s: float
    concurrent_writes: int
    fields: Mapping[str, str]

    @property
    def address(self) -> str:
        """The server's URL, without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.is_tls else 'http'}://{host}:{self.port}{self.path}"


def read_settings(argument: str, environment: Mapping[str, str]) -> InfluxSettings:
    """
    Return the settings that the URL, the variables and the defaults make.

    Raises:
        OutputError: If one of them is wrong.

    """
    settings = {**DEFAULTS, **from_environment(environment, "INFLUXDB_", VARIABLES)}
    if argument:
        settings["addr"] = argument
    address = settings["addr"]
    url = urlsplit(address if "//" in address else f"http://{address}")
    try:
        port = url.port
    except ValueError:
        raise _bad_url(address) from None
    if url.scheme not in ("http", "https") or not url.hostname:
        raise _bad_url(address)
    for name, value in parse_qsl(url.query, keep_blank_values=True):
        if name not in IN_URL:
            hint = did_you_mean(name, IN_URL) or f"; there are {', '.join(IN_URL)}"
            raise OutputError(f"--out influxdb: there is no setting {name!r}{hint}")
        settings[name] = value
    path, _, database = url.path.rpartition("/")
    user = unquote(url.username) if url.username else settings.get("username")
    password = unquote(url.password) if url.password else settings.get("password")
    return InfluxSettings(
        host=url.hostname,
        port=port or 8086,
        path=path.rstrip("/"),
        is_tls=url.scheme == "https",
        is_insecure=_truth("insecure", settings.get("insecure", "false")),
        user=user,
        # The client sends neither without the other.
        password=(password or "") if user else None,
        database=unquote(database) or settings["db"],
        precision=_one_of("precision", settings["precision"], PRECISIONS),
        retention=settings.get("retention", ""),
        consistency=_consistency(settings.get("consistency", "")),
        proxy=settings.get("proxy", ""),
        push_interval_s=_duration("pushInterval", settings["pushInterval"]),
        concurrent_writes=_writes(settings["concurrentWrites"]),
        fields=_fields(settings["tagsAsFields"]),
    )


def _bad_url(address: str) -> OutputError:
    # A password is not shown.
    shown = f"…@{address.rpartition('@')[2]}" if "@" in address else address
    return OutputError(
        f"--out influxdb: {shown!r} is not a valid URL of a server; write for example "
        "http://user:password@localhost:8086/database"
    )


def _one_of(name: str, text: str, known: Mapping[str, str]) -> str:
    if text not in known:
        raise OutputError(
            f"--out influxdb: there is no {name} {text!r}; there are {', '.join(known)}"
        )
    return known[text]


def _consistency(text: str) -> str:
    return _one_of("consistency", text, {n: n for n in CONSISTENCIES}) if text else ""


def _truth(name: str, text: str) -> bool:
    known = {"true": "1", "1": "1", "false": "", "0": ""}
    return bool(_one_of(name, text.lower(), known))


def _duration(name: str, text: str) -> float:
    try:
        return parse_duration(text)
    except DurationError as error:
        raise OutputError(f"--out influxdb: {name}: {error}") from error


def _writes(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= WRITES_MAXIMUM:
        raise OutputError(
            f"--out influxdb: concurrentWrites {text!r} is not a number from 1 to "
            f"{WRITES_MAXIMUM}"
        )
    return int(text)


def _fields(text: str) -> dict[str, str]:
    fields = {}
    for part in (each.strip() for each in text.split(",") if each.strip()):
        name, _, kind = part.partition(":")
        fields[name] = _one_of(
            "type of a field", kind or "string", {n: n for n in FIELD_TYPES}
        )
    return fields
