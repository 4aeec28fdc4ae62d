"""Why a condition of a trust policy is not met: the message, the request, or the condition itself is wrong."""

from __future__ import annotations

import json
from dataclasses import replace

from emulator.kernel.differences import difference, nearest
from emulator.kernel.explanations import Asked, Cause, Sent, wanting
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.values import CONFIRMATION_DATA_PATH, AssertionValues
from sp_mock.endpoints import is_sign_in_url
from sp_mock.policies.evaluation import NO_SUCH_KEY, Mismatch
from sp_mock.policies.places import value_at
from sp_mock.principals.condition_reasons import renamed_key

RECIPIENT_PATH = f"{CONFIRMATION_DATA_PATH}/@Recipient"
# Keys that a SAML login has, in AWS's spelling.
_KEYS = (
    "SAML:aud",
    "SAML:iss",
    "SAML:sub",
    "SAML:sub_type",
    "SAML:namequalifier",
    "SAML:doc",
    "SAML:eduPersonAffiliation",
    "SAML:eduPersonOrgDN",
    "SAML:eduPersonPrimaryAffiliation",
    "SAML:eduPersonPrincipalName",
    "SAML:cn",
    "SAML:mail",
    "SAML:uid",
    "sts:RoleSessionName",
    "sts:SourceIdentity",
    "sts:TransitiveTagKeys",
    "aws:SourceIp",
    "aws:RequestedRegion",
    "aws:SecureTransport",
    "aws:UserAgent",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:TagKeys",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
)
_OF_AN_AWS_PRINCIPAL = ("aws:principal", "aws:multifactor", "aws:tokenissuetime", "aws:userid", "aws:username")
# Operators that begin like this, apart from IfExists or a quantifier, require values that are equal or alike.
_EQUALITIES = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "ForAnyValue:String", "ForAllValues:String")
_TAG_PREFIXES = ("aws:requesttag/", "aws:principaltag/")


def recipient_mistake(recipient: str, url: str) -> Mistake:
    """Returns the mistake of a Recipient that is not one of AWS's sign-in URLs.

    Args:
        recipient: The Recipient as received.
        url: The Recipient that would be right.
    """
    near = f": {difference(url, recipient)}" if nearest(recipient, [url]) is not None else ""
    return Mistake(
        f"The assertion was made for a URL that is not one of AWS's SAML endpoints: its Recipient is "
        f"{recipient or 'empty'}{near}.",
        where=RECIPIENT_PATH,
        expected=f"{url}, or a region's",
        received=recipient,
        fix=f"Set the app's Recipient URL to {url}; where it has none of its own, it is the single sign-on URL.",
        causes=(Sent(RECIPIENT_PATH, wanted=(url,)),),
    )


