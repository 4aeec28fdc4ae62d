"""Where RelayState leads after sign-in: AWS's own https sites are followed, anything else is ignored.

A relay state that AWS follows may still miss the Amazon Connect instance: it may lead to an address that the console
does not have, or to another partition's console. AWS does not report that; the landing's note does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from emulator.kernel.explanations import RELAY_STATE, Cause, Sent
from emulator.kernel.partitions import OLD_CONNECT_DOMAIN, PARTITIONS, REGION, Partition
from emulator.kernel.records import dataclass
from sp_mock.accounts.model import Instance
from sp_mock.connect.federate_urls import right_relay_states
from sp_mock.endpoints import GLOBAL, Endpoint, is_aws_site, is_sign_in_host, why_not_followed

_FEDERATE = re.compile(r"/connect/federate/[^/]+")
_INSTANCE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_REGIONAL = re.compile(rf"({REGION})\.console\..+")
_CONNECT_DOMAINS = (OLD_CONNECT_DOMAIN, *(each.connect_domain for each in PARTITIONS.values()))
_BLANK = "contains spaces, control characters or backslashes"


@dataclass(frozen=True, slots=True)
class Landing:
    """Where the browser goes after sign-in.

    Args:
        url: The address.
        note: Why it is not where RelayState points, or what is wrong with where RelayState points.
        causes: The settings behind the note.
    """

    url: str
    note: str = ""
    causes: tuple[Cause, ...] = ()


def landing(relay_state: str, *, endpoint: Endpoint = GLOBAL) -> Landing:
    """Decides where RelayState leads.

    Args:
        relay_state: The form field; empty when there is none.
        endpoint: The endpoint at which the browser signed in.

    Spec: SAML Bindings §3.5.3; Amazon Connect Administrator Guide "configure-saml"
    Evidence: documented (console URLs are followed), assumed (others end at the console home of the same region)
    """
    if not relay_state:
        return Landing(endpoint.console_home, "there is no RelayState")
    why = why_not_followed(relay_state, allowed=is_aws_site, kind="an AWS site")
    if why:
        return Landing(endpoint.console_home, f"RelayState {_in_more_words(relay_state, why)}; it was not followed")
    wrong = _wrong_place(relay_state, endpoint)
    return Landing(relay_state, f"RelayState {wrong}" if wrong else "")


def explained(
    where: Landing, relay_state: str, *, instances: Iterable[Instance], open_to: Callable[[], tuple[Instance, ...]]
) -> Landing:
    """Returns a landing with the cause of its note: the relay state, and what would have been right.

    A login without RelayState that could not open any instance ends where it should, at the console.

    Args:
        relay_state: The form field.
        instances: The instances of every account.
        open_to: Returns the instances that the session may federate into.
    """
    if not where.note:
        return where
    wanted = right_relay_states(relay_state, instances, open_to=open_to)
    return replace(where, causes=(Sent(RELAY_STATE, wanted),)) if wanted or relay_state else where


def _in_more_words(relay_state: str, why: str) -> str:
    """Returns why a relay state is not followed, and what it is, where that is known."""
    if relay_state != relay_state.strip() and why == _BLANK:
        return "has a blank before or after the URL"
    if relay_state.lower().startswith("http://"):
        return "is an http URL, and only https is followed"
    try:
        host = urlsplit(relay_state).hostname or ""
    except ValueError:
        return why
    if host.endswith(tuple(f".{domain}" for domain in _CONNECT_DOMAINS)):
        return f"leads to {host}, an instance of Amazon Connect, and AWS sign-in follows its own sites only"
    if "://" not in relay_state and is_aws_site(relay_state.partition("/")[0]):
        return "has no https:// at its beginning"
    return why


def _wrong_place(relay_state: str, endpoint: Endpoint) -> str:
    """Returns what is wrong with a relay state that is followed; empty where nothing is wrong.

    Evidence: documented (the address that is right), assumed (that the console has no page at the others)
    """
    parts = urlsplit(relay_state)
    host, path = parts.hostname or "", unquote(parts.path)
    if is_sign_in_host(host):
        return "leads to AWS sign-in, not to a page of the console"
    wrong_host = host_of_no_console(host, endpoint)
    if wrong_host:
        return wrong_host
    if _FEDERATE.fullmatch(path) or not is_about_connect(path):
        return ""
    return _wrong_path(path)


def host_of_no_console(host: str, endpoint: Endpoint) -> str:
    """Returns what is wrong with a console host for people who sign in at an endpoint; empty where nothing is wrong."""
    named = Endpoint.of_host(host).partition
    own = endpoint.partition
    region = _REGIONAL.fullmatch(host)
    if region is not None and not re.fullmatch(named.regions, region[1]):
        return f"has the host {host}, and the console of {region[1]} is {_console_of(own, region[1])}"
    if named is not own and f"console.{named.site_domain}" in host:
        return f"leads to {host}, the console of the partition {named.name}, and the session is in {own.name}"
    return ""


def _console_of(own: Partition, region: str) -> str:
    """Returns the console of a region: in the session's partition, where it has that region."""
    matching = next((each for each in PARTITIONS.values() if re.fullmatch(each.regions, region)), own)
    return f"console.{matching.site_domain}"


def is_about_connect(path: str) -> bool:
    """Returns whether a path of the console is meant for Amazon Connect."""
    folded = path.lower()
    return folded.startswith(("/connect", "/federate", "/federation")) or _INSTANCE_ID.search(path) is not None


def _wrong_path(path: str) -> str:
    rest = path.removeprefix("/connect/federate").strip("/") if path.startswith("/connect/federate") else None
    if rest is None or (rest and not path.startswith("/connect/federate/")):
        return f"leads to {path}, a page that the console does not have"
    if not rest:
        return "has no instance id after /connect/federate/"
    if rest.startswith("arn:"):
        return "has an ARN after /connect/federate/, where only the instance id belongs"
    if path.startswith("/connect/federate//"):
        return "has two slashes before the instance id"
    instance_id, _, page = rest.partition("/")
    if _INSTANCE_ID.fullmatch(instance_id) and not page:
        return "has a slash after the instance id, and the console has no such page"
    if _INSTANCE_ID.fullmatch(instance_id):
        return f"has /{page} after the instance id; a page of the instance belongs into ?destination="
    return f"has {rest} after /connect/federate/, where only the instance id belongs"
