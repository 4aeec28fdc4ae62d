"""Private keys beside a world file: which one belongs to the certificate with which an app encrypts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

_SUFFIXES = (".pem", ".key")
_MOST_FILES = 50
_LARGEST = 20_000


def private_key_of(app: Any, folder: Path) -> str:
    """Returns the name of the file with the private key of the certificate that an app encrypts for; empty without one.

    Args:
        app: What a world says of the app.
        folder: Where the world's file is; key files are looked for there and beside the certificate.
    """
    encryption = app.get("assertion_encryption") if isinstance(app, dict) else None
    certificate = encryption.get("certificate") if isinstance(encryption, dict) else None
    if not isinstance(certificate, str):
        return ""
    wanted = _public_key(folder / certificate)
    if not wanted:
        return ""
    beside = {folder, (folder / certificate).parent}
    files = [each for path in sorted(beside) for each in sorted(path.iterdir()) if each.suffix in _SUFFIXES]
    found = next((each for each in files[:_MOST_FILES] if _public_key(each, private=True) == wanted), None)
    return str(found.relative_to(folder)) if found is not None and found.is_relative_to(folder) else ""


def _public_key(path: Path, *, private: bool = False) -> bytes:
    """Returns the public key of a certificate or of a private key in PEM; empty for another file."""
    try:
        if path.stat().st_size > _LARGEST:
            return b""
        pem = path.read_bytes()
        key = (load_pem_private_key(pem, None) if private else x509.load_pem_x509_certificate(pem)).public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (OSError, ValueError, TypeError):
        return b""