def condition_mistake(
    mismatch: Mismatch,
    *,
    told: str,
    policy: tuple[Cause, ...],
    where: str,
    role_tags: tuple[Cause, ...],
    values: AssertionValues,
    url: str,
    at_sign_in: bool,
    sent: Sent | Asked | None,
) -> Mistake:
    """Explains why a condition is not met, and which side is at fault.

    Args:
        mismatch: The condition that is not met.
        told: The decision, without a full stop.
        policy: The setting that holds the condition.
        where: The statement that holds the condition, and the role it belongs to.
        role_tags: The setting that holds the role's tags.
        values: What the assertion says.
        url: Sign-in URL of the partition.
        at_sign_in: Whether this happened at sign-in.
        sent: The part of the message or request that the condition is about.
    """
    key = _written_key(mismatch)
    if mismatch.key == "saml:aud" and not mismatch.expected.startswith("anything but"):
        return _of_recipient(mismatch, told, policy, values.recipient or "", url, where, at_sign_in=at_sign_in)
    if mismatch.note.startswith("the key holds a list"):
        return Mistake(
            f"{told}.",
            expected=f"ForAnyValue:{mismatch.operator}",
            received=mismatch.operator,
            fix=f"Write ForAnyValue:{mismatch.operator} in place of {mismatch.operator} in {where}.",
            causes=policy,
        )
    is_tag_of_role = mismatch.key.startswith(("aws:resourcetag/", "iam:resourcetag/"))
    if mismatch.received == NO_SUCH_KEY and is_tag_of_role:
        return Mistake(
            f"{told}. The role has no tag {key.partition('/')[2]}.",
            expected=f"the tag {key.partition('/')[2]}: {mismatch.expected} on the role",
            received="no such tag",
            fix=f"Tag the role with {key.partition('/')[2]}: {mismatch.expected}, or correct {key} in {where}.",
            causes=(*policy, *wanting(role_tags, {key.partition("/")[2]: mismatch.expected}))[:2],
        )
    if mismatch.received == NO_SUCH_KEY:
        return _missing_key(mismatch, told, policy, key, where, sent, values)
    if isinstance(sent, Asked):
        return Mistake(
            f"{told}.",
            expected=mismatch.expected,
            received=mismatch.received,
            fix=f"Ask from where {key} is {mismatch.expected}, or correct {key} in {where}.",
            causes=(*policy, sent)[:2],
        )
    other = role_tags if is_tag_of_role else (sent,) if sent is not None else ()
    if mismatch.key == "aws:requestedregion" and sent is not None:
        return _other_region(mismatch, told, policy, key, where, url)
    if not other or not mismatch.operator.startswith(_EQUALITIES):
        return Mistake(
            f"{told}.",
            expected=f"{mismatch.operator} {key} with a value for which {mismatch.received} will do",
            received=f"{mismatch.operator} {key} {mismatch.expected}",
            fix=f"Correct {key} in {where}: a login has {mismatch.received} there.",
            causes=(*policy, *other)[:2],
        )
    near = nearest(mismatch.received, [mismatch.written]) if mismatch.written else None
    close = f" {_sentence(difference(mismatch.received, mismatch.written))}." if near is not None else ""
    return Mistake(
        f"{told}.{close}",
        expected=f'"{key}": "{mismatch.received}"',
        received=f'"{key}": "{mismatch.expected}"',
        fix=f"Write {mismatch.received} for {key} in {where}, if such logins are to be let in; otherwise send "
        f"{mismatch.expected}.",
        causes=(*policy, *_wanting(other, mismatch))[:2],
    )


def _other_region(mismatch: Mismatch, told: str, policy: tuple[Cause, ...], key: str, where: str, url: str) -> Mistake:
    """The region comes from the sign-in URL, which the app chooses."""
    regional = tuple(url.replace("https://", f"https://{region}.") for region in _values(mismatch))
    return Mistake(
        f"{told}. The region is that of the sign-in URL that the app posts to.",
        expected=f'"{key}": "{mismatch.received}"',
        received=f'"{key}": "{mismatch.expected}"',
        fix=f"Add {mismatch.received} to {key} in {where}, or set the app's single sign-on URL to {regional[0]}.",
        causes=(*policy, Sent("/Response/@Destination", wanted=regional))[:2],
    )


def _wanting(causes: tuple[Cause, ...], mismatch: Mismatch) -> tuple[Cause, ...]:
    """Adds the policy's value to causes, as what would have been right in the message."""
    wanted = () if mismatch.expected.startswith("anything but") else (mismatch.expected,)
    return tuple(replace(each, wanted=wanted) if isinstance(each, Sent) else each for each in causes)


