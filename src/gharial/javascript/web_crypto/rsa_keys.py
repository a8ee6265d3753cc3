"""
RSA: RSASSA-PKCS1-v1_5, RSA-PSS and RSA-OAEP.

Source:
    Web Cryptography, the sections of these names; RFC 8017.
"""

from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from gharial.javascript.web_crypto import jwk as json_keys
from gharial.javascript.web_crypto.key_pairs import KeyPairs
from gharial.javascript.web_crypto.keys import (
    Key,
    Parameters,
    Request,
    WebCryptoError,
    check_kind,
    data_error,
    operation_error,
)

# What browsers generate at most, too.
MODULUS_MAXIMUM_BITS = 16384

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "SHA-1": hashes.SHA1,
    "SHA-256": hashes.SHA256,
    "SHA-384": hashes.SHA384,
    "SHA-512": hashes.SHA512,
}
_PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi")


def hash_of(parameters: Parameters) -> hashes.HashAlgorithm:
    """Return the digest that an algorithm, or its parameters, name."""
    return _HASHES[parameters["hash"]["name"]]()


class _Rsa(KeyPairs):
    """Keys of RSA, the same for all three."""

    formats = ("spki", "pkcs8", "jwk")
    public_usages: tuple[str, ...] = ("verify",)
    private_usages: tuple[str, ...] = ("sign",)
    jwk_use = "sig"

    def jwk_algorithm(self, hash_name: str) -> str:
        """Return what JWK calls this algorithm with such a digest."""
        raise NotImplementedError

    def new_private(self, request: Request) -> Any:
        """Return a new private key."""
        size = request.parameters["modulusLength"]
        exponent = int.from_bytes(request.parameters["publicExponent"], "big")
        if size > MODULUS_MAXIMUM_BITS:
            raise operation_error(
                f"{request.name}: the modulusLength is at most {MODULUS_MAXIMUM_BITS}"
            )
        try:
            return rsa.generate_private_key(exponent, size)
        except ValueError as error:
            raise operation_error(f"{request.name}: {error}") from None

    def described(self, material: Any, request: Request) -> Parameters:
        """Return name, digest, and what a key's numbers are like."""
        public = material
        if isinstance(material, rsa.RSAPrivateKey):
            public = material.public_key()
        if not isinstance(public, rsa.RSAPublicKey):
            raise data_error(f"{request.name}: the key is not one of RSA")
        exponent = public.public_numbers().e
        size = (exponent.bit_length() + 7) // 8
        return {
            "name": request.name,
            "modulusLength": public.key_size,
            "publicExponent": list(exponent.to_bytes(size, "big")),
            "hash": {"name": request.parameters["hash"]["name"]},
        }

    def from_jwk(self, jwk: json_keys.Jwk, request: Request) -> Any:
        """Return the key of a JWK."""
        json_keys.check(jwk, request, key_type="RSA", use=self.jwk_use)
        hash_name = request.parameters["hash"]["name"]
        json_keys.check_algorithm(jwk, self.jwk_algorithm(hash_name))
        if "oth" in jwk:
            raise WebCryptoError(
                "NotSupportedError", f"{request.name}: keys have two primes, not more"
            )
        number = json_keys.decoded_number
        public = rsa.RSAPublicNumbers(number(jwk, "e"), number(jwk, "n"))
        try:
            if "d" not in jwk:
                return public.public_key()
            secret, *others = (number(jwk, member) for member in _PRIVATE_MEMBERS)
            prime, other_prime, dp, dq, qi = others
            return rsa.RSAPrivateNumbers(
                prime, other_prime, secret, dp, dq, qi, public
            ).private_key()
        except ValueError as error:
            raise data_error(f"{request.name}: not a key of RSA: {error}") from None

    def to_jwk(self, key: Key) -> dict[str, Any]:
        """Return the JWK of a key."""
        is_private = key.kind == "private"
        numbers = key.material.private_numbers() if is_private else None
        public = numbers.public_numbers if numbers else key.material.public_numbers()
        members = {
            "kty": "RSA",
            "alg": self.jwk_algorithm(key.algorithm["hash"]["name"]),
            "n": json_keys.encoded_number(public.n),
            "e": json_keys.encoded_number(public.e),
        }
        if numbers:
            secrets = {
                "d": numbers.d,
                "p": numbers.p,
                "q": numbers.q,
                "dp": numbers.dmp1,
                "dq": numbers.dmq1,
                "qi": numbers.iqmp,
            }
            members |= {
                name: json_keys.encoded_number(value) for name, value in secrets.items()
            }
        return json_keys.exported(key, members)


class _RsaSignature(_Rsa):
    """What both signatures of RSA have in common."""

    def padding(self, parameters: Parameters, key: Key) -> Any:
        """Return the padding of a signature."""
        raise NotImplementedError

    def sign(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return a signature."""
        check_kind(key, "private")
        try:
            signature: bytes = key.material.sign(
                data, self.padding(parameters, key), hash_of(key.algorithm)
            )
        except (ValueError, OverflowError, UnsupportedAlgorithm) as error:
            raise operation_error(f"{key.algorithm['name']}: {error}") from None
        return signature

    def verify(
        self, parameters: Parameters, key: Key, signature: bytes, data: bytes
    ) -> bool:
        """Return whether a signature is one of the data."""
        check_kind(key, "public")
        try:
            key.material.verify(
                signature, data, self.padding(parameters, key), hash_of(key.algorithm)
            )
        except (InvalidSignature, ValueError, OverflowError):
            return False
        return True


class RsaSsa(_RsaSignature):
    """RSASSA-PKCS1-v1_5."""

    def jwk_algorithm(self, hash_name: str) -> str:
        """Return RS256 and the like."""
        return f"RS{hash_name.removeprefix('SHA-')}"

    def padding(self, parameters: Parameters, key: Key) -> Any:
        """Return the padding of PKCS #1 version 1.5."""
        return padding.PKCS1v15()


class RsaPss(_RsaSignature):
    """RSA-PSS."""

    def jwk_algorithm(self, hash_name: str) -> str:
        """Return PS256 and the like."""
        return f"PS{hash_name.removeprefix('SHA-')}"

    def padding(self, parameters: Parameters, key: Key) -> Any:
        """Return the padding, with a salt of the length that the script gives."""
        return padding.PSS(
            padding.MGF1(hash_of(key.algorithm)), parameters["saltLength"]
        )


class RsaOaep(_Rsa):
    """RSA-OAEP."""

    public_usages = ("encrypt", "wrapKey")
    private_usages = ("decrypt", "unwrapKey")
    jwk_use = "enc"

    def jwk_algorithm(self, hash_name: str) -> str:
        """Return RSA-OAEP-256 and the like; with SHA-1 there is no number."""
        number = hash_name.removeprefix("SHA-")
        return "RSA-OAEP" if number == "1" else f"RSA-OAEP-{number}"

    def encrypt(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return the ciphertext."""
        check_kind(key, "public")
        try:
            ciphertext: bytes = key.material.encrypt(data, _oaep(parameters, key))
        except ValueError as error:
            raise operation_error(f"RSA-OAEP: {error}") from None
        return ciphertext

    def decrypt(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return the plaintext."""
        check_kind(key, "private")
        try:
            plaintext: bytes = key.material.decrypt(data, _oaep(parameters, key))
        except ValueError:
            raise operation_error("RSA-OAEP: the data cannot be decrypted") from None
        return plaintext


def _oaep(parameters: Parameters, key: Key) -> Any:
    chosen = hash_of(key.algorithm)
    return padding.OAEP(padding.MGF1(chosen), chosen, parameters.get("label"))
