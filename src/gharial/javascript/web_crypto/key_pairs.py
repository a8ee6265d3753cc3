"""What algorithms whose keys come in pairs have in common: how keys come and go."""

from typing import Any

from gharial.javascript.web_crypto import der
from gharial.javascript.web_crypto.jwk import Jwk
from gharial.javascript.web_crypto.keys import (
    Key,
    KeyPair,
    Parameters,
    Request,
    check_kind,
    check_usages,
    pair,
    unsupported_format,
)


class KeyPairs:
    """
    Keys in pairs. Who inherits makes the material: objects of the package cryptography.

    Attributes:
        formats: Those that keys can have.
        public_usages: What a public key may be used for.
        private_usages: What a private one may be used for.
        jwk_use: What a JWK says that such keys are for: ``sig`` or ``enc``.

    """

    formats: tuple[str, ...] = ("raw", "spki", "pkcs8", "jwk")
    public_usages: tuple[str, ...] = ()
    private_usages: tuple[str, ...] = ()
    jwk_use = ""

    def check_request(self, request: Request) -> None:
        """Return if there can be keys with such parameters."""

    def new_private(self, request: Request) -> Any:
        """Return the material of a new private key."""
        raise NotImplementedError

    def from_raw(self, data: bytes, request: Request) -> Any:
        """Return the material of a public key that is given as its bytes."""
        raise NotImplementedError

    def from_jwk(self, jwk: Jwk, request: Request) -> Any:
        """Return the material of a key that is given as JWK."""
        raise NotImplementedError

    def to_raw(self, material: Any) -> bytes:
        """Return the bytes of a public key."""
        raise NotImplementedError

    def to_jwk(self, key: Key) -> dict[str, Any]:
        """Return the JWK of a key."""
        raise NotImplementedError

    def described(self, material: Any, request: Request) -> Parameters:
        """
        Return the algorithm of a key, as a script sees it.

        Raises:
            WebCryptoError: If the material is of another kind than the request.

        """
        raise NotImplementedError

    def generate(self, request: Request) -> KeyPair:
        """Return a new pair."""
        of_public, of_private = self.public_usages, self.private_usages
        check_usages(request.name, request.usages, (*of_private, *of_public))
        self.check_request(request)
        private = self.new_private(request)
        algorithm = self.described(private, request)
        return pair(request, algorithm, private, (of_public, of_private))

    def import_key(self, format_name: str, data: Any, request: Request) -> Key:
        """Return a key that is given in one of the formats."""
        if format_name not in self.formats:
            raise unsupported_format(request.name, format_name)
        is_private = format_name == "pkcs8" or (format_name == "jwk" and "d" in data)
        allowed = self.private_usages if is_private else self.public_usages
        check_usages(request.name, request.usages, allowed)
        self.check_request(request)
        match format_name:
            case "raw":
                material = self.from_raw(data, request)
            case "spki":
                material = der.load_public(data)
            case "pkcs8":
                material = der.load_private(data)
            case _:
                material = self.from_jwk(data, request)
        return Key(
            "private" if is_private else "public",
            self.described(material, request),
            request.usages,
            request.is_extractable,
            material,
        )

    def export_key(self, format_name: str, key: Key) -> bytes | dict[str, Any]:
        """Return a key in one of the formats."""
        if format_name not in self.formats:
            raise unsupported_format(str(key.algorithm["name"]), format_name)
        match format_name:
            case "raw":
                check_kind(key, "public")
                return self.to_raw(key.material)
            case "spki":
                return der.spki(key)
            case "pkcs8":
                return der.pkcs8(key)
            case _:
                return self.to_jwk(key)
