"""What several of STS's answers share: credentials, and the identity they were issued to."""

from __future__ import annotations

from sp_mock.apis.service_model import ResponseElements
from sp_mock.principals.credentials import Credentials, RoleSession


def credentials_elements(credentials: Credentials) -> ResponseElements:
    """Returns credentials as response elements.

    Spec: AWS STS API "Credentials"
    Evidence: documented
    """
    return {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
        "Expiration": credentials.expiration,
    }


def assumed_role_user(session: RoleSession) -> ResponseElements:
    """Returns a role session as response elements.

    Spec: AWS STS API "AssumedRoleUser"
    Evidence: documented
    """
    return {"AssumedRoleId": session.user_id, "Arn": session.arn}
