"""
Keys in the formats ``spki`` and ``pkcs8``.

The package cryptography also takes keys of older formats, which the standard refuses.
"""

from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from gharial.javascript.web_crypto.keys import Key, check_kind, data_error

_INTEGER = 0x02
_SEQUENCE = 0x30


def load_public(data: bytes) -> Any:
    """Return the public key of a SubjectPublicKeyInfo (RFC 5280, section 4.1)."""
    content = _sequence(data)
    if content[:1] != bytes((_SEQUENCE,)):
        raise data_error("the data is not a key in the format spki")
    try:
        return serialization.load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise data_error(f"the data is not a key in the format spki: {error}") from None


def load_private(data: bytes) -> Any:
    """Return the private key of a PrivateKeyInfo (RFC 5208, section 5)."""
    content = _sequence(data)
    # Version, then an algorithm: RSA's and elliptic curves' own formats have none.
    version_size = 2 + content[1] if content[:1] == bytes((_INTEGER,)) else len(content)
    if content[version_size : version_size + 1] != bytes((_SEQUENCE,)):
        raise data_error("the data is not a key in the format pkcs8")
    try:
        return serialization.load_der_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise data_error(
            f"the data is not a key in the format pkcs8: {error}"
        ) from None


def spki(key: Key) -> bytes:
    """Return a public key as SubjectPublicKeyInfo."""
    check_kind(key, "public")
    data: bytes = key.material.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return data


def pkcs8(key: Key) -> bytes:
    """Return a private key as PrivateKeyInfo."""
    check_kind(key, "private")
    data: bytes = key.material.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return data


def _sequence(data: bytes) -> bytes:
    """Return what follows the head of a sequence in DER; nothing if it is none."""
    if len(data) < 4 or data[0] != _SEQUENCE:
        return b""
    long_form_bytes = data[1] & 0x7F if data[1] & 0x80 else 0
    return data[2 + long_form_bytes :]
