"""Where the keys of a world are stored and when their certificates end, for ``fedemu doctor``."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from emulator.kernel.clock import Clock
from emulator.network.data_folder.certs import AUTHORITY_FILE, RENEWED_BEFORE, missing_domains
from emulator.network.data_folder.keys import data_folder
from emulator.running.finding import Finding, Verdict
from emulator.world import World

_WORTH_KNOWING = timedelta(days=60)  # long enough to register a new certificate in a real account without haste


def authority(clock: Clock) -> Finding:
    """Returns the finding about the local certificate authority."""
    path = data_folder() / AUTHORITY_FILE
    if not path.exists():
        return Finding("authority", "ok", f"{path} will be made on first use")
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        missing = missing_domains(certificate)
    except (OSError, ValueError, x509.ExtensionNotFound) as error:
        return Finding("authority", "bad", f"{path}: {error}; run fedemu ca remove")
    if missing:
        text = f"{path} may not sign for {', '.join(missing)}; run fedemu ca remove"
        return Finding("authority", "bad", text)
    end = certificate.not_valid_after_utc
    text = f"{path}, until {end:%Y-%m-%d}; its key is ca-private.pem beside it"
    if end - clock.now() < RENEWED_BEFORE:
        return Finding("authority", "note", f"{text}. The next start renews it with the same key")
    return Finding("authority", "ok", text)


def key_folder() -> Finding:
    """Returns whether the folder of signing keys is usable by its owner, and by nobody else."""
    folder = data_folder() / "keys"
    if not folder.exists():
        return Finding("keys", "ok", f"{folder} will be made on first use")
    if not os.access(folder, os.W_OK):
        return Finding("keys", "bad", f"{folder} cannot be written; set FEDEMU_HOME")
    readable = [p.name for p in folder.glob("*.pem") if os.name == "posix" and stat.S_IMODE(p.stat().st_mode) & 0o077]
    if readable:
        return Finding("keys", "bad", f"others can read {', '.join(readable)} in {folder}: chmod 600")
    return Finding("keys", "ok", str(folder))


def signing_keys(world: World, clock: Clock) -> Iterator[Finding]:
    """Yields findings about each app's signing certificate, and then about keys of other worlds in the folder.

    A signing certificate is never renewed here: it is registered at the account that it signs for, which would refuse
    every login with another one.
    """
    folder = data_folder() / "keys"
    ours = set()
    for org, settings in world.settings.okta.items():
        for name, app in settings.apps.items():
            if app.signing is not None:
                path, key = world.folder / app.signing.certificate, str(world.folder / app.signing.private_key)
            else:
                path, key = folder / f"{org}.{name}.pem", "in the same file"
            ours.add(path)
            yield _certificate(f"{org}/{name}", path, key, clock.now())
    others = sorted(path for path in folder.glob("*.pem") if path not in ours)
    if others:
        yield _others(folder, others, clock.now())


def _certificate(app: str, path: Path, key: str, now: datetime) -> Finding:
    if not path.exists():
        return Finding("signing key", "ok", f"{app}: {path} will be made on first use")
    end = _end(path)
    if end is None:
        return Finding("signing key", "bad", f"{app}: {path} holds no certificate in PEM")
    if end - now >= _WORTH_KNOWING:
        return Finding("signing key", "ok", f"{app}: {path}, until {end:%Y-%m-%d}; the private key is {key}")
    verb = "ended" if end <= now else "ends"
    text = f"{app}: {path} {verb} on {end:%Y-%m-%d} and is never renewed by itself; the emulated AWS accepts it"
    return Finding("signing key", "note", f"{text}. For a new one delete the file and register the new metadata")


def _others(folder: Path, paths: list[Path], now: datetime) -> Finding:
    """Returns one line about the keys of other worlds: how many there are, and when the first of them ends."""
    ends = {path: end for path in paths if (end := _end(path)) is not None}
    count = f"{len(paths)} more {'key' if len(paths) == 1 else 'keys'} of other worlds and of orgs' tokens in {folder}"
    if not ends:
        return Finding("signing key", "ok", count)
    first = min(ends, key=lambda path: ends[path])
    verdict: Verdict = "note" if ends[first] - now < _WORTH_KNOWING else "ok"
    return Finding("signing key", verdict, f"{count}; the first to end is {first.name}, on {ends[first]:%Y-%m-%d}")


def _end(path: Path) -> datetime | None:
    """Returns when the first certificate in a file ends, or None if none can be read."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None
