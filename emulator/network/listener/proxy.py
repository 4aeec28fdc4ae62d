"""What the proxy does with a request: a tunnel to an emulated host, one to an allowed host, or a refusal.

It is not an open relay: it reaches only emulated hosts, on port 443, and hosts that the user allowed by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from emulator.kernel.records import dataclass
from emulator.network.allowed_hosts import AllowedHosts
from emulator.network.hosts import Hosts, split_authority
from emulator.network.resemblance import resembling
from emulator.network.wsgi import Answer, plain_answer

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
PROXY = "fedemu proxy"
_MOST_TOLD = 200
_NONE_ALLOWED = AllowedHosts()
# Messages go to a terminal, and a client can send any characters.
_HOST = re.compile(r"[a-z0-9._-]{1,253}", re.ASCII)
HEAD_TOO_LARGE = plain_answer("431 Request Header Fields Too Large", "fedemu proxy: the request's head is too large.\n")


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The destination of a CONNECT. An emulated host is answered here, any other one is connected to."""

    host: str
    port: int
    is_emulated: bool


class Proxy:
    """Decides about requests to the proxy.

    Args:
        hosts: The emulated hosts.
        allowed_hosts: What may be connected to although it is not emulated.
        tell: Called with a refused host and a message for the user; once per host.
    """

    def __init__(
        self,
        hosts: Hosts,
        *,
        allowed_hosts: AllowedHosts = _NONE_ALLOWED,
        tell: Callable[[str, str], None] = lambda _host, _text: None,
    ) -> None:
        self._hosts = hosts
        self._allowed_hosts = allowed_hosts
        self._tell_once = tell
        self._told: set[str] = set()

    def decide(self, head: bytes) -> Tunnel | Answer:
        """Returns the tunnel for a request, or the answer to a request that gets none.

        Args:
            head: Request line and headers, as they were sent.
        """
        method, _, rest = head.decode("latin-1").partition(" ")
        target = rest.partition(" ")[0]
        return self._tunnel(*split_authority(target)) if method == "CONNECT" else self._without_tunnel(target)

    def _tunnel(self, host: str, port: str) -> Tunnel | Answer:
        if not host or not port or not 0 < int(port[:6]) < 65536:
            return plain_answer("400 Bad Request", "fedemu proxy: CONNECT needs host:port.\n")
        is_emulated = self._hosts.site(host) is not None
        if self._allowed_hosts.allows(host, int(port)):
            return Tunnel(host.strip("[]"), int(port), is_emulated)
        if not is_emulated:
            ports = self._allowed_hosts.ports_of(host)
            if ports:
                allowed = " and ".join(map(str, ports))
                text = f"fedemu proxy: {host} is allowed on port {allowed}, not on {port}. "
                return plain_answer("403 Forbidden", f"{text}To let it through: --allow {host}:{port}.\n")
            return plain_answer("403 Forbidden", self._not_emulated(host))
        if port != "443":
            text = f"fedemu proxy: {host} is emulated on port 443 only, not on {port}.\n"
            return plain_answer("403 Forbidden", text)
        return Tunnel(host, int(port), is_emulated)

    def _without_tunnel(self, target: str) -> Answer:
        """Answers a plain request: an emulated host redirects to https, as the real ones do."""
        try:
            parts = urlsplit(target)
            host = (parts.hostname or "").lower()
        except ValueError:
            host, parts = "", urlsplit("")
        if parts.scheme != "http" or not host:
            text = "fedemu proxy: this is a proxy; ask it for http:// or https:// addresses.\n"
            return plain_answer("400 Bad Request", text)
        if self._hosts.site(host) is None and self._allowed_hosts.has(host):
            text = f"fedemu proxy: {host} is allowed by https:// alone; plain http:// is not passed on.\n"
            return plain_answer("403 Forbidden", text)
        if self._hosts.site(host) is None:
            return plain_answer("403 Forbidden", self._not_emulated(host))
        location = f"https://{host}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
        return plain_answer("301 Moved Permanently", f"{location}\n", headers={"Location": location})

    def _tell(self, host: str, text: str) -> None:
        """Reports a host, unless it was reported or very many were: browsers keep asking for hosts of their own."""
        if host not in self._told and len(self._told) < _MOST_TOLD and _HOST.fullmatch(host):
            self._told.add(host)
            self._tell_once(host, text)

    def _not_emulated(self, host: str) -> str:
        known = "\n".join(f"  {name}" for name in self._hosts.known)
        like = resembling(host, self._hosts)
        self._tell(host, f"refused {host}, which nothing here has" + (f": {like}" if like else ""))
        return (
            f"fedemu proxy: {host} is not an emulated host, and nothing leaves this machine by default.\n"
            + (f"It resembles another: {like}.\n" if like else "")
            + f"To let it through: --allow {host}. Emulated are, with every AWS region:\n{known}\n"
        )
