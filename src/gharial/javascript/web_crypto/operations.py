"""
The operations of ``crypto.subtle``, once the runtime has normalised their arguments.

Source:
    Web Cryptography, section "SubtleCrypto interface", the steps in parallel of each
    method.
"""

import json
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from gharial.javascript.web_crypto.derivation import Hkdf, Pbkdf2
from gharial.javascript.web_crypto.hmac_keys import Hmac, block_bits, digest
from gharial.javascript.web_crypto.keys import (
    Key,
    KeyPair,
    Request,
    WebCryptoError,
    data_error,
    operation_error,
)

Arguments = Mapping[str, Any]
Result = bytes | bool | Key | KeyPair | dict[str, Any]

# Beyond these an operation takes more than about a millisecond, and runs in a thread.
LONG_BYTES = 512 * 1024
LONG_ITERATIONS = 1500

_ALGORITHMS: dict[str, Any] = {"HMAC": Hmac(), "PBKDF2": Pbkdf2(), "HKDF": Hkdf()}
# Name -> file and class of those whose libraries take a while to load.
_LOADED_LATER = {
    "AES-CBC": ("aes", "AesCbc"),
    "AES-CTR": ("aes", "AesCtr"),
    "AES-GCM": ("aes", "AesGcm"),
    "AES-KW": ("aes", "AesKw"),
    "ECDH": ("elliptic", "Ecdh"),
    "ECDSA": ("elliptic", "Ecdsa"),
    "Ed25519": ("edwards", "Ed25519"),
    "RSA-OAEP": ("rsa_keys", "RsaOaep"),
    "RSA-PSS": ("rsa_keys", "RsaPss"),
    "RSASSA-PKCS1-v1_5": ("rsa_keys", "RsaSsa"),
    "X25519": ("edwards", "X25519"),
}
_PACKAGE = __name__.rpartition(".")[0]
# Members of a JWK that are no strings.
_JWK_BOOLEANS = ("ext",)
_JWK_LISTS = ("key_ops", "oth")


def perform(operation: str, arguments: Arguments) -> Result:
    """
    Return what an operation gives.

    Args:
        operation: The method's name.
        arguments: Its arguments by name, with algorithms normalised.

    Raises:
        WebCryptoError: If it fails.

    """
    result: Result = _OPERATIONS[operation](arguments)
    return result


def is_long(operation: str, arguments: Arguments) -> bool:
    """Return whether an operation may take so long that others would have to wait."""
    names = {one["name"] for one in arguments.values() if _is_algorithm(one)}
    names |= {
        one.algorithm["name"] for one in arguments.values() if isinstance(one, Key)
    }
    if any(not _is_loaded(name) for name in names):
        return True
    # The other operations of RSA take the public key, which is quick.
    is_quick = operation in ("verify", "encrypt", "exportKey")
    if not is_quick and any(name.startswith("RSA") for name in names):
        return True
    sizes = (len(one) for one in arguments.values() if isinstance(one, bytes))
    return (
        sum(sizes) > LONG_BYTES
        or arguments.get("algorithm", {}).get("iterations", 0) > LONG_ITERATIONS
        or (arguments.get("length") or 0) > LONG_BYTES
    )


def _is_algorithm(value: Any) -> bool:
    return isinstance(value, dict) and "name" in value


def _is_loaded(name: str) -> bool:
    later = _LOADED_LATER.get(name)
    return later is None or f"{_PACKAGE}.{later[0]}" in sys.modules


def _algorithm(name: str) -> Any:
    found = _ALGORITHMS.get(name)
    if found is None:
        file_name, class_name = _LOADED_LATER[name]
        found = getattr(import_module(f"{_PACKAGE}.{file_name}"), class_name)()
        _ALGORITHMS[name] = found
    return found


def _digest(arguments: Arguments) -> bytes:
    return digest(arguments["algorithm"]["name"], arguments["data"])


def _of_key(method: str, usage: str) -> Callable[[Arguments], Any]:
    """Return the operation that a method of the key's algorithm carries out."""

    def run(arguments: Arguments) -> Any:
        key, parameters = _checked(arguments["key"], arguments["algorithm"], usage)
        data = [arguments[name] for name in ("signature", "data") if name in arguments]
        return getattr(_algorithm(parameters["name"]), method)(parameters, key, *data)

    return run


def _checked(key: Key, parameters: Any, usage: str) -> tuple[Key, Any]:
    """Return key and parameters, if the key is meant for this."""
    name = key.algorithm["name"]
    if parameters["name"] != name:
        raise WebCryptoError(
            "InvalidAccessError",
            f"the key is one of {name}, the algorithm {parameters['name']}",
        )
    if usage not in key.usages:
        raise WebCryptoError(
            "InvalidAccessError",
            f"the key may not be used for {usage}, only for {', '.join(key.usages)}",
        )
    return key, parameters


def _request(arguments: Arguments, parameters: str = "algorithm") -> Request:
    return Request(
        arguments[parameters], tuple(arguments["usages"]), arguments["extractable"]
    )


