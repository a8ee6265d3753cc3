"""What algorithms with one secret key have in common: how keys come and go."""

from typing import Any

from gharial.javascript.web_crypto import jwk as json_keys
from gharial.javascript.web_crypto.keys import (
    Key,
    Parameters,
    Request,
    check_usages,
    unsupported_format,
)


class SecretKeys:
    """
    Keys that are some bytes.

    Attributes:
        usages: What they may be used for.
        jwk_use: What a JWK says that such keys are for: ``sig`` or ``enc``.

    """

    usages: tuple[str, ...] = ()
    jwk_use = ""

    def jwk_algorithm(self, algorithm: Parameters) -> str:
        """Return what JWK calls the algorithm."""
        raise NotImplementedError

    def imported_bytes(self, format_name: str, data: Any, request: Request) -> bytes:
        """Return the bytes of a key that is given as them, or as JWK."""
        check_usages(request.name, request.usages, self.usages)
        if format_name not in ("raw", "jwk"):
            raise unsupported_format(request.name, format_name)
        if format_name == "raw":
            return bytes(data)
        json_keys.check(data, request, key_type="oct", use=self.jwk_use)
        return json_keys.decoded(data, "k")

    def export_key(self, format_name: str, key: Key) -> bytes | dict[str, Any]:
        """Return a key's bytes, or its JWK."""
        if format_name == "raw":
            return bytes(key.material)
        if format_name != "jwk":
            raise unsupported_format(str(key.algorithm["name"]), format_name)
        members = {
            "kty": "oct",
            "k": json_keys.encoded(key.material),
            "alg": self.jwk_algorithm(key.algorithm),
        }
        return json_keys.exported(key, members)
