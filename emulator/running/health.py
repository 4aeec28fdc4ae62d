"""The state of this machine, for ``fedemu doctor``."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from emulator.kernel.clock import Clock
from emulator.kernel.errors import EnvironmentProblem, WorldError
from emulator.network.listener.server import LOOPBACK
from emulator.running import key_health
from emulator.running.browsers import find_browser
from emulator.running.finding import Finding
from emulator.running.package_names import OWN_FOLDER, foreign_packages, hiding_names
from emulator.world import load_world


def examinations(*, port: int, world_file: Path, clock: Clock | None = None) -> Iterator[Finding]:
    """Yields the findings, one subject after another.

    Args:
        port: Port that has to be free.
        world_file: World whose signing keys are examined.
        clock: The true time, which clients compare certificates with.
    """
    clock = clock or Clock()
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", "ok" if sys.version_info >= (3, 11) else "bad", version)
    yield _xml_libraries()
    yield _packages(Path.cwd())
    yield key_health.authority(clock)
    yield key_health.key_folder()
    try:
        yield from key_health.signing_keys(load_world(world_file), clock)
    except WorldError as error:
        yield Finding("world", "note", f"{error.message}; fedemu check says where. Its keys are not looked at")
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


def _packages(folder: Path) -> Finding:
    foreign = list(foreign_packages())
    if foreign:
        return Finding("packages", "bad", f"{', '.join(foreign)}; the others are in {OWN_FOLDER}")
    hiding = hiding_names(folder)
    if hiding:
        verb = "hides" if len(hiding) == 1 else "hide"
        text = f"{', '.join(hiding)} in {folder} {verb} ours from tests and programs that are started there"
        return Finding("packages", "note", text)
    return Finding("packages", "ok", str(OWN_FOLDER))


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
