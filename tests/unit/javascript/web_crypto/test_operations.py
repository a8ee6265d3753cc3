import pytest

from gharial.javascript.web_crypto.keys import Key, WebCryptoError
from gharial.javascript.web_crypto.operations import (
    LONG_BYTES,
    LONG_ITERATIONS,
    is_long,
    parse_jwk,
    perform,
)

HMAC = {"name": "HMAC", "hash": {"name": "SHA-256"}}
SECRET = Key("secret", {**HMAC, "length": 8}, ("sign",), True, b"k")


@pytest.mark.parametrize(
    ("operation", "arguments", "long"),
    [
        ("digest", {"algorithm": {"name": "SHA-1"}, "data": b"x"}, False),
        ("digest", {"algorithm": {"name": "SHA-1"}, "data": bytes(LONG_BYTES)}, False),
        (
            "digest",
            {"algorithm": {"name": "SHA-1"}, "data": bytes(LONG_BYTES + 1)},
            True,
        ),
        ("sign", {"algorithm": HMAC, "key": SECRET, "data": b"x"}, False),
        (
            "deriveBits",
            {
                "algorithm": {"name": "PBKDF2", "iterations": LONG_ITERATIONS},
                "length": 8,
            },
            False,
        ),
        (
            "deriveBits",
            {"algorithm": {"name": "PBKDF2", "iterations": 10**5}, "length": 8},
            True,
        ),
        ("deriveBits", {"algorithm": {"name": "HKDF"}, "length": 10**7}, True),
        ("exportKey", {"format": "raw", "key": SECRET}, False),
    ],
)
def test_what_takes_long_is_known_beforehand(operation, arguments, long) -> None:
    assert is_long(operation, arguments) is long


@pytest.mark.parametrize(
    ("operation", "long"),
    [("generateKey", True), ("sign", True), ("importKey", True), ("verify", False)],
)
def test_rsa_takes_long_with_its_private_key(operation, long) -> None:
    rsa = {"name": "RSA-PSS", "hash": {"name": "SHA-256"}}
    with pytest.raises(WebCryptoError):
        # Loads the library, which takes long as well.
        perform(
            "importKey",
            {
                "format": "raw",
                "algorithm": rsa,
                "keyData": b"",
                "usages": (),
                "extractable": True,
            },
        )
    assert is_long(operation, {"algorithm": rsa}) is long


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\xff", "not JSON"),
        (b"[1]", "not a JWK"),
        (b"{}", "not a JWK"),
        (b'{"kty": 1}', "not a JWK"),
        (b'{"kty": "oct", "k": 1}', "'k' has the wrong type"),
        (b'{"kty": "oct", "ext": "yes"}', "'ext' has the wrong type"),
        (b'{"kty": "oct", "key_ops": "sign"}', "'key_ops' has the wrong type"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_was_unwrapped_may_be_no_key(data, problem) -> None:
    with pytest.raises(WebCryptoError, match=problem) as raised:
        parse_jwk(data)
    assert raised.value.name == "DataError"


def test_members_of_a_jwk_that_nobody_knows_may_be_anything() -> None:
    assert parse_jwk(b'{"kty": "oct", "mine": [1]}')["kty"] == "oct"
