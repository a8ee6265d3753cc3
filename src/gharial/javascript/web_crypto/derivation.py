"""
PBKDF2 and HKDF.

Source:
    Web Cryptography, sections "PBKDF2" and "HKDF"; RFC 8018 section 5.2, RFC 5869.
"""

import hashlib
import hmac
from typing import Any

from gharial.javascript.web_crypto.keys import (
    DIGESTS,
    Key,
    Parameters,
    Request,
    WebCryptoError,
    check_usages,
    operation_error,
    unsupported_format,
)


class _Derivation:
    """What a key is derived from: any bytes, which never come out again."""

    def import_key(self, format_name: str, data: Any, request: Request) -> Key:
        """Return what keys can be derived from."""
        if format_name != "raw":
            raise unsupported_format(request.name, format_name)
        check_usages(request.name, request.usages, ("deriveKey", "deriveBits"))
        if request.is_extractable:
            raise WebCryptoError(
                "SyntaxError", f"{request.name}: such a key cannot be extractable"
            )
        return Key("secret", {"name": request.name}, request.usages, False, data)

    def export_key(self, format_name: str, key: Key) -> bytes:
        """Refuse: the standard has no such operation."""
        raise WebCryptoError(
            "NotSupportedError", f"{key.algorithm['name']}: keys cannot be exported"
        )


class Pbkdf2(_Derivation):
    """PBKDF2 with HMAC."""

    def derive(
        self, parameters: Parameters, key: Key, length_bits: int | None
    ) -> bytes:
        """Return so many bits made of a password."""
        size = _size("PBKDF2", length_bits)
        if not parameters["iterations"]:
            raise operation_error("PBKDF2: there must be at least 1 iteration")
        if not size:
            return b""
        hash_name = DIGESTS[parameters["hash"]["name"]]
        return hashlib.pbkdf2_hmac(
            hash_name, key.material, parameters["salt"], parameters["iterations"], size
        )


class Hkdf(_Derivation):
    """HKDF with HMAC."""

    def derive(
        self, parameters: Parameters, key: Key, length_bits: int | None
    ) -> bytes:
        """Return so many bits made of a secret."""
        size = _size("HKDF", length_bits)
        hash_name = DIGESTS[parameters["hash"]["name"]]
        hash_bytes = hashlib.new(hash_name).digest_size
        if size > 255 * hash_bytes:
            raise operation_error(f"HKDF: the length is at most {255 * hash_bytes * 8}")
        secret = hmac.digest(
            parameters["salt"] or bytes(hash_bytes), key.material, hash_name
        )
        made = block = b""
        for number in range(1, -(-size // hash_bytes) + 1):
            block = hmac.digest(
                secret, block + parameters["info"] + bytes((number,)), hash_name
            )
            made += block
        return made[:size]


def _size(name: str, length_bits: int | None) -> int:
    if length_bits is None or length_bits % 8:
        raise operation_error(
            f"{name}: the length must be a multiple of 8 bits, not {length_bits}"
        )
    return length_bits // 8
