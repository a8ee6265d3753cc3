"""What ``k6/encoding`` and ``k6/crypto`` call: base64, digests, HMACs."""

import base64
import binascii
import hashlib
import hmac
import importlib
import re
from collections.abc import Callable
from typing import Any

from gharial.engine.port import JsContext
from gharial.errors import did_you_mean
from gharial.javascript.web_platform import Buffer

ALGORITHMS = (
    *("md4", "md5", "sha1", "sha256", "sha384", "sha512"),
    *("sha512_224", "sha512_256", "ripemd160"),
)
OUTPUTS = ("hex", "base64", "base64url", "base64rawurl", "binary")
# Alphabet and padding of each variant, as Go's package encoding/base64 has them.
_VARIANTS = {
    "std": (b"+/", True),
    "rawstd": (b"+/", False),
    "url": (b"-_", True),
    "rawurl": (b"-_", False),
}
# Digests that the system's library may lack, and what pycryptodome calls them.
_OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "md4": ("MD4", {}),
    "ripemd160": ("RIPEMD160", {}),
    "sha512_224": ("SHA512", {"truncate": "224"}),
    "sha512_256": ("SHA512", {"truncate": "256"}),
}

Input = str | bytes | Buffer


class Digests:
    """The functions of one VU; a digest that goes on lives in the script's object."""

    def __init__(self, context: JsContext) -> None:
        self._embed = context.embed

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what the modules call, by name."""
        return {
            "base64Encode": base64_encode,
            "base64Decode": base64_decode,
            "digestMake": self.make,
            "digestResult": result,
            "digestUpdate": lambda state, data: state.update(as_bytes(data)),
            "hexEncode": lambda data: as_bytes(data).hex(),
            "hmacMake": self.make_hmac,
        }

    def make(self, algorithm: str) -> list[Any]:
        """Return what is wrong, if anything, and a digest that was given nothing yet."""
        problem = _unknown("algorithm", algorithm, ALGORITHMS)
        if problem:
            return [problem, None]
        return [None, self._embed(new_digest(algorithm))]

    def make_hmac(self, algorithm: str, secret: Input) -> list[Any]:
        """Return what is wrong, if anything, and an HMAC that was given nothing yet."""
        problem = _unknown("algorithm", algorithm, ALGORITHMS)
        if problem:
            return [problem, None]

        def digest(data: bytes = b"") -> Any:
            made = new_digest(algorithm)
            made.update(data)
            return made

        return [None, self._embed(hmac.new(as_bytes(secret), digestmod=digest))]


def result(state: Any, output: str) -> list[Any]:
    """Return what is wrong, if anything, and a digest's value in an encoding."""
    digest: bytes = state.digest()
    match output:
        case "hex":
            return [None, digest.hex()]
        case "base64":
            return [None, base64.b64encode(digest).decode()]
        case "base64url":
            return [None, base64.urlsafe_b64encode(digest).decode()]
        case "base64rawurl":
            return [None, base64.urlsafe_b64encode(digest).decode().rstrip("=")]
        case "binary":
            return [None, digest]
        case _:
            return [_unknown("output encoding", output, OUTPUTS), None]


def new_digest(algorithm: str) -> Any:
    """Return a digest of one of the `ALGORITHMS`, given nothing yet."""
    try:
        return hashlib.new(algorithm, usedforsecurity=False)
    except ValueError:
        name, settings = _OTHERS[algorithm]
        return importlib.import_module(f"Crypto.Hash.{name}").new(**settings)


def base64_encode(data: Input, variant: str) -> list[Any]:
    """Return what is wrong, if anything, and the data in base64."""
    problem = _unknown("base64 encoding", variant, tuple(_VARIANTS))
    if problem:
        return [problem, None]
    alphabet, is_padded = _VARIANTS[variant]
    text = base64.b64encode(as_bytes(data), alphabet).decode()
    return [None, text if is_padded else text.rstrip("=")]


def base64_decode(text: str, variant: str, is_text: object) -> list[Any]:
    """Return what is wrong, if anything, and the decoded bytes, or text if wanted."""
    problem = _unknown("base64 encoding", variant, tuple(_VARIANTS))
    if problem:
        return [problem, None]
    alphabet, is_padded = _VARIANTS[variant]
    # Line breaks count as nothing, as in Go.
    plain = text.replace("\n", "").replace("\r", "")
    allowed = f"[A-Za-z0-9{re.escape(alphabet.decode())}]*"
    if not re.fullmatch(allowed + ("={0,2}" if is_padded else ""), plain):
        return [f"b64decode(): the input is not valid base64 ({variant!r})", None]
    padding = "" if is_padded else "=" * (-len(plain) % 4)
    if len(plain + padding) % 4:
        return ["b64decode(): the input is cut off or too long", None]
    try:
        data = base64.b64decode(plain + padding, alphabet)
    except binascii.Error as error:
        return [f"b64decode(): the input is cut off or too long ({error})", None]
    return [None, data.decode("utf-8", "replace") if is_text else data]


def as_bytes(data: Input) -> bytes:
    """Return a string's UTF-8, or a buffer's bytes."""
    if isinstance(data, str):
        # Half a pair of surrogates is U+FFFD, as in Go and on the web.
        whole = data.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.encode()
    return data if isinstance(data, bytes) else data.to_bytes()


def _unknown(what: str, given: str, known: tuple[str, ...]) -> str:
    if given in known:
        return ""
    return (
        f"there is no {what} {given!r}{did_you_mean(given, known)} (there are "
        f"{', '.join(known)})"
    )
