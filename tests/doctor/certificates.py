"""Certificates for servers of the tests."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PEM = serialization.Encoding.PEM


@dataclass
class Certificates:
    """Makes server contexts, with keys in a folder of the test."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    @cached_property
    def key(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def authority(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        key = ec.generate_private_key(ec.SECP256R1())
        return self._build("Authority", key, None, days=30, host=None), key

    def trusted(self, *, days: int = 90, host: str = "127.0.0.1") -> ssl.SSLContext:
        """Return a context whose authority the environment names."""
        root = self.folder / "root.pem"
        root.write_bytes(self.authority[0].public_bytes(PEM))
        self.monkeypatch.setenv("SSL_CERT_FILE", str(root))
        return self.untrusted(days=days, host=host)

    def untrusted(self, *, days: int = 90, host: str = "127.0.0.1") -> ssl.SSLContext:
        """Return a context whose authority nobody knows."""
        return self._context(self._build(host, self.key, self.authority, days=days, host=host))

    def self_signed(self) -> ssl.SSLContext:
        """Return a context that vouches for itself."""
        return self._context(self._build("x", self.key, None, days=30, host="127.0.0.1"))

    def _context(self, certificate: x509.Certificate) -> ssl.SSLContext:
        path = self.folder / "server.pem"
        private = self.key.private_bytes(
            PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(private + certificate.public_bytes(PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _build(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
        *,
        days: int,
        host: str | None,
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        ends = datetime.now(UTC) + timedelta(days=days)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if issuer is None else issuer[0].subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - timedelta(days=365))
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
            # Python 3.13 verifies strictly (RFC 5280): with both identifiers and the use of keys.
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    (key if issuer is None else issuer[1]).public_key()
                ),
                False,
            )
            .add_extension(_uses(signs=host is None), critical=True)
        )
        if host is not None:
            is_address = host[0].isdigit()
            general = (
                x509.IPAddress(ipaddress.ip_address(host)) if is_address else x509.DNSName(host)
            )
            names: list[x509.GeneralName] = [general]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(key if issuer is None else issuer[1], hashes.SHA256())


def _uses(*, signs: bool) -> x509.KeyUsage:
    """Return what a key is for: an authority's signs certificates, a server's what it says."""
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
