"""The subject of a failed login: the roles that were sent, the SAML provider, the Amazon Connect instance.

It is read from the record of the login, and from the world where the message was encrypted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from lxml import etree

from emulator.arrival import is_named
from emulator.fixes.candidate import Finding
from emulator.flow import RolePair, assertion_xml, role_pairs
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key

_ROLE = "https://aws.amazon.com/SAML/Attributes/Role"
_TAG = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:"
_SOURCE_IDENTITY = "https://aws.amazon.com/SAML/Attributes/SourceIdentity"
_FEDERATE = re.compile(r"/connect/federate/([0-9A-Za-z-]+)")
_CONSOLE_REGION = re.compile(r"https://(?:[0-9]{12}\.)?([a-z]{2}(?:-[a-z]+)+-[0-9])\.console\.")
_PAIR = re.compile(
    r"arn:[^\s\"',]+:(?:role|saml-provider)/[^\s\"',]+\s*,\s*arn:[^\s\"',]+:(?:role|saml-provider)/[^\s\"',]+"
)


@dataclass(frozen=True, slots=True)
class ArnParts:
    """The parts of an IAM ARN.

    Args:
        partition: Such as ``aws``.
        account_id: Id of the account.
        path: Path of a role, with slashes at both ends.
        name: Last part.
    """

    partition: str
    account_id: str
    path: str
    name: str


def arn_parts(arn: str) -> ArnParts | None:
    """Returns the parts of a role's or a SAML provider's ARN, or None for another text."""
    fields = arn.split(":", 5)
    if len(fields) < 6 or fields[0] != "arn" or "/" not in fields[5]:
        return None
    *path, name = fields[5].split("/")[1:]
    return ArnParts(fields[1], fields[4], "/".join(("", *path, "")), name) if name else None


def pairs_sent(finding: Finding) -> tuple[RolePair, ...]:
    """Returns the roles in the message with their providers, the requested one first."""
    pairs = role_pairs(_role_values(finding))
    asked = finding.role or finding.login.role
    return tuple(sorted(pairs, key=lambda pair: not (asked and is_named(asked, pair.role_arn))))


def pairs_asked_for(finding: Finding) -> tuple[RolePair, ...]:
    """Returns the requested roles in the message; all of them where none was requested."""
    pairs = pairs_sent(finding)
    asked = tuple(pair for pair in pairs if finding.role and is_named(finding.role, pair.role_arn))
    return asked or (() if finding.role else pairs)


def roles_through(finding: Finding, provider_arn: str) -> tuple[str, ...]:
    """Returns the ARNs of the roles that are sent with a SAML provider, and so are meant for its users."""
    return tuple(pair.role_arn for pair in pairs_sent(finding) if pair.provider_arn == provider_arn)


def is_of_another_account(finding: Finding, pair: RolePair) -> bool:
    """Returns whether a role named in one account exists in another, so that it need not be created."""
    parts = arn_parts(pair.role_arn)
    if parts is None:
        return False
    with_it = [account_id for account_id, account in finding.world.settings.aws.items() if parts.name in account.roles]
    return bool(with_it) and parts.account_id not in with_it


def _role_values(finding: Finding) -> list[str]:
    found = [
        (value.text or "").strip()
        for attribute in _attributes(finding)
        if attribute.get("Name") == _ROLE
        for value in attribute.iter("{*}AttributeValue")
    ]
    return found or [match[0] for text in _texts(app_data(finding)) for match in _PAIR.finditer(text)]


def actions_needed(finding: Finding) -> tuple[str, ...]:
    """Returns the actions that a trust policy has to allow for the message, more than one with tags."""
    names = [attribute.get("Name") or "" for attribute in _attributes(finding)]
    more = (
        ("sts:TagSession", any(name.startswith(_TAG) for name in names)),
        ("sts:SetSourceIdentity", _SOURCE_IDENTITY in names),
    )
    return ("sts:AssumeRoleWithSAML", *(action for action, is_needed in more if is_needed))


def _attributes(finding: Finding) -> Iterator[etree._Element]:
    """Yields the attributes of the message; none where it is encrypted or not XML."""
    xml = assertion_xml(finding.login)
    try:
        # What is read need not be trusted: it decides nothing, and every proposal is tried.
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True)) if xml else None
    except etree.XMLSyntaxError:
        return
    if root is not None:
        yield from root.iter("{*}Attribute")


def app_key(finding: Finding) -> Key:
    """Returns the world's key of the login's app; empty where there is none."""
    org, _, name = finding.login.app.rpartition("/")
    for key, settings in finding.world.settings.okta.items():
        if name in settings.apps and org in {"", key}:
            return ("okta", key, "apps", name)
    return ()


def app_data(finding: Finding) -> Any:
    """Returns the world's settings of the login's app."""
    here: Any = finding.world.document.data
    for part in app_key(finding) or ("",):
        here = here.get(part) if isinstance(here, dict) else None
    return here


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _texts(each)


def addresses(finding: Finding) -> Iterator[str]:
    """Yields the addresses of a login, from the last to the first: wanted, opened, and relay states."""
    if finding.lands_on:
        yield finding.lands_on
    for exchange in reversed(finding.login.exchanges):
        yield exchange.url
        yield from (value for name, value in exchange.form if name == "RelayState")
        yield from (note.facts.relay_state for note in exchange.notes if note.facts.relay_state)


def instance_asked_for(finding: Finding) -> Key:
    """Returns the world's key of the Amazon Connect instance of a login; empty where there is none."""
    for address in addresses(finding):
        match = _FEDERATE.search(unquote(address))
        for account_id, account in finding.world.settings.aws.items():
            for instance_id, instance in account.connect.items():
                is_host = f"//{instance.alias.lower()}." in address and ".connect.aws" in address
                if (match is not None and match[1] == instance_id) or is_host:
                    return ("aws", account_id, "connect", instance_id)
    return ()


def instance_id_sent(finding: Finding) -> str:
    """Returns the instance id in a relay state, whether or not it exists; empty without one."""
    return next((match[1] for each in addresses(finding) if (match := _FEDERATE.search(unquote(each)))), "")


def region_sent(finding: Finding) -> str:
    """Returns the console region in a relay state; empty where it names none."""
    federate = (each for each in addresses(finding) if _FEDERATE.search(unquote(each)))
    return next((match[1] for each in federate if (match := _CONSOLE_REGION.match(each))), "")


def instance_arn(finding: Finding) -> str:
    """Returns the ARN of a login's instance; empty where there is none."""
    key = instance_asked_for(finding)
    if not key:
        return ""
    account = finding.world.settings.aws[str(key[1])]
    return f"arn:{account.partition}:connect:{account.connect[str(key[3])].region}:{key[1]}:instance/{key[3]}"
