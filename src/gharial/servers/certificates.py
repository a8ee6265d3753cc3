"""Certificates for one run, from a CA that nothing else trusts."""

import ssl
from collections.abc import Iterable
from pathlib import Path

import trustme

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class Certificates:
    """
    A private authority with one certificate for a server.

    Attributes:
        names: What the certificate is for: names and addresses.

    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = (*LOOPBACK_NAMES, *names)
        self._authority = trustme.CA()
        self._server = self._authority.issue_cert(*self.names)

    @property
    def ca_pem(self) -> str:
        """The authority's certificate as PEM text, for clients to trust."""
        return self._authority.cert_pem.bytes().decode()

    def write_ca(self, path: Path) -> Path:
        """Write the authority's certificate to a file; return its path."""
        path.write_text(self.ca_pem, "utf-8")
        return path

    def server_context(self, *, client_certificates: bool = False) -> ssl.SSLContext:
        """
        Return TLS settings for a server with this certificate.

        Args:
            client_certificates: Whether clients must show one of this authority's.

        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.configure_cert(context)
        if client_certificates:
            self._authority.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client_pem(self, name: str = "client@example.com") -> tuple[str, str]:
        """Return certificate and key, as PEM strings, for a client of this authority."""
        issued = self._authority.issue_cert(name)
        chain = "".join(blob.bytes().decode() for blob in issued.cert_chain_pems)
        return chain, issued.private_key_pem.bytes().decode()
