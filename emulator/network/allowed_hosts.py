"""Hosts that the proxy may connect to although they are not emulated: ``--allow HOST`` and ``--allow HOST:PORT``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from emulator.kernel.errors import FederationError
from emulator.network.hosts import split_authority

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", re.ASCII)
_IPV6 = re.compile(r"\[[0-9a-f:.]{2,45}\]", re.ASCII)
_PORTS = range(1, 65536)


class AllowedHosts:
    """The hosts and ports that may be connected to.

    Args:
        texts: Each a host, which is allowed on every port, or a host and one port: ``files.example.com:8443``.

    Raises:
        FederationError: one is neither.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._ports: dict[str, set[int] | None] = {}
        for text in texts:
            host, port = _read(text)
            ports = self._ports.setdefault(host, set())
            if port is None or ports is None:
                self._ports[host] = None
            else:
                ports.add(port)

    def allows(self, host: str, port: int) -> bool:
        """Returns whether a host may be connected to on a port."""
        ports = self._ports.get(host, set())
        return ports is None or port in ports

    def ports_of(self, host: str) -> tuple[int, ...]:
        """Returns the ports to which a host is restricted; none where it is allowed on all or on none."""
        return tuple(sorted(self._ports.get(host) or ()))

    def has(self, host: str) -> bool:
        """Returns whether a host is allowed on any port."""
        return host in self._ports


def _read(text: str) -> tuple[str, int | None]:
    host, port = split_authority(text)
    if not (_HOST.fullmatch(host) or _IPV6.fullmatch(host)) or (port and int(port[:6]) not in _PORTS):
        raise FederationError(
            f"{text!r:.200} cannot be allowed: it is not a host, nor a host and a port",
            expected="a host such as files.example.com, or files.example.com:8443, without https:// and without a path",
        )
    return host, int(port) if port else None
