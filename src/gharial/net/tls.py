"""TLS contexts, built once for the settings and shared by all sockets."""

import os
import ssl
import tempfile
from dataclasses import replace
from pathlib import Path

from gharial.errors import ConfigurationError
from gharial.lazy_pattern import lazy_pattern
from gharial.net.dns import matches
from gharial.net.failures import FailureReason, PhaseError
from gharial.net.settings import ClientCertificate, SocketTls, TlsSettings

_VERSIONS = {
    "tls1.0": ssl.TLSVersion.TLSv1,
    "tls1.1": ssl.TLSVersion.TLSv1_1,
    "tls1.2": ssl.TLSVersion.TLSv1_2,
    "tls1.3": ssl.TLSVersion.TLSv1_3,
}

# IANA's names of ciphers with their hash, where OpenSSL's differ by more than dashes.
_CIPHERS = {
    "AES_128_CBC_SHA": "AES128_SHA",
    "AES_256_CBC_SHA": "AES256_SHA",
    "AES_128_CBC_SHA256": "AES128_SHA256",
    "AES_256_CBC_SHA256": "AES256_SHA256",
    "AES_256_CBC_SHA384": "AES256_SHA384",
    "AES_128_GCM_SHA256": "AES128_GCM_SHA256",
    "AES_256_GCM_SHA384": "AES256_GCM_SHA384",
    "CHACHA20_POLY1305_SHA256": "CHACHA20_POLY1305",
    "3DES_EDE_CBC_SHA": "DES_CBC3_SHA",
}


# What OpenSSL says when the peer's bytes are not records of TLS.
_NOT_TLS = lazy_pattern(
    "wrong version number|record layer failure|http request|https proxy request|"
    "packet length too long|unexpected message|eof occurred|unexpected eof"
)

_HASHED = lazy_pattern(r"[0-9a-f]{8}\.\d+")
_Key = tuple[ClientCertificate | None, tuple[str, ...], bool]
# Contexts take about 100 KB each; a script that makes up a certificate for every socket
# must not fill the memory with them.
CONTEXTS_MAXIMUM = 1_000


class TlsContexts:
    """The contexts of one process: one for each certificate and each set of settings."""

    def __init__(self, settings: TlsSettings) -> None:
        self._settings = settings
        self._contexts: dict[_Key, ssl.SSLContext] = {}

    def for_host(self, host: str, own: SocketTls | None = None) -> ssl.SSLContext:
        """
        Return the context to use with a server of this name.

        Args:
            host: The name.
            own: What the socket wants in addition to the settings; None for nothing.

        Raises:
            ConfigurationError: If the settings cannot be used.

        """
        certificate = self._certificate_for(host)
        settings = self._settings
        if own is not None:
            settings = replace(
                settings,
                ca_certificates=(*settings.ca_certificates, *own.ca),
                insecure_skip_tls_verify=(
                    settings.insecure_skip_tls_verify
                    if own.verify is None
                    else not own.verify
                ),
            )
            if own.certificate:
                certificate = ClientCertificate(own.certificate, own.key, own.password)
        key = (
            certificate,
            settings.ca_certificates,
            settings.insecure_skip_tls_verify,
        )
        context = self._contexts.get(key)
        if context is None:
            context = build_context(settings, certificate)
            if len(self._contexts) < CONTEXTS_MAXIMUM:
                self._contexts[key] = context
        return context

    def _certificate_for(self, host: str) -> ClientCertificate | None:
        for certificate in self._settings.tls_auth:
            domains = certificate.domains
            if not domains or any(matches(domain, host) for domain in domains):
                return certificate
        return None


def build_context(
    settings: TlsSettings, certificate: ClientCertificate | None
) -> ssl.SSLContext:
    """
    Return a client's context; it logs its keys to ``SSLKEYLOGFILE``, if that is set.

    Raises:
        ConfigurationError: If a file cannot be read, or a name is not known.

    """
    # This also honours SSLKEYLOGFILE.
    context = ssl.create_default_context()
    if settings.insecure_skip_tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    for authority in settings.ca_certificates:
        _add_authority(context, authority)
    if settings.tls_version.min:
        context.minimum_version = _version(settings.tls_version.min)
    if settings.tls_version.max:
        context.maximum_version = _version(settings.tls_version.max)
    _set_ciphers(context, settings.tls_cipher_suites)
    if certificate is not None:
        _load_certificate(context, certificate)
    return context


def openssl_cipher_name(name: str) -> str:
    """
    Return OpenSSL's name of a cipher suite of TLS 1.2 and before.

    Args:
        name: OpenSSL's own name, or IANA's (``TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256``).

    """
    if not name.startswith("TLS_") or "_WITH_" not in name:
        return name
    exchange, _, cipher = name.removeprefix("TLS_").partition("_WITH_")
    parts = [] if exchange == "RSA" else [exchange]
    parts.append(_CIPHERS.get(cipher, cipher))
    return "-".join(parts).replace("_", "-")


