"""What a custom page is compared with: the instances that it may show, and the links that begin a login."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from emulator.network.hosts import Site
from emulator.network.resemblance import resembling

if TYPE_CHECKING:
    from emulator.federation import Federation

CCP_PATH = "/ccp-v2"
_FEDERATE = re.compile(r"/connect/federate/([^/?#&%]+)")


@dataclass(frozen=True, slots=True)
class ShownInstance:
    """An instance, as far as a page has to do with it.

    Args:
        instance_id: Its id.
        alias: Its alias.
        region: Its region.
        base_urls: Where its pages are; the one that people are sent to comes first.
        hosts: Its hosts, also one where it has no pages.
        approved_origins: In lower case, without a slash.
        load_delay: How long its CCP takes until it answers, in milliseconds.
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
        """Returns where its pages are at a host; empty for nowhere."""
        return next((url for url in self.base_urls if urlsplit(url).hostname == host), "")


@dataclass(frozen=True, slots=True)
class LoginLink:
    """A link that begins a login.

    Args:
        url: The link.
        label: The app's.
        org_host: The org's.
        relay_state: What a login by it asks for unless the link says otherwise.
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
    """Returns the id of the instance that a federate URL leads to; empty for another URL."""
    match = _FEDERATE.search(unquote(url))
    return match[1] if match else ""


def url_parts(url: object) -> SplitResult:
    """Returns the parts of a URL; empty ones for what is none."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        _ = parts.hostname
    except ValueError:
        return urlsplit("")
    return parts


class Surroundings:
    """The instances and login links of a federation, as they are now."""

    def __init__(self, federation: Federation) -> None:
        self._hosts = federation.hosts
        self.instances = tuple(_instances(federation))
        self.links = tuple(_links(federation))

    def site(self, host: str) -> Site | None:
        """Returns whose host this is; None for nobody's."""
        return self._hosts.site(host)

    def resembling(self, host: str) -> str:
        """Returns what an unknown host resembles, as a clause; empty for nothing."""
        return resembling(host, self._hosts) if host else ""

    def instance_at(self, url: object) -> ShownInstance | None:
        """Returns the instance of a URL's host, also where it has no pages there."""
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
        """Returns the link that a URL is, with the relay state that it asks for itself."""
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
