"""
Ed25519 and X25519.

Source:
    Web Cryptography, sections "Ed25519" and "X25519"; RFC 8032, RFC 7748, RFC 8037.
"""

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519

from gharial.javascript.web_crypto import jwk as json_keys
from gharial.javascript.web_crypto.elliptic import first_bits, shared_with
from gharial.javascript.web_crypto.key_pairs import KeyPairs
from gharial.javascript.web_crypto.keys import (
    Key,
    Parameters,
    Request,
    check_kind,
    data_error,
    operation_error,
)


class _Edwards(KeyPairs):
    """Keys of Curve25519, the same for both."""

    name = ""
    private_class: Any
    public_class: Any
    jwk_algorithms: tuple[str, ...] = ()

    def new_private(self, request: Request) -> Any:
        """Return a new private key."""
        return self.private_class.generate()

    def from_raw(self, data: bytes, request: Request) -> Any:
        """Return the public key of these bytes."""
        return self._public(data)

    def to_raw(self, material: Any) -> bytes:
        """Return the bytes of a public key."""
        return bytes(material.public_bytes_raw())

    def described(self, material: Any, request: Request) -> Parameters:
        """Return the algorithm: it has a name only."""
        if not isinstance(material, (self.private_class, self.public_class)):
            raise data_error(f"{self.name}: the key is not one of {self.name}")
        return {"name": self.name}

    def _public(self, data: bytes) -> Any:
        try:
            return self.public_class.from_public_bytes(data)
        except ValueError as error:
            raise data_error(f"{self.name}: not a public key: {error}") from None

    def from_jwk(self, jwk: json_keys.Jwk, request: Request) -> Any:
        """Return the key of a JWK."""
        json_keys.check(jwk, request, key_type="OKP", use=self.jwk_use)
        if jwk.get("crv") != self.name:
            raise data_error(
                f"{self.name}: the JWK's crv must be {self.name!r}, not "
                f"{jwk.get('crv')!r}"
            )
        if self.jwk_algorithms and jwk.get("alg") not in (None, *self.jwk_algorithms):
            raise data_error(f"{self.name}: the JWK's alg cannot be {jwk['alg']!r}")
        public = self._public(json_keys.decoded(jwk, "x"))
        if "d" not in jwk:
            return public
        try:
            private = self.private_class.from_private_bytes(json_keys.decoded(jwk, "d"))
        except ValueError as error:
            raise data_error(f"{self.name}: not a private key: {error}") from None
        if private.public_key().public_bytes_raw() != public.public_bytes_raw():
            raise data_error(f"{self.name}: the JWK's x does not belong to its d")
        return private

    def to_jwk(self, key: Key) -> dict[str, Any]:
        """Return the JWK of a key."""
        is_private = key.kind == "private"
        public = key.material.public_key() if is_private else key.material
        members = {
            "kty": "OKP",
            "crv": self.name,
            "x": json_keys.encoded(public.public_bytes_raw()),
        }
        if is_private:
            members["d"] = json_keys.encoded(key.material.private_bytes_raw())
        return json_keys.exported(key, members)


class Ed25519(_Edwards):
    """Ed25519, without context."""

    name = "Ed25519"
    private_class = ed25519.Ed25519PrivateKey
    public_class = ed25519.Ed25519PublicKey
    public_usages = ("verify",)
    private_usages = ("sign",)
    jwk_use = "sig"
    jwk_algorithms = ("Ed25519", "EdDSA")

    def sign(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return the signature of data."""
        check_kind(key, "private")
        return bytes(key.material.sign(data))

    def verify(
        self, parameters: Parameters, key: Key, signature: bytes, data: bytes
    ) -> bool:
        """Return whether a signature is that of the data."""
        check_kind(key, "public")
        try:
            key.material.verify(signature, data)
        except InvalidSignature:
            return False
        return True


class X25519(_Edwards):
    """X25519."""

    name = "X25519"
    private_class = x25519.X25519PrivateKey
    public_class = x25519.X25519PublicKey
    private_usages = ("deriveKey", "deriveBits")
    jwk_use = "enc"

    def derive(
        self, parameters: Parameters, key: Key, length_bits: int | None
    ) -> bytes:
        """Return the first bits of the secret that two keys share."""
        public = shared_with(parameters, key)
        try:
            secret = key.material.exchange(public.material)
        except ValueError:
            raise operation_error(
                "X25519: the public key is one of those that share no secret"
            ) from None
        return first_bits("X25519", secret, length_bits)
