"""Why a condition of a policy is not met by a request, in words, and who would have to send what.

For a condition about the requested resource, such as the instance, the mistake is the policy's; for one about the
caller and where they are, it may as well be the request's.

Spec: AWS IAM UG "reference_policies_condition-keys"
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import Any

from emulator.kernel.explanations import SOURCE_IP, Asked, Cause, Sent, wanting
from sp_mock.policies.evaluation import NO_SUCH_KEY, Mismatch, Request
from sp_mock.policies.places import value_at
from sp_mock.principals.policy_settings import PolicyReason

_TAG = "aws:principaltag/"
_TAG_PATH = (
    "/Response/Assertion/AttributeStatement/Attribute"
    "[@Name='https://aws.amazon.com/SAML/Attributes/PrincipalTag:{}']/AttributeValue"
)
# The condition keys in AWS's spelling, by the form in which policies are compared.
_SPELLINGS = {
    key.lower(): key
    for key in (
        "aws:CurrentTime",
        "aws:EpochTime",
        "aws:MultiFactorAuthAge",
        "aws:MultiFactorAuthPresent",
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalType",
        "aws:RequestedRegion",
        "aws:ResourceAccount",
        "aws:ResourceOrgID",
        "aws:SecureTransport",
        "aws:SourceIdentity",
        "aws:SourceIp",
        "aws:TokenIssueTime",
        "aws:UserAgent",
        "aws:userid",
        "aws:username",
        "aws:ViaAWSService",
        "connect:InstanceId",
        "saml:namequalifier",
        "saml:sub",
        "saml:sub_type",
    )
}
# Keys whose value follows from what is requested and from which service: where they differ, the policy has to change.
_OF_THE_RESOURCE = frozenset({"connect:instanceid", "aws:resourceaccount", "aws:resourceorgid", "aws:requestedregion"})
_OF_THE_ASSERTION = frozenset(
    {"saml:aud", "saml:iss", "saml:doc", "saml:edupersonorgdn", "saml:edupersonprincipalname", "saml:mail", "saml:cn"}
)
_MFA = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage"})


SOURCE_IP_KEY = "aws:sourceip"


def condition_reason(mismatch: Mismatch, causes: tuple[Cause, ...], request: Request) -> PolicyReason:
    """Returns why a condition is not met, and who has to change what.

    Args:
        mismatch: The condition that is not met.
        causes: The setting that holds the condition.
    """
    key = _as_written(mismatch)
    note = f" ({mismatch.note})" if mismatch.note else ""
    why = (
        f"{mismatch.statement[:1].upper()}{mismatch.statement[1:]}: its condition {mismatch.operator} {key} expects "
        f"{mismatch.expected}, and the request has {mismatch.received}{note}."
    )
    where = f"the condition of {mismatch.statement}"
    causes = wanting(causes, [*request.context.get(mismatch.key, ())] or None)
    reason = PolicyReason(why, causes, f"{key} {mismatch.expected}", mismatch.received, "")
    if key.lower() in _MFA:
        return _no_factor(reason, key, where)
    if mismatch.received == NO_SUCH_KEY:
        return _missing(reason, mismatch, key, request)
    if mismatch.note.startswith("the key holds a list"):
        want = f"ForAnyValue:{mismatch.operator}"
        return replace(reason, want=want, fix=f"Write {want} in place of {mismatch.operator} in {where}.")
    if mismatch.key in _OF_THE_RESOURCE and not mismatch.expected.startswith("anything but"):
        want = f"{mismatch.operator} {key}: {mismatch.received}"
        return replace(reason, want=want, fix=f"Set {key} to {mismatch.received} in {where}.")
    if mismatch.key == SOURCE_IP_KEY:
        fix = f"Ask from an address that the condition is meant for, or correct {key} in {where}."
        return replace(reason, causes=(*causes[:1], Asked(SOURCE_IP)), fix=fix)
    return _sent_or_written(reason, mismatch, key)


def _as_written(mismatch: Mismatch) -> str:
    """Returns a condition's key in the policy's spelling."""
    return next((str(part) for part in mismatch.place if str(part).lower() == mismatch.key), mismatch.key)


def renamed_key(mismatch: Mismatch, right: str) -> dict[str, Any] | None:
    """Returns the name that a condition's key should have, with the values that it is given."""
    place = mismatch.place[:-1] if isinstance(mismatch.place[-1], int) else mismatch.place
    return {right: value_at(mismatch.document, place)} if mismatch.document is not None else None


def _missing(reason: PolicyReason, mismatch: Mismatch, key: str, request: Request) -> PolicyReason:
    where = f"the condition of {mismatch.statement}"
    if mismatch.key in _OF_THE_ASSERTION:
        why = f"{reason.why} {key} exists only while the role is assumed."
        fix = f"Ask for {key} in the role's trust policy, not in {where}."
        return replace(reason, why=why, want="a key that later requests have, such as saml:sub", fix=fix)
    near = difflib.get_close_matches(mismatch.key, request.context, n=1, cutoff=0.75)
    if near and not mismatch.key.startswith(_TAG):
        right = _SPELLINGS.get(near[0], near[0])
        values = ", ".join(request.context[near[0]])
        fix = f"Write {right} in place of {key} in {where}."
        causes = wanting(reason.causes, renamed_key(mismatch, right))
        return replace(reason, causes=causes, want=f"{right}, which is {values}", fix=fix)
    return _sent_or_written(reason, mismatch, key)


def _sent_or_written(reason: PolicyReason, mismatch: Mismatch, key: str) -> PolicyReason:
    """What the person has or is: a tag from the identity provider, or another property of the request."""
    where = f"the condition of {mismatch.statement}"
    if not mismatch.key.startswith(_TAG):
        return replace(reason, fix=f"Correct {key} in {where}, or make the request meet it.")
    tag = key[len(_TAG) :]
    sent = Sent(_TAG_PATH.format(tag), (mismatch.expected,))
    fix = f"Send the session tag {tag} with the value {mismatch.expected}, or correct {where}."
    return replace(reason, causes=(*reason.causes[:1], sent), fix=fix)


def _no_factor(reason: PolicyReason, key: str, where: str) -> PolicyReason:
    """AWS has no knowledge of a second factor in a session that began with SAML.

    Spec: AWS IAM UG "reference_policies_condition-keys", aws:MultiFactorAuthPresent
    Evidence: documented
    """
    why = f"{reason.why} AWS knows of no second factor that an identity provider asked for."
    fix = f"Ask for the second factor in the identity provider's sign-on policy; {key} in {where} is for IAM users."
    return replace(reason, why=why, want=f"a rule without {key} for sessions that begin with SAML", fix=fix)
