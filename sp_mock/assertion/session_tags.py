"""The check of session tags: what can be a tag, and how many there may be."""

from __future__ import annotations

import re
from dataclasses import replace

from emulator.kernel.differences import difference, nearest, visible
from emulator.kernel.errors import InvalidParameterValue, UnusableSessionTags
from emulator.kernel.explanations import Sent
from sp_mock.assertion.login_request import LoginRequest
from sp_mock.assertion.mistakes.attribute_names import misnamed_tag
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import PRINCIPAL_TAG, TRANSITIVE_TAG_KEYS, AssertionValues, attribute_path
from sp_mock.assertion.wording import refused

_TAG_TEXT = re.compile(r"[\w\s.:/=+@-]*")
_SPEC = 'AWS IAM UG "id_session-tags"'
_MAX_TAGS, _MAX_TAG_KEY, _MAX_TAG_VALUE = 50, 128, 256
_SHOWN = 80


def session_tags(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """Session tags are at most 50, single-valued, unique without regard to case, and transitive keys are among them.

    Spec: AWS IAM UG "id_session-tags"
    Evidence: documented (limits), observed (the words for a long value, for duplicate and for transitive keys), assumed
        (that the words for a long value are those for the other limits)
    """
    tags = assertion.values.principal_tags
    keys = [key.lower() for key, _ in tags]
    duplicate = next((tag for position, (tag, _) in enumerate(tags) if keys[position] in keys[:position]), None)
    if duplicate is not None:
        first = next(key for key, _ in tags if key.lower() == duplicate.lower())
        where = attribute_path(PRINCIPAL_TAG + duplicate)
        mistake = Mistake(
            f"The tag key {duplicate} occurs twice when case is ignored: there is {first} already."
            if first != duplicate
            else f"The tag key {duplicate} occurs twice.",
            where=where,
            expected="keys that differ in more than case",
            received=f"{first} and {duplicate}",
            fix=f"Send one of the two attributes PrincipalTag:{first} and PrincipalTag:{duplicate}."
            if first != duplicate
            else f"Send the attribute PrincipalTag:{duplicate} once.",
            causes=(Sent(where),),
        )
        raise refused(
            InvalidParameterValue,
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            mistake,
            request,
            check="session-tags",
            evidence="observed",
            spec=_SPEC,
        )
    for key, values in tags:
        tag_mistake = _tag_mistake(key, values)
        if tag_mistake is not None:
            is_long = len(values) == 1 and len(values[0]) > _MAX_TAG_VALUE
            raise _unusable_tags(request, tag_mistake, evidence="observed" if is_long else "assumed")
    if len(tags) > _MAX_TAGS:
        where = attribute_path(PRINCIPAL_TAG + tags[-1][0])
        too_many = Mistake(
            f"The assertion has {len(tags)} session tags; at most {_MAX_TAGS} are allowed.",
            where=where,
            expected=f"at most {_MAX_TAGS} PrincipalTag attributes",
            received=f"{len(tags)} of them",
            fix=f"Leave {len(tags) - _MAX_TAGS} of the PrincipalTag attributes out.",
            causes=(Sent(where),),
        )
        raise _unusable_tags(request, too_many, evidence="assumed")
    transitive = assertion.values.attribute(TRANSITIVE_TAG_KEYS)
    for key in transitive.values if transitive else ():
        if key.lower() not in keys:
            raise refused(
                InvalidParameterValue,
                "The specified transitive tag key must be included in the requested tags.",
                _no_such_tag(key, assertion.values, request),
                request,
                check="session-tags",
                evidence="observed",
                spec=_SPEC,
            )


def _no_such_tag(key: str, values: AssertionValues, request: LoginRequest) -> Mistake:
    """A transitive key without its tag: the tag has another name or is missing, or the key is wrong.

    Where the two names are nearly the same either may be wrong; the role's policies show which one they know.
    """
    where = attribute_path(TRANSITIVE_TAG_KEYS)
    keys = [each for each, _ in values.principal_tags]
    tag, transitive = Sent(attribute_path(PRINCIPAL_TAG + key)), Sent(where)
    told = f"TransitiveTagKeys names {key}, but the assertion has no PrincipalTag:{key}."
    called = misnamed_tag(values, key)
    if called is not None:
        return Mistake(
            f"{told} An attribute is called {visible(called) if called != called.strip() else called}, and names are "
            f"compared exactly: {difference(PRINCIPAL_TAG + key, called)}.",
            where=where,
            expected=PRINCIPAL_TAG + key,
            received=called,
            fix=f"Change the attribute's name from {called} to {PRINCIPAL_TAG}{key}.",
            causes=(tag, transitive),
        )
    near = nearest(key, keys)
    if near is None:
        return Mistake(
            told,
            where=where,
            expected=f"an attribute PrincipalTag:{key}",
            received=", ".join(f"PrincipalTag:{each}" for each in keys) or "no session tags",
            fix=f"Add the attribute PrincipalTag:{key}, or take {key} out of TransitiveTagKeys.",
            causes=(tag, transitive),
        )
    if _is_known(near, request) and not _is_known(key, request):
        return Mistake(
            f"{told} The nearest is {near}, which the role's policies know: {difference(near, key)}.",
            where=where,
            expected=near,
            received=key,
            fix=f"Write {near} in TransitiveTagKeys.",
            causes=(replace(transitive, wanted=(near,)),),
        )
    known = ", and the role's policies know " + key if _is_known(key, request) else ""
    return Mistake(
        f"{told} The nearest is {near}{known}: {difference(key, near)}.",
        where=where,
        expected=f"PrincipalTag:{key}",
        received=f"PrincipalTag:{near}",
        fix=f"Call the attribute PrincipalTag:{key}."
        if known
        else f"Call the attribute PrincipalTag:{key}, or write {near} in TransitiveTagKeys.",
        causes=(tag, replace(transitive, wanted=(near,))),
    )


def _is_known(key: str, request: LoginRequest) -> bool:
    """Returns whether a policy of the role asks for a tag of this name, in a condition or a variable."""
    role = request.role
    account = request.accounts.get(role.arn.account_id) if role is not None else None
    if role is None or account is None:
        return False
    texts = [role.trust.text, *(document.text for _, document in account.identity_policies(role))]
    asked = re.compile(rf"(?:Request|Principal)Tag/{re.escape(key)}(?=[\"}}])", re.IGNORECASE)
    return any(asked.search(text) for text in texts)


def _tag_mistake(key: str, values: tuple[str, ...]) -> Mistake | None:
    """Explains why an attribute is not a valid session tag; None for a valid one."""
    told = _told(key, values)
    if told is None:
        return None
    explanation, expected, fix = told
    where = attribute_path(PRINCIPAL_TAG + key)
    shown = ", ".join(values) if values else "no value"
    return Mistake(
        f"The session tag {key[:_SHOWN] or '(without a key)'} cannot be used. {explanation}",
        where=where,
        expected=expected,
        received=shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…",
        fix=fix,
        causes=(Sent(where),),
    )


def _told(key: str, values: tuple[str, ...]) -> tuple[str, str, str] | None:
    if len(values) != 1:
        fix = "Send one value; where it is made of groups, choose one of them, or join them into one text."
        return f"A session tag has exactly one value; this one has {len(values)}.", "one value", fix
    if not 1 <= len(key) <= _MAX_TAG_KEY:
        told = f"The key has {len(key)} characters; 1 to {_MAX_TAG_KEY} are allowed."
        fix = (
            "Write a shorter key after PrincipalTag:."
            if key
            else "Write the tag's key after PrincipalTag: in the name."
        )
        return told, f"a key of 1 to {_MAX_TAG_KEY} characters", fix
    if len(values[0]) > _MAX_TAG_VALUE:
        told = f"The value has {len(values[0])} characters; at most {_MAX_TAG_VALUE} are allowed."
        return told, f"at most {_MAX_TAG_VALUE} characters", "Send a shorter value, the department's code for example."
    if key.lower().startswith("aws:"):
        return "Keys that begin with aws: are reserved.", "a key of your own", f"Call the tag {key[4:] or 'otherwise'}."
    for what, text in (("key", key), ("value", values[0])):
        stray = next(((n, c) for n, c in enumerate(text) if not _TAG_TEXT.fullmatch(c)), None)
        if stray is not None:
            told = (
                f"Character {stray[0] + 1} of its {what} is {visible(stray[1])}. Keys and values take letters, digits, "
            )
            allowed = "letters, digits, spaces and _ . : / = + - @"
            return (
                f"{told}spaces and _ . : / = + - @ only.",
                allowed,
                f"Take {visible(stray[1])} out of the {what}, with an expression at the identity provider for example.",
            )
    return None


def _unusable_tags(request: LoginRequest, mistake: Mistake, *, evidence: str) -> UnusableSessionTags:
    return refused(
        UnusableSessionTags,
        "Unable to validate tags",
        mistake,
        request,
        check="session-tags",
        evidence=evidence,
        spec=_SPEC,
    )
