"""The address on this machine where an emulator listens: nothing here is ever sent to any other."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class LoopbackAddress:
    """An address of this machine that no other one reaches: a literal IP address, and a port."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The address as emulators print theirs: ``http://127.0.0.1:7080``."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def loopback_address(url: str) -> LoopbackAddress:
    """Reads the address of an emulator, such as ``http://127.0.0.1:7080``. No name is looked up.

    Raises:
        FederationError: it is not one of this machine.
    """
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        name, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        parts, name, port = urlsplit(""), "", None
    host = _HOST if name == "localhost" or name.endswith(".localhost") else name
    if parts.scheme != "http" or parts.username is not None or not _is_loopback(host):
        raise FederationError(
            f"{url} is not an emulator of this machine",
            explanation="Nothing is ever sent to another machine.",
            expected="the address that fedemu up prints, such as http://127.0.0.1:7080",
            received=url,
        )
    return LoopbackAddress(host, port or 80)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
