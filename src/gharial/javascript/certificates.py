"""What ``k6/crypto/x509`` calls: the facts of a certificate."""

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gharial.javascript.web_platform import Buffer

if TYPE_CHECKING:
    from cryptography import x509

# The names of signature algorithms in Go's package crypto/x509.
_SIGNATURES = {
    "1.2.840.113549.1.1.4": "MD5-RSA",
    "1.2.840.113549.1.1.5": "SHA1-RSA",
    "1.2.840.113549.1.1.11": "SHA256-RSA",
    "1.2.840.113549.1.1.12": "SHA384-RSA",
    "1.2.840.113549.1.1.13": "SHA512-RSA",
    "1.2.840.10040.4.3": "DSA-SHA1",
    "2.16.840.1.101.3.4.3.2": "DSA-SHA256",
    "1.2.840.10045.4.1": "ECDSA-SHA1",
    "1.2.840.10045.4.3.2": "ECDSA-SHA256",
    "1.2.840.10045.4.3.3": "ECDSA-SHA384",
    "1.2.840.10045.4.3.4": "ECDSA-SHA512",
    "1.3.101.112": "Ed25519",
}
_PSS = "1.2.840.113549.1.1.10"
_UNKNOWN = "UnknownSignatureAlgorithm"
_CURVES = {
    "secp224r1": "P-224",
    "secp256r1": "P-256",
    "secp384r1": "P-384",
    "secp521r1": "P-521",
}
# Attributes of a name, in the order in which k6 lists them; an issuer has some only.
_ISSUER = {
    "commonName": "2.5.4.3",
    "country": "2.5.4.6",
    "stateOrProvinceName": "2.5.4.8",
    "localityName": "2.5.4.7",
    "organizationName": "2.5.4.10",
}
_SUBJECT = {
    "commonName": "2.5.4.3",
    "country": "2.5.4.6",
    "postalCode": "2.5.4.17",
    "stateOrProvinceName": "2.5.4.8",
    "localityName": "2.5.4.7",
    "streetAddress": "2.5.4.9",
    "organizationName": "2.5.4.10",
}
_COMMON_NAME = "2.5.4.3"
_UNIT = "2.5.4.11"


def certificate_functions() -> dict[str, Callable[..., Any]]:
    """Return what the module calls, by name."""
    return {"certificate": certificate}


def certificate(encoded: str | Buffer) -> list[str | None]:
    """
    Return what is wrong, if anything, and the facts of a certificate as JSON.

    Args:
        encoded: The certificate as PEM; the first one counts.

    """
    # Takes 60 ms, for the few scripts that read certificates.
    from cryptography import x509

    data = encoded.encode() if isinstance(encoded, str) else encoded.to_bytes()
    try:
        return [None, json.dumps(_facts(x509.load_pem_x509_certificate(data)))]
    except ValueError:
        # What the library says names its own insides.
        if b"-----BEGIN CERTIFICATE-----" in data:
            return ["the certificate is damaged", None]
        return ["there is no certificate in PEM: -----BEGIN CERTIFICATE-----", None]


def _facts(read: "x509.Certificate") -> dict[str, Any]:
    from cryptography.hazmat.primitives.serialization import Encoding

    subject = _name(read.subject, _SUBJECT)
    names = subject.pop("names")
    units = [each["value"] for each in names if each["type"] == _UNIT]
    whole = read.public_bytes(Encoding.DER)
    return {
        "subject": {**subject, "organizationalUnitName": units, "names": names},
        "issuer": _name(read.issuer, _ISSUER),
        "notBefore": f"{read.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
        "notAfter": f"{read.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
        "altNames": _alt_names(read),
        "signatureAlgorithm": _signature(read),
        # The fingerprint is a name here, not a proof.
        "fingerPrint": list(hashlib.sha1(whole, usedforsecurity=False).digest()),
        "publicKey": _public_key(read),
    }


def _name(name: "x509.Name", wanted: dict[str, str]) -> dict[str, Any]:
    names = [
        {"type": each.oid.dotted_string, "value": _text(each.value)} for each in name
    ]
    facts: dict[str, Any] = {}
    for key, oid in wanted.items():
        values = [each["value"] for each in names if each["type"] == oid]
        # Of several common names the last one counts, as in Go.
        place = -1 if oid == _COMMON_NAME else 0
        facts[key] = values[place] if values else ""
    return {**facts, "names": names}


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def _alt_names(read: "x509.Certificate") -> list[str]:
    from cryptography import x509

    try:
        found = read.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    kinds = (
        *(x509.DNSName, x509.RFC822Name),
        *(x509.IPAddress, x509.UniformResourceIdentifier),
    )
    return [
        str(each) for kind in kinds for each in found.value.get_values_for_type(kind)
    ]


def _signature(read: "x509.Certificate") -> str:
    oid = read.signature_algorithm_oid.dotted_string
    if oid == _PSS:
        digest = read.signature_hash_algorithm
        return _UNKNOWN if digest is None else f"{digest.name.upper()}-RSAPSS"
    return _SIGNATURES.get(oid, _UNKNOWN)


def _public_key(read: "x509.Certificate") -> dict[str, Any] | None:
    """Return a key of one of k6's algorithms, its big numbers as hexadecimal text."""
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

    key = read.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return {"algorithm": "RSA", "key": {"n": hex(numbers.n), "e": numbers.e}}
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_numbers()
        curve = {"name": _CURVES.get(key.curve.name, key.curve.name)}
        facts = {"curve": curve, "x": hex(point.x), "y": hex(point.y)}
        return {"algorithm": "ECDSA", "key": facts}
    if isinstance(key, dsa.DSAPublicKey):
        own = key.public_numbers()
        shared = own.parameter_numbers
        parameters = {name: hex(getattr(shared, name)) for name in "pqg"}
        return {
            "algorithm": "DSA",
            "key": {"parameters": parameters, "y": hex(own.y)},
        }
    return None
