"""
Keys as JSON.

Source:
    RFC 7517 (JWK), RFC 7518 section 6 (members), RFC 8037 (Ed25519, X25519), and Web
    Cryptography's own checks of them.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from gharial.javascript.web_crypto.keys import Key, Request, data_error
from gharial.lazy_pattern import lazy_pattern

Jwk = Mapping[str, Any]

_BASE64URL = lazy_pattern(r"[A-Za-z0-9_-]*")


def encoded(data: bytes) -> str:
    """Return bytes in base64url, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encoded_number(number: int, size: int | None = None) -> str:
    """Return a number in base64url: so many bytes, or as few as hold it."""
    size = size or max(1, (number.bit_length() + 7) // 8)
    return encoded(number.to_bytes(size, "big"))


def decoded(jwk: Jwk, member: str) -> bytes:
    """
    Return the bytes of a member.

    Raises:
        WebCryptoError: If it is missing, or not base64url.

    """
    text = jwk.get(member)
    if text is None:
        raise data_error(f"the JWK has no member {member!r}")
    if not _BASE64URL.fullmatch(text):
        raise data_error(f"the JWK's member {member!r} is not base64url")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise data_error(f"the JWK's member {member!r} is not base64url") from None


def decoded_number(jwk: Jwk, member: str) -> int:
    """Return the number of a member."""
    return int.from_bytes(decoded(jwk, member), "big")


def check(jwk: Jwk, request: Request, *, key_type: str, use: str) -> None:
    """
    Check what a JWK says of its own use against what the script wants.

    Args:
        jwk: The key.
        request: What the script wants.
        key_type: What its ``kty`` must be.
        use: What its ``use`` must be, if it has one: ``enc`` or ``sig``.

    """
    if jwk.get("kty") != key_type:
        raise data_error(
            f"{request.name}: the JWK's kty must be {key_type!r}, not {jwk.get('kty')!r}"
        )
    if request.usages and jwk.get("use", use) != use:
        raise data_error(
            f"{request.name}: the JWK's use must be {use!r}, not {jwk['use']!r}"
        )
    operations = jwk.get("key_ops")
    if operations is not None:
        if len(set(operations)) < len(operations):
            raise data_error("the JWK's key_ops has an entry twice")
        missing = [usage for usage in request.usages if usage not in operations]
        if missing:
            raise data_error(f"the JWK's key_ops has no {', '.join(missing)}")
    if jwk.get("ext") is False and request.is_extractable:
        raise data_error("the JWK may not be extractable: its ext is false")


def check_algorithm(jwk: Jwk, expected: str) -> None:
    """Check that a JWK that names its algorithm names this one."""
    if jwk.get("alg", expected) != expected:
        raise data_error(f"the JWK's alg must be {expected!r}, not {jwk['alg']!r}")


def exported(key: Key, members: Jwk) -> dict[str, Any]:
    """Return a JWK of these members and what every JWK has."""
    return {**members, "key_ops": list(key.usages), "ext": key.is_extractable}
