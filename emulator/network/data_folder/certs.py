"""The local certificate authority, and a certificate for each host name on demand.

The authority is created on first use and kept in the data folder, its key readable by its owner only. Name constraints
limit it to the emulated names, so that a browser that trusts it is not exposed to more. It is installed nowhere.

Certificates that end soon are renewed. Here's why that is safe to do unasked: a host's certificate is in memory only
and is sent with each connection; the authority keeps its name, its key and the names it may sign for, so that clients
that trust its old certificate accept what it signs for as long as the old one is valid.
"""

from __future__ import annotations

import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from emulator.kernel.clock import Clock
from emulator.kernel.errors import EnvironmentProblem
from emulator.kernel.partitions import AWS_DOMAINS
from emulator.network.data_folder.keys import KeyFolder, data_folder

AUTHORITY_FILE = "ca.pem"
# The domains of the emulated hosts. Those of RFC 2606 and RFC 6761 are for custom pages.
EMULATED_DOMAINS = (
    "okta.com",
    "oktapreview.com",
    *AWS_DOMAINS,
    "example.com",
    "example.net",
    "example.org",
    "example",
    "test",
    "localhost",
)
_AUTHORITY_VALID_FOR = timedelta(days=3652)
_LEAF_VALID_FOR = timedelta(days=397)  # browsers refuse longer ones
_SLACK = timedelta(days=1)
RENEWED_BEFORE = timedelta(days=30)  # a certificate with less time left is replaced


