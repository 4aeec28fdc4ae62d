"""The check about session tags: what may be a tag, and how many there may be."""

from __future__ import annotations

import re

from emulator.kernel.errors import InvalidParameterValue, UnusableSessionTags
from sp_mock.assertion.login_request import LoginRequest
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import PRINCIPAL_TAG, TRANSITIVE_TAG_KEYS, attribute_path

_TAG_TEXT = re.compile(r"[\w\s.:/=+@-]*")
_SPEC = 'AWS IAM UG "id_session-tags"'
_MAX_TAGS, _MAX_TAG_KEY, _MAX_TAG_VALUE = 50, 128, 256


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
        raise InvalidParameterValue(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            service=request.entry_point,
            check="session-tags",
            evidence="observed",
            explanation=f"The tag key {duplicate} occurs twice when case is ignored.",
            where=attribute_path(PRINCIPAL_TAG + duplicate),
            fix="Send one of the two.",
            spec=_SPEC,
        )
    for key, values in tags:
        mistake = _tag_mistake(key, values)
        if mistake:
            is_long = len(values) == 1 and len(values[0]) > _MAX_TAG_VALUE
            raise _unusable_tags(request, key=key, explanation=mistake, evidence="observed" if is_long else "assumed")
    if len(tags) > _MAX_TAGS:
        raise _unusable_tags(
            request,
            key=tags[-1][0],
            explanation=f"The assertion has {len(tags)} session tags; at most {_MAX_TAGS} are allowed.",
            evidence="assumed",
        )
    transitive = assertion.values.attribute(TRANSITIVE_TAG_KEYS)
    for key in transitive.values if transitive else ():
        if key.lower() not in keys:
            raise InvalidParameterValue(
                "The specified transitive tag key must be included in the requested tags.",
                service=request.entry_point,
                check="session-tags",
                evidence="observed",
                explanation=f"TransitiveTagKeys names {key}, but the assertion has no PrincipalTag:{key}.",
                where=attribute_path(TRANSITIVE_TAG_KEYS),
                expected=" or ".join(key for key, _ in tags) or "no transitive key, since there are no tags",
                received=key,
                fix=f"Add the attribute PrincipalTag:{key}, or take {key} out of TransitiveTagKeys.",
                spec=_SPEC,
            )


def _tag_mistake(key: str, values: tuple[str, ...]) -> str:
    if len(values) != 1:
        return f"A session tag has exactly one value; this one has {len(values)}."
    if not 1 <= len(key) <= _MAX_TAG_KEY:
        return f"The key has {len(key)} characters; 1 to {_MAX_TAG_KEY} are allowed."
    if len(values[0]) > _MAX_TAG_VALUE:
        return f"The value has {len(values[0])} characters; at most {_MAX_TAG_VALUE} are allowed."
    if key.lower().startswith("aws:"):
        return "Keys that begin with aws: are reserved."
    if not _TAG_TEXT.fullmatch(key) or not _TAG_TEXT.fullmatch(values[0]):
        return "Keys and values take letters, digits, spaces and _ . : / = + - @ only."
    return ""


def _unusable_tags(request: LoginRequest, *, key: str, explanation: str, evidence: str) -> UnusableSessionTags:
    return UnusableSessionTags(
        "Unable to validate tags",
        service=request.entry_point,
        check="session-tags",
        evidence=evidence,
        explanation=explanation,
        where=attribute_path(PRINCIPAL_TAG + key),
        fix="Correct the attribute statements that send session tags.",
        spec=_SPEC,
    )
