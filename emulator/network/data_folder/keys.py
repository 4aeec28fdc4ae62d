"""Key pairs in the data folder: created once, stored with mode 0600, found again by the next start."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from emulator.kernel.errors import EnvironmentProblem
from emulator.network.data_folder.private_files import make_private_folder, write_privately
from emulator.worldfile.text.read_files import UnreadableFile, own_bytes_of

_LARGEST = 100_000
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
_PRIVATE_KEY = b"-----BEGIN "
_lock = threading.Lock()
# What a killed process leaves of ``_keep`` and of ``replace``: the names are ``tempfile.mkstemp``'s and ours.
_LEFTOVER = re.compile(r"(\..+\.pem)?\.new-[a-z0-9_]{8}")
# No process writes a pair for as long; one that was suspended meanwhile writes it once more.
_LEFT_SECONDS = 3600
_OWN_FILES = frozenset({"keys", "ca.pem", "ca-private.pem", "running.json"})


def data_folder() -> Path:
    """Returns fedemu's data folder: ``$FEDEMU_HOME``, or the platform's place for user data."""
    home = os.environ.get("FEDEMU_HOME")
    if home:
        return Path(home)
    from platformdirs import user_data_path

    return user_data_path("fedemu", appauthor=False)


def make_data_folder() -> Path:
    """Makes the data folder, readable by its owner only, and returns it.

    One that is there already and open to others is closed to them, unless ``FEDEMU_HOME`` names a folder that others'
    files are in as well: that is for its owner to decide.

    Raises:
        OSError: it cannot be made.
    """
    folder = data_folder()
    make_private_folder(folder)
    mode = stat.S_IMODE(folder.stat().st_mode)
    is_ours = not os.environ.get("FEDEMU_HOME") or {each.name for each in folder.iterdir()} <= _OWN_FILES
    if mode & 0o077 and is_ours:
        with contextlib.suppress(PermissionError):
            folder.chmod(mode & 0o700)
    return folder


class KeyFolder:
    """A folder of key pairs in PEM form.

    Args:
        folder: The folder; created when the first pair is stored.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else data_folder() / "keys"

    def pair(self, name: str, make: Callable[[], tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
        """Returns the private key and the certificate stored under ``name``, created by ``make`` if there are none.

        Raises:
            EnvironmentProblem: the folder cannot be read or written.
        """
        path = self.path(name)
        try:
            with _lock:
                if not path.exists():
                    self._keep(path, b"".join(make()))
                return _read_pair(path)
        except OSError as error:
            raise _unusable(path, error) from None

    def path(self, name: str) -> Path:
        """Returns the file in which the pair of that name is, or will be."""
        return self.folder / f"{name}.pem"

    def replace(self, name: str, pem: bytes) -> None:
        """Replaces the private key and certificate stored under ``name``.

        Raises:
            EnvironmentProblem: the folder cannot be written.
        """
        path = self.path(name)
        try:
            with _lock:
                write_privately(path, pem)
                self._remove_leftovers(now=path.stat().st_mtime)
        except OSError as error:
            raise _unusable(path, error) from None

    def _keep(self, path: Path, pem: bytes) -> None:
        """Writes to a temporary name first, so that two simultaneous starts leave one complete file."""
        make_private_folder(self.folder)
        if not self._is_kept(path, pem):
            self._is_kept(path, pem)

    def _is_kept(self, path: Path, pem: bytes) -> bool:
        """Returns whether a pair is there now: not if another process took the temporary file for a leftover."""
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".new-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                now = os.fstat(file.fileno()).st_mtime  # the time of the disk, which may be another machine's
                temporary.chmod(0o600)  # mkstemp asks for it, and a umask can take even the owner's rights away
                file.write(pem)
            self._remove_leftovers(now=now)
            os.link(temporary, path)
        except FileExistsError:
            pass
        except FileNotFoundError:
            return False
        finally:
            temporary.unlink(missing_ok=True)
        return True

    def _remove_leftovers(self, *, now: float) -> None:
        """Deletes the unfinished pairs of processes that were killed; what cannot be deleted stays.

        Args:
            now: The time by the clock of the disk, in seconds of the epoch.
        """
        for each in self.folder.iterdir():
            with contextlib.suppress(OSError):
                found = each.lstat()
                is_old = _LEFTOVER.fullmatch(each.name) and now - found.st_mtime > _LEFT_SECONDS
                if is_old and stat.S_ISREG(found.st_mode) and _begins_as_a_pair(each):
                    each.unlink()


class KeysInMemory(KeyFolder):
    """The key pairs of a folder, with new ones kept in memory, so that nothing is written.

    Args:
        folder: Folder that may contain pairs.
        known: Known pairs by name, which are not looked up.
    """

    def __init__(self, folder: Path, known: Mapping[str, tuple[bytes, bytes]]) -> None:
        super().__init__(folder)
        self._pairs = dict(known)

    def pair(self, name: str, make: Callable[[], tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
        """Returns the pair that is known under ``name`` or is in the folder, or a new one that is kept in memory."""
        if name not in self._pairs:
            path = self.path(name)
            self._pairs[name] = _read_pair(path) if path.exists() else make()
        return self._pairs[name]


def _unusable(path: Path, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"The key folder cannot be used: {error.strerror}",
        where=str(path),
        fix="Set FEDEMU_HOME to a folder that can be written.",
    )


def _read_pair(path: Path) -> tuple[bytes, bytes]:
    """Returns the private key and the certificate in a file.

    Raises:
        EnvironmentProblem: the file does not hold both, or is not one.
    """
    try:
        key, marker, certificate = own_bytes_of(path, limit=_LARGEST).partition(_CERTIFICATE)
    except UnreadableFile as error:
        raise _bad_file(path, error.message) from None
    if not _is_pair(key, marker + certificate):
        raise _bad_file(path, "it does not hold a private key and its certificate")
    return key, marker + certificate


def _bad_file(path: Path, why: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"The key file cannot be used: {why}",
        where=str(path),
        fix="Delete it, and another key is made; whoever was given its certificate needs the new one.",
    )


def _begins_as_a_pair(path: Path) -> bool:
    """Returns whether a file holds the beginning of a private key, or nothing yet."""
    with path.open("rb") as file:
        begin = file.read(len(_PRIVATE_KEY))
    return _PRIVATE_KEY.startswith(begin)


@lru_cache(maxsize=256)
def _is_pair(key: bytes, certificate: bytes) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate

    try:
        private = load_pem_private_key(key, None, unsafe_skip_rsa_key_validation=True)
        return bool(private.public_key() == load_pem_x509_certificate(certificate).public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
