"""Users and their access keys.

Spec: AWS IAM API "CreateUser", "CreateAccessKey" and their neighbours
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.errors import NoSuchEntity
from sp_mock.accounts.model import AccessKey, User
from sp_mock.arn import Arn
from sp_mock.iam.operations import IAM, Operation, Outcome, Work, over_quota, page, read_tags, with_tags
from sp_mock.iam.principals import USERS, find_policy
from sp_mock.iam.roles import boundary_and_tags, path_of, require_empty_hands, require_new
from sp_mock.principals.credentials import SECRET_CHARACTERS

_KEY_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_MAX_KEYS = 2


def _create(work: Work) -> Outcome:
    parameters = work.parameters
    require_new("User", parameters["UserName"], work.account.users)
    arn = Arn.parse(work.arn(f"user{parameters.get('Path') or '/'}{parameters['UserName']}"))
    if arn is None:
        raise LookupError("the service model lets no other names pass")
    boundary = parameters.get("PermissionsBoundary")
    if boundary is not None:
        find_policy(work, boundary, words="Scope ARN: {} does not exist or is not attachable.")
    user = User(
        arn,
        work.unique_id("AIDA"),
        permissions_boundary=boundary,
        created_at=work.now,
        tags=with_tags((), read_tags(work)),
    )
    return Outcome(USERS.keep(work.account, user), {"User": user_members(user)})


def _get(work: Work) -> Outcome:
    return Outcome(work.account, {"User": user_members(USERS.find(work))})


def _list(work: Work) -> Outcome:
    prefix = work.parameters.get("PathPrefix") or "/"
    users = [user for user in work.account.users.values() if path_of(user).startswith(prefix)]
    users.sort(key=lambda user: user.name)
    return page(work, "Users", users, lambda user: user_members(user, listed=True))


def _delete(work: Work) -> Outcome:
    user = USERS.find(work)
    require_empty_hands(user)
    return Outcome(replace(work.account, users={a: u for a, u in work.account.users.items() if u is not user}))


def user_members(user: User, *, listed: bool = False) -> Mapping[str, Any]:
    """Words a user. Lists leave the tags and the boundary out.

    Spec: AWS IAM API "User", "ListUsers"
    Evidence: documented
    """
    members = {
        "Path": path_of(user),
        "UserName": user.name,
        "UserId": user.user_id,
        "Arn": str(user.arn),
        "CreateDate": user.created_at,
    }
    return members if listed else {**members, **boundary_and_tags(user)}


def _create_key(work: Work) -> Outcome:
    user = USERS.find(work)
    if len(user.access_keys) >= _MAX_KEYS:
        raise over_quota(f"Cannot exceed quota for AccessKeysPerUser: {_MAX_KEYS}")
    key = AccessKey(
        "AKIA" + work.ids.pick(_KEY_CHARACTERS, 16), work.ids.pick(SECRET_CHARACTERS, 40), created_at=work.now
    )
    answer = {**_key_members(user, key), "SecretAccessKey": key.secret_access_key}
    changed = replace(user, access_keys=(*user.access_keys, key))
    return Outcome(USERS.keep(work.account, changed), {"AccessKey": answer})


def _list_keys(work: Work) -> Outcome:
    user = USERS.find(work)
    return page(work, "AccessKeyMetadata", user.access_keys, lambda key: _key_members(user, key))


def _update_key(work: Work) -> Outcome:
    user, key = _user_and_key(work)
    changed = replace(key, active=work.parameters["Status"] == "Active")
    keys = tuple(changed if each is key else each for each in user.access_keys)
    return Outcome(USERS.keep(work.account, replace(user, access_keys=keys)))


def _delete_key(work: Work) -> Outcome:
    user, key = _user_and_key(work)
    left = tuple(each for each in user.access_keys if each is not key)
    return Outcome(USERS.keep(work.account, replace(user, access_keys=left)))


def _user_and_key(work: Work) -> tuple[User, AccessKey]:
    user, wanted = USERS.find(work), work.parameters["AccessKeyId"]
    for key in user.access_keys:
        if key.access_key_id == wanted:
            return user, key
    raise NoSuchEntity(
        f"The Access Key with id {wanted} cannot be found.",
        service=IAM,
        check="access-key",
        evidence="observed",
        explanation=f"{user.name} has no such access key.",
        where="parameter AccessKeyId",
        received=wanted,
        spec='AWS IAM API "DeleteAccessKey"',
    )


def _key_members(user: User, key: AccessKey) -> Mapping[str, Any]:
    return {
        "UserName": user.name,
        "AccessKeyId": key.access_key_id,
        "Status": "Active" if key.active else "Inactive",
        "CreateDate": key.created_at,
    }


def _nothing(name: str) -> Callable[[Work], Outcome]:
    """Users here have no groups, MFA devices, certificates or keys for other services: their lists are empty."""

    def answer(work: Work) -> Outcome:
        USERS.find(work)
        return Outcome(work.account, {name: [], "IsTruncated": False})

    return answer


def _login_profile(work: Work) -> Outcome:
    user = USERS.find(work)
    raise NoSuchEntity(
        f"Login Profile for User {user.name} cannot be found.",
        service=IAM,
        check="login-profile",
        evidence="observed",
        explanation="Users here have no console password: people come by SAML.",
        where="parameter UserName",
        received=user.name,
        spec='AWS IAM API "GetLoginProfile"',
    )


OPERATIONS: Mapping[str, Operation] = {
    "CreateUser": Operation(_create, USERS.resource),
    "GetUser": Operation(_get, USERS.resource),
    "ListUsers": Operation(_list, USERS.anywhere),
    "DeleteUser": Operation(_delete, USERS.resource),
    "CreateAccessKey": Operation(_create_key, USERS.resource),
    "ListAccessKeys": Operation(_list_keys, USERS.resource),
    "UpdateAccessKey": Operation(_update_key, USERS.resource),
    "DeleteAccessKey": Operation(_delete_key, USERS.resource),
    "ListGroupsForUser": Operation(_nothing("Groups"), USERS.resource),
    "ListMFADevices": Operation(_nothing("MFADevices"), USERS.resource),
    "ListSigningCertificates": Operation(_nothing("Certificates"), USERS.resource),
    "ListSSHPublicKeys": Operation(_nothing("SSHPublicKeys"), USERS.resource),
    "ListServiceSpecificCredentials": Operation(_nothing("ServiceSpecificCredentials"), USERS.resource),
    "GetLoginProfile": Operation(_login_profile, USERS.resource),
    "DeleteLoginProfile": Operation(_login_profile, USERS.resource),
    **USERS.operations(),
}
