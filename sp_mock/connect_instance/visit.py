"""A page of an instance that is asked for without a session, and what is known of the browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from emulator.kernel.errors import ConnectRefusal
from sp_mock.accounts.model import Account, Instance
from sp_mock.connect_instance.sign_ins import InstanceSignIn

# Sec-Fetch-Storage-Access of a frame whose requests have no cookies.
WITHOUT_COOKIES = frozenset({"none", "inactive"})


class History(Protocol):
    """Who signed in before."""

    def by(self, browser: str) -> tuple[InstanceSignIn, ...]:
        """Returns the sign-ins of a browser, the latest first."""

    def to(self, instance_id: str) -> tuple[InstanceSignIn, ...]:
        """Returns the sign-ins to an instance whose sessions go on."""

    def goes_on(self, sign_in: InstanceSignIn) -> bool:
        """Returns whether the session of a sign-in goes on."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page of an instance that was asked for without a session.

    Args:
        account: The instance's, as it is now.
        instance: Which.
        base_url: At which of its domains.
        path: The page that was asked for first; empty where that was the login page.
        around: The origin of the page that framed or opened it; empty for none, or for a page of the instance's own.
        framed: Whether it is for a frame.
        browser: The User-Agent.
        storage_access: The Sec-Fetch-Storage-Access header: ``active`` where third-party cookies would have come.
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
