"""What every algorithm of ``crypto.subtle`` shares: keys, failures, and their checks."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gharial.lazy_dataclass import dataclass

Parameters = Mapping[str, Any]

# As the standard's own table has them, from its name to the one of Python's library.
DIGESTS = {
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}


class WebCryptoError(Exception):
    """
    An operation failed, for a reason that a script is told.

    Attributes:
        name: The name of the ``DOMException``, or ``TypeError``.
        message: What was wrong.

    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name, message)
        self.name = name
        self.message = message


@dataclass(frozen=True, slots=True)
class Key:
    """
    A key, as ``CryptoKey`` shows it, and what it is made of.

    Attributes:
        kind: ``secret``, ``private`` or ``public``.
        algorithm: Name and parameters, as the script sees them.
        usages: What it may be used for.
        is_extractable: Whether a script may export it.
        material: Its bytes if it is secret, else an object of the package cryptography.

    """

    kind: str
    algorithm: Parameters
    usages: tuple[str, ...]
    is_extractable: bool
    material: Any


KeyPair = tuple[Key, Key]


@dataclass(frozen=True, slots=True)
class Request:
    """
    What a script wants a key to be.

    Attributes:
        parameters: The algorithm, with its name.
        usages: What the key is for.
        is_extractable: Whether a script may export it.

    """

    parameters: Parameters
    usages: tuple[str, ...]
    is_extractable: bool

    @property
    def name(self) -> str:
        """The algorithm's name."""
        return str(self.parameters["name"])


def operation_error(message: str) -> WebCryptoError:
    """Return the error of an operation that failed for its own reason."""
    return WebCryptoError("OperationError", message)


def data_error(message: str) -> WebCryptoError:
    """Return the error of data that is no key of the kind asked for."""
    return WebCryptoError("DataError", message)


def unsupported_format(name: str, format_name: str) -> WebCryptoError:
    """Return the error of a format that the algorithm's keys do not have."""
    return WebCryptoError(
        "NotSupportedError", f"{name}: keys have no format {format_name!r}"
    )


def check_usages(name: str, usages: Collection[str], allowed: Collection[str]) -> None:
    """
    Check that keys of an algorithm can be used like this.

    Raises:
        WebCryptoError: A SyntaxError if they cannot.

    """
    wrong = [usage for usage in usages if usage not in allowed]
    if wrong:
        possible = ", ".join(allowed) or "no usage"
        raise WebCryptoError(
            "SyntaxError",
            f"{name}: such a key cannot be used for {', '.join(wrong)}; possible: "
            f"{possible}",
        )


def check_kind(key: Key, kind: str) -> None:
    """
    Check that a key is private, public or secret.

    Raises:
        WebCryptoError: An InvalidAccessError if it is not.

    """
    if key.kind != kind:
        raise WebCryptoError(
            "InvalidAccessError",
            f"{key.algorithm['name']}: this takes a {kind} key, not a {key.kind} one",
        )


def pair(
    request: Request,
    algorithm: Parameters,
    private: Any,
    usages: tuple[Sequence[str], Sequence[str]],
) -> KeyPair:
    """
    Return the two keys of a private one that was generated.

    Args:
        request: What the script wants.
        algorithm: As it sees it.
        private: The private key.
        usages: Those that a public and a private key can have.

    """
    of_public, of_private = usages
    return (
        Key("public", algorithm, _only(request, of_public), True, private.public_key()),
        Key(
            "private",
            algorithm,
            _only(request, of_private),
            request.is_extractable,
            private,
        ),
    )


def _only(request: Request, usages: Sequence[str]) -> tuple[str, ...]:
    return tuple(usage for usage in request.usages if usage in usages)
