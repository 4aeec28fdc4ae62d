"""The private key and the certificate that an app signs with, from the files that a world names."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import WorldError
from emulator.world import World, read_world_file
from emulator.worldfile.schema.okta_app_schema import KeyFiles
from emulator.worldfile.text.yaml_data import Key
from idp.model import KeyPair
from idp.saml.keys import make_key_pair

_PRIVATE_KEY, _CERTIFICATE = "a private key", "an X.509 certificate"


def read_key_pair(world: World, key: Key, files: KeyFiles) -> KeyPair:
    """Reads the two files of a key pair. Whether they match is only found out by a login, as in production.

    Args:
        key: Key in the world that names the files.
        files: Names of the two files.

    Raises:
        WorldError: a file cannot be read, or does not contain in PEM what its setting requires.
    """
    at_private_key, at_certificate = (*key, "private_key"), (*key, "certificate")
    pair = KeyPair(
        read_world_file(world, at_private_key, files.private_key),
        read_world_file(world, at_certificate, files.certificate),
    )
    problems = [
        world.problem(at, f"{name}: this is {found}, not {wanted}", f"{wanted} in PEM")
        for at, name, wanted, found in (
            (at_private_key, files.private_key, _PRIVATE_KEY, _kind(pair.private_key_pem)),
            (at_certificate, files.certificate, _CERTIFICATE, _kind(pair.certificate_pem)),
        )
        if found != wanted
    ]
    if problems:
        raise WorldError(problems)
    return pair


def new_key_files(common_name: str) -> tuple[str, str]:
    """Creates a key, and returns its private part and a certificate for it, both in PEM."""
    pair = make_key_pair(common_name=common_name, clock=Clock(), ids=Ids())
    return pair.private_key_pem.decode(), pair.certificate_pem.decode()


@lru_cache(maxsize=128)  # every federation of a world reads its files, and checking a key takes long
def _kind(pem: bytes) -> str:
    """Returns a description of what a file contains."""
    if _is_read(lambda: load_pem_x509_certificate(pem)):
        return _CERTIFICATE
    if _is_read(lambda: load_pem_private_key(pem, None)):
        return _PRIVATE_KEY
    return "an encrypted private key" if b"ENCRYPTED" in pem else "something else"


def _is_read(read: Callable[[], object]) -> bool:
    try:
        read()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True