class CertificateAuthority:
    """Signs certificates for emulated hosts.

    Args:
        folder: Folder of the authority; by default the data folder.
        custom_hosts: Hosts of custom pages, which a new authority may sign for as well.
        clock: The true time, because clients compare with their own.

    Raises:
        EnvironmentProblem: the folder cannot be used, or the kept authority may not sign for every emulated host.
    """

    def __init__(
        self, folder: Path | None = None, *, custom_hosts: Iterable[str] = (), clock: Clock | None = None
    ) -> None:
        self.folder = folder if folder is not None else data_folder()
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._contexts: dict[str, tuple[datetime, ssl.SSLContext]] = {}
        custom = _outside(EMULATED_DOMAINS, custom_hosts)
        key_pem, certificate_pem = KeyFolder(self.folder).pair("ca-private", lambda: self._make(custom))
        self._key: Any = serialization.load_pem_private_key(key_pem, None)
        self.certificate = x509.load_pem_x509_certificate(certificate_pem)
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._leaf_key_pem = _private_pem(self._leaf_key)
        self.path = self.folder / AUTHORITY_FILE
        if not self.path.exists() or self.path.read_bytes() != certificate_pem:
            self.path.write_bytes(certificate_pem)
        self._require_coverage(custom)
        with self._lock:
            self._renew()

    @property
    def permitted_domains(self) -> tuple[str, ...]:
        """The domains the authority may sign for."""
        return permitted_domains(self.certificate)

    @property
    def spki_sha256(self) -> bytes:
        """The SHA-256 digest of the authority's public key; given it, Chromium trusts the authority."""
        public = self.certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        digest = hashes.Hash(hashes.SHA256())
        digest.update(public)
        return digest.finalize()

    def context(self, host: str) -> ssl.SSLContext:
        """Returns TLS settings with a certificate for ``host``, created again when that is about to end."""
        with self._lock:
            ends, context = self._contexts.get(host) or (None, None)
            if context is None or ends is None or self._ends_soon(ends):
                self._renew()
                context = self._make_context(host)
                self._contexts[host] = self._leaf_end(), context
            return context

    def server_settings(self, is_emulated: Callable[[str], bool]) -> ssl.SSLContext:
        """Returns a server's TLS settings, which choose the certificate by the requested server name.

        Args:
            is_emulated: Returns whether a host is emulated; a client that asks for another host gets an alert and no
                certificate.
        """
        settings = self._make_context("localhost")

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
            host = (name or "").lower()
            if not is_emulated(host):
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = self.context(host)
            return None

        settings.sni_callback = choose
        return settings

    def issue(self, host: str) -> bytes:
        """Returns a new certificate for a host, followed by the authority's, in PEM."""
        now = self._clock.now()
        leaf = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])]))
            .issuer_name(self.certificate.subject)
            .public_key(self._leaf_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _SLACK)
            .not_valid_after(self._leaf_end())
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        return leaf.public_bytes(pem) + self.certificate.public_bytes(pem)

    def _make_context(self, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        with tempfile.TemporaryDirectory() as name:  # the ssl module reads only files; this one is deleted at once
            file = Path(name) / "leaf.pem"
            file.touch(mode=0o600)
            file.write_bytes(self._leaf_key_pem + self.issue(host))
            context.load_cert_chain(file)
        return context

    def _leaf_end(self) -> datetime:
        """Returns when a certificate that is created now ends: never after the authority's own."""
        return min(self._clock.now() + _LEAF_VALID_FOR, self.certificate.not_valid_after_utc)

    def _ends_soon(self, end: datetime) -> bool:
        return end - self._clock.now() < RENEWED_BEFORE

    def _renew(self) -> None:
        """Gives the authority a new certificate if its own is about to end, for the same key, name and domains.

        Where the folder cannot be written, the old one is used as long as it is valid.

        Raises:
            EnvironmentProblem: the folder cannot be written, and the certificate has ended.
        """
        end = self.certificate.not_valid_after_utc
        if not self._ends_soon(end):
            return
        renewed = _self_signed(self._key, self._clock.now(), list(self.permitted_domains))
        certificate_pem = renewed.public_bytes(serialization.Encoding.PEM)
        try:
            KeyFolder(self.folder).replace("ca-private", _private_pem(self._key) + certificate_pem)
        except EnvironmentProblem:
            if end <= self._clock.now():
                raise
            return
        self.path.write_bytes(certificate_pem)
        self.certificate = renewed

    def _make(self, custom: list[str]) -> tuple[bytes, bytes]:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _self_signed(key, self._clock.now(), [*EMULATED_DOMAINS, *custom])
        return _private_pem(key), certificate.public_bytes(serialization.Encoding.PEM)

    def _require_coverage(self, custom: list[str]) -> None:
        """Requires that the authority may sign for everything that a new one could.

        It is not replaced here, because somebody may have trusted it, and another emulator may be using it.
        """
        missing = _outside(self.permitted_domains, [*EMULATED_DOMAINS, *custom])
        if missing:
            raise EnvironmentProblem(
                f"The local certificate authority may not sign for {', '.join(missing)}",
                explanation="It was made for another world, or by an older fedemu; what it may sign for is written "
                "into it.",
                expected=", ".join(self.permitted_domains),
                where=str(self.path),
                fix="Run fedemu ca remove and start again; whoever trusted the old one has to trust the new one.",
            )


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _self_signed(key: ec.EllipticCurvePrivateKey, now: datetime, domains: list[str]) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fedemu local CA (emulated names only)")])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    constraints = x509.NameConstraints(permitted_subtrees=[x509.DNSName(d) for d in domains], excluded_subtrees=None)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + _AUTHORITY_VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def permitted_domains(certificate: x509.Certificate) -> tuple[str, ...]:
    """Returns the domains that an authority's certificate lets it sign for."""
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    return tuple(name.value for name in constraints.permitted_subtrees or () if isinstance(name, x509.DNSName))


def missing_domains(certificate: x509.Certificate) -> list[str]:
    """Returns the emulated domains that an authority's certificate does not let it sign for."""
    return _outside(permitted_domains(certificate), EMULATED_DOMAINS)


def _outside(domains: Iterable[str], hosts: Iterable[str]) -> list[str]:
    """Returns the hosts that are in none of the domains."""
    suffixes = tuple(f".{domain}" for domain in domains)
    return sorted(host for host in hosts if not f".{host}".endswith(suffixes))


def remove_authority(folder: Path | None = None) -> list[Path]:
    """Deletes the authority and returns the deleted files."""
    folder = folder if folder is not None else data_folder()
    gone = [path for path in (folder / AUTHORITY_FILE, folder / "ca-private.pem") if path.exists()]
    for path in gone:
        path.unlink()
    return gone
