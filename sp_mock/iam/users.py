"""Users and their access keys.

Spec: AWS IAM API "CreateUser", "CreateAccessKey" and their neighbours
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from emulator.kernel.errors import NoSuchEntity
from sp_mock.accounts.model import AccessKey, User
from sp_mock.apis.operations import AccountCall, AccountOperation, Result, any_resource
from sp_mock.apis.service_model import ResponseElements
from sp_mock.iam.api_errors import IAM, over_quota
from sp_mock.iam.entities import USERS, boundary_and_tags, requested_boundary, require_nothing_subordinate
from sp_mock.iam.entity_policies import entity_operations
from sp_mock.iam.identifiers import path_of, unique_id
from sp_mock.iam.lists import LISTS
from sp_mock.iam.tags import with_requested_tags
from sp_mock.principals.credentials import new_access_key_id, new_secret_access_key

_MAX_KEYS = 2


def _create(call: AccountCall) -> Result:
    user = User(
        arn=USERS.new_arn(call),
        permissions_boundary=requested_boundary(call),
        user_id=unique_id("AIDA", ids=call.ids),
        created_at=call.now,
        tags=with_requested_tags((), call, case_sensitive=False),
    )
    return Result({"User": user_elements(user)}, account=USERS.put(call.account, user))


def _get(call: AccountCall) -> Result:
    return Result({"User": user_elements(USERS.find(call))})


def _list(call: AccountCall) -> Result:
    return Result(LISTS.page(call, "Users", USERS.below_path(call), lambda user: user_elements(user, listed=True)))


def _update(call: AccountCall) -> Result:
    return Result(account=USERS.moved(call, USERS.find(call)))


def _delete(call: AccountCall) -> Result:
    user = USERS.find(call)
    require_nothing_subordinate(user, call.account)
    return Result(account=USERS.without(call.account, user))


def user_elements(user: User, *, listed: bool = False) -> ResponseElements:
    """Returns a user as response elements; lists leave out the tags and the boundary.

    Spec: AWS IAM API "User", "ListUsers"
    Evidence: documented
    """
    elements = {
        "Path": path_of(user.arn),
        "UserName": user.name,
        "UserId": user.user_id,
        "Arn": str(user.arn),
        "CreateDate": user.created_at,
    }
    return elements if listed else {**elements, **boundary_and_tags(user)}


def _create_key(call: AccountCall) -> Result:
    user = USERS.find(call)
    if len(user.access_keys) >= _MAX_KEYS:
        raise over_quota(f"Cannot exceed quota for AccessKeysPerUser: {_MAX_KEYS}")
    key = AccessKey(new_access_key_id("AKIA", ids=call.ids), new_secret_access_key(ids=call.ids), created_at=call.now)
    elements = {**_key_elements(user, key), "SecretAccessKey": key.secret_access_key}
    changed = replace(user, access_keys=(*user.access_keys, key))
    return Result({"AccessKey": elements}, account=USERS.put(call.account, changed))


def _list_keys(call: AccountCall) -> Result:
    user = USERS.find(call)
    return Result(LISTS.page(call, "AccessKeyMetadata", user.access_keys, lambda key: _key_elements(user, key)))


def _update_key(call: AccountCall) -> Result:
    user, key = _user_and_key(call)
    changed = replace(key, active=call.parameters["Status"] == "Active")
    keys = tuple(changed if each is key else each for each in user.access_keys)
    return Result(account=USERS.put(call.account, replace(user, access_keys=keys)))


def _key_last_used(call: AccountCall) -> Result:
    """Answers that a key was never used: uses are not recorded here, and AWS records them with a delay.

    Raises:
        NoSuchEntity: the account has no such key.

    Spec: AWS IAM API "GetAccessKeyLastUsed"
    Evidence: documented (what is said of a key that was never used), assumed (an unknown key)
    """
    wanted = call.parameters["AccessKeyId"]
    for user in call.account.users.values():
        if any(key.access_key_id == wanted for key in user.access_keys):
            never = {"ServiceName": "N/A", "Region": "N/A"}
            return Result({"UserName": user.name, "AccessKeyLastUsed": never})
    raise _no_key(wanted, "The account", evidence="assumed")


def _delete_key(call: AccountCall) -> Result:
    user, key = _user_and_key(call)
    left = tuple(each for each in user.access_keys if each is not key)
    return Result(account=USERS.put(call.account, replace(user, access_keys=left)))


def _user_and_key(call: AccountCall) -> tuple[User, AccessKey]:
    user, wanted = USERS.find(call), call.parameters["AccessKeyId"]
    for key in user.access_keys:
        if key.access_key_id == wanted:
            return user, key
    raise _no_key(wanted, user.name)


def _no_key(wanted: str, owner: str, *, evidence: str = "observed") -> NoSuchEntity:
    return NoSuchEntity(
        f"The Access Key with id {wanted} cannot be found.",
        service=IAM,
        check="access-key",
        evidence=evidence,
        explanation=f"{owner} has no such access key.",
        where="parameter AccessKeyId",
        received=wanted,
        spec='AWS IAM API "DeleteAccessKey"',
    )


def _key_elements(user: User, key: AccessKey) -> ResponseElements:
    return {
        "UserName": user.name,
        "AccessKeyId": key.access_key_id,
        "Status": "Active" if key.active else "Inactive",
        "CreateDate": key.created_at,
    }


def _list_none(name: str) -> Callable[[AccountCall], Result]:
    """Returns an operation that lists nothing: users here have no MFA devices, certificates or other keys."""

    def list_none(call: AccountCall) -> Result:
        USERS.find(call)
        return Result({name: [], "IsTruncated": False})

    return list_none


def _login_profile(call: AccountCall) -> Result:
    """Refuses, because users here have no console password."""
    user = USERS.find(call)
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


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateUser": AccountOperation(_create, USERS.resource),
    "GetUser": AccountOperation(_get, USERS.resource),
    "ListUsers": AccountOperation(_list, USERS.list_resource),
    "UpdateUser": AccountOperation(_update, USERS.resource),
    "DeleteUser": AccountOperation(_delete, USERS.resource),
    "CreateAccessKey": AccountOperation(_create_key, USERS.resource),
    "ListAccessKeys": AccountOperation(_list_keys, USERS.resource),
    "UpdateAccessKey": AccountOperation(_update_key, USERS.resource),
    "GetAccessKeyLastUsed": AccountOperation(_key_last_used, any_resource),
    "DeleteAccessKey": AccountOperation(_delete_key, USERS.resource),
    "ListMFADevices": AccountOperation(_list_none("MFADevices"), USERS.resource),
    "ListSigningCertificates": AccountOperation(_list_none("Certificates"), USERS.resource),
    "ListSSHPublicKeys": AccountOperation(_list_none("SSHPublicKeys"), USERS.resource),
    "ListServiceSpecificCredentials": AccountOperation(_list_none("ServiceSpecificCredentials"), USERS.resource),
    "GetLoginProfile": AccountOperation(_login_profile, USERS.resource),
    "DeleteLoginProfile": AccountOperation(_login_profile, USERS.resource),
    **entity_operations(USERS),
}
