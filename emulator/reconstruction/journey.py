"""Where a recorded login went: from the identity provider's pages to the page that it ended on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from emulator.inspection.redaction import without_secrets
from emulator.kernel.partitions import OLD_CONNECT_DOMAIN, PARTITIONS
from emulator.kernel.records import dataclass
from emulator.recordings.hops import Hop, is_of_aws, service_at
from emulator.recordings.logins import RecordedLogin
from emulator.recordings.pages import chooser_data
from emulator.recordings.pasted import host_of
from emulator.recordings.recorded_refusals import CONNECT, SIGN_IN

_FEDERATE = re.compile(r"/connect/federate/([^/?#]+)")
_CONSOLE_REGION = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)\.console\.")
_OKTA_HOST = re.compile(
    r"([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\.(?:okta|oktapreview|okta-emea|okta-gov|okta-gov-emea)\.com"
)
_OKTA_APP = re.compile(r"/(?:home|app)/([a-z0-9_]+)/((?:0oa|exk)[A-Za-z0-9]+)")
_LEGACY_CHOICE = re.compile(
    r'name="roleIndex"[^>]{0,500}\bvalue="([^"]{1,2000})"|\bvalue="(arn:[^"]{1,1000}:role/[^"]{1,1000})"[^>]{0,500}name="roleIndex"'
)
_CONNECT_DOMAINS = tuple(dict.fromkeys([*(each.connect_domain for each in PARTITIONS.values()), OLD_CONNECT_DOMAIN]))
_FIRST_ERROR = 400
_NO_TIME = timedelta()


@dataclass(frozen=True, slots=True)
class Instance:
    """What a recording says of an Amazon Connect instance; what it does not say is empty.

    Args:
        instance_id: From the federate URL.
        region: From that URL's host.
        alias: The first label of the instance's host.
        domain: What that host ends in.
        destination: The federate URL's parameter, decoded.
    """

    instance_id: str = ""
    region: str = ""
    alias: str = ""
    domain: str = ""
    destination: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """Where a login went.

    Args:
        idp_host: The host of the pages that the login began on; empty if none were recorded.
        idp_path: The path of the last of them, without its query.
        org: The Okta org's subdomain; empty for another identity provider.
        app_id: Okta's id of the app in its address.
        username: What was typed on the sign-in page.
        offered: The ARNs of the roles on the role chooser.
        instance: What is known of the Connect instance; None where the login had nothing to do with one.
        is_entered: Whether the instance took the federation token.
        lands_on: The address of the page it ended on, without its query; empty where that is not known.
        has_answers: Whether answers were recorded, and not requests alone.
        waited_for_role: How long the role chooser was shown.
        shown_by: The origins of pages that showed one of the instance's in a frame.
        framed: The address in a frame that was not shown, and the origin around it.
    """

    idp_host: str = ""
    idp_path: str = ""
    org: str = ""
    app_id: str = ""
    username: str = ""
    offered: tuple[str, ...] = ()
    instance: Instance | None = None
    is_entered: bool = False
    lands_on: str = ""
    has_answers: bool = True
    waited_for_role: timedelta = _NO_TIME
    shown_by: tuple[str, ...] = ()
    framed: tuple[str, str] | None = None


def journey_of(login: RecordedLogin) -> Journey:
    """Returns where a login went.

    Args:
        login: The login; of a message alone little is known.
    """
    hops = login.hops
    posts = [number for number, hop in enumerate(hops) if hop.posted]
    own = hops[: posts[0]] if posts else hops
    page = _identity_provider(own)
    idp = page.host if page is not None else ""
    okta = _OKTA_HOST.fullmatch(idp)
    app = next((found for hop in reversed(own) if (found := _OKTA_APP.search(hop.path))), None)
    typed = (hop.form.get("username") or hop.form.get("identifier") or "" for hop in reversed(own))
    to_aws = [number for number in posts if service_at(hops[number].host, hops[number].path) == SIGN_IN]
    after = hops[posts[-1] :] if posts else ()
    has_answers = any(hop.status for hop in hops)
    return Journey(
        idp_host=idp,
        idp_path=page.path if page is not None else "",
        org=okta[1] if okta is not None else "",
        app_id=app[2] if app is not None else "",
        username=next(filter(None, typed), "")[:200],
        offered=tuple(_offered(hops)),
        instance=_instance(login, after),
        is_entered=_is_entered(after),
        lands_on=_without_query(_ends_on(after) if has_answers else _first_page(after)),
        has_answers=has_answers,
        waited_for_role=_between(hops[to_aws[0]], hops[to_aws[-1]]) if len(to_aws) > 1 else _NO_TIME,
        shown_by=tuple(_shown_by(hops)),
        framed=_framed(hops),
    )


def _shown_by(hops: Sequence[Hop]) -> Iterator[str]:
    """Yields the origins that an instance let show its pages, without repetitions."""
    shown = (
        hop.framed_by
        for hop in hops
        if hop.framing is None
        and hop.framed_by
        and hop.status < _FIRST_ERROR
        and hop.host.endswith(tuple(f".{each}" for each in _CONNECT_DOMAINS))
        and not hop.framed_by.endswith(tuple(f".{each}" for each in _CONNECT_DOMAINS))
    )
    yield from dict.fromkeys(shown)


def _framed(hops: Sequence[Hop]) -> tuple[str, str] | None:
    """Returns the page that a browser refused to show in a frame, if that is how the login ended."""
    refused = next((hop for hop in reversed(hops) if hop.refusal is not None), None)
    if refused is None or refused.framing is None or not refused.framed_by:
        return None
    return _without_query(refused.url), refused.framed_by


def _identity_provider(hops: Sequence[Hop]) -> Hop | None:
    """Returns the page of the identity provider that came right before the post; None where none was recorded."""
    return next((hop for hop in reversed(hops) if hop.host and not is_of_aws(hop.host)), None)


def _offered(hops: Sequence[Hop]) -> Iterator[str]:
    """Yields the roles of every role chooser in a recording, without repetitions."""
    found: dict[str, None] = {}
    for hop in hops:
        if service_at(hop.host, hop.path) != SIGN_IN or not hop.page:
            continue
        accounts = chooser_data(hop.page).get("roles_accounts")
        for arns in accounts.values() if isinstance(accounts, dict) else ():
            found.update(
                dict.fromkeys(each for each in arns if isinstance(each, str)) if isinstance(arns, list) else {}
            )
        found.update(dict.fromkeys(one or other for one, other in _LEGACY_CHOICE.findall(hop.page)))
    yield from found


def _instance(login: RecordedLogin, hops: Sequence[Hop]) -> Instance | None:
    addresses = [hop.url for hop in hops] + [hop.location for hop in hops] + [login.relay_state or ""]
    federate = next((url for url in addresses if _FEDERATE.search(_path(url))), "")
    hosts = [host_of(url) for url in addresses if host_of(url).endswith(tuple(f".{d}" for d in _CONNECT_DOMAINS))]
    if not federate and not hosts:
        return None
    host = hosts[0] if hosts else ""
    domain = next((each for each in _CONNECT_DOMAINS if host.endswith(f".{each}")), "")
    named = _FEDERATE.search(_path(federate))
    region = _CONSOLE_REGION.match(host_of(federate))
    return Instance(
        unquote(named[1]) if named is not None else "",
        region[1] if region is not None else "",
        host.removesuffix(f".{domain}") if domain else "",
        domain,
        without_secrets(parse_qs(_query(federate)).get("destination", [""])[0]),
    )


def _is_entered(hops: Sequence[Hop]) -> bool:
    """Returns whether an instance opened a session: its sign-in led on, or a page of it was shown."""
    for hop in hops:
        at_instance = service_at(hop.host, hop.path) == CONNECT and "/connect/federate/" not in hop.path
        is_answered = hop.status or not hop.path.endswith("/auth/sign-in")
        if at_instance and is_answered and hop.refusal is None and hop.status < _FIRST_ERROR:
            return True
    return False


def _first_page(hops: Sequence[Hop]) -> str:
    """Returns the first page of an instance that was asked for, where answers were not recorded."""
    pages = (hop.url for hop in hops if hop.method == "GET" and service_at(hop.host, hop.path) == CONNECT)
    return next((url for url in pages if "/connect/federate/" not in url), "")


def _ends_on(hops: Sequence[Hop]) -> str:
    """Returns the address that a login ended on, following redirects and the forms that pages post by themselves."""
    if not hops:
        return ""
    here, rest = hops[0], iter(hops[1:])  # each search goes on after the request that the last one found
    while True:
        if here.location and 300 <= here.status < _FIRST_ERROR:
            target = urljoin(here.url, here.location)
            found = next((hop for hop in rest if _same(hop.url, target)), None)
            if found is None:
                return target
        else:
            found = next((hop for hop in rest if _goes_on(here, hop)), None)
            if found is None:
                return here.url
        here = found


def _goes_on(here: Hop, later: Hop) -> bool:
    """Returns whether a request is the next step after a page was shown: its form, posted by a script or a person."""
    if later.method != "POST":
        return False
    if "/connect/federate/" in here.path:
        return later.path.endswith("/auth/sign-in")
    return bool(later.posted) and bool(here.posted)


def _same(one: str, other: str) -> bool:
    return one.partition("#")[0].rstrip("/") == other.partition("#")[0].rstrip("/")


def _between(first: Hop, second: Hop) -> timedelta:
    if first.at is None or second.at is None or second.at <= first.at:
        return _NO_TIME
    return second.at - first.at


def _without_query(url: str) -> str:
    """Returns an address by its real name, without what may be secret in it."""
    bare = without_secrets(url.partition("?")[0].partition("#")[0])
    host = host_of(bare)
    return f"https://{host}{_path(bare)}" if ".localhost" in bare and host else bare


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""
