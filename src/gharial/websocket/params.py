"""The parameters of a socket that the standard does not know: k6's third argument."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gharial.errors import did_you_mean
from gharial.lenses.catalog import check_name
from gharial.net.settings import Limits, SocketTls
from gharial.timing import DurationError, parse_duration
from gharial.websocket.extensions import DeflateOffer

# Those that go into an `OpeningRequest`, by the names that scripts write.
OPENING = (
    *("compression", "tls", "proxy", "localAddress", "limits", "redirects"),
    "lens",
)
KNOWN = ("headers", "tags", "jar", *OPENING)
_TLS = ("cert", "key", "password", "ca", "sni", "verify")
_COMPRESSION = ("level", "windowBits", "contextTakeover")
_WAITS = {
    "dialTimeout": "dial_timeout_s",
    "tlsTimeout": "tls_timeout_s",
    "handshakeTimeout": "handshake_timeout_s",
    "closeTimeout": "close_timeout_s",
}
_COUNTS = {"maxMessageSize": "max_message_size_bytes"}
REDIRECTS_MAXIMUM = 20


def read_params(
    params: Mapping[str, Any] | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """
    Return all parameters by k6's names; None for what was not given.

    Args:
        params: A mapping of any of them, in k6's spelling or in snake case.
        given: The same as single arguments, which win; None for what was not given.

    Raises:
        TypeError: For a name that is not known, or a wrong value.

    """
    read: dict[str, Any] = dict.fromkeys(KNOWN)
    for source in (params or {}, given):
        for name, value in source.items():
            if value is not None:
                read[_known(name, KNOWN, "WebSocket parameter")] = value
    read["headers"] = dict(read["headers"] or {})
    tags = {}
    for name, value in (read["tags"] or {}).items():
        if not isinstance(value, (str, int, float)):
            raise TypeError(f"the tag {name!r} must be a string, a number or a boolean")
        tags[name] = str(value).lower() if isinstance(value, bool) else str(value)
    read["tags"] = tags
    return read


def opening_params(read: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """
    Return the fields of an `OpeningRequest` that the parameters set.

    Args:
        read: Parameters by k6's names; None for what was not given.
        limits: Those of the run, of which a socket may change some.

    Raises:
        TypeError: For a name that is not known, or a wrong value.

    """
    fields: dict[str, Any] = {"deflate": _deflate(read.get("compression"))}
    if read.get("tls") is not None:
        fields["tls"] = _tls(read["tls"])
    if read.get("proxy") is not None:
        fields["proxy"] = _text("proxy", read["proxy"])
    if read.get("localAddress") is not None:
        fields["local_address"] = _text("localAddress", read["localAddress"])
    if read.get("limits") is not None:
        fields["limits"] = _limits(read["limits"], limits)
    if read.get("redirects") is not None:
        fields["redirects"] = _whole(
            "redirects", read["redirects"], 0, REDIRECTS_MAXIMUM
        )
    if read.get("lens") is not None:
        fields["lens"] = _lens(read["lens"])
    return fields


def _lens(given: Any) -> str:
    name = _text("lens", given)
    try:
        check_name(name)
    except ValueError as error:
        raise TypeError(f"lens: {error}") from None
    return name


def _deflate(given: Any) -> DeflateOffer | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        if str(given).strip() == "deflate":
            return DeflateOffer()
        raise TypeError(
            f"unsupported compression algorithm {given!r}; use 'deflate', or "
            "{level, windowBits, contextTakeover}"
        )
    fields: dict[str, Any] = {}
    for name, value in given.items():
        match _known(name, _COMPRESSION, "parameter of compression"):
            case "level":
                fields["level"] = _whole("compression.level", value, 0, 9)
            case "windowBits":
                fields["window_bits"] = _whole("compression.windowBits", value, 8, 15)
            case _:
                takeover = _boolean("compression.contextTakeover", value)
                fields["context_takeover"] = takeover
    return DeflateOffer(**fields)


def _tls(given: Any) -> SocketTls:
    if not isinstance(given, Mapping):
        raise TypeError(f"tls must be an object of {', '.join(_TLS)}, not {given!r}")
    read = {
        _known(name, _TLS, "parameter of tls"): each for name, each in given.items()
    }
    if (read.get("cert") is None) != (read.get("key") is None):
        raise TypeError("tls needs cert and key together")
    ca = read.get("ca") or ()
    authorities = (ca,) if isinstance(ca, str) else tuple(ca)
    password = read.get("password")
    return SocketTls(
        certificate=_text("tls.cert", read.get("cert") or ""),
        key=_text("tls.key", read.get("key") or ""),
        password=None if password is None else _text("tls.password", password),
        ca=tuple(_text("tls.ca", each) for each in authorities),
        server_name=_text("tls.sni", read.get("sni") or ""),
        verify=(
            None
            if read.get("verify") is None
            else _boolean("tls.verify", read["verify"])
        ),
    )


def _limits(given: Any, limits: Limits) -> Limits:
    names = (*_WAITS, *_COUNTS)
    if not isinstance(given, Mapping):
        raise TypeError(
            f"limits must be an object of {', '.join(names)}, not {given!r}"
        )
    changes: dict[str, Any] = {}
    for written, value in given.items():
        name = _known(written, names, "limit")
        if name in _COUNTS:
            changes[_COUNTS[name]] = _whole(f"limits.{name}", value, 1, 2**40)
            continue
        try:
            seconds = parse_duration(value)
        except (DurationError, TypeError) as error:
            raise TypeError(f"limits.{name}: {error}") from None
        if seconds <= 0:
            raise TypeError(f"limits.{name} must be more than 0")
        changes[_WAITS[name]] = seconds
    return replace(limits, **changes)


def _known(written: object, known: tuple[str, ...], what: str) -> str:
    folded = str(written).replace("_", "").lower()
    for name in known:
        if name.lower() == folded:
            return name
    raise TypeError(
        f"unknown {what} {written!r}{did_you_mean(str(written), known)} (known are "
        f"{', '.join(known)})"
    )


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, not {value!r}")
    return value


def _boolean(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false, not {value!r}")
    return value


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value % 1:
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if not least <= value <= most:
        raise TypeError(f"{name} must be from {least} to {most}, not {value:g}")
    return int(value)
