"""The private keys and certificates beside a world's file, and which of them match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from emulator.kernel.records import dataclass
from emulator.worldfile.text.read_files import UnreadableFile, bytes_of

_SUFFIXES = (".pem", ".key")
_MOST_FILES = 200
_LARGEST = 100_000
# XML signatures and encrypted assertions need RSA keys; others are skipped.
_PublicKeys = Mapping[str, RSAPublicKey]


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """The key files of a folder by their names, each with its public key."""

    private_keys: _PublicKeys
    certificates: _PublicKeys


def keys_in(folder: Path) -> KeyFiles:
    """Returns the private keys and the certificates in a folder."""
    private_keys: dict[str, RSAPublicKey] = {}
    certificates: dict[str, RSAPublicKey] = {}
    for path in _key_files((folder,)):
        content = _content(path)
        is_private = b"PRIVATE KEY" in content
        public = _public_key(content, is_private=is_private)
        if public is not None:
            (private_keys if is_private else certificates)[path.name] = public
    return KeyFiles(private_keys, certificates)


def pairs_in(folder: Path, given: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yields private keys with their own certificates, as in an app's ``signing``.

    Args:
        folder: Folder with the files.
        given: The app's ``signing``: a pair that shares a file with it comes first.
    """
    keys = keys_in(folder)
    pairs = [
        (name, other)
        for name, public in keys.private_keys.items()
        for other, certified in keys.certificates.items()
        if public == certified
    ]
    pairs.sort(key=lambda pair: sum(name not in given.values() for name in pair))
    yield from ({"private_key": one, "certificate": other} for one, other in pairs)


def private_key_of(app: Any, folder: Path) -> str:
    """Returns the name of the private key's file for the certificate that an app encrypts for; empty without one.

    Args:
        app: Settings of the app in the world.
        folder: Folder of the world's file; keys are looked up there and beside the certificate.
    """
    encryption = app.get("assertion_encryption") if isinstance(app, dict) else None
    certificate = encryption.get("certificate") if isinstance(encryption, dict) else None
    if not isinstance(certificate, str):
        return ""
    wanted = _public_key(_content(folder / certificate), is_private=False)
    if wanted is None:
        return ""
    files = _key_files({folder, (folder / certificate).parent})
    found = next((each for each in files if _public_key(_content(each), is_private=True) == wanted), None)
    return str(found.relative_to(folder)) if found is not None and found.is_relative_to(folder) else ""


def _key_files(folders: Iterable[Path]) -> list[Path]:
    """Returns the files that are named like a key or a certificate, within a limit."""
    folders = sorted(each for each in folders if each.is_dir())
    files = [each for folder in folders for each in sorted(folder.iterdir()) if each.suffix in _SUFFIXES]
    return files[:_MOST_FILES]


def _content(path: Path) -> bytes:
    """Returns the content of a file; empty if it is unreadable or too long for a key."""
    try:
        return bytes_of(path, limit=_LARGEST)
    except UnreadableFile:
        return b""


def _public_key(pem: bytes, *, is_private: bool) -> RSAPublicKey | None:
    """Returns the public key of a private key or certificate; None for other texts and kinds of keys."""
    try:
        key = (load_pem_private_key(pem, None) if is_private else load_pem_x509_certificate(pem)).public_key()
    except (ValueError, TypeError):
        return None
    return key if isinstance(key, RSAPublicKey) else None
