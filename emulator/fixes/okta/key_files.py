"""The private keys and certificates in a world's folder, and which of them belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

_MOST_FILES = 200
_LARGEST = 100_000
Numbers = Mapping[str, object]


def keys_in(folder: Path) -> tuple[Numbers, Numbers]:
    """Returns the private keys and the certificates in a folder, by file name, each with its public key's numbers."""
    private: dict[str, object] = {}
    certificates: dict[str, object] = {}
    for path in sorted(folder.glob("*.pem"))[:_MOST_FILES]:
        content = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
        try:
            if b"PRIVATE KEY" in content:
                found: Any = load_pem_private_key(content, password=None)
                if isinstance(found, RSAPrivateKey):
                    private[path.name] = found.public_key().public_numbers()
            elif b"BEGIN CERTIFICATE" in content:
                public = load_pem_x509_certificate(content).public_key()
                if isinstance(public, RSAPublicKey):
                    certificates[path.name] = public.public_numbers()
        except (ValueError, TypeError):
            continue
    return private, certificates


def pairs_in(folder: Path, given: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yields private keys with their own certificates, as an app's ``signing`` has them.

    Args:
        folder: Where the files are.
        given: What the app's ``signing`` has: a pair that shares a file with it comes before the others.
    """
    private, certificates = keys_in(folder)
    pairs = [(one, other) for one in private for other in certificates if private[one] == certificates[other]]
    pairs.sort(key=lambda pair: sum(name not in given.values() for name in pair))
    yield from ({"private_key": one, "certificate": other} for one, other in pairs)