def _written_key(mismatch: Mismatch) -> str:
    texts = [str(part) for part in mismatch.place if str(part).lower() == mismatch.key]
    return texts[0] if texts else mismatch.key


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _of_recipient(
    mismatch: Mismatch, told: str, policy: tuple[Cause, ...], recipient: str, url: str, where: str, *, at_sign_in: bool
) -> Mistake:
    """``SAML:aud`` is the Recipient: where that is not a URL of AWS's, the app is wrong, whatever the policy says."""
    asked_for = _values(mismatch)
    of_aws = [value for value in asked_for if is_sign_in_url(value)]
    if not is_sign_in_url(recipient) and (at_sign_in or of_aws):
        mistake = recipient_mistake(recipient, of_aws[0] if of_aws else url)
        causes = mistake.causes if at_sign_in else (*mistake.causes, *policy)
        return replace(mistake, explanation=f"{told}. {mistake.explanation}", causes=causes[:2])
    close = nearest(recipient, asked_for)
    near = f" {_sentence(difference(recipient, close))}." if close is not None else ""
    sent = Sent(RECIPIENT_PATH, wanted=tuple(of_aws or asked_for))
    if of_aws:
        return Mistake(
            f"{told}. Both are sign-in URLs of AWS: the app and the trust policy disagree about the region.{near}",
            expected=f'"SAML:aud": {json.dumps([*asked_for, recipient])}',
            received=f'"SAML:aud": "{mismatch.expected}"',
            fix=f"Add {recipient} to SAML:aud in {where}, or set the app's single sign-on URL to {of_aws[0]}.",
            causes=(*policy, sent)[:2],
        )
    return Mistake(
        f"{told}. SAML:aud is compared with the Recipient, and what the policy has is not a sign-in URL of AWS.{near}"
        if at_sign_in or is_sign_in_url(recipient)
        else f"{told}. SAML:aud is compared with the Recipient.{near}",
        expected=f'"SAML:aud": "{recipient}"',
        received=f'"SAML:aud": "{mismatch.expected}"',
        fix=f"Write {recipient} for SAML:aud in {where}.",
        causes=policy if is_sign_in_url(recipient) else (*policy, sent)[:2],
    )


def _values(mismatch: Mismatch) -> list[str]:
    """Returns the condition's values as the policy writes them."""
    if mismatch.document is None:
        return [mismatch.written]
    place = mismatch.place[:-1] if isinstance(mismatch.place[-1], int) else mismatch.place
    given = value_at(mismatch.document, place)
    return [str(each) for each in given] if isinstance(given, list) else [str(given)]


def _missing_key(
    mismatch: Mismatch,
    told: str,
    policy: tuple[Cause, ...],
    key: str,
    where: str,
    sent: Sent | Asked | None,
    values: AssertionValues,
) -> Mistake:
    """A key that the request lacks: one that the message should have supplied, or one that SAML logins never have."""
    if isinstance(sent, Sent):
        is_tag, tag = mismatch.key.startswith(_TAG_PREFIXES), key.partition("/")[2]
        what = f"the session tag {tag}" if is_tag else key
        near_tag = nearest(tag, [each for each, _ in values.principal_tags]) if is_tag else None
        near_text = f" It sends the tag {near_tag}: {difference(tag, near_tag)}." if near_tag is not None else ""
        wanted = () if mismatch.expected == "some value" else (mismatch.expected,)
        return Mistake(
            f"{told}. The assertion does not send what {key} is made of.{near_text}",
            expected=f"{what}: {mismatch.expected}",
            received="nothing",
            fix=f"Have the app send {what} with the value {mismatch.expected}; the condition in {where} asks for it.",
            causes=(replace(sent, wanted=wanted), *policy)[:2],
        )
    if isinstance(sent, Asked):
        return Mistake(
            f"{told}. The browser or program that asked sent none.",
            expected=f"{key}: {mismatch.expected}",
            received="nothing",
            fix=f"Ask with a program that sends {key}, or correct the condition in {where}.",
            causes=(*policy, sent)[:2],
        )
    near = nearest(key, _KEYS)
    if near is not None and near.lower() != key.lower():
        return Mistake(
            f"{told}. There is no such key: {difference(near, key)}.",
            expected=near,
            received=key,
            fix=f"Write {near} in place of {key} in {where}.",
            causes=wanting(policy, renamed_key(mismatch, near)),
        )
    who = (
        f" Who signs in with SAML is not a principal of AWS yet, and has no {key}."
        if mismatch.key.startswith(_OF_AN_AWS_PRINCIPAL)
        else f" A SAML login has no {key}."
    )
    return Mistake(
        f"{told}.{who}",
        expected=f"a condition on a key that a SAML login has, or {mismatch.operator}IfExists",
        received=f"{mismatch.operator} {key}",
        fix=f"Have whoever owns {where} ask for a key that SAML logins have; {key} is never among them.",
        causes=policy,
    )
