"""What is wrong with a custom page: its initCCP settings, compared with the existing instances and tiles."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.diagnosis.custom_ccp.ccp_url_check import CcpUrlCheck, PageFinding
from emulator.diagnosis.custom_ccp.page_files import PageFiles, Shown, read_pages
from emulator.diagnosis.custom_ccp.page_surroundings import Surroundings, url_parts
from emulator.diagnosis.custom_ccp.script_values import UNKNOWN, Settings
from emulator.kernel.errors import Location
from emulator.network.hosts import Site

if TYPE_CHECKING:
    from emulator.federation import Federation

_INIT_SETTINGS = (
    "ccpUrl",
    "loginUrl",
    "loginPopup",
    "loginPopupAutoClose",
    "loginOptions",
    "softphone",
    "pageOptions",
    "chat",
    "task",
    "region",
    "ccpAckTimeout",
    "ccpSynTimeout",
    "ccpLoadTimeout",
    "iframeTitle",
    "storageAccess",
    "shouldAddNamespaceToLogs",
    "enableGlobalResiliency",
    "secondaryCCPUrl",
    "disasterRecoveryOn",
    "plugins",
)
_USUAL_TIMES = {"ccpLoadTimeout": 5000, "ccpAckTimeout": 3000, "ccpSynTimeout": 1000}
# No page can answer in fewer milliseconds than this: seconds were meant.
_SHORTEST = 100


def page_findings(
    origin: str, folders: Iterable[Path], federation: Federation, *, first: Sequence[str] = ()
) -> tuple[PageFinding, ...]:
    """Returns the mistakes in the files of a page.

    Args:
        origin: Origin of the page.
        folders: Folders with its files.
        federation: What it is compared with.
        first: Names of the files that the browser loaded, the last one first.

    Spec: amazon-connect-streams, "Initialization"
    Evidence: documented (the settings), observed (what comes of each mistake)
    """
    return findings_in(read_pages(folders, first=first), origin, Surroundings(federation))


def findings_in(files: PageFiles, origin: str, around: Surroundings) -> tuple[PageFinding, ...]:
    """Returns the mistakes in files that have been read."""
    urls, settings = CcpUrlCheck(origin, around), _SettingsCheck(origin, around)
    found: list[PageFinding] = []
    for shown in files.shown:
        found += urls.findings(shown)
        found += settings.findings(shown) if shown.by_library else ()
    found += [_hidden(policy.text, policy.place) for policy in files.hidden_by]
    return tuple(dict.fromkeys(found))


def _hidden(policy: str, place: Location) -> PageFinding:
    right = "strict-origin-when-cross-origin"
    why = (
        "The page has its referrer policy from a script."
        if "${" in policy
        else f"The page's referrer policy is {policy}: the browser tells no other site where it is framed."
    )
    return PageFinding("referrer", place, why, right, policy, f"Write {right} there, or leave the policy out.")


class _SettingsCheck:
    """Checks initCCP's settings other than the address of the CCP."""

    def __init__(self, origin: str, around: Surroundings) -> None:
        self._origin = origin
        self._around = around

    def findings(self, shown: Shown) -> Iterator[PageFinding]:
        """Yields what is wrong with the settings of one call."""
        yield from self._names(shown)
        yield from self._login(shown)
        yield from self._region(shown)
        yield from self._times(shown)

    def _login(self, shown: Shown) -> Iterator[PageFinding]:
        popup, url = shown.value("loginPopup"), shown.value("loginUrl")
        if popup is False:
            why = "loginPopup is false: the page opens no login, and waits for one that was made before."
            yield _finding(shown, "loginPopup", why, want="true", got="false")
            return
        if isinstance(popup, str):
            why = f'loginPopup is the text "{popup}", and any text counts as true.'
            yield _finding(shown, "loginPopup", why, want=popup if popup in {"true", "false"} else "true", got=popup)
        if url in {None, ""}:
            why = "There is no loginUrl: the login window opens the CCP itself, which has no login of its own."
            yield _finding(shown, "loginUrl", why, want=self._right_link(shown), got="no loginUrl")
        elif isinstance(url, str) and (problem := self._login_url(url, shown)):
            yield _finding(shown, "loginUrl", problem, want=self._right_link(shown), got=url)
        if self._stays_open(shown):
            why = "loginPopupAutoClose is not true: the login window stays open after the login."
            yield _finding(shown, "loginPopupAutoClose", why, want="true", got="false")

    def _stays_open(self, shown: Shown) -> bool:
        options = shown.value("loginOptions")
        by_options: Any = options.given.get("autoClose") if isinstance(options, Settings) else None
        known = options is not UNKNOWN and by_options is None
        return known and shown.value("loginPopupAutoClose") in {None, False}

    def _right_link(self, shown: Shown) -> str:
        url = shown.value("ccpUrl")
        host = url_parts(url).hostname or ""
        instance = self._around.instance_at(url) or self._around.nearest(host, origin=self._origin)
        links = self._around.links_to(instance.instance_id) if instance else []
        return links[0].url if links else "the link of the application's tile"

    def _login_url(self, url: str, shown: Shown) -> str:
        """Returns what is wrong with a loginUrl; empty if nothing is."""
        host = url_parts(url).hostname or ""
        site = self._around.site(host)
        if "://" not in url:
            return f"loginUrl has no https://, so that the browser looks for it below {self._origin}."
        if site is Site.CONNECT:
            return "loginUrl is an address of the instance, which has no login of its own."
        if site in {Site.CONSOLE, Site.SIGN_IN}:
            return "loginUrl is an address of AWS, where nobody signs in: a login begins at the identity provider."
        if site is None:
            like = self._around.resembling(host)
            return f"Nothing here is at {host}" + (f": {like}." if like else ".")
        return self._tile(url, host, shown) if site is Site.OKTA else ""

    def _tile(self, url: str, host: str, shown: Shown) -> str:
        link = self._around.link(url)
        if link is None:
            near = difflib.get_close_matches(url, [each.url for each in self._around.links], n=1, cutoff=0.8)
            return f"loginUrl is no tile of {host}" + (f"; the nearest is {near[0]}." if near else ".")
        if not link.instance_id:
            return f"The tile {link.label} leads to no instance: its relay state is {link.relay_state or 'empty'}."
        shows = self._around.instance_at(shown.value("ccpUrl"))
        if shows is not None and shows.instance_id != link.instance_id:
            other = self._around.instance(link.instance_id)
            leads_to = other.alias if other else link.instance_id
            return f"The tile {link.label} leads to the instance {leads_to}, and the page shows {shows.alias}."
        return ""

    def _names(self, shown: Shown) -> Iterator[PageFinding]:
        by_name = {name.lower(): name for name in _INIT_SETTINGS}
        for name, given in shown.settings.given.items():
            near = difflib.get_close_matches(name.lower(), by_name, n=1, cutoff=0.85)
            if name not in _INIT_SETTINGS and near:
                right = by_name[near[0]]
                why = f"initCCP knows no {name}, which has no effect; the setting is {right}."
                place = Location(shown.file, given.line, name)
                yield PageFinding(right, place, why, right, name, f"Write {right} in place of {name}.")

    def _region(self, shown: Shown) -> Iterator[PageFinding]:
        region, instance = shown.value("region"), self._around.instance_at(shown.value("ccpUrl"))
        if isinstance(region, str) and instance is not None and region != instance.region:
            why = f"The instance {instance.alias} is in {instance.region}, not in {region}."
            yield _finding(shown, "region", why, want=instance.region, got=region)

    def _times(self, shown: Shown) -> Iterator[PageFinding]:
        instance = self._around.instance_at(shown.value("ccpUrl"))
        delay = instance.load_delay if instance else 0
        for name, usual in _USUAL_TIMES.items():
            given = shown.value(name)
            time = float(usual) if given is None else given
            if not isinstance(time, float):
                continue
            if given is not None and time < _SHORTEST:
                why = f"{name} is {time:g} milliseconds, which looks like seconds."
                yield _finding(shown, name, why, want=f"{max(time * 1000, usual):g}", got=f"{time:g}")
            elif name == "ccpLoadTimeout" and delay and time <= delay:
                why = (
                    f"The CCP answers after {delay} ms, and ccpLoadTimeout is {time:g} ms: the page opens a login "
                    "window although the person is signed in."
                )
                yield _finding(shown, name, why, want=f"{max(usual, 2 * delay)}", got=f"{time:g}")


def _finding(shown: Shown, name: str, why: str, *, want: str, got: str) -> PageFinding:
    return PageFinding(name, shown.place(name), why, want, got, f"Set {name} to {want}.")
