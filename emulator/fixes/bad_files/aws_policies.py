"""Elements of a policy in a world's file that IAM does not accept, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from emulator.fixes.aws.places import as_list
from emulator.fixes.bad_files.aws_mistake import AwsMistake
from emulator.fixes.candidate import Candidate, Edit

_TRUST_ACTIONS = (
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
)


def in_policy(mistake: AwsMistake) -> Iterator[Candidate]:
    """Proposes corrections of an element that IAM does not accept."""
    if mistake.last == "Version":
        yield mistake.write("2012-10-17")
    elif mistake.last == "Effect":
        yield from (mistake.write(each) for each in ("Allow", "Deny") if each.casefold() == mistake.text.casefold())
    elif "STS AssumeRole actions" in mistake.problem.message:
        yield from (mistake.write(each) for each in get_close_matches(mistake.text, _TRUST_ACTIONS, n=2))
    elif "Principal" in mistake.key:
        yield from _principals(mistake)
    elif mistake.last == "Statement" and not mistake.value:
        yield from _statements(mistake)


def _principals(mistake: AwsMistake) -> Iterator[Candidate]:
    """Moves a SAML provider from AWS or Service to Federated."""
    whole = mistake.key[: mistake.key.index("Principal") + 1]
    given = mistake.at(*whole)
    if not isinstance(given, dict):
        return
    providers = [each for members in given.values() for each in as_list(members) if ":saml-provider/" in str(each)]
    others = {
        kind: kept if isinstance(members, list) else kept[0]
        for kind, members in given.items()
        if kind != "Federated" and (kept := [each for each in as_list(members) if each not in providers])
    }
    if providers:
        value = {"Federated": providers[0] if len(providers) == 1 else providers, **others}
        yield mistake.put("Write the SAML provider as a Federated principal", Edit(whole, value))


def _statements(mistake: AwsMistake) -> Iterator[Candidate]:
    """Fills a trust policy without statements: like another role of the account, or for each SAML provider."""
    if "trust" not in mistake.key:
        return
    roles = mistake.at(*mistake.key[:3])
    for role in roles.values() if isinstance(roles, dict) else ():
        trust = role.get("trust") if isinstance(role, dict) else None
        statements = trust.get("Statement") if isinstance(trust, dict) else None
        if statements and "AssumeRoleWithSAML" in str(statements):
            yield mistake.put("Trust whom another role of the account trusts", Edit(mistake.key, statements))
    for name in mistake.at(*mistake.key[:2], "saml_providers") or ():
        arn = f"arn:{mistake.at(*mistake.key[:2], 'partition') or 'aws'}:iam::{mistake.key[1]}:saml-provider/{name}"
        statement = {"Effect": "Allow", "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithSAML"}
        yield mistake.put(f"Trust the SAML provider {name}", Edit(mistake.key, [statement]))
