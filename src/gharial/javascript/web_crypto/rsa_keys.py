"""
RSA: RSASSA-PKCS1-v1_5, RSA-PSS and RSA-OAEP.

Source:
    Web Cryptography, the sections of these names; RFC 8017.
"""

from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from gharial.javascript.web_crypto import der
from gharial.javascript.web_crypto import jwk as json_keys
from gharial.javascript.web_crypto.keys import (
    Key,
    KeyPair,
    Parameters,
    Request,
    WebCryptoError,
    check_kind,
    check_usages,
    data_error,
    operation_error,
    pair,
    unsupported_format,
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


class _Rsa:
    """Keys of RSA, the same for all three."""

    public_usages: tuple[str, ...] = ("verify",)
    private_usages: tuple[str, ...] = ("sign",)
    jwk_use = "sig"

    def jwk_algorithm(self, hash_name: str) -> str:
        """Return what JWK calls this algorithm with such a digest."""
        raise NotImplementedError

    def generate(self, request: Request) -> KeyPair:
        """Return a new pair."""
        check_usages(
            request.name, request.usages, (*self.private_usages, *self.public_usages)
        )
        size = request.parameters["modulusLength"]
        exponent = int.from_bytes(request.parameters["publicExponent"], "big")
        if size > MODULUS_MAXIMUM_BITS:
            raise operation_error(
                f"{request.name}: the modulusLength is at most {MODULUS_MAXIMUM_BITS}"
            )
        try:
            private = rsa.generate_private_key(exponent, size)
        except ValueError as error:
            raise operation_error(f"{request.name}: {error}") from None
        usages = (self.public_usages, self.private_usages)
        return pair(request, _described(request, private.public_key()), private, usages)

    def import_key(self, format_name: str, data: Any, request: Request) -> Key:
        """Return a key that is given in spki, pkcs8 or JWK."""
        if format_name not in ("spki", "pkcs8", "jwk"):
            raise unsupported_format(request.name, format_name)
        is_private = format_name == "pkcs8" or (format_name == "jwk" and "d" in data)
        allowed = self.private_usages if is_private else self.public_usages
        check_usages(request.name, request.usages, allowed)
        if format_name == "jwk":
            material = self._from_jwk(data, request)
        else:
            material = (der.load_private if is_private else der.load_public)(data)
        if not isinstance(material, (rsa.RSAPrivateKey, rsa.RSAPublicKey)):
            raise data_error(f"{request.name}: the key is not one of RSA")
        public = (
            material.public_key()
            if isinstance(material, rsa.RSAPrivateKey)
            else material
        )
        return Key(
            "private" if is_private else "public",
            _described(request, public),
            request.usages,
            request.is_extractable,
            material,
        )

    def export_key(self, format_name: str, key: Key) -> bytes | dict[str, Any]:
        """Return a key in spki, pkcs8 or JWK."""
        match format_name:
            case "spki":
                return der.spki(key)
            case "pkcs8":
                return der.pkcs8(key)
            case "jwk":
                return self._to_jwk(key)
        raise unsupported_format(str(key.algorithm["name"]), format_name)

    def _from_jwk(self, jwk: json_keys.Jwk, request: Request) -> Any:
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

    def _to_jwk(self, key: Key) -> dict[str, Any]:
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


def _described(request: Request, public: rsa.RSAPublicKey) -> dict[str, Any]:
    exponent = public.public_numbers().e
    size = (exponent.bit_length() + 7) // 8
    return {
        "name": request.name,
        "modulusLength": public.key_size,
        "publicExponent": list(exponent.to_bytes(size, "big")),
        "hash": {"name": request.parameters["hash"]["name"]},
    }
