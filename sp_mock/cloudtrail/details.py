"""What an event says of a request and its answer: as the record shows it, or as facts from which it is made later.

Recording must add almost nothing to the cost of an accepted login. So an event keeps the role session itself, which has
no secrets, and the record is written when somebody reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from emulator.kernel.records import dataclass
from sp_mock.cloudtrail.times import worded_time
from sp_mock.principals.credentials import RoleSession

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
JsonObject = Mapping[str, Any]
MAX_PARAMETERS, MAX_ADDITIONAL_DATA, MAX_TEXT = 100 * 1024, 28 * 1024, 1024
_OMITTED = {"omitted": True}


@dataclass(frozen=True, slots=True)
class EventResource:
    """A resource that an event concerns."""

    type: str
    arn: str

    @property
    def account_id(self) -> str:
        """The account that owns it."""
        return self.arn.split(":")[4]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDetails:
    """A request and its answer as the record shows them.

    Args:
        request_parameters: None when there are none.
        response_elements: None when there are none, or when the record leaves them out; never secrets.
        additional_data: The record's ``additionalEventData``.
        resources: The resources that the request concerns.
    """

    request_parameters: JsonObject | None = None
    response_elements: JsonObject | None = None
    additional_data: JsonObject | None = None
    resources: tuple[EventResource, ...] = ()


NO_DETAILS = RequestDetails()


def within_limit(content: JsonObject, *, limit: int) -> JsonObject | None:
    """Returns the content of a field, or a note that it is omitted because it is too large; None when there is none.

    Args:
        content: Content of the field.
        limit: Maximum number of characters of its JSON.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents"
    Evidence: documented
    """
    if not content:
        return None
    return content if len(json.dumps(content)) <= limit else _OMITTED


def role_and_provider(role_arn: str, provider_arn: str) -> tuple[EventResource, ...]:
    """Returns the resources of AssumeRoleWithSAML: the role and the provider.

    Spec: AWS IAM UG "cloudtrail-integration", SAML example
    Evidence: documented
    """
    return EventResource("AWS::IAM::Role", role_arn), EventResource("AWS::IAM::SAMLProvider", provider_arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlRoleDetails:
    """A role session that was opened with an assertion.

    Args:
        access_key_id: Key id of the session's credentials.
        duration_seconds: The parameter DurationSeconds; None when it was not given.
        issuer: Issuer of the assertion.
        audience: Recipient of the assertion, which the record calls the audience.
        packed_policy_size: Percentage of the space for session policies that is used; None when there are none.
    """

    session: RoleSession
    assertion_id: str
    access_key_id: str
    duration_seconds: int | None
    issuer: str
    audience: str
    packed_policy_size: int | None = None

    @property
    def provider_arn(self) -> str:
        """The SAML provider."""
        return self.session.saml_keys["aws:federatedprovider"][0]

    @property
    def name_qualifier(self) -> str:
        """``saml:namequalifier``."""
        return self.session.saml_keys["saml:namequalifier"][0]

    @property
    def subject(self) -> str:
        """``saml:sub``."""
        return self.session.saml_keys["saml:sub"][0]

    @property
    def request_parameters(self) -> JsonObject:
        """The assertion's id, and what the session took from the assertion.

        Spec: AWS IAM UG "cloudtrail-integration", SAML example
        Evidence: documented
        """
        session = self.session
        return saml_parameters(
            assertion_id=self.assertion_id,
            session_name=session.session_name,
            source_identity=session.source_identity,
            tags=session.tags,
            transitive_tag_keys=session.transitive_tag_keys,
            duration_seconds=self.duration_seconds,
            role_arn=str(session.role_arn),
            provider_arn=self.provider_arn,
        )

    @property
    def response_elements(self) -> JsonObject:
        """What STS answered, without the secret key and with the session token hidden.

        AWS's records show session tokens, which are useless without the secret key; the emulator keeps none of them.

        Spec: AWS IAM UG "cloudtrail-integration", SAML example
        Evidence: documented (the fields), observed 2026 (their order), assumed (the hidden session token)
        """
        session = self.session
        elements: dict[str, Any] = {
            "credentials": {
                "accessKeyId": self.access_key_id,
                "sessionToken": HIDDEN,
                "expiration": worded_time(session.expires_at),
            },
            "assumedRoleUser": {"assumedRoleId": session.user_id, "arn": session.arn},
            "packedPolicySize": self.packed_policy_size,
            "subject": self.subject,
            "subjectType": session.saml_keys["saml:sub_type"][0],
            "issuer": self.issuer,
            "audience": self.audience,
            "nameQualifier": self.name_qualifier,
            "sourceIdentity": session.source_identity,
        }
        return {name: value for name, value in elements.items() if value is not None}

    @property
    def additional_data(self) -> None:
        """Always None, because this event has no additional data."""
        return

    @property
    def resources(self) -> tuple[EventResource, ...]:
        """The role and the provider."""
        return role_and_provider(str(self.session.role_arn), self.provider_arn)


def saml_parameters(
    *,
    role_arn: str,
    provider_arn: str,
    duration_seconds: int | None,
    assertion_id: str = "",
    session_name: str | None = None,
    source_identity: str | None = None,
    tags: tuple[tuple[str, str], ...] = (),
    transitive_tag_keys: tuple[str, ...] = (),
) -> JsonObject:
    """Returns the request parameters of AssumeRoleWithSAML, without those that are absent.

    Spec: AWS IAM UG "cloudtrail-integration", SAML example
    Evidence: documented
    """
    parameters: dict[str, Any] = {
        "sAMLAssertionID": assertion_id,
        "roleSessionName": session_name,
        "sourceIdentity": source_identity,
        "principalTags": dict(tags),
        "transitiveTagKeys": list(transitive_tag_keys),
        "durationSeconds": duration_seconds,
        "roleArn": role_arn,
        "principalArn": provider_arn,
    }
    return {name: value for name, value in parameters.items() if value}
