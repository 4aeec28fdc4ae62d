"""A running emulator, as a federation that people can be logged in to over a socket.

with RemoteFederation.at("http://127.0.0.1:7080") as emulator:
    login = log_in(emulator, user="hanako@example.com", app="amazon-connect")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from emulator.browser import Browser
from emulator.kernel.clock import Clock
from emulator.login_target import Tile
from emulator.network.trace import Exchange
from emulator.network.wsgi import Answer
from emulator.remote.remote_gateway import RemoteGateway
from emulator.remote.remote_world import RemoteWorld


class RemoteFederation:
    """A connection to a running emulator, and browsers that use it one after the other.

    Args:
        world: Who can log in there.
        listen: Gets each exchange, with its answer.
    """

    def __init__(
        self,
        world: RemoteWorld,
        *,
        listen: Callable[[Exchange, Answer], None] = lambda _exchange, _answer: None,
    ) -> None:
        self.world = world
        self._clock = Clock()
        self._gateway = RemoteGateway(world.address, world.hosts, clock=self._clock, listen=listen)

    @classmethod
    def at(cls, url: str) -> RemoteFederation:
        """Asks an emulator who can log in to it.

        Raises:
            FederationError: the address is not one of this machine.
            EnvironmentProblem: no emulator answers there.
        """
        return cls(RemoteWorld.at(url))

    @property
    def clock(self) -> Clock:
        """The clock of this machine: the remote emulator does not wait for anybody here."""
        return self._clock

    def browser(self) -> Browser:
        """Returns a new browser, without cookies."""
        return Browser(self._gateway)

    def tile(self, app: str, *, user: str) -> Tile:
        """Returns a person's way into an app.

        Raises:
            FederationError: there is no such app, or several orgs have one.
        """
        found = self.world.app(app)
        return found.tiles.get(user, found.unknown)

    def role_values(self, app: str, *, user: str) -> Sequence[str]:
        """Returns the values of the Role attribute that a person gets."""
        return self.world.app(app).roles.get(user, ())

    def close(self) -> None:
        """Ends the connection."""
        self._gateway.close()

    def __enter__(self) -> RemoteFederation:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
