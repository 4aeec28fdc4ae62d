"""What an unknown host resembles: an instance's other domain, a misspelt alias, a host of another partition."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from emulator.kernel.partitions import OLD_CONNECT_DOMAIN, PARTITIONS
from emulator.network.hosts import Hosts, Site

_NEAR = 0.75
_CONNECT_DOMAINS = (OLD_CONNECT_DOMAIN, *dict.fromkeys(each.connect_domain for each in PARTITIONS.values()))
_LIKE_CONNECT = re.compile(
    r"([a-z0-9-]+)\.(?:[a-z0-9-]+\.)*(?:connect\.aws|awsapps\.com|connect\.amazonaws\.com)(?:\.com)?", re.ASCII
)
_IDENTITY_CENTER = re.compile(r"d-[0-9a-f]{10}\.awsapps\.com", re.ASCII)


def resembling(host: str, hosts: Hosts) -> str:
    """Returns what an unknown host resembles, as a clause; empty for nothing.

    Args:
        host: Unknown host, in lower case.
        hosts: Known hosts.
    """
    known = [each for each in hosts.known if each != host]
    instances = [each for each in known if hosts.site(each) is Site.CONNECT]
    match = _LIKE_CONNECT.fullmatch(host)
    if _IDENTITY_CENTER.fullmatch(host):
        return "an access portal of IAM Identity Center, which is not emulated"
    if match:
        return _instance(host, match[1], instances)
    orgs = list(hosts.okta)
    org = _by_first_label(host, orgs, suffixes=("-admin",))
    if org and ".okta" in host:
        what = "the administrators' console of" if host.partition(".")[0].endswith("-admin") else "nearly"
        return f"{what} {org}"
    near = _nearest(host, known)
    return f"nearly {near}" if near else ""


def meant_instance(host: str, hosts: Hosts) -> str:
    """Returns the host of the instance that an unknown host may mean; empty for none.

    Args:
        host: Unknown host, in lower case.
        hosts: Known hosts.
    """
    match = _LIKE_CONNECT.fullmatch(host)
    if match is None or _IDENTITY_CENTER.fullmatch(host):
        return ""
    aliases = _aliases([each for each in hosts.known if each != host and hosts.site(each) is Site.CONNECT])
    near = match[1] if match[1] in aliases else next(iter(_near_aliases(match[1], aliases)), "")
    return aliases.get(near, "")


def _preferred(instances: Iterable[str]) -> list[str]:
    """Returns the hosts of instances, those at the old domain last, because an instance may have no pages there."""
    return sorted(instances, key=lambda each: each.endswith(OLD_CONNECT_DOMAIN))


def _aliases(instances: Iterable[str]) -> dict[str, str]:
    return {each.partition(".")[0]: each for each in reversed(_preferred(instances))}


def _near_aliases(alias: str, aliases: Iterable[str]) -> list[str]:
    return difflib.get_close_matches(alias, list(aliases), n=1, cutoff=0.6)


def _instance(host: str, alias: str, instances: list[str]) -> str:
    """Returns which instance a host of Amazon Connect may mean."""
    preferred = _preferred(instances)
    same = next((each for each in preferred if each.partition(".")[0] == alias), None)
    if same is not None:
        domain, right = host.partition(".")[2], same.partition(".")[2]
        if domain in _CONNECT_DOMAINS:
            return f"the instance {alias} is at {same}, in another partition or domain"
        return f"the instance {alias} is at {same}: the domain is {right}, not {domain}"
    aliases = _aliases(instances)
    near = _near_aliases(alias, aliases)
    if near:
        return f"no instance has the alias {alias}; the nearest is {near[0]}, at {aliases[near[0]]}"
    return f"no instance has the alias {alias}"


def _by_first_label(host: str, known: Iterable[str], *, suffixes: tuple[str, ...]) -> str:
    label = host.partition(".")[0]
    for suffix in suffixes:
        label = label.removesuffix(suffix)
    return next((each for each in known if each.partition(".")[0] == label), "")


def _nearest(host: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(host, list(known), n=1, cutoff=_NEAR)
    return near[0] if near else ""
