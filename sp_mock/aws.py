"""AWS's side in one object: the services that share accounts, a clock and sessions, and their sites."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.store import Store
from sp_mock.accounts.model import Aws
from sp_mock.connect.agents import Agents
from sp_mock.connect.federation import ConnectFederation
from sp_mock.principals.credentials import CredentialStore
from sp_mock.signin.console_federation import ConsoleFederation
from sp_mock.signin.sign_in import DEFAULT_SETTINGS, SignIn, SignInSettings

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Cloud:
    """The services of AWS over one set of accounts. Each site is built when it is first asked for."""

    def __init__(
        self, aws: Aws, store: Store, *, clock: Clock, ids: Ids, sign_in: SignInSettings = DEFAULT_SETTINGS
    ) -> None:
        self.aws = aws
        self._clock = clock
        self._ids = ids
        self.sign_in = SignIn(aws, store, clock=clock, ids=ids, settings=sign_in)
        self.credentials = CredentialStore(store, clock=clock)
        self.console_federation = ConsoleFederation(self.credentials, store, clock=clock, ids=ids)
        self.connect = ConnectFederation(aws, store, clock=clock, ids=ids)
        self._agents = Agents(store, clock=clock)

    @cached_property
    def sign_in_site(self) -> WsgiApp:
        """``signin.aws.amazon.com``."""
        from sp_mock.signin.pages import sign_in_site

        return sign_in_site(self.sign_in, self.console_federation, clock=self._clock, ids=self._ids)

    @cached_property
    def console_site(self) -> WsgiApp:
        """``console.aws.amazon.com``."""
        from sp_mock.signin.console_pages import console_site

        return console_site(self.aws, self.sign_in, self.connect, clock=self._clock)

    @cached_property
    def sts_site(self) -> WsgiApp:
        """``sts.amazonaws.com``."""
        from sp_mock.sts.api import sts_site

        return sts_site(self.aws, self.credentials, clock=self._clock, ids=self._ids)

    @cached_property
    def iam_site(self) -> WsgiApp:
        """``iam.amazonaws.com``."""
        from sp_mock.iam.api import iam_site

        return iam_site(self.aws, self.credentials, clock=self._clock, ids=self._ids)

    @cached_property
    def service_provider_site(self) -> WsgiApp:
        """The pages of service providers that are nobody's: approved origins, and ACS URLs of custom apps."""
        from sp_mock.service_provider_pages import service_provider_site

        return service_provider_site()

    @cached_property
    def connect_site(self) -> WsgiApp:
        """``{alias}.my.connect.aws``."""
        from sp_mock.connect.instance_pages import instance_site

        return instance_site(self.aws, self.connect, self._agents, clock=self._clock)

    @cached_property
    def connect_api_site(self) -> WsgiApp:
        """``connect.{region}.amazonaws.com``."""
        from sp_mock.connect.service_api import service_api_site

        return service_api_site(self.aws, self.credentials, self.connect, clock=self._clock, ids=self._ids)
