"""
AES: modes CTR, CBC and GCM, and key wrap.

Source:
    Web Cryptography, sections "AES-CTR", "AES-CBC", "AES-GCM" and "AES-KW"; NIST SP
    800-38A and 800-38D, RFC 3394.
"""

import os
from typing import Any

from Crypto.Cipher import AES as OTHER_AES
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import keywrap, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gharial.javascript.web_crypto import jwk as json_keys
from gharial.javascript.web_crypto.keys import (
    Key,
    Parameters,
    Request,
    check_usages,
    data_error,
    operation_error,
)
from gharial.javascript.web_crypto.secret_keys import SecretKeys

BLOCK_BYTES = 16
LENGTHS_BITS = (128, 192, 256)
_TAG_LENGTHS_BITS = (32, 64, 96, 104, 112, 120, 128)
# For others of GCM, which the standard allows, the package cryptography has no way.
_USUAL_NONCE_BYTES = range(8, 129)


class _Aes(SecretKeys):
    """Keys of AES, the same for all modes."""

    usages: tuple[str, ...] = ("encrypt", "decrypt", "wrapKey", "unwrapKey")
    jwk_use = "enc"

    def generate(self, request: Request) -> Key:
        """Return a random key."""
        check_usages(request.name, request.usages, self.usages)
        length_bits = request.parameters["length"]
        if length_bits not in LENGTHS_BITS:
            raise operation_error(
                f"{request.name}: the length must be 128, 192 or 256 bits, not "
                f"{length_bits}"
            )
        return self._key(request, os.urandom(length_bits // 8))

    def import_key(self, format_name: str, data: Any, request: Request) -> Key:
        """Return a key that is given as its bytes, or as JWK."""
        material = self.imported_bytes(format_name, data, request)
        if len(material) * 8 not in LENGTHS_BITS:
            raise data_error(
                f"{request.name}: a key has 16, 24 or 32 bytes, not {len(material)}"
            )
        key = self._key(request, material)
        if format_name == "jwk":
            json_keys.check_algorithm(data, self.jwk_algorithm(key.algorithm))
        return key

    def jwk_algorithm(self, algorithm: Parameters) -> str:
        """Return A128CBC and the like."""
        mode = str(algorithm["name"]).removeprefix("AES-")
        return f"A{algorithm['length']}{mode}"

    def _key(self, request: Request, material: bytes) -> Key:
        algorithm = {"name": request.name, "length": len(material) * 8}
        return Key(
            "secret", algorithm, request.usages, request.is_extractable, material
        )


class AesCbc(_Aes):
    """AES-CBC with the padding of PKCS #7."""

    def encrypt(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return the ciphertext, a block longer at most."""
        padder = padding.PKCS7(BLOCK_BYTES * 8).padder()
        encryptor = _cbc(parameters, key).encryptor()
        padded = padder.update(data) + padder.finalize()
        return bytes(encryptor.update(padded) + encryptor.finalize())

    def decrypt(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return the plaintext."""
        decryptor = _cbc(parameters, key).decryptor()
        unpadder = padding.PKCS7(BLOCK_BYTES * 8).unpadder()
        try:
            padded = decryptor.update(data) + decryptor.finalize()
            return bytes(unpadder.update(padded) + unpadder.finalize())
        except ValueError:
            raise operation_error("AES-CBC: the data cannot be decrypted") from None


class AesCtr(_Aes):
    """AES-CTR, whose counter is the last bits of a block."""

    def encrypt(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return the ciphertext, of the same size."""
        counter, length_bits = parameters["counter"], parameters["length"]
        if len(counter) != BLOCK_BYTES:
            raise operation_error(
                f"AES-CTR: the counter must have 16 bytes, not {len(counter)}"
            )
        if not 1 <= length_bits <= 128:
            raise operation_error(
                f"AES-CTR: the length must be 1 to 128 bits, not {length_bits}"
            )
        values = 1 << length_bits
        if -(-len(data) // BLOCK_BYTES) > values:
            raise operation_error(
                f"AES-CTR: a counter of {length_bits} bits is too short for so much data"
            )
        start = int.from_bytes(counter, "big")
        # Past its own end the counter begins at zero, and does not carry over into what
        # stands before it, as the cipher below would.
        before_wrap_bytes = (values - start % values) * BLOCK_BYTES
        wrapped = (start - start % values).to_bytes(BLOCK_BYTES, "big")
        first, rest = data[:before_wrap_bytes], data[before_wrap_bytes:]
        return _ctr(key, counter, first) + (_ctr(key, wrapped, rest) if rest else b"")

    decrypt = encrypt


class AesGcm(_Aes):
    """AES-GCM, whose tag follows the ciphertext."""

    def encrypt(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return the ciphertext and the tag."""
        nonce, additional, tag_bytes = _gcm(parameters)
        if len(nonce) not in _USUAL_NONCE_BYTES:
            other = OTHER_AES.new(key.material, OTHER_AES.MODE_GCM, nonce)
            other.update(additional)
            ciphertext, tag = other.encrypt_and_digest(data)
            return ciphertext + tag[:tag_bytes]
        encryptor = Cipher(algorithms.AES(key.material), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(additional)
        ciphertext = encryptor.update(data) + encryptor.finalize()
        return ciphertext + encryptor.tag[:tag_bytes]

    def decrypt(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return the plaintext, if the tag is right."""
        nonce, additional, tag_bytes = _gcm(parameters)
        if len(data) < tag_bytes:
            raise operation_error("AES-GCM: the data is shorter than its tag")
        ciphertext, tag = data[:-tag_bytes], data[-tag_bytes:]
        try:
            if len(nonce) not in _USUAL_NONCE_BYTES:
                other = OTHER_AES.new(
                    key.material, OTHER_AES.MODE_GCM, nonce, mac_len=tag_bytes
                )
                other.update(additional)
                return other.decrypt_and_verify(ciphertext, tag)
            mode = modes.GCM(nonce, tag, min_tag_length=tag_bytes)
            decryptor = Cipher(algorithms.AES(key.material), mode).decryptor()
            decryptor.authenticate_additional_data(additional)
            return decryptor.update(ciphertext) + decryptor.finalize()
        except (InvalidTag, ValueError):
            raise operation_error("AES-GCM: the data cannot be decrypted") from None


class AesKw(_Aes):
    """AES-KW, which takes keys only."""

    usages = ("wrapKey", "unwrapKey")

    def encrypt(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return a key wrapped."""
        try:
            return keywrap.aes_key_wrap(key.material, data)
        except ValueError:
            raise operation_error(
                "AES-KW: what is wrapped must be a multiple of 8 bytes, at least 16, not "
                f"{len(data)}"
            ) from None

    def decrypt(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return a key unwrapped."""
        try:
            return keywrap.aes_key_unwrap(key.material, data)
        except (ValueError, keywrap.InvalidUnwrap):
            raise operation_error("AES-KW: the data cannot be unwrapped") from None


def _cbc(parameters: Parameters, key: Key) -> Any:
    vector = parameters["iv"]
    if len(vector) != BLOCK_BYTES:
        raise operation_error(f"AES-CBC: the iv must have 16 bytes, not {len(vector)}")
    return Cipher(algorithms.AES(key.material), modes.CBC(vector))


def _ctr(key: Key, counter: bytes, data: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key.material), modes.CTR(counter)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def _gcm(parameters: Parameters) -> tuple[bytes, bytes, int]:
    """Return nonce, additional data and the bytes of the tag."""
    length_bits = parameters.get("tagLength", 128)
    if length_bits not in _TAG_LENGTHS_BITS:
        raise operation_error(
            "AES-GCM: the tagLength must be one of "
            f"{', '.join(map(str, _TAG_LENGTHS_BITS))} bits, not {length_bits}"
        )
    if not parameters["iv"]:
        raise operation_error("AES-GCM: the iv must not be empty")
    return parameters["iv"], parameters.get("additionalData", b""), length_bits // 8
