"""A world made real: both sides on one clock, behind one gateway. This is the object a test holds.

    federation = Federation.load("world.yaml")
    page = federation.browser().open("https://acme.okta.com/")

The two sides meet only over HTTP, by the form post and by the metadata document that is handed over here once, as an
administrator would download and upload it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from emulator.building.models import Models, app_named, build_models
from emulator.building.okta_orgs import OktaBuilder
from emulator.building.organizations import addresses_of
from emulator.kernel.client_connection import KnownAddresses
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError
from emulator.kernel.failures import Failures
from emulator.kernel.framed_pages import FramedPages
from emulator.kernel.limits import ReachedLimits
from emulator.kernel.outbound import send_nowhere
from emulator.kernel.page_notice import PageNotice
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store, Table
from emulator.kernel.why_box import WhyBox
from emulator.login_target import Tile
from emulator.network.calls.outbound import Outbound, is_loopback
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.gateway import Gateway
from emulator.network.hosts import Hosts, Site
from emulator.network.wsgi import Environ, StartResponse, WsgiApp
from emulator.seeds.seed_report import as_left_out, left_out_of, with_left_out
from emulator.world import World, load_world
from emulator.worldfile.text.yaml_data import Key
from idp import model as okta
from idp.provider import IdentityProvider
from idp.signon.next_logins import NextLogin, NextLogins
from sp_mock.accounts.model import Account, Aws

if TYPE_CHECKING:
    from emulator.browser import Browser
    from idp.saml.derivation import IssuingRecord
    from sp_mock.aws import AwsServices
    from sp_mock.signin.sign_in import SignInSettings


@dataclass(frozen=True, slots=True)
class LoadedState:
    """A state that was loaded instead of what was built.

    Args:
        source: Where it was loaded from.
        owners: Orgs and accounts in it, by their keys in a world.
    """

    source: str
    owners: Mapping[Key, okta.Org | Account]


@dataclass(frozen=True, slots=True)
class MadeModels:
    """Models of both sides that are already built.

    Args:
        built: As the world says.
        running: The initial running state.
        built_at: When they were built.
    """

    built: Models
    running: Models
    built_at: datetime


@dataclass(frozen=True, slots=True)
class Instants:
    """The time by AWS's clock, and by the identity provider's."""

    clock: datetime
    idp_clock: datetime


class Federation:
    """An Okta org, AWS and Amazon Connect, built from one world.

    Args:
        world: World to build.
        clock: Clock of both sides; the system's by default.
        idp_clock: Separate clock of the identity provider, for one that is wrong; by default the same.
        ids: Source of identifiers and secrets; random by default.
        keys: Folder of signing keys; by default the data folder.
        only: The only side that is emulated; None for both.
        made: Models that are already built; such a federation notifies nobody outside.

    Raises:
        WorldError: a policy, a metadata file or a group filter of the world cannot be used.
    """

    def __init__(
        self,
        world: World,
        *,
        clock: Clock | None = None,
        idp_clock: Clock | None = None,
        ids: Ids | None = None,
        keys: KeyFolder | None = None,
        only: Literal["idp", "aws"] | None = None,
        made: MadeModels | None = None,
    ) -> None:
        self.world = world
        self.only = only
        self.clock = clock or Clock()
        self.idp_clock = idp_clock or self.clock
        self.ids = ids or Ids()
        self.failures = Failures()
        self.limits = ReachedLimits()
        self.store = Store(clock=self.clock, limits=self.limits)
        self.keys = keys or KeyFolder()
        self.known_addresses = KnownAddresses(addresses_of(world.settings.okta))
        # What the world says, to distinguish it from later changes.
        self.built = made.built if made else build_models(world, clock=self.clock, ids=self.ids, keys=self.keys)
        self.world = _with_left_out(world, self.built)
        self.built_at = made.built_at if made else self.clock.now()
        self.page_notice = PageNotice()
        # Held while the world is read again, so that the last one read is the one served.
        self.reading_lock = threading.Lock()
        running = made.running if made else self.built
        self.outbound = Outbound(lambda: self.gateway)
        self.next_logins = NextLogins()
        self._is_copy = made is not None
        self.identity_providers = {name: self._identity_provider(name, org) for name, org in running.orgs.items()}
        # Includes orgs of worlds that were served earlier, whose tables still exist.
        self._retired: dict[str, IdentityProvider] = {}
        self.framed_pages = FramedPages()
        self.loaded_state: LoadedState | None = None
        self.aws = Aws(running.accounts.values())
        self.aws_why_box = WhyBox()
        self._aws_services: AwsServices | None = None
        self._aws_lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Federation of {self.world.document.file}>"

    def _identity_provider(self, name: str, org: okta.Org) -> IdentityProvider:
        builder = OktaBuilder(self.world, clock=self.clock, ids=self.ids, keys=self.keys)
        return IdentityProvider(
            org,
            self.store,
            clock=self.idp_clock,
            ids=self.ids,
            send=send_nowhere if self._is_copy else self.outbound,
            token_key=None if self._is_copy else partial(builder.token_key, name),
            known_addresses=self.known_addresses,
            next_logins=self.next_logins,
            page_notice=self.page_notice,
            failures=self.failures,
            limits=self.limits,
        )

    def take_world(self, world: World, *, built: Models, running: Models) -> None:
        """Switches to another world, between two requests: sessions and histories stay.

        Args:
            built: The models as the world says.
            running: The models that run from now on: the world's, with changes by calls.
        """
        with self.store.lock:
            self.built, self.built_at = built, self.clock.now()
            self.world = _with_left_out(world, built)
            self.known_addresses.replace(addresses_of(world.settings.okta))
            known = {**self._retired, **self.identity_providers}
            providers = {name: known.get(name) or self._identity_provider(name, o) for name, o in running.orgs.items()}
            for name, org in running.orgs.items():
                providers[name].directory.replace(org)
                providers[name].why_box.explain = self.aws_why_box.explain
                providers[name].why_box.links = self.aws_why_box.links
            self._retired = {name: each for name, each in known.items() if name not in providers}
            self.identity_providers = providers
            self.hosts.okta = {each.org.host: name for name, each in providers.items()}
            self.aws.replace(running.accounts.values())
            if self._aws_services is not None:
                self._aws_services.sign_in.settings = self._sign_in_settings()
            self.__dict__.pop("_custom_site", None)

    @classmethod
    def load(cls, path: str | Path) -> Federation:
        """Builds the world in a file.

        Raises:
            WorldError: the file cannot be used.
        """
        return cls(load_world(Path(path)))

    @property
    def aws_services(self) -> AwsServices:
        """AWS's side, created on first use, so that Okta's pages need not wait for it."""
        with self._aws_lock:
            if self._aws_services is None:
                from sp_mock.aws import AwsServices

                self._aws_services = AwsServices(
                    self.aws,
                    self.store,
                    clock=self.clock,
                    ids=self.ids,
                    sign_in=self._sign_in_settings(),
                    known_addresses=self.known_addresses,
                    framed_pages=self.framed_pages,
                    why_box=self.aws_why_box,
                    page_notice=self.page_notice,
                )
            return self._aws_services

    def _sign_in_settings(self) -> SignInSettings:
        from sp_mock.signin.sign_in import RoleChooser, SignInSettings

        settings = self.world.settings.sign_in
        return SignInSettings(role_chooser=RoleChooser(settings.role_chooser), multi_session=settings.multi_session)

    @property
    def tables(self) -> Mapping[str, Table[Any]]:
        """Everything that is kept, by name: sessions, credentials, histories."""
        _ = self.aws_services  # its services make their tables with themselves
        return self.store.tables

    @property
    def as_built(self) -> Mapping[Key, okta.Org | Account]:
        """The orgs and accounts as built from the world, by their keys in it."""
        return self.built.by_key

    @property
    def running(self) -> Models:
        """The orgs and accounts in their current state."""
        orgs = {name: provider.org for name, provider in self.identity_providers.items()}
        return Models(orgs, self.aws.accounts)

    @cached_property
    def gateway(self) -> Gateway:
        """The WSGI application in front of every host."""
        hosts = self.hosts
        return Gateway(
            hosts,
            sites={
                Site.OKTA: lambda: self._okta_site,
                Site.SIGN_IN: lambda: self.aws_services.sign_in_site,
                Site.CONSOLE: lambda: self.aws_services.console_site,
                Site.STS: lambda: self.aws_services.sts_site,
                Site.IAM: lambda: self.aws_services.iam_site,
                Site.CONNECT: lambda: self.aws_services.connect_site,
                Site.CONNECT_API: lambda: self.aws_services.connect_api_site,
                Site.CLOUDTRAIL: lambda: self.aws_services.cloudtrail_site,
                Site.CUSTOM: lambda: self._custom_site,
            },
            clock=self.clock,
            failures=self.failures,
            ids=self.ids,
            limits=self.limits,
        )

    @cached_property
    def hosts(self) -> Hosts:
        """Which host name belongs to whom."""
        return Hosts(
            okta={provider.org.host: name for name, provider in self.identity_providers.items()},
            connect=lambda: self.aws.instance_hosts,
            custom=self.custom_hosts,
            only=self.only,
        )

    def custom_hosts(self) -> Iterable[str]:
        """Returns the current hosts of the user's own pages: pages, approved origins, ACS URLs of custom apps."""
        origins = [origin for instance in self.aws.instances for origin in instance.approved_origins]
        apps = [app for provider in self.identity_providers.values() for app in provider.org.apps.values()]
        pages = [*self.world.settings.pages, *origins, *(app.acs_url for app in apps if not app.is_aws)]
        return dict.fromkeys(filter(None, map(_foreign_host, pages)))

    @property
    def instants(self) -> Instants:
        """The current time."""
        return Instants(self.clock.now(), self.idp_clock.now())

    def browser(self) -> Browser:
        """Returns a new browser inside this federation, without cookies."""
        from emulator.browser import Browser  # an emulator that only serves does not need it

        return Browser(self.gateway)

    def find_app(self, name: str) -> tuple[IdentityProvider, okta.App]:
        """Finds an app by ``name`` or ``org/name``.

        Raises:
            FederationError: there is no such app, or several orgs have one.
        """
        try:
            org, app = app_named({each: provider.org for each, provider in self.identity_providers.items()}, name)
        except FederationError as error:
            left_out = left_out_of(self.world.seeds, error.message)
            error.explanation = as_left_out(left_out) if left_out is not None else ""
            raise
        return self.identity_providers[org.name], app

    def program_next_login(self, user: str, *, by: str = "a test", **what: Any) -> NextLogin:
        """Programs what happens to a person's next login, and to no other.

        Args:
            user: Okta login of the person.
            by: Who programs it, for the trace.
            what: ``faults`` and ``attributes`` of the assertion, ``delay`` of the page with it, ``refused_by`` (mfa,
                sign-on-policy, locked-out), ``asks_for_mfa``; ``app`` for the login to one app, ``count`` for several.

        Raises:
            FederationError: the person or app does not exist, or it would change nothing.
        """
        from emulator.building.next_logins import read_next_login  # a federation in which nothing is programmed

        data = {"user": user, **{name: value for name, value in what.items() if value is not None}}
        return self.next_logins.program(read_next_login(data, self.identity_providers, by=by))[0]

    def tile(self, app: str, *, user: str) -> Tile:
        """Returns a person's way into an app.

        Raises:
            FederationError: there is no such app.
        """
        provider, the_app = self.find_app(app)
        org, known = provider.org, provider.org.users.get(user)
        return Tile(
            dashboard=f"{org.base_url}/app/UserHome",
            link=org.embed_link(the_app),
            password=known.password if known is not None else "",
            identity_provider_arn=the_app.identity_provider_arn,
        )

    def role_values(self, app: str, *, user: str) -> tuple[str, ...]:
        """Returns the values of the Role attribute that a person gets."""
        provider, the_app = self.find_app(app)
        return provider.role_values(the_app, user)

    def supposed_sender(self, issuer: str, name_id: str, saml_response: str) -> IssuingRecord | None:
        """Returns the record that a message would have if an app of this world, in its current state, had issued it.

        Args:
            issuer: Issuer of the message, which identifies the app.
            name_id: NameID of the message, which identifies the person.
            saml_response: The form field.
        """
        from idp.saml.derivation import IssuingRecord  # explanations are made on demand, and imported then

        for provider in self.identity_providers.values():
            app = next((app for app in provider.org.apps.values() if app.issuer == issuer), None)
            users = provider.org.users
            user = users.get(name_id) or next((user for user in users.values() if user.email == name_id), None)
            if app is not None and user is not None:
                return IssuingRecord(provider.org, app, user, saml_response)
        return None

    @cached_property
    def _custom_site(self) -> WsgiApp:
        from emulator.network.custom_pages import CustomPages

        folders = {
            origin: [self.world.folder / name for name in names] for origin, names in self.world.settings.pages.items()
        }
        return CustomPages(folders, otherwise=self.aws_services.service_provider_site, framed_pages=self.framed_pages)

    def _okta_site(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answers at the host of every org."""
        by_host = {provider.org.host: provider for provider in self.identity_providers.values()}
        return by_host[environ["HTTP_HOST"]].wsgi(environ, start_response)


def _with_left_out(world: World, built: Models) -> World:
    return replace(world, seeds=with_left_out(world.seeds, built.left_out)) if built.left_out else world


def _foreign_host(url: str) -> str:
    """Returns a page's host; empty when it has none, or when it is this machine, where a real program answers."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return "" if is_loopback(host) else host
