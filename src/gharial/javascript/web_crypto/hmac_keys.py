"""
HMAC, and plain digests.

Source:
    Web Cryptography, sections "HMAC" and "SHA"; RFC 2104.
"""

import hashlib
import hmac
import os
from typing import Any

from gharial.javascript.web_crypto import jwk as json_keys
from gharial.javascript.web_crypto.keys import (
    DIGESTS,
    Key,
    Parameters,
    Request,
    check_usages,
    data_error,
    operation_error,
)
from gharial.javascript.web_crypto.secret_keys import SecretKeys

# A generated key may have so many bits at most; more than a block makes none safer.
LENGTH_MAXIMUM_BITS = 8 * 1024 * 1024


def digest(name: str, data: bytes) -> bytes:
    """Return the digest of data."""
    return hashlib.new(DIGESTS[name], data, usedforsecurity=False).digest()


def block_bits(name: str) -> int:
    """Return the size of a digest's blocks, which is the usual length of a key."""
    return hashlib.new(DIGESTS[name], usedforsecurity=False).block_size * 8


class Hmac(SecretKeys):
    """HMAC with one of the digests."""

    usages = ("sign", "verify")
    jwk_use = "sig"

    def generate(self, request: Request) -> Key:
        """Return a random key: as long as a block, unless a length is given."""
        check_usages(request.name, request.usages, self.usages)
        length_bits = request.parameters.get("length")
        if length_bits is None:
            length_bits = block_bits(request.parameters["hash"]["name"])
        if not 0 < length_bits <= LENGTH_MAXIMUM_BITS:
            raise operation_error(
                f"HMAC: the length must be 1 to {LENGTH_MAXIMUM_BITS} bits, not "
                f"{length_bits}"
            )
        return _key(request, os.urandom((length_bits + 7) // 8), length_bits)

    def import_key(self, format_name: str, data: Any, request: Request) -> Key:
        """Return a key that is given as its bytes, or as JWK."""
        material = self.imported_bytes(format_name, data, request)
        if format_name == "jwk":
            json_keys.check_algorithm(data, self.jwk_algorithm(request.parameters))
        length_bits = len(material) * 8
        if not length_bits:
            raise data_error("HMAC: the key is empty")
        wanted_bits = request.parameters.get("length", length_bits)
        if not length_bits - 8 < wanted_bits <= length_bits:
            raise data_error(
                f"HMAC: the length of {wanted_bits} bits does not fit a key of "
                f"{len(material)} bytes"
            )
        return _key(request, material, wanted_bits)

    def jwk_algorithm(self, algorithm: Parameters) -> str:
        """Return HS256 and the like."""
        return f"HS{algorithm['hash']['name'].removeprefix('SHA-')}"

    def sign(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return the HMAC of data."""
        return hmac.digest(key.material, data, DIGESTS[key.algorithm["hash"]["name"]])

    def verify(
        self, parameters: Parameters, key: Key, signature: bytes, data: bytes
    ) -> bool:
        """Return whether the HMAC is that of the data."""
        return hmac.compare_digest(self.sign(parameters, key, data), signature)


def _key(request: Request, material: bytes, length_bits: int) -> Key:
    unused_bits = -length_bits % 8
    if unused_bits:
        last = material[-1] >> unused_bits << unused_bits
        material = material[:-1] + bytes((last,))
    algorithm = {
        "name": request.name,
        "hash": {"name": request.parameters["hash"]["name"]},
        "length": length_bits,
    }
    return Key("secret", algorithm, request.usages, request.is_extractable, material)
