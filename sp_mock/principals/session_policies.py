"""Session policies and the space of a session: the parameters Policy and PolicyArns, and their packed size.

Spec: AWS STS API "AssumeRoleWithSAML"; AWS IAM UG "access_policies", session policies
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.kernel.errors import MalformedPolicyDocument, PackedPolicyTooLarge, ValidationError
from emulator.kernel.records import dataclass
from sp_mock.accounts.managed_policies import Tags
from sp_mock.accounts.model import Account, NamedDocument
from sp_mock.arn import Arn
from sp_mock.policies.documents import MalformedPolicy, PolicyDocument

MAX_PLAIN_CHARACTERS = 2048
_MAX_POLICY_ARNS = 10
_ALLOTTED_BYTES = 2048
_STS = "AWS STS"


@dataclass(frozen=True, slots=True)
class SessionPolicies:
    """The limits of a session's permissions, and how much of its space they use.

    Args:
        policies: None when the call names none: then the role's policies alone apply.
        packed_size: Percentage of a session's space that is used, tags included; None when nothing is stored.
    """

    policies: tuple[NamedDocument, ...] | None
    packed_size: int | None


def session_policies(
    parameters: Mapping[str, Any], *, account: Account | None, tags: Tags = (), service: str = _STS
) -> SessionPolicies:
    """Reads Policy and PolicyArns of a call.

    Args:
        account: The role's account, where managed policies are looked up.
        tags: Tags of the session, which share the space.
        service: Name of the refusing service for people.

    Raises:
        MalformedPolicyDocument: Policy is not JSON, or not an identity policy.
        ValidationError: a policy ARN is not one, or of another account, or there are more than ten.
        PackedPolicyTooLarge: together they are too much.

    Spec: AWS STS API "AssumeRoleWithSAML", parameters Policy and PolicyArns
    Evidence: documented (limits), observed (invalid Json, the too-large sentences), assumed (how AWS packs)
    """
    text = parameters.get("Policy")
    arns = [each.get("arn", "") for each in parameters.get("PolicyArns") or ()]
    if len(arns) > _MAX_POLICY_ARNS:
        raise _invalid(f"At most {_MAX_POLICY_ARNS} policy ARNs are allowed", received=str(len(arns)), service=service)
    found: list[NamedDocument] = [_managed(arn, account, service=service) for arn in arns]
    if text is not None:
        found.append(("session policy", _inline(text, service=service)))
    packed = _packed_size(text or "", arns, tags)
    if len(text or "") + sum(map(len, arns)) > MAX_PLAIN_CHARACTERS:
        packed = max(packed or 0, 101)
    if packed is not None and packed > 100:
        raise _too_large(packed, only_tags=not found, service=service)
    return SessionPolicies(tuple(found) if found else None, packed)


def _managed(arn: str, account: Account | None, *, service: str) -> NamedDocument:
    parsed = Arn.parse(arn)
    if parsed is None or parsed.service != "iam" or not parsed.resource.startswith("policy/"):
        raise _invalid(f"{arn} is invalid", received=arn, service=service)
    policy = account.policy(arn) if account else None
    if policy is None:
        raise _invalid(
            f"The specified managed policy {arn} was not found.", received=arn, service=service, evidence="assumed"
        )
    return (f"session policy {policy.name}", policy.document)


def _inline(text: str, *, service: str) -> PolicyDocument:
    try:
        return PolicyDocument.parse(text, kind="session")
    except MalformedPolicy as error:
        invalid_json = error.message.startswith("This policy contains invalid Json")
        raise MalformedPolicyDocument(
            "This policy contains invalid Json" if invalid_json else "Syntax errors in policy.",
            service=service,
            check="session-policy",
            evidence="observed" if invalid_json else "assumed",
            explanation=error.message,
            where="parameter Policy",
            expected=error.expected,
            received=text[:120],
            fix="Correct the policy at the place named.",
            spec='AWS IAM UG "reference_policies_grammar"',
        ) from None


def _packed_size(text: str, arns: Sequence[str], tags: Tags) -> int | None:
    """Returns the percentage of a session's space. How AWS packs is not public; here it is the compressed size.

    Evidence: assumed
    """
    if not text and not arns and not tags:
        return None
    packed = zlib.compress(json.dumps([text, arns, tags]).encode())
    return max(1, -(-100 * len(packed) // _ALLOTTED_BYTES))


def _too_large(percent: int, *, only_tags: bool, service: str) -> PackedPolicyTooLarge:
    message = (
        f"Packed size of session tags consumes {percent}% of allotted space."
        if only_tags
        else f"Packed policy consumes {percent}% of allotted space, please use smaller policy."
    )
    return PackedPolicyTooLarge(
        message,
        service=service,
        check="packed-size",
        evidence="observed",
        explanation="Session policies and session tags share a space that is packed; how AWS counts is not public, so "
        "the percentage here is the emulator's.",
        where="parameters Policy, PolicyArns and Tags",
        expected=f"at most {MAX_PLAIN_CHARACTERS} characters of policies, and 100% packed",
        received=f"{percent}%",
        fix="Shorten the policies, or send fewer or shorter tags.",
        spec='AWS IAM UG "reference_iam-quotas"',
    )


def _invalid(message: str, *, received: str, service: str, evidence: str = "observed") -> ValidationError:
    return ValidationError(
        message,
        service=service,
        check="policy-arns",
        evidence=evidence,
        explanation="PolicyArns names at most ten managed policies of the role's account or of AWS.",
        where="parameter PolicyArns",
        received=received,
        fix="Name policies that exist in the role's account.",
        spec='AWS STS API "AssumeRole", parameter PolicyArns',
    )
