"""What a custom page is compared with: the instances that it may embed, and the links that begin a login."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from emulator.kernel.records import dataclass
from emulator.network.hosts import Site
from emulator.network.resemblance import resembling

if TYPE_CHECKING:
    from emulator.federation import Federation

CCP_PATH = "/ccp-v2"
_FEDERATE = re.compile(r"/connect/federate/([^/?#&%]+)")


@dataclass(frozen=True, slots=True)
class ShownInstance:
    """An instance, as far as a page needs to know it.

    Args:
        base_urls: Base URLs of its pages; the one that people are sent to comes first.
        hosts: Its hosts, including one where it has no pages.
        approved_origins: In lower case, without a trailing slash.
        load_delay: Milliseconds until its CCP answers.
    """

    instance_id: str
    alias: str
    region: str
    base_urls: tuple[str, ...]
    hosts: tuple[str, ...]
    approved_origins: tuple[str, ...]
    load_delay: int

    @property
    def ccp(self) -> str:
        """The address of its CCP."""
        return self.base_urls[0] + CCP_PATH

    def base_url_at(self, host: str) -> str:
        """Returns the base URL of its pages at a host; empty if it has none there."""
        return next((url for url in self.base_urls if urlsplit(url).hostname == host), "")


@dataclass(frozen=True, slots=True)
class LoginLink:
    """A link that begins a login.

    Args:
        url: URL of the link.
        label: Label of the app.
        org_host: Host of the org.
        relay_state: Relay state of a login unless the link has another.
    """

    url: str
    label: str
    org_host: str
    relay_state: str

    @property
    def instance_id(self) -> str:
        """The instance that the relay state leads to; empty for none."""
        return federated_instance(self.relay_state)

    @property
    def asks_for_new_domain(self) -> bool:
        """Whether it asks for the instance's new domain."""
        return "new_domain=true" in unquote(self.relay_state)


def federated_instance(url: str) -> str:
    """Returns the id of the instance that a federate URL leads to; empty for other URLs."""
    match = _FEDERATE.search(unquote(url))
    return match[1] if match else ""


def url_parts(url: object) -> SplitResult:
    """Returns the parts of a URL; empty ones for a text that is not a URL."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        _ = parts.hostname
    except ValueError:
        return urlsplit("")
    return parts


class Surroundings:
    """The current instances and login links of a federation."""

    def __init__(self, federation: Federation) -> None:
        self._hosts = federation.hosts
        self.instances = tuple(_instances(federation))
        self.links = tuple(_links(federation))

    def site(self, host: str) -> Site | None:
        """Returns whose host this is, or None."""
        return self._hosts.site(host)

    def resembling(self, host: str) -> str:
        """Returns what an unknown host resembles, as a clause; empty for nothing."""
        return resembling(host, self._hosts) if host else ""

    def instance_at(self, url: object) -> ShownInstance | None:
        """Returns the instance of a URL's host, including a host where it has no pages."""
        host = url_parts(url).hostname or ""
        return next((each for each in self.instances if host in each.hosts), None)

    def instance(self, instance_id: str) -> ShownInstance | None:
        """Returns the instance with this id."""
        return next((each for each in self.instances if each.instance_id == instance_id), None)

    def nearest(self, host: str, *, origin: str) -> ShownInstance | None:
        """Returns the instance that an unknown host may mean: by its alias, or the only one that approves the page."""
        by_alias = {each.alias.lower(): each for each in self.instances}
        near = difflib.get_close_matches(host.partition(".")[0], by_alias, n=1, cutoff=0.6)
        if near:
            return by_alias[near[0]]
        approving = self.approving(origin)
        return approving[0] if len(approving) == 1 else None

    def approving(self, origin: str) -> list[ShownInstance]:
        """Returns the instances that approve an origin."""
        return [each for each in self.instances if origin in each.approved_origins]

    def links_to(self, instance_id: str) -> list[LoginLink]:
        """Returns the links that lead to an instance."""
        return [each for each in self.links if each.instance_id == instance_id]

    def link(self, url: object) -> LoginLink | None:
        """Returns the login link that a URL is, with the URL's own relay state."""
        if not isinstance(url, str):
            return None
        bare = url.partition("?")[0].rstrip("/")
        link = next((each for each in self.links if each.url == bare), None)
        asked = parse_qs(url_parts(url).query).get("RelayState", [""])[0]
        return LoginLink(link.url, link.label, link.org_host, asked) if link and asked else link


def _instances(federation: Federation) -> Iterator[ShownInstance]:
    for each in federation.aws.instances:
        yield ShownInstance(
            instance_id=each.instance_id,
            alias=each.alias,
            region=each.arn.region,
            base_urls=each.base_urls,
            hosts=each.hosts,
            approved_origins=tuple(origin.lower().rstrip("/") for origin in each.approved_origins),
            load_delay=each.timing.load_delay_milliseconds,
        )


def _links(federation: Federation) -> Iterator[LoginLink]:
    for provider in federation.identity_providers.values():
        org = provider.org
        for app in org.apps.values():
            for url in (org.embed_link(app), org.sso_url(app)):
                yield LoginLink(url, app.label, org.host, app.default_relay_state)
