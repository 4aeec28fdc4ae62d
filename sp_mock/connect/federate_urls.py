"""The federate URL of an instance, and which instance a nearly correct address means.

Spec: Amazon Connect Administrator Guide "configure-saml"
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, unquote, urlsplit

from emulator.kernel.partitions import AWS, PARTITIONS
from emulator.kernel.records import dataclass
from sp_mock.accounts.model import Instance
from sp_mock.endpoints import Endpoint

_SIMILAR = 0.85
_AROUND = " \t\r\n\"'<>{}[]().,;/"


def federate_url(instance: Instance, *, asked: str = "") -> str:
    """Returns the URL that signs people in to an instance, which is what the relay state has to be.

    Args:
        asked: The wrong address that this URL replaces; a regional console host in it is kept.

    Spec: Amazon Connect Administrator Guide "configure-saml"
    Evidence: documented (AWS and GovCloud)
    """
    partition, region = PARTITIONS.get(instance.arn.partition, AWS), instance.arn.region
    console = console_url(partition.name, region)
    host = asked.partition("://")[2].partition("/")[0]
    if host and re.fullmatch(rf"{partition.regions}\.console\.{re.escape(partition.site_domain)}", host):
        console = Endpoint(partition, region).console_url
    return f"{console}/connect/federate/{instance.instance_id}"


def console_url(partition: str, region: str) -> str:
    """Returns the console URL of a region; GovCloud's has no region in its host."""
    known = PARTITIONS.get(partition, AWS)
    is_without_region = known is not AWS and region == known.default_region and partition == "aws-us-gov"
    return Endpoint(known, "" if is_without_region else region).console_url


@dataclass(frozen=True, slots=True)
class MeantInstance:
    """The instance that an address means, and how the address differs from its id; empty where it is the id."""

    instance: Instance | None
    difference: str = ""


def meant_instance(asked: str, instances: Iterable[Instance]) -> MeantInstance:
    """Returns which instance is meant by the text in the place of an instance id.

    Args:
        asked: The part of the address after ``/connect/federate/``, decoded once.
        instances: Every existing instance.
    """
    known = {instance.instance_id: instance for instance in instances}
    if asked in known:
        return MeantInstance(known[asked])
    folded = {instance_id.lower(): instance for instance_id, instance in known.items()}
    decoded = unquote(unquote(asked))
    bare = decoded.strip(_AROUND)
    same = folded.get(bare.lower())
    if same is not None:
        return MeantInstance(same, _how_it_is_written(asked, decoded, bare, same.instance_id))
    inside = folded.get(bare.rpartition("/")[2].rpartition(":")[2].lower())
    if inside is not None:
        what = "the instance's ARN" if "arn:" in bare else bare.lower().removesuffix(inside.instance_id.lower())
        return MeantInstance(inside, f"has {what} where only the instance id belongs")
    for instance in known.values():
        if bare.lower() == instance.alias.lower():
            return MeantInstance(instance, f"has the instance's alias {bare} in place of its id")
        if any(bare.lower().removeprefix("https://").startswith(host) for host in instance.hosts):
            return MeantInstance(instance, f"has the instance's host {bare} in place of its id")
    near = difflib.get_close_matches(bare.lower(), folded, n=1, cutoff=_SIMILAR)
    if near:
        right = folded[near[0]].instance_id
        return MeantInstance(folded[near[0]], f"has {bare} in place of the instance id {right}: {_first(bare, right)}")
    return MeantInstance(None, f"has {asked}, and no instance has this id")


def _how_it_is_written(asked: str, decoded: str, bare: str, instance_id: str) -> str:
    if decoded != asked:
        return "has the instance id percent-encoded twice" if bare == asked.strip() else "has characters encoded twice"
    if bare == asked:
        return f"has the instance id in other letter case: it is {instance_id}"
    extra = asked.replace(bare, "", 1)
    if not extra.strip():
        return "has a blank beside the instance id"
    return f"has {extra} beside the instance id"


def _first(got: str, want: str) -> str:
    """Returns the position at which a text begins to differ from another one."""
    for number, (ours, theirs) in enumerate(zip(got, want, strict=False), 1):
        if ours.lower() != theirs.lower():
            return f"character {number} is {ours}, and should be {theirs}"
    return f"it has {len(got)} characters, and should have {len(want)}"


def right_relay_states(
    asked: str, instances: Iterable[Instance], *, open_to: Callable[[], Iterable[Instance]]
) -> tuple[str, ...]:
    """Returns what a relay state should have been, the likeliest first: federate URLs with the destination kept.

    Args:
        asked: The relay state, or another address that was asked for.
        instances: Every existing instance.
        open_to: Returns the instances that the session may federate into; called only where the address does not say
            which one is meant.
    """
    known = tuple(instances)
    folded = unquote(asked).lower()
    named = [each for each in known if each.instance_id.lower() in folded]
    if named:
        rest = folded.partition("?")[0].partition(named[0].instance_id.lower())[2].rstrip("/")
        query = query_to_keep(asked) or (f"?destination={quote(rest, safe='')}" if rest.startswith("/") else "")
        return (federate_url(named[0], asked=asked) + query,)
    page = _page(asked)
    for instance in known if page is not None else ():
        if page is not None and page.host in instance.hosts:
            destination = f"?destination={quote(page.path, safe='')}" if page.path else ""
            return (federate_url(instance) + destination,)
        if page is not None and page.origin in {each.lower().rstrip("/") for each in instance.approved_origins}:
            return (f"{federate_url(instance)}?destination={quote(asked, safe='')}",)
    part = urlsplit(asked).path.rpartition("/")[2] if page is not None else ""
    meant = meant_instance(part, known).instance if part and part != "home" else None
    found = (meant,) if meant is not None else tuple(open_to())
    return tuple(federate_url(each) + query_to_keep(asked) for each in found)


@dataclass(frozen=True, slots=True)
class _Page:
    host: str
    origin: str
    path: str


def _page(address: str) -> _Page | None:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    path = parts.path.removeprefix("/connect") if parts.path.startswith("/connect/ccp") else parts.path
    origin = f"https://{host}:{port}" if port else f"https://{host}"
    return _Page(host, origin, f"{path}?{parts.query}" if parts.query else path)


def query_to_keep(address: str) -> str:
    """Returns the query of an address with its ``?``, reduced to what names a page inside an instance."""
    query = address.partition("?")[2].partition("#")[0]
    return f"?{query}" if "destination=" in query or "new_domain=" in query else ""
