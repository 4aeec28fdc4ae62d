"""What has to be set up, or left out, so that a recorded refusal is reproduced by its cause.

What a message says is in the message. What an account had set up is in no recording: of several causes that look the
same from outside, one is chosen and the others are mentioned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from emulator.kernel.partitions import PARTITIONS, partition_of_arn
from emulator.kernel.records import dataclass
from emulator.reconstruction.message_facts import AWS_ATTRIBUTES
from emulator.reconstruction.message_faults import faults_of
from emulator.reconstruction.recorded import Recorded
from emulator.recordings.pasted import host_of
from emulator.recordings.recorded_refusals import CONNECT, STS, RecordedRefusal

_NOT_FOUND = 404
_WORDS_OF_CONNECT = (
    ("identity-management", re.compile(r"does not use SAML|identity management", re.IGNORECASE)),
    ("destination", re.compile(r"destination is not|whitelist|approved origin|origin is not", re.IGNORECASE)),
    ("instance", re.compile(r"instance was not found|instance does not exist|no such instance", re.IGNORECASE)),
)
Trust = Literal["lets through", "usual audience", "no session tags", "no source identity", "another provider"]


@dataclass(frozen=True, slots=True)
class Setup:
    """How the two sides are set up; as the login needs it unless something else is said.

    Args:
        provider: The SAML provider: as it is named, not there, with the metadata of another identity provider, or with
            that of another key.
        trust: What the role's trust policy asks.
        may_federate: Whether the role may call connect:GetFederationToken.
        has_instance: Whether the instance of the relay state is there.
        identity_management: Identity management of the instance.
        has_connect_user: Whether the instance has the person.
        approves_origin: Whether the instance approves the origin of the page that the login leads to.
        is_assigned: Whether the person has the app.
        signs_in: Whether the person's account signs in.
        role_limit_seconds: The role's maximum session duration.
        accepts_sha1: Whether the SAML provider takes signatures with SHA-1.
        was_changed: Whether the message was changed after it was signed.
        encrypts: Whether the app encrypts.
        opens: Whether the SAML provider has the key that opens what is encrypted.
        requires_encryption: Whether the provider takes nothing else.
        told: Sentences on what was chosen, and what else it could have been.
    """

    provider: Literal["recorded", "absent", "other issuer", "other key"] = "recorded"
    trust: Trust = "lets through"
    may_federate: bool = True
    has_instance: bool = True
    identity_management: Literal["SAML", "CONNECT_MANAGED"] = "SAML"
    has_connect_user: bool = True
    approves_origin: bool = True
    is_assigned: bool = True
    signs_in: bool = True
    role_limit_seconds: int = 3600
    accepts_sha1: bool = False
    was_changed: bool = False
    encrypts: bool = False
    opens: bool = False
    requires_encryption: bool = False
    told: str = ""


def sign_in_url(partition: str) -> str:
    """Returns where a partition takes assertions."""
    return f"https://signin.{PARTITIONS[partition].site_domain}/saml"


def setup_for(recorded: Recorded, *, is_broken: bool) -> Setup:
    """Returns the setup that a login needs to end as it was recorded.

    Args:
        recorded: The login.
        is_broken: Whether the message's signature does not fit what it covers, so that it was changed on the way.
    """
    setup = Setup()
    if recorded.message.is_encrypted:
        setup = replace(setup, encrypts=True, opens=True)
    asked = recorded.duration_seconds or 0
    if asked > setup.role_limit_seconds and asked <= 43200:
        setup = replace(setup, role_limit_seconds=asked)
    if recorded.refusal is None:
        return replace(setup, accepts_sha1=recorded.message.uses_sha1)
    checks = recorded.refusal.checks or _by_words(recorded.refusal)
    if "signature" in checks and is_broken:
        return replace(setup, was_changed=True)
    cause = next((_CAUSES[check] for check in checks if check in _CAUSES), None)
    if cause is not None:
        return cause(setup, recorded)
    return replace(setup, told=_not_made_again(checks))


def _by_words(refusal: RecordedRefusal) -> tuple[str, ...]:
    """Returns the checks behind an error of Amazon Connect whose words are not public, by the things that it names."""
    if refusal.service == STS and refusal.message.startswith("Invalid SAMLResponse"):
        return ("assertion-encryption",)
    if refusal.service != CONNECT:
        return ()
    found = next((check for check, words in _WORDS_OF_CONNECT if words.search(refusal.message)), "")
    return (found,) if found else ("instance",) if refusal.status == _NOT_FOUND else ()


def _provider(setup: Setup, recorded: Recorded) -> Setup:
    pair = recorded.pair
    posted = host_of(recorded.posted_to)
    if pair is not None and posted and not posted.endswith(partition_of_arn(pair.role_arn).site_domain):
        return setup  # the message went to another partition than its roles'
    return replace(
        setup,
        provider="absent",
        told="AWS had no such SAML provider, so the account here has none. A role of another account, or a "
        "provider's name in other letters, looks the same.",
    )


def _issuer(setup: Setup, recorded: Recorded) -> Setup:
    if recorded.message.response_issuer not in {None, recorded.message.issuer}:
        return setup
    return replace(
        setup,
        provider="other issuer",
        told="The metadata that AWS had is not in a recording, only that its entity ID is another than the Issuer: "
        "here the provider has the metadata of a second app.",
    )


def _signature(setup: Setup, recorded: Recorded) -> Setup:
    message = recorded.message
    if message.is_readable and (not message.signed or message.uses_sha1):
        return setup
    return replace(
        setup,
        provider="other key",
        told="The certificates that AWS had are not in a recording: here the provider has the metadata of a second "
        "app, with the same entity ID and another key, as after a new signing certificate.",
    )


def _trust(setup: Setup, recorded: Recorded) -> Setup:
    """Chooses what of a role's trust policy refused: AWS's sentence is always the same."""
    message, pair = recorded.message, recorded.pair
    if message.is_readable and not (message.name_id or "").strip():
        return setup  # a missing NameID is refused in the same words
    partition = partition_of_arn(pair.role_arn).name if pair is not None else "aws"
    usual = sign_in_url(partition)
    candidates: list[tuple[Trust, str]] = []
    if message.recipient and message.recipient != usual:
        candidates.append(("usual audience", f"that its SAML:aud is {usual}, and the Recipient is another"))
    if any(each.name.startswith(f"{AWS_ATTRIBUTES}PrincipalTag:") for each in message.attributes):
        candidates.append(("no session tags", "that it does not allow sts:TagSession, which the PrincipalTags need"))
    if message.values("SourceIdentity"):
        candidates.append(("no source identity", "that it does not allow sts:SetSourceIdentity"))
    candidates.append(("another provider", "that it trusts another SAML provider"))
    others = "; ".join([*(text for _, text in candidates[1:]), "that the role does not exist", "another condition"])
    return replace(
        setup,
        trust=candidates[0][0],
        told=f"Why the trust policy refused is not in a recording. Here it is {candidates[0][1]}. The same words are "
        f"said of other causes: {others}.",
    )


def _encryption(setup: Setup, recorded: Recorded) -> Setup:
    """Looks for what keeps AWS from reading a message: in the message first, since only then is it known."""
    message = recorded.message
    if message.is_encrypted:
        return replace(
            setup,
            opens=False,
            told="AWS could not open the encrypted assertion; why is not in a recording. Here the SAML provider does "
            "not have the private key.",
        )
    is_to_aws = message.destination is None or "//signin." in message.destination
    is_visible = bool(message.payload) or not recorded.pairs or next(faults_of(recorded, was_changed=False), None)
    if is_visible or not is_to_aws:
        return setup
    return replace(
        setup,
        opens=True,
        requires_encryption=True,
        told="Nothing in the message explains this refusal. What is left is the SAML provider's setting, which is not "
        "in a recording: here it requires encrypted assertions.",
    )


def _too_long(setup: Setup, recorded: Recorded) -> Setup:
    asked = recorded.duration_seconds or 0
    limit = 3600 if asked > 3600 else 43200
    return replace(
        setup,
        role_limit_seconds=limit,
        told=f"The role's maximum session duration is not in a recording, only that it is less than {asked}: here it "
        f"is {limit}.",
    )


def _connect_user(setup: Setup, _: Recorded) -> Setup:
    return replace(setup, has_connect_user=False)


def _federation_token(setup: Setup, _: Recorded) -> Setup:
    return replace(
        setup,
        may_federate=False,
        told="The role's policies are not in a recording, only that they do not allow connect:GetFederationToken: "
        "here it has none. A wrong Resource, a Deny or a permissions boundary looks the same.",
    )


def _instance(setup: Setup, _: Recorded) -> Setup:
    return replace(setup, has_instance=False)


def _identity_management(setup: Setup, _: Recorded) -> Setup:
    return replace(setup, identity_management="CONNECT_MANAGED")


def _origin(setup: Setup, _: Recorded) -> Setup:
    return replace(setup, approves_origin=False)


def _not_assigned(setup: Setup, _: Recorded) -> Setup:
    return replace(setup, is_assigned=False)


def _no_sign_in(setup: Setup, _: Recorded) -> Setup:
    return replace(
        setup,
        signs_in=False,
        told="Why the sign-in failed is not in a recording. A scenario signs in with the right password: here the "
        "person's account is one that does not sign in.",
    )


_CAUSES: Mapping[str, Callable[[Setup, Recorded], Setup]] = {
    "provider": _provider,
    "assertion-encryption": _encryption,
    "issuer": _issuer,
    "signature": _signature,
    "trust-policy": _trust,
    "max-session-duration": _too_long,
    "connect-user": _connect_user,
    "get-federation-token": _federation_token,
    "instance": _instance,
    "identity-management": _identity_management,
    "approved-origin": _origin,
    "destination": _origin,
    "app-assignment": _not_assigned,
    "okta-sign-in": _no_sign_in,
}
_OTHERS = {
    "okta-claims": "which of the person's attributes Okta missed is not in a recording",
    "sts-region": "a scenario calls the global endpoint of STS, where no region is off",
    "one-account": "it takes an earlier login to another account in the same browser",
    "session-limit": "it takes five earlier logins in the same browser",
    "role-binding": "it takes an earlier login of the person with another role",
    "okta-factor": "what the person answered is not in a recording",
    "connect-session": "it takes a session that is over",
}


def _not_made_again(checks: tuple[str, ...]) -> str:
    """Returns why a refusal is not reproduced, if that takes more than one login and its message."""
    reasons = [reason for check in checks if (reason := _OTHERS.get(check, ""))]
    return f"This refusal is not made again here: {reasons[0]}." if reasons else ""
