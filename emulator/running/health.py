"""The state of this machine, for ``fedemu doctor``."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from emulator.kernel.errors import EnvironmentProblem
from emulator.network.keys import data_folder
from emulator.network.server import LOOPBACK
from emulator.running.browsers import find_browser


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one examination. A note does not stop anything."""

    subject: str
    verdict: Literal["ok", "note", "bad"]
    text: str


def examinations(*, port: int) -> Iterator[Finding]:
    """Yields the findings, one subject after another."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", "ok" if sys.version_info >= (3, 11) else "bad", version)
    yield _xml_libraries()
    yield _key_folder()
    yield _authority()
    yield _port(port)
    yield _browser()
    yield _judge()


def _xml_libraries() -> Finding:
    """lxml and xmlsec share objects in memory, so both must contain the same minor version of libxml2."""
    try:
        import xmlsec
        from lxml import etree
    except Exception as error:  # noqa: BLE001  xmlsec raises its own error at import when the lines differ
        return Finding("libxml2", "bad", f"lxml and xmlsec cannot work together: {error}")
    ours, theirs = etree.LIBXML_VERSION, xmlsec.get_libxml_version()
    text = f"lxml {'.'.join(map(str, ours))}, xmlsec {'.'.join(map(str, theirs))}"
    return Finding("libxml2", "ok" if tuple(ours[:2]) == tuple(theirs[:2]) else "bad", text)


def _key_folder() -> Finding:
    folder = data_folder() / "keys"
    if not folder.exists():
        return Finding("keys", "ok", f"{folder} will be made on first use")
    if not os.access(folder, os.W_OK):
        return Finding("keys", "bad", f"{folder} cannot be written; set FEDEMU_HOME")
    readable = [p.name for p in folder.glob("*.pem") if os.name == "posix" and stat.S_IMODE(p.stat().st_mode) & 0o077]
    if readable:
        return Finding("keys", "bad", f"others can read {', '.join(readable)} in {folder}: chmod 600")
    return Finding("keys", "ok", str(folder))


def _authority() -> Finding:
    from cryptography import x509

    from emulator.kernel.clock import Clock
    from emulator.network.certs import missing_domains

    path = data_folder() / "ca.pem"
    if not path.exists():
        return Finding("authority", "ok", f"{path} will be made on first use")
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        missing = missing_domains(certificate)
    except (OSError, ValueError, x509.ExtensionNotFound) as error:
        return Finding("authority", "bad", f"{path}: {error}; run fedemu ca remove")
    end = certificate.not_valid_after_utc
    if end <= Clock().now():
        return Finding("authority", "bad", f"{path} ended on {end:%Y-%m-%d}; run fedemu ca remove")
    if missing:
        text = f"{path} may not sign for {', '.join(missing)}; run fedemu ca remove"
        return Finding("authority", "bad", text)
    return Finding("authority", "ok", f"{path}, until {end:%Y-%m-%d}")


def _port(port: int) -> Finding:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            return Finding("port", "note", f"{port} is not free ({error.strerror}); use fedemu up --http 0")
    return Finding("port", "ok", f"{port} is free")


def _browser() -> Finding:
    try:
        return Finding("browser", "ok", find_browser().path)
    except EnvironmentProblem:
        return Finding("browser", "note", "none found on PATH; fedemu login needs none")


def _judge() -> Finding:
    found = shutil.which("xmlsec1")
    return Finding("xmlsec1", "ok" if found else "note", found or "not found; only the tests ask it for its judgement")