def _with_usages(result: Key | KeyPair) -> Key | KeyPair:
    key = result[1] if isinstance(result, tuple) else result
    if key.kind != "public" and not key.usages:
        raise WebCryptoError(
            "SyntaxError",
            f"{key.algorithm['name']}: a key must have at least one usage",
        )
    return result


def _generate(arguments: Arguments) -> Key | KeyPair:
    request = _request(arguments)
    result: Key | KeyPair = _algorithm(request.name).generate(request)
    return _with_usages(result)


def _import(arguments: Arguments) -> Result:
    return _imported(arguments["format"], arguments["keyData"], _request(arguments))


def _imported(format_name: str, data: Any, request: Request) -> Result:
    key: Key = _algorithm(request.name).import_key(format_name, data, request)
    return _with_usages(key)


def _export(arguments: Arguments) -> Any:
    key: Key = arguments["key"]
    algorithm = _algorithm(key.algorithm["name"])
    # Whether keys of the algorithm can be exported at all is said first.
    if not key.is_extractable and key.algorithm["name"] not in ("HKDF", "PBKDF2"):
        raise WebCryptoError("InvalidAccessError", "the key is not extractable")
    return algorithm.export_key(arguments["format"], key)


def _derive_bits(arguments: Arguments) -> bytes:
    key, parameters = _checked(arguments["key"], arguments["algorithm"], "deriveBits")
    derived: bytes = _algorithm(parameters["name"]).derive(
        parameters, key, arguments["length"]
    )
    return derived


def _derive_key(arguments: Arguments) -> Result:
    key, parameters = _checked(arguments["key"], arguments["algorithm"], "deriveKey")
    length_bits = _key_length(arguments["lengthOf"])
    secret = _algorithm(parameters["name"]).derive(parameters, key, length_bits)
    return _imported("raw", secret, _request(arguments, "derived"))


def _key_length(parameters: Any) -> int | None:
    """
    Return how many bits a key that is derived has; None for all that there are.

    Source:
        The operation "get key length" of each algorithm.
    """
    name = parameters["name"]
    if name.startswith("AES-"):
        length_bits: int = parameters["length"]
        if length_bits not in (128, 192, 256):
            raise operation_error(
                f"{name}: the length must be 128, 192 or 256 bits, not {length_bits}"
            )
        return length_bits
    if name == "HMAC":
        if parameters.get("length") == 0:
            raise WebCryptoError("TypeError", "HMAC: the length must not be 0")
        return int(parameters.get("length", block_bits(parameters["hash"]["name"])))
    return None


def _wrap(arguments: Arguments) -> bytes:
    wrapping, parameters = _checked(
        arguments["wrappingKey"], arguments["algorithm"], "wrapKey"
    )
    exported = _export(arguments)
    if isinstance(exported, dict):
        exported = json.dumps(exported, separators=(",", ":")).encode()
    wrapped: bytes = _algorithm(parameters["name"]).encrypt(
        parameters, wrapping, exported
    )
    return wrapped


def _unwrap(arguments: Arguments) -> Result:
    unwrapping, parameters = _checked(
        arguments["key"], arguments["algorithm"], "unwrapKey"
    )
    data = _algorithm(parameters["name"]).decrypt(
        parameters, unwrapping, arguments["data"]
    )
    if arguments["format"] == "jwk":
        data = parse_jwk(data)
    return _imported(arguments["format"], data, _request(arguments, "derived"))


def parse_jwk(data: bytes) -> dict[str, Any]:
    """
    Return the JWK that bytes hold.

    Raises:
        WebCryptoError: A DataError if they hold none.

    """
    try:
        jwk = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise data_error("what was unwrapped is not JSON") from None
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kty"), str):
        raise data_error("what was unwrapped is not a JWK")
    for member, value in jwk.items():
        expected: type = str
        if member in _JWK_BOOLEANS:
            expected = bool
        elif member in _JWK_LISTS:
            expected = list
        if member in _JWK_MEMBERS and not isinstance(value, expected):
            raise data_error(f"the JWK's member {member!r} has the wrong type")
    return jwk


_JWK_MEMBERS = (
    *("kty", "use", "key_ops", "alg", "ext", "crv", "x", "y", "d", "n", "e"),
    *("p", "q", "dp", "dq", "qi", "oth", "k"),
)
_OPERATIONS: dict[str, Callable[[Arguments], Any]] = {
    "digest": _digest,
    "encrypt": _of_key("encrypt", "encrypt"),
    "decrypt": _of_key("decrypt", "decrypt"),
    "sign": _of_key("sign", "sign"),
    "verify": _of_key("verify", "verify"),
    "generateKey": _generate,
    "importKey": _import,
    "exportKey": _export,
    "deriveBits": _derive_bits,
    "deriveKey": _derive_key,
    "wrapKey": _wrap,
    "unwrapKey": _unwrap,
}
