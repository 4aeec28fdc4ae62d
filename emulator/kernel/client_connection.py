"""How a request reached a service: from which address, with which program, and whether by HTTPS.

Everything that arrives over a socket comes from this machine, so a person's address is a setting. The code that makes a
request with a chosen address puts it under ``SOURCE_IP_KEY`` in the WSGI environment.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from emulator.kernel.records import dataclass
from emulator.kernel.trace_notes import ASKED_HOST_KEY, ASKED_SCHEME_KEY

SOURCE_IP_KEY = "fedemu.source-ip"
DEFAULT_SOURCE_IP = "127.0.0.1"
DEFAULT_ADDRESS = (
    f"{DEFAULT_SOURCE_IP} is the emulator's default address; source_ip of the Okta user, source_ip of a scenario's "
    "login or fedemu login --source-ip sets another"
)


@dataclass(slots=True, eq=False)
class KnownAddresses:
    """The addresses that people send their requests from, by the user names under which a service knows them."""

    by_name: Mapping[str, str] = field(default_factory=dict)

    def replace(self, by_name: Mapping[str, str]) -> None:
        """Replaces all addresses, for every service that shares this object."""
        self.by_name = by_name


NO_KNOWN_ADDRESSES = KnownAddresses()


@dataclass(frozen=True, slots=True)
class ClientConnection:
    """How a request reached a service.

    Args:
        source_ip: Address that was chosen for this request; empty when none was.
        user_agent: User-Agent header; empty when there is none.
        is_secure: Whether it came by HTTPS.
        host: Host that was asked; empty for a call that no client made.
        request_id: Id of the service's answer; empty where answers carry none.
        known_addresses: Addresses of people, for requests without a chosen one.
    """

    source_ip: str = ""
    user_agent: str = ""
    is_secure: bool = True
    host: str = ""
    request_id: str = ""
    known_addresses: KnownAddresses = NO_KNOWN_ADDRESSES

    @classmethod
    def of_request(
        cls, environ: Mapping[str, Any], known_addresses: KnownAddresses, *, request_id: str = ""
    ) -> ClientConnection:
        """Reads the WSGI environment of a request.

        An alias and the bare address represent the https URL: what arrives there counts as HTTPS, as it would in
        production. Plain HTTP to a real name does not.

        Args:
            environ: WSGI environment of the request.
            known_addresses: Addresses of people, for requests without a chosen one.
            request_id: Id under which the service answers.
        """
        host = environ.get("HTTP_HOST", "")
        stands_for_https = environ.get(ASKED_HOST_KEY, host).partition(":")[0] != host.partition(":")[0]
        return cls(
            source_ip=environ.get(SOURCE_IP_KEY, ""),
            user_agent=environ.get("HTTP_USER_AGENT", ""),
            is_secure=stands_for_https or environ.get(ASKED_SCHEME_KEY, "https") == "https",
            host=host,
            request_id=request_id,
            known_addresses=known_addresses,
        )

    def address_of(self, names: Iterable[str]) -> str:
        """Returns the address that a person's request comes from.

        Args:
            names: User names that the service knows the person by, such as the NameID and the RoleSessionName.
        """
        known = self.known_addresses.by_name
        return self.source_ip or next((known[name] for name in names if name in known), DEFAULT_SOURCE_IP)


UNKNOWN_CLIENT = ClientConnection()
