"""permessage-deflate as we offer it, and the check of the server's answer."""

from gharial.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class DeflateOffer:
    """
    What we offer for permessage-deflate.

    Attributes:
        level: zlib's, 0 to 9. The usual one is k6's: a load generator spends its time
            better than on the last bytes.
        window_bits: The largest window of either side, 8 to 15.
        context_takeover: Whether messages may refer to those before them.

    """

    level: int = 1
    window_bits: int = 15
    context_takeover: bool = True


@dataclass(frozen=True, slots=True)
class DeflateParameters:
    """
    What was agreed on for permessage-deflate (RFC 7692 section 7.1).

    Attributes:
        server_no_context_takeover: Reset our inflater after each message.
        client_no_context_takeover: Reset our deflater after each message.
        server_max_window_bits: Window of the peer's deflater, 8 to 15.
        client_max_window_bits: Window of our deflater, 8 to 15.
        level: Of our deflater; not a part of the agreement.

    """

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int = 15
    client_max_window_bits: int = 15
    level: int = 1


_FLAGS = frozenset(("server_no_context_takeover", "client_no_context_takeover"))
_SIZES = frozenset(("server_max_window_bits", "client_max_window_bits"))


def deflate_offer(offer: DeflateOffer) -> str:
    """Return the element of ``Sec-WebSocket-Extensions`` that makes an offer."""
    parts = ["permessage-deflate"]
    if not offer.context_takeover:
        parts += ["server_no_context_takeover", "client_no_context_takeover"]
    if offer.window_bits < 15:
        parts.append(f"server_max_window_bits={offer.window_bits}")
        parts.append(f"client_max_window_bits={offer.window_bits}")
    else:
        parts.append("client_max_window_bits")
    return "; ".join(parts)


def agreed_deflate(
    header: str, *, offered: DeflateOffer | None
) -> DeflateParameters | None:
    """
    Return what was agreed on, None if messages are not compressed.

    Args:
        header: The answer's ``Sec-WebSocket-Extensions``, its fields joined by commas.
        offered: What we offered; None for nothing.

    Raises:
        ValueError: If the answer is not one to our offer; its text is the cause.

    Source:
        RFC 6455 section 9.1, RFC 7692 sections 5.1 and 7.1.

    """
    elements = [element.strip() for element in header.split(",")]
    elements = [element for element in elements if element]
    if not elements:
        return None
    if len(elements) > 1:
        raise ValueError(
            f"invalid compression negotiation: more than one extension ({header})"
        )
    name, *parameters = (part.strip() for part in elements[0].split(";"))
    if name != "permessage-deflate" or offered is None:
        raise ValueError(f"the extension {name!r} was not offered")
    seen: dict[str, str] = {}
    for parameter in parameters:
        key, separator, value = (part.strip() for part in parameter.partition("="))
        _check_parameter(key, value, has_value=bool(separator), seen=seen)
        seen[key] = value.strip('"')
    _check_answer(offered, seen)
    return DeflateParameters(
        server_no_context_takeover="server_no_context_takeover" in seen,
        # What we offered to do binds us, whether the server repeats it or not.
        client_no_context_takeover="client_no_context_takeover" in seen
        or not offered.context_takeover,
        server_max_window_bits=int(seen.get("server_max_window_bits", "15")),
        client_max_window_bits=min(
            offered.window_bits, int(seen.get("client_max_window_bits", "15"))
        ),
        level=offered.level,
    )


def _check_answer(offered: DeflateOffer, seen: dict[str, str]) -> None:
    """Refuse an answer that takes back what we asked the server for."""
    problem = "invalid compression negotiation"
    if not offered.context_takeover and "server_no_context_takeover" not in seen:
        raise ValueError(f"{problem}: server_no_context_takeover was left out")
    bits = offered.window_bits
    if int(seen.get("server_max_window_bits", "15")) > bits:
        raise ValueError(f"{problem}: server_max_window_bits must be at most {bits}")


def _check_parameter(
    key: str, value: str, *, has_value: bool, seen: dict[str, str]
) -> None:
    problem = "invalid compression negotiation"
    if key in seen:
        raise ValueError(f"{problem}: {key} is given twice")
    if key in _FLAGS:
        if has_value:
            raise ValueError(f"{problem}: {key} has a value")
    elif key in _SIZES:
        text = value[1:-1] if value[:1] == value[-1:] == '"' else value
        if text not in ("8", "9", "10", "11", "12", "13", "14", "15"):
            raise ValueError(f"{problem}: {key} must be 8 to 15, not {value!r}")
    else:
        raise ValueError(f"{problem}: {key!r} is not a parameter")
