"""A request for an instance's page without a session, and what is known of the browser."""

from __future__ import annotations

from typing import Protocol

from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.records import dataclass
from sp_mock.accounts.model import Account, Instance
from sp_mock.connect_instance.sign_ins import InstanceSignIn

# The Sec-Fetch-Storage-Access header of a frame whose requests have no cookies.
WITHOUT_COOKIES = frozenset({"none", "inactive"})


class History(Protocol):
    """Earlier sign-ins."""

    def by(self, browser: str) -> tuple[InstanceSignIn, ...]:
        """Returns the sign-ins of a browser, the latest first."""

    def to(self, instance_id: str) -> tuple[InstanceSignIn, ...]:
        """Returns the sign-ins to an instance whose sessions are still running."""

    def goes_on(self, sign_in: InstanceSignIn) -> bool:
        """Returns whether the session of a sign-in is still running."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for an instance's page without a session.

    Args:
        account: Account of the instance, in its current state.
        base_url: The domain of the instance that was asked.
        path: The page that was asked for first; empty where that was the login page.
        around: Origin of the page that framed or opened it; empty when there is none, or it is one of the instance's
            own.
        framed: Whether the page is for a frame.
        browser: The User-Agent.
        storage_access: The Sec-Fetch-Storage-Access header: ``active`` where third-party cookies would have been sent.
        unapproved: The refusal of the frame by its origin, if there is one.
    """

    account: Account
    instance: Instance
    base_url: str
    path: str
    around: str
    framed: bool
    browser: str
    storage_access: str = ""
    unapproved: ConnectRefusal | None = None

    @property
    def url(self) -> str:
        """The address that was asked for."""
        return self.base_url + (self.path.removeprefix("/connect") or "/login")
