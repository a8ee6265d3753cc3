"""
ECDSA and ECDH over the curves of NIST.

Source:
    Web Cryptography, sections "ECDSA" and "ECDH"; FIPS 186-5, RFC 6090.
"""

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

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
from gharial.javascript.web_crypto.rsa_keys import hash_of

_CURVES: dict[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
}
_JWK_ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}


class _Elliptic(KeyPairs):
    """Keys of elliptic curves, the same for both."""

    def check_request(self, request: Request) -> None:
        """Return if there is such a curve."""
        _curve(request)

    def new_private(self, request: Request) -> Any:
        """Return a new private key."""
        return ec.generate_private_key(_curve(request))

    def from_raw(self, data: bytes, request: Request) -> Any:
        """Return the public key that is a point."""
        try:
            return ec.EllipticCurvePublicKey.from_encoded_point(_curve(request), data)
        except ValueError as error:
            raise data_error(
                f"{request.name}: not a point of the curve: {error}"
            ) from None

    def to_raw(self, material: Any) -> bytes:
        """Return the point that a public key is."""
        return bytes(
            material.public_bytes(
                serialization.Encoding.X962,
                serialization.PublicFormat.UncompressedPoint,
            )
        )

    def to_jwk(self, key: Key) -> dict[str, Any]:
        """Return the JWK of a key."""
        return _to_jwk(key)

    def described(self, material: Any, request: Request) -> Parameters:
        """Return name and curve."""
        kinds = (ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey)
        curve_name = request.parameters["namedCurve"]
        wanted = _curve(request).name
        if not isinstance(material, kinds) or material.curve.name != wanted:
            raise data_error(f"{request.name}: the key is not one of {curve_name}")
        return {"name": request.name, "namedCurve": curve_name}

    def check_jwk_algorithm(self, jwk: json_keys.Jwk, curve_name: str) -> None:
        """Check what a JWK says that its algorithm is: anything, where none is fixed."""

    def from_jwk(self, jwk: json_keys.Jwk, request: Request) -> Any:
        """Return the key of a JWK."""
        json_keys.check(jwk, request, key_type="EC", use=self.jwk_use)
        curve_name = request.parameters["namedCurve"]
        if jwk.get("crv") != curve_name:
            raise data_error(
                f"{request.name}: the JWK's crv must be {curve_name!r}, not "
                f"{jwk.get('crv')!r}"
            )
        self.check_jwk_algorithm(jwk, curve_name)
        curve = _CURVES[curve_name]
        size = _size(curve)
        for member in ("x", "y", "d"):
            if member in jwk and len(json_keys.decoded(jwk, member)) != size:
                raise data_error(
                    f"{request.name}: the JWK's {member} must have {size} bytes"
                )
        number = json_keys.decoded_number
        public = ec.EllipticCurvePublicNumbers(
            number(jwk, "x"), number(jwk, "y"), curve
        )
        try:
            if "d" not in jwk:
                return public.public_key()
            return ec.EllipticCurvePrivateNumbers(
                number(jwk, "d"), public
            ).private_key()
        except ValueError as error:
            raise data_error(
                f"{request.name}: not a key of {curve_name}: {error}"
            ) from None


class Ecdsa(_Elliptic):
    """ECDSA, whose signatures are two numbers of fixed size."""

    public_usages = ("verify",)
    private_usages = ("sign",)
    jwk_use = "sig"

    def check_jwk_algorithm(self, jwk: json_keys.Jwk, curve_name: str) -> None:
        """Check that a JWK that names its algorithm names the one of its curve."""
        json_keys.check_algorithm(jwk, _JWK_ALGORITHMS[curve_name])

    def sign(self, parameters: Parameters, key: Key, data: bytes) -> bytes:
        """Return a signature."""
        check_kind(key, "private")
        signature = key.material.sign(data, ec.ECDSA(hash_of(parameters)))
        size = _size(key.material.curve)
        return b"".join(
            number.to_bytes(size, "big") for number in decode_dss_signature(signature)
        )

    def verify(
        self, parameters: Parameters, key: Key, signature: bytes, data: bytes
    ) -> bool:
        """Return whether a signature is one of the data."""
        check_kind(key, "public")
        size = _size(key.material.curve)
        if len(signature) != 2 * size:
            return False
        numbers = (signature[:size], signature[size:])
        encoded = encode_dss_signature(*(int.from_bytes(one, "big") for one in numbers))
        try:
            key.material.verify(encoded, data, ec.ECDSA(hash_of(parameters)))
        except InvalidSignature:
            return False
        return True


class Ecdh(_Elliptic):
    """ECDH."""

    private_usages = ("deriveKey", "deriveBits")
    jwk_use = "enc"

    def derive(
        self, parameters: Parameters, key: Key, length_bits: int | None
    ) -> bytes:
        """Return the first bits of the secret that two keys share."""
        public = shared_with(parameters, key)
        if public.algorithm["namedCurve"] != key.algorithm["namedCurve"]:
            raise WebCryptoError(
                "InvalidAccessError", "ECDH: the two keys are of different curves"
            )
        secret = key.material.exchange(ec.ECDH(), public.material)
        return first_bits("ECDH", secret, length_bits)


def shared_with(parameters: Parameters, key: Key) -> Key:
    """
    Return the other side's key, with which a secret is to be shared.

    Raises:
        WebCryptoError: If either key is not of the right kind.

    """
    check_kind(key, "private")
    public: Key = parameters["public"]
    check_kind(public, "public")
    if public.algorithm["name"] != key.algorithm["name"]:
        raise WebCryptoError(
            "InvalidAccessError",
            f"{key.algorithm['name']}: the public key is one of "
            f"{public.algorithm['name']}",
        )
    return public


def first_bits(name: str, secret: bytes, length_bits: int | None) -> bytes:
    """Return so many bits of a secret, filled up to bytes; all of them for None."""
    if length_bits is None:
        return secret
    if length_bits > len(secret) * 8:
        raise operation_error(
            f"{name}: the length is at most {len(secret) * 8} bits, not {length_bits}"
        )
    size = (length_bits + 7) // 8
    unused_bits = size * 8 - length_bits
    whole = int.from_bytes(secret[:size], "big") >> unused_bits << unused_bits
    return whole.to_bytes(size, "big")


def _curve(request: Request) -> ec.EllipticCurve:
    name = request.parameters["namedCurve"]
    curve = _CURVES.get(name)
    if curve is None:
        raise WebCryptoError(
            "NotSupportedError",
            f"{request.name}: there is no curve {name!r}; there are {', '.join(_CURVES)}",
        )
    return curve


def _size(curve: ec.EllipticCurve) -> int:
    return (curve.key_size + 7) // 8


def _to_jwk(key: Key) -> dict[str, Any]:
    is_private = key.kind == "private"
    public = key.material.public_key() if is_private else key.material
    numbers, size = public.public_numbers(), _size(public.curve)
    members = {
        "kty": "EC",
        "crv": key.algorithm["namedCurve"],
        "x": json_keys.encoded_number(numbers.x, size),
        "y": json_keys.encoded_number(numbers.y, size),
    }
    if is_private:
        secret = key.material.private_numbers().private_value
        members["d"] = json_keys.encoded_number(secret, size)
    return json_keys.exported(key, members)
