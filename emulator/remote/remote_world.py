"""The people who can log in to a running emulator, and the owners of its hosts."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.kernel.errors import EnvironmentProblem, FederationError
from emulator.kernel.records import dataclass
from emulator.login_target import Tile
from emulator.network.gateway import PEOPLE_PATH
from emulator.network.hosts import Hosts
from emulator.remote.loopback import LoopbackAddress, loopback_address

_PATIENCE_SECONDS = 60
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class RemoteApp:
    """An app of an org that runs elsewhere.

    Args:
        org: The org's name.
        name: Name of the app.
        tiles: The way into it of each person of the org, by their login.
        roles: The values of the Role attribute that each assigned person gets.
        unknown: The way into it of anybody else.
    """

    org: str
    name: str
    tiles: Mapping[str, Tile]
    roles: Mapping[str, Sequence[str]]
    unknown: Tile

    @property
    def path(self) -> str:
        """Its name with the org's: ``acme/amazon-connect``."""
        return f"{self.org}/{self.name}"


@dataclass(frozen=True, slots=True)
class RemoteWorld:
    """What a running emulator has, at the time it was asked.

    Args:
        address: Where it listens.
        file: The world file that it serves.
        apps: Its apps, org by org.
        hosts: Whose host is whose there.
    """

    address: LoopbackAddress
    file: str
    apps: tuple[RemoteApp, ...]
    hosts: Hosts

    @classmethod
    def at(cls, url: str) -> RemoteWorld:
        """Asks an emulator who can log in to it.

        Args:
            url: Its address, such as ``http://127.0.0.1:7080``.

        Raises:
            FederationError: the address is not one of this machine.
            EnvironmentProblem: no emulator answers there.
        """
        address = loopback_address(url)
        data = _people(address)
        known = data["hosts"]
        hosts = Hosts(
            okta=known["okta"], connect=lambda: known["connect"], custom=lambda: known["custom"], only=known["only"]
        )
        apps = tuple(_app(org, app) for org in data["orgs"] for app in org["apps"])
        return cls(address, str(data["world"]), apps, hosts)

    def app(self, name: str) -> RemoteApp:
        """Returns an app by ``name`` or ``org/name``.

        Raises:
            FederationError: there is no such app, or several orgs have one.
        """
        found = [app for app in self.apps if name in {app.name, app.path}]
        if len(found) == 1:
            return found[0]
        words = f"Several orgs have an app {name}" if found else f"There is no Okta app {name}"
        raise FederationError(words, expected=" or ".join(app.path for app in found or self.apps), received=name)


def _app(org: Mapping[str, Any], app: Mapping[str, Any]) -> RemoteApp:
    def tile(password: str) -> Tile:
        return Tile(
            dashboard=org["dashboard"],
            link=app["link"],
            password=password,
            identity_provider_arn=app["identity_provider_arn"],
        )

    tiles = {user: tile(password) for user, password in org["passwords"].items()}
    return RemoteApp(org["name"], app["name"], tiles, app["roles"], tile(""))


def _people(address: LoopbackAddress) -> dict[str, Any]:
    connection = http.client.HTTPConnection(address.host, address.port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", PEOPLE_PATH)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        why = str(error) or type(error).__name__
        raise EnvironmentProblem(
            f"No emulator answers at {address.url}", explanation=why, fix="Start one with fedemu up."
        ) from None
    finally:
        connection.close()
    try:
        data: dict[str, Any] = json.loads(body)
        is_known = data["format"] == _FORMAT
    except (ValueError, TypeError, KeyError):
        data, is_known = {}, False
    if not is_known:
        raise EnvironmentProblem(
            f"What answers at {address.url} is not an emulator of this version",
            explanation=f"GET {PEOPLE_PATH} was answered with status {answer.status}.",
            fix="Start one with fedemu up.",
        )
    return data
