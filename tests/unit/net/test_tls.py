import ssl
from pathlib import Path

import pytest
import trustme
from default_settings import tls_with

from gharial.errors import ConfigurationError
from gharial.net.failures import FailureReason
from gharial.net.settings import ClientCertificate, TlsRange, TlsSettings
from gharial.net.tls import (
    TlsContexts,
    build_context,
    openssl_cipher_name,
    tls_error,
    tls_timeout,
)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def certificate_of(authority: trustme.CA, *domains: str) -> ClientCertificate:
    leaf = authority.issue_cert("me@example.com")
    return ClientCertificate(
        cert=leaf.cert_chain_pems[0].bytes().decode(),
        key=leaf.private_key_pem.bytes().decode(),
        domains=domains,
    )


def test_a_context_is_built_once() -> None:
    contexts = TlsContexts(tls_with())
    assert contexts.for_host("a.test") is contexts.for_host("b.test")


def test_a_client_certificate_is_for_its_domains(authority: trustme.CA) -> None:
    mine = certificate_of(authority, "*.mine.test")
    contexts = TlsContexts(tls_with(tls_auth=(mine,)))
    assert contexts.for_host("a.mine.test") is contexts.for_host("b.mine.test")
    assert contexts.for_host("a.mine.test") is not contexts.for_host("other.test")


def test_servers_are_verified_unless_told_otherwise() -> None:
    strict = build_context(tls_with(), None)
    assert (strict.verify_mode, strict.check_hostname) == (ssl.CERT_REQUIRED, True)
    lax = build_context(tls_with(insecure_skip_tls_verify=True), None)
    assert (lax.verify_mode, lax.check_hostname) == (ssl.CERT_NONE, False)


def test_versions_are_set() -> None:
    context = build_context(tls_with(tls_version=TlsRange("tls1.2", "tls1.2")), None)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.maximum_version is ssl.TLSVersion.TLSv1_2


def test_private_authorities_are_added(authority: trustme.CA) -> None:
    pem = authority.cert_pem.bytes().decode()
    before = build_context(tls_with(), None).cert_store_stats()["x509_ca"]
    after = build_context(tls_with(ca_certificates=(pem,)), None).cert_store_stats()[
        "x509_ca"
    ]
    assert after == before + 1


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        (
            tls_with(tls_version=TlsRange("tls9", "")),
            "'tls9' is not a TLS version",
        ),
        (tls_with(tls_cipher_suites=("nonsense",)), "nonsense"),
        (tls_with(ca_certificates=("/no/such/file",)), "/no/such/file"),
        (tls_with(ca_certificates=("-----BEGIN nonsense",)), "PEM string"),
    ],
)
def test_unusable_settings_say_what_is_wrong(settings: TlsSettings, cause: str) -> None:
    with pytest.raises(ConfigurationError, match=cause):
        build_context(settings, None)


def test_a_folder_in_which_openssl_finds_nothing_is_refused(tmp_path: Path) -> None:
    pem = trustme.CA().cert_pem.bytes()
    (tmp_path / "authority.pem").write_bytes(pem)
    settings = tls_with(ca_certificates=(str(tmp_path),))
    with pytest.raises(ConfigurationError, match="openssl rehash"):
        build_context(settings, None)
    (tmp_path / "0123abcd.0").write_bytes(pem)
    build_context(settings, None)


def test_an_unreadable_client_certificate_says_so() -> None:
    with pytest.raises(ConfigurationError, match=r"client certificate for a\.test"):
        build_context(tls_with(), ClientCertificate("/no", "/no", domains=("a.test",)))


@pytest.mark.parametrize(
    ("name", "openssl"),
    [
        ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
        ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"),
        ("TLS_RSA_WITH_AES_128_CBC_SHA256", "AES128-SHA256"),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "DES-CBC3-SHA"),
        (
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            "ECDHE-RSA-CHACHA20-POLY1305",
        ),
    ],
)
def test_cipher_names_are_translated(name: str, openssl: str) -> None:
    assert openssl_cipher_name(name) == openssl


def test_cipher_suites_are_set() -> None:
    names = ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256")
    context = build_context(
        tls_with(tls_cipher_suites=names, tls_version=TlsRange("", "tls1.2")), None
    )
    older = [c["name"] for c in context.get_ciphers() if c["protocol"] != "TLSv1.3"]
    assert older == ["ECDHE-RSA-AES128-GCM-SHA256"]


def reasoned(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "[SSL] something")
    error.reason = reason
    return error


HINT = "; does this port speak TLS? try ws://"


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ConnectionResetError(), f"connection closed by the server{HINT}"),
        (ConnectionResetError(104, "x"), f"connection reset by peer{HINT}"),
        (OSError(110, "Connection timed out"), f"Connection timed out{HINT}"),
        (reasoned("WRONG_VERSION_NUMBER"), f"wrong version number{HINT}"),
        (reasoned("RECORD_LAYER_FAILURE"), f"record layer failure{HINT}"),
        (reasoned("PACKET_LENGTH_TOO_LONG"), f"packet length too long{HINT}"),
        (reasoned("UNSUPPORTED_PROTOCOL"), "unsupported protocol"),
        (reasoned("TLSV1_ALERT_UNKNOWN_CA"), "tlsv1 alert unknown ca"),
    ],
)
def test_a_failed_handshake_names_the_cause(error: Exception, cause: str) -> None:
    found = tls_error("a.test", error, HINT)
    assert found.reason is FailureReason.TLS
    assert str(found) == f"tls: handshake with a.test: {cause}"


def test_a_handshake_that_takes_too_long_names_the_limit() -> None:
    assert str(tls_timeout("a.test", "2s", HINT)) == (
        "tls: handshake with a.test: timeout, not finished after 2s; "
        "does this port speak TLS? try ws://"
    )


@pytest.mark.parametrize(
    ("why", "hint"),
    [
        ("self-signed certificate", "add its CA with --ca-cert"),
        ("unable to get local issuer certificate", "add its CA"),
        (
            "Hostname mismatch, certificate is not valid for 'a.test'.",
            "use a name that",
        ),
        ("IP address mismatch, certificate is not valid for '::1'.", "use a name that"),
        ("certificate has expired", "renew it"),
    ],
)
def test_a_certificate_that_is_not_accepted_comes_with_what_helps(
    why: str, hint: str
) -> None:
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_message = why
    found = tls_error("a.test", error, HINT)
    assert found.reason is FailureReason.CERTIFICATE
    assert f"is not accepted: {why}; {hint}" in str(found)
    assert ("authority" in str(found)) == ("authority" in hint)
