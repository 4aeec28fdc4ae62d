"""Addresses at the wrong host of an instance: an unknown host, or a domain where the instance has no pages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emulator.kernel.explanations import Explanation, Setting
from emulator.network.resemblance import meant_instance

if TYPE_CHECKING:
    from emulator.federation import Federation


def explain_unknown_host(address: str, federation: Federation) -> Explanation | None:
    """Returns which instance an unknown host may mean, and the setting of its host; None where it resembles none.

    Args:
        address: Address that was opened.
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    right = meant_instance(host, federation.hosts)
    for account in federation.aws.accounts.values():
        for instance in account.instances.values():
            if right and right in instance.hosts:
                has_alias = instance.alias.lower() == host.partition(".")[0]
                opened = f"https://{right}{parts.path}"
                label, _, domain = host.partition(".")
                setting = Setting(
                    account,
                    ("instances", instance.instance_id, "domain" if has_alias else "alias"),
                    wanted=domain if has_alias else label,
                )
                otherwise = "" if has_alias else "; or set the instance's alias, if that is wrong"
                return Explanation("", (setting,), want=opened, got=address, fix=f"Open {opened}{otherwise}.")
    return None


def explain_other_domain(wanted: str, reached: str, federation: Federation) -> Explanation | None:
    """Returns that an instance has no pages at the wanted domain; None where that is not the reason.

    Args:
        wanted: Address at which a login should have ended.
        reached: Address at which it ended.
    """
    hosts = [(urlsplit(each).hostname or "").lower() for each in (wanted, reached)]
    for account in federation.aws.accounts.values():
        for instance in account.instances.values():
            if all(host in instance.hosts for host in hosts) and instance.base_url_at(hosts[0]) is None:
                return Explanation(
                    f"The login reached the instance {instance.alias} at {hosts[1]}; it has no pages at {hosts[0]}.",
                    (
                        Setting(
                            account,
                            ("instances", instance.instance_id, "domain"),
                            wanted=hosts[0].partition(".")[2],
                        ),
                    ),
                    want=wanted,
                    got=f"domain: {instance.domain}",
                    fix=f"Expect the login at {instance.access_url}; if the real instance has the old domain, set its "
                    "domain to awsapps.com.",
                )
    return None
