import datetime
import ipaddress
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID

from gharial.javascript.certificates import certificate

SUBJECT = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CH"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "one"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "two"),
        x509.NameAttribute(NameOID.COMMON_NAME, "first"),
        x509.NameAttribute(NameOID.COMMON_NAME, "Zürich"),
    ]
)
ISSUER = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Issuers")])
ALT_NAMES = x509.SubjectAlternativeName(
    [
        x509.UniformResourceIdentifier("https://x.y/z"),
        x509.IPAddress(ipaddress.ip_address("::1")),
        x509.DNSName("*.b.example"),
        x509.RFC822Name("m@x.y"),
        x509.DNSName("a.example"),
    ]
)
CURVE_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 1024)


def pem(key: Any, digest: Any = None, *, alt: bool = False, pss: bool = False) -> str:
    builder = (
        x509.CertificateBuilder()
        .subject_name(SUBJECT)
        .issuer_name(ISSUER)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2060, 1, 2, tzinfo=datetime.UTC))
    )
    if alt:
        builder = builder.add_extension(ALT_NAMES, critical=False)
    how: dict[str, Any] = {}
    if pss:
        how["rsa_padding"] = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    made = builder.sign(key, digest, **how)
    return made.public_bytes(serialization.Encoding.PEM).decode()


def facts(text: str) -> dict[str, Any]:
    problem, found = certificate(text)
    assert problem is None
    assert found is not None
    facts: dict[str, Any] = json.loads(found)
    return facts


def test_names_are_listed_as_in_k6() -> None:
    found = facts(pem(CURVE_KEY, hashes.SHA256()))
    subject = found["subject"]
    assert subject["commonName"] == "Zürich"
    assert subject["country"] == "CH"
    assert subject["postalCode"] == ""
    assert subject["organizationalUnitName"] == ["one", "two"]
    assert subject["names"][:2] == [
        {"type": "2.5.4.6", "value": "CH"},
        {"type": "2.5.4.11", "value": "one"},
    ]
    assert found["issuer"] == {
        "commonName": "",
        "country": "",
        "stateOrProvinceName": "",
        "localityName": "",
        "organizationName": "Issuers",
        "names": [{"type": "2.5.4.10", "value": "Issuers"}],
    }
    assert found["notBefore"] == "2020-01-02T03:04:05Z"
    assert found["notAfter"] == "2060-01-02T00:00:00Z"
    assert len(found["fingerPrint"]) == 20


def test_alternative_names_are_in_the_order_of_k6() -> None:
    found = facts(pem(CURVE_KEY, hashes.SHA256(), alt=True))
    assert found["altNames"] == [
        *("*.b.example", "a.example", "m@x.y", "::1", "https://x.y/z")
    ]
    assert facts(pem(CURVE_KEY, hashes.SHA256()))["altNames"] == []


@pytest.mark.parametrize(
    ("key", "digest", "pss", "signature", "algorithm"),
    [
        (RSA_KEY, hashes.SHA384(), False, "SHA384-RSA", "RSA"),
        (RSA_KEY, hashes.SHA256(), True, "SHA256-RSAPSS", "RSA"),
        (CURVE_KEY, hashes.SHA512(), False, "ECDSA-SHA512", "ECDSA"),
    ],
)
def test_algorithms_have_the_names_of_k6(
    key: Any, digest: Any, *, pss: bool, signature: str, algorithm: str
) -> None:
    found = facts(pem(key, digest, pss=pss))
    assert found["signatureAlgorithm"] == signature
    assert found["publicKey"]["algorithm"] == algorithm


def test_big_numbers_of_a_key_are_hexadecimal() -> None:
    numbers = RSA_KEY.public_key().public_numbers()
    key = facts(pem(RSA_KEY, hashes.SHA256()))["publicKey"]["key"]
    assert (int(key["n"], 16), key["e"]) == (numbers.n, 65537)
    key = facts(pem(CURVE_KEY, hashes.SHA256()))["publicKey"]["key"]
    assert key["curve"] == {"name": "P-256"}
    assert int(key["x"], 16) == CURVE_KEY.public_key().public_numbers().x


def test_a_key_that_k6_does_not_know_is_none() -> None:
    found = facts(pem(ed25519.Ed25519PrivateKey.generate()))
    assert found["publicKey"] is None
    assert found["signatureAlgorithm"] == "Ed25519"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "there is no certificate in PEM"),
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "damaged"),
    ],
)
def test_what_is_no_certificate_is_said(text: str, problem: str) -> None:
    told, found = certificate(text)
    assert told is not None
    assert problem in told
    assert found is None
