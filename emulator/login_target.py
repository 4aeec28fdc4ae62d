"""The target of a login: what the flow needs to know about a federation, in whichever process it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from emulator.kernel.clock import Clock
from emulator.kernel.records import dataclass

if TYPE_CHECKING:
    from emulator.browser import Browser  # requests, which it brings, is a fifth of the start


@dataclass(frozen=True, slots=True)
class Tile:
    """What a person needs to know to open an app.

    Args:
        dashboard: URL of the dashboard.
        link: URL behind the tile.
        password: Password of the person; empty for somebody who is not in the org.
        identity_provider_arn: ARN in the app's settings, for a call of STS.
    """

    dashboard: str
    link: str
    password: str = field(repr=False)
    identity_provider_arn: str


class LoginTarget(Protocol):
    """The target of logins: a federation in this process, or an emulator in another one."""

    @property
    def clock(self) -> Clock:
        """The time there; only the clock of a federation in this process can be advanced."""

    def browser(self) -> Browser:
        """Returns a new browser, without cookies."""

    def tile(self, app: str, *, user: str) -> Tile:
        """Returns a person's way into an app.

        Raises:
            FederationError: there is no such app.
        """

    def role_values(self, app: str, *, user: str) -> Sequence[str]:
        """Returns the values of the Role attribute that a person gets."""
