"""The userIdentity of an event: who did it.

Spec: AWS CloudTrail UG "cloudtrail-event-reference-user-identity"
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from emulator.kernel.records import dataclass
from sp_mock.arn import Arn
from sp_mock.cloudtrail.times import iso_time
from sp_mock.principals.callers import Caller
from sp_mock.principals.credentials import FederatedUserSession, RoleSession, Session, UserSession


@dataclass(frozen=True, slots=True)
class SessionIssuer:
    """The issuer of a session's credentials: a role, or the IAM user who called GetFederationToken."""

    type: str
    principal_id: str
    arn: str
    account_id: str
    user_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserIdentity:
    """The identity that acted.

    Args:
        type: ``IAMUser``, ``AssumedRole``, ``FederatedUser``, ``SAMLUser`` or ``AWSAccount``.
        principal_id: Unique id; for a SAML user the NameQualifier and the subject.
        arn: ARN of the principal.
        account_id: Account of the credentials.
        access_key_id: The key that signed; empty when nothing was signed.
        user_name: Name of an IAM user, or subject of a SAML user.
        identity_provider: NameQualifier of a SAML user.
        issuer: Issuer of the session's credentials.
        session_began: When the session's credentials were issued.
        source_identity: Source identity of the session.
    """

    type: str
    principal_id: str = ""
    arn: str = ""
    account_id: str = ""
    access_key_id: str = ""
    user_name: str = ""
    identity_provider: str = ""
    issuer: SessionIssuer | None = None
    session_began: datetime | None = None
    source_identity: str | None = None

    @property
    def shown_name(self) -> str:
        """The ``Username`` of LookupEvents, which for a role session is its RoleSessionName.

        Spec: AWS CloudTrail API "Event"
        Evidence: documented ("a user name or role name"), assumed (that it is the session's name)
        """
        if self.type in {"AssumedRole", "FederatedUser"}:
            return self.arn.rpartition("/")[2]
        return self.user_name

    def as_json(self) -> dict[str, Any]:
        """Returns the element without the fields that the identity does not have."""
        fields: dict[str, Any] = {
            "type": self.type,
            "principalId": self.principal_id,
            "arn": self.arn,
            "accountId": self.account_id,
            "accessKeyId": self.access_key_id,
            "userName": self.user_name,
            "identityProvider": self.identity_provider,
            "sessionContext": self._session_context(),
        }
        return {name: value for name, value in fields.items() if value}

    def _session_context(self) -> Mapping[str, Any]:
        """Returns the sessionContext. Sessions here never begin with a second factor of AWS's.

        Spec: AWS CloudTrail UG "cloudtrail-event-reference-user-identity", sessionContext
        Evidence: documented
        """
        if self.session_began is None:
            return {}
        context: dict[str, Any] = {}
        if self.issuer is not None:
            context["sessionIssuer"] = {
                "type": self.issuer.type,
                "principalId": self.issuer.principal_id,
                "arn": self.issuer.arn,
                "accountId": self.issuer.account_id,
                "userName": self.issuer.user_name,
            }
        context["attributes"] = {"creationDate": iso_time(self.session_began), "mfaAuthenticated": "false"}
        if self.source_identity is not None:
            context["sourceIdentity"] = self.source_identity
        return context


def identity_of_caller(caller: Caller) -> UserIdentity:
    """Returns the identity of a call's signer.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-user-identity"
    Evidence: documented
    """
    if caller.session is not None:
        return identity_of_session(caller.session, access_key_id=caller.access_key_id, owner_id=caller.user_id)
    return UserIdentity(
        type="IAMUser",
        principal_id=caller.user_id,
        arn=caller.arn,
        account_id=caller.account_id,
        access_key_id=caller.access_key_id,
        user_name=caller.arn.rpartition("/")[2],
    )


def identity_of_session(session: Session, *, access_key_id: str = "", owner_id: str = "") -> UserIdentity:
    """Returns the identity behind a session.

    Args:
        access_key_id: The key that signed; empty when nothing was signed.
        owner_id: Unique id of the IAM user who asked for the session.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-user-identity"; AWS IAM UG "cloudtrail-integration"
    Evidence: documented
    """
    owner = session.owner_arn
    if isinstance(session, RoleSession):
        issuer = SessionIssuer("Role", session.role_id, str(owner), owner.account_id, owner.name)
        return UserIdentity(
            type="AssumedRole",
            principal_id=session.user_id,
            arn=session.arn,
            account_id=session.account_id,
            access_key_id=access_key_id,
            issuer=issuer,
            session_began=session.issued_at,
            source_identity=session.source_identity,
        )
    if isinstance(session, FederatedUserSession):
        issuer = SessionIssuer("IAMUser", "", str(owner), owner.account_id, owner.name)
        return UserIdentity(
            type="FederatedUser",
            principal_id=session.user_id,
            arn=session.arn,
            account_id=session.account_id,
            access_key_id=access_key_id,
            issuer=issuer,
            session_began=session.issued_at,
        )
    return _identity_of_user_session(session, owner, access_key_id=access_key_id, owner_id=owner_id)


def _identity_of_user_session(session: UserSession, user: Arn, *, access_key_id: str, owner_id: str) -> UserIdentity:
    return UserIdentity(
        type="IAMUser",
        principal_id=owner_id or session.user_id,
        arn=session.arn,
        account_id=session.account_id,
        access_key_id=access_key_id,
        user_name=user.name,
        session_began=session.issued_at,
    )


def saml_user(*, name_qualifier: str, subject: str) -> UserIdentity:
    """Returns the identity of an assertion's subject.

    Args:
        name_qualifier: ``saml:namequalifier``; empty when no assertion could be verified.
        subject: ``saml:sub``; empty when no assertion could be verified.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-user-identity", SAML and web identity federation
    Evidence: documented (the fields), assumed (that there are none of an assertion that was not verified)
    """
    return UserIdentity(
        type="SAMLUser",
        principal_id=f"{name_qualifier}:{subject}" if name_qualifier else "",
        user_name=subject,
        identity_provider=name_qualifier,
    )


def another_account(identity: UserIdentity) -> UserIdentity:
    """Returns the identity of a caller from another account, as the called account sees it.

    Spec: AWS IAM UG "cloudtrail-integration", cross-account events
    Evidence: documented
    """
    return UserIdentity(type="AWSAccount", principal_id=identity.principal_id, account_id=identity.account_id)


def without_session_context(identity: UserIdentity) -> UserIdentity:
    """Returns the identity of a console sign-in, which has neither session nor key.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-aws-console-sign-in-events"
    Evidence: observed (role sessions)
    """
    return UserIdentity(
        type=identity.type, principal_id=identity.principal_id, arn=identity.arn, account_id=identity.account_id
    )
