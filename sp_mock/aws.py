"""AWS's side in one object: the services, which share accounts, clock and sessions, and their sites."""

from __future__ import annotations

from functools import cached_property

from emulator.kernel.client_connection import NO_KNOWN_ADDRESSES, KnownAddresses
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.framed_pages import FramedPages
from emulator.kernel.page_notice import PageNotice
from emulator.kernel.services import Services, WsgiApp
from emulator.kernel.store import Store
from emulator.kernel.why_box import WhyBox
from sp_mock.accounts.model import Aws
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.connect.federation import ConnectFederation
from sp_mock.connect_instance.agents import Agents
from sp_mock.connect_instance.sign_ins import SignIns
from sp_mock.principals.callers import Authorizer, Keyring
from sp_mock.principals.credentials import CredentialStore
from sp_mock.signin.console_federation import ConsoleFederation
from sp_mock.signin.sign_in import DEFAULT_SETTINGS, SignIn, SignInSettings


class AwsServices:
    """The services of AWS over one set of accounts.

    Args:
        store: Where sessions are kept.
        clock: AWS's clock.
        ids: Source of identifiers and secrets.
        sign_in: Settings of the sign-in page.
        known_addresses: The addresses that users send their requests from, for requests that carry none themselves.
        framed_pages: Which pages outside AWS are shown in frames themselves; by default none are known.
        why_box: HTML that pages show below a refusal; by default the refusal's own explanation.
        page_notice: HTML that pages show at the top; nothing by default.
    """

    def __init__(
        self,
        aws: Aws,
        store: Store,
        *,
        clock: Clock,
        ids: Ids,
        sign_in: SignInSettings = DEFAULT_SETTINGS,
        known_addresses: KnownAddresses = NO_KNOWN_ADDRESSES,
        framed_pages: FramedPages | None = None,
        why_box: WhyBox | None = None,
        page_notice: PageNotice | None = None,
    ) -> None:
        self.aws = aws
        self.history = EventHistory(store, clock=clock, ids=ids)
        self.connect = ConnectFederation(aws, store, clock=clock, ids=ids)
        self.sign_in = SignIn(
            aws,
            store,
            clock=clock,
            ids=ids,
            history=self.history,
            settings=sign_in,
            instances_open_to=self.connect.instances_open_to,
        )
        self.credentials = CredentialStore(store, clock=clock)
        self.console_federation = ConsoleFederation(self.credentials, store, clock=clock, ids=ids)
        self.services = Services()
        self.services.provide(WhyBox, why_box or WhyBox())
        self.services.provide(PageNotice, page_notice or PageNotice())
        self.services.provide(Aws, aws)
        self.services.provide(KnownAddresses, known_addresses)
        self.services.provide(Clock, clock)
        self.services.provide(Ids, ids)
        self.services.provide(EventHistory, self.history)
        self.services.provide(SignIn, self.sign_in)
        self.services.provide(CredentialStore, self.credentials)
        self.services.provide(Keyring, Keyring(aws, self.credentials))
        self.services.provide(Authorizer, Authorizer(aws, clock=clock))
        self.services.provide(ConsoleFederation, self.console_federation)
        self.services.provide(ConnectFederation, self.connect)
        self.services.provide(Agents, Agents(store, clock=clock))
        self.services.provide(SignIns, SignIns(store, clock=clock))
        self.services.provide(FramedPages, framed_pages or FramedPages())

    @cached_property
    def sign_in_site(self) -> WsgiApp:
        """``signin.aws.amazon.com``."""
        from sp_mock.signin.site import sign_in_site

        return self.services.bind(sign_in_site())

    @cached_property
    def console_site(self) -> WsgiApp:
        """``console.aws.amazon.com``."""
        from sp_mock.console.site import console_site

        return self.services.bind(console_site())

    @cached_property
    def sts_site(self) -> WsgiApp:
        """``sts.amazonaws.com``."""
        from sp_mock.sts.api import sts_site

        return self.services.bind(sts_site())

    @cached_property
    def iam_site(self) -> WsgiApp:
        """``iam.amazonaws.com``."""
        from sp_mock.iam_api.api import iam_site

        return self.services.bind(iam_site())

    @cached_property
    def service_provider_site(self) -> WsgiApp:
        """The pages of service providers that are not emulated: approved origins, and ACS URLs of custom apps."""
        from sp_mock.service_provider_pages import service_provider_site

        return self.services.bind(service_provider_site())

    @cached_property
    def connect_site(self) -> WsgiApp:
        """``{alias}.my.connect.aws``."""
        from sp_mock.connect_instance.site import connect_site

        return self.services.bind(connect_site())

    @cached_property
    def connect_api_site(self) -> WsgiApp:
        """``connect.{region}.amazonaws.com``."""
        from sp_mock.connect_api.api import service_api_site

        return self.services.bind(service_api_site())

    @cached_property
    def cloudtrail_site(self) -> WsgiApp:
        """``cloudtrail.{region}.amazonaws.com``."""
        from sp_mock.cloudtrail_api.api import cloudtrail_site

        return self.services.bind(cloudtrail_site())
