"""What is wrong with the address that a custom page frames: scheme, host, path, instance, domain."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

from emulator.diagnosis.custom_ccp.page_files import Shown
from emulator.diagnosis.custom_ccp.page_surroundings import (
    CCP_PATH,
    ShownInstance,
    Surroundings,
    federated_instance,
    url_parts,
)
from emulator.kernel.errors import Location
from emulator.kernel.records import dataclass
from emulator.network.hosts import Site


@dataclass(frozen=True, slots=True)
class PageFinding:
    """A mistake of a page.

    Args:
        setting: Name of the setting in initCCP, or ``referrer``.
        place: File and line.
        why: What is wrong.
        want: What would be right.
        got: What there is.
        fix: What to write.
    """

    setting: str
    place: Location
    why: str
    want: str
    got: str
    fix: str


class CcpUrlCheck:
    """Checks the addresses that one page frames.

    Args:
        origin: Origin of the page.
        around: What it is compared with.
    """

    def __init__(self, origin: str, around: Surroundings) -> None:
        self._origin = origin
        self._around = around

    def findings(self, shown: Shown) -> Iterator[PageFinding]:
        """Yields what is wrong with an address; nothing for an unreadable one or one unrelated to Connect."""
        url = shown.value("ccpUrl")
        if not isinstance(url, str) or (not shown.by_library and self._is_other_page(url)):
            return
        setting = "ccpUrl" if shown.by_library else "src"
        for why, want in self._mistakes(url, shown):
            fix = f"Set {setting} to {want}."
            yield PageFinding("ccpUrl", shown.place("ccpUrl"), why.format(setting=setting), want, url, fix)
        instance = self._around.instance_at(url)
        base_url = instance.base_url_at(url_parts(url).hostname or "") if instance else ""
        if instance is not None and base_url:
            yield from self._domain(instance, base_url, shown, setting)

    def _is_other_page(self, url: str) -> bool:
        host = url_parts(url).hostname or ""
        return self._around.site(host) in {None, Site.CUSTOM} and not self._around.resembling(host)

    def _mistakes(self, url: str, shown: Shown) -> Iterator[tuple[str, str]]:
        """Yields each mistake with the right address."""
        right = self.right(shown)
        if "://" not in url:
            address = f"https://{url.lstrip('/')}"
            why = f"{{setting}} has no https://, so that the browser looks for it below {self._origin}."
            yield why, address if self._around.instance_at(address) else right
            return
        if "%" in url:
            yield "The library cannot take a % in {setting}.", unquote(url)
        parts = url_parts(url)
        host = parts.hostname or ""
        instance, site = self._around.instance_at(url), self._around.site(host)
        if parts.scheme == "http":
            yield "{setting} begins with http://; Amazon Connect is at https alone.", f"https{url[4:]}"
        if instance is not None:
            yield from self._at_instance(instance, parts)
        elif site is Site.OKTA:
            yield "{setting} is an address of the identity provider, whose login page refuses every frame.", right
        elif site in {Site.CONSOLE, Site.SIGN_IN}:
            yield "{setting} is an address of the AWS console, which leads to a login page that refuses frames.", right
        elif host == urlsplit(self._origin).hostname:
            yield "{setting} is at the page's own origin.", right
        else:
            like = self._around.resembling(host)
            yield f"Nothing here is at {host}" + (f": {like}." if like else "."), right

    def right(self, shown: Shown) -> str:
        """Returns the address of the CCP that the page probably means."""
        url, link = shown.value("ccpUrl"), self._around.link(shown.value("loginUrl"))
        address = url if isinstance(url, str) and "://" in url else f"https://{url}"
        instance = (
            self._around.instance(federated_instance(address))
            or self._around.instance_at(address)
            or self._around.instance(link.instance_id if link else "")
            or self._around.nearest(url_parts(address).hostname or "", origin=self._origin)
        )
        return instance.ccp if instance else f"https://ALIAS.my.connect.aws{CCP_PATH}"

    def _at_instance(self, instance: ShownInstance, parts: SplitResult) -> Iterator[tuple[str, str]]:
        base_url = instance.base_url_at(parts.hostname or "")
        if not base_url:
            yield f"The instance {instance.alias} has no pages at {parts.hostname}.", instance.ccp
            return
        yield from _path_mistakes(parts.path.rstrip("/"), base_url)
        approving = self._around.approving(self._origin)
        if len(approving) == 1 and instance not in approving:
            other = approving[0]
            yield (
                f"{{setting}} is the CCP of {instance.alias}; the origin {self._origin} is approved by {other.alias}.",
                other.ccp,
            )

    def _domain(self, instance: ShownInstance, base_url: str, shown: Shown, setting: str) -> Iterator[PageFinding]:
        """Compares the domain where a login ends with the one that is framed."""
        link = self._around.link(shown.value("loginUrl"))
        links = [link] if link is not None else self._around.links_to(instance.instance_id)
        if not links or links[0].instance_id != instance.instance_id:
            return
        ends = {instance.base_urls[-1] if each.asks_for_new_domain else instance.base_urls[0] for each in links}
        if base_url in ends:
            return
        first, ends_at = links[0], ends.pop()
        lacks = "" if first.asks_for_new_domain else " without new_domain=true"
        why = (
            f"A login by the tile {first.label} ends at {ends_at}{lacks}, but {setting} is at {base_url}: the session "
            "of one domain does not count at the other."
        )
        want, fix = f"{ends_at}{CCP_PATH}", f"Set {setting} to {ends_at}{CCP_PATH}."
        if not first.asks_for_new_domain:
            relay_state = first.relay_state
            want = f"{relay_state}{'&' if '?' in relay_state else '?'}new_domain=true"
            fix = f"Set the relay state of {first.label} to {want}."
        yield PageFinding("ccpUrl", shown.place("ccpUrl"), why, want, str(shown.value("ccpUrl")), fix)


def _path_mistakes(path: str, base_url: str) -> Iterator[tuple[str, str]]:
    right, prefix = f"{base_url}{CCP_PATH}", urlsplit(base_url).path
    inside = path.removeprefix("/connect")
    if prefix and not f"{path}/".startswith(f"{prefix}/"):
        yield "{setting} lacks the prefix /connect, below which the pages of the old domain are.", right
    elif inside == "/ccp":
        yield "{setting} ends in /ccp, the address of the earlier CCP.", right
    elif inside.startswith(("/login", "/auth")):
        yield f"{{setting}} is the login page {path}, which refuses every frame.", right
    elif inside.split("/")[1:2] != ["ccp-v2"]:
        yield f"The path {path or '/'} is not the Contact Control Panel's.", right