def tls_error(host: str, error: Exception, hint: str) -> PhaseError:
    """
    Return what a failed TLS handshake means, with a sentence on what to do.

    Args:
        host: The name that TLS was asked for.
        error: What was raised.
        hint: What to say if the server may not speak TLS at all.

    """
    if isinstance(error, ssl.SSLCertVerificationError):
        # Errors that were not raised by the ssl module itself lack these attributes.
        why = getattr(error, "verify_message", None) or str(error)
        return PhaseError(
            FailureReason.CERTIFICATE,
            f"tls: the certificate of {host} is not accepted: {why}; "
            f"{_certificate_hint(why)}, or disable the check with "
            "--insecure-skip-tls-verify",
        )
    if isinstance(error, ssl.SSLError):
        cause = (getattr(error, "reason", None) or str(error)).lower().replace("_", " ")
        if not _NOT_TLS.search(cause):
            hint = ""
    else:
        cause = (error.strerror if isinstance(error, OSError) else "") or str(error)
        if isinstance(error, ConnectionResetError):
            # Without a number it is the end of the stream.
            cause = "connection reset by peer" if error.errno else ""
        cause = cause or "connection closed by the server"
    return PhaseError(FailureReason.TLS, f"tls: handshake with {host}: {cause}{hint}")


def tls_timeout(host: str, limit: str, hint: str) -> PhaseError:
    """Return the failure of a TLS handshake that took longer than its limit."""
    return PhaseError(
        FailureReason.TLS,
        f"tls: handshake with {host}: timeout, not finished after {limit}{hint}",
    )


def _certificate_hint(why: str) -> str:
    lower = why.lower()
    if "mismatch" in lower:
        return (
            "use a name that it has (the option hosts can map that name to any address), "
            "or set one with the socket's parameter tls.sni"
        )
    if "expired" in lower or "not yet valid" in lower:
        return "renew it, or correct the clock"
    return "add its CA with --ca-cert"


def _version(name: str) -> ssl.TLSVersion:
    try:
        return _VERSIONS[name.lower()]
    except KeyError:
        raise ConfigurationError(
            f"{name!r} is not a TLS version; write one of {', '.join(_VERSIONS)}"
        ) from None


def _set_ciphers(context: ssl.SSLContext, names: tuple[str, ...]) -> None:
    # The suites of TLS 1.3 ("TLS_AES_…") are always on, Python cannot choose them.
    older = [
        openssl_cipher_name(name)
        for name in names
        if not (name.startswith("TLS_") and "_WITH_" not in name)
    ]
    if not older:
        return
    try:
        context.set_ciphers(":".join(older))
    except ssl.SSLError as error:
        raise ConfigurationError(
            f"none of the TLS cipher suites {', '.join(names)} is known to "
            f"{ssl.OPENSSL_VERSION}"
        ) from error


def _add_authority(context: ssl.SSLContext, authority: str) -> None:
    try:
        if _is_pem(authority):
            context.load_verify_locations(cadata=authority)
        elif Path(authority).is_dir():
            _check_folder(authority)
            context.load_verify_locations(capath=authority)
        else:
            context.load_verify_locations(cafile=authority)
    except (OSError, ValueError) as error:
        name = "the given PEM string" if _is_pem(authority) else repr(authority)
        raise ConfigurationError(
            f"cannot read certificate authorities from {name}: "
            f"{getattr(error, 'strerror', None) or error}"
        ) from error


def _check_folder(path: str) -> None:
    # Without such a file, OpenSSL would take the folder and find nothing in it.
    if not any(_HASHED.fullmatch(file.name) for file in Path(path).iterdir()):
        raise ConfigurationError(
            f"the folder {path!r} has no certificate authorities that OpenSSL can find "
            "(files named by a hash, as 'openssl rehash' makes them); name PEM files "
            "instead"
        )


def _load_certificate(context: ssl.SSLContext, certificate: ClientCertificate) -> None:
    temporary: list[str] = []
    try:
        paths = [
            _as_path(text, temporary) for text in (certificate.cert, certificate.key)
        ]
        # Without a password OpenSSL would ask on the terminal for a locked key.
        context.load_cert_chain(paths[0], paths[1], certificate.password or "")
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"cannot use the client certificate for "
            f"{', '.join(certificate.domains) or 'all names'}: {error}"
        ) from error
    finally:
        for path in temporary:
            os.unlink(path)  # noqa: PTH108


def _as_path(text: str, temporary: list[str]) -> str:
    # OpenSSL's binding in Python loads a key from a file only.
    if not _is_pem(text):
        return text
    handle, path = tempfile.mkstemp(suffix=".pem")
    temporary.append(path)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
    return path


def _is_pem(text: str) -> bool:
    return "-----BEGIN" in text
