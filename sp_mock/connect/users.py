"""An instance's users, as Amazon Connect's service API makes, lists and changes them.

Spec: Amazon Connect API Reference, "CreateUser", "UserIdentityInfo"
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.errors import AwsRefusal
from sp_mock.accounts.model import SAML_IDENTITY_MANAGEMENT, Account, ConnectUser, Instance
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.connect.api_errors import invalid_parameter, refused
from sp_mock.connect.identifiers import profile_id, user_arn
from sp_mock.connect.instance_lookup import id_in, instance_resource, named_instance, with_instance
from sp_mock.connect.lists import LISTS
from sp_mock.connect.profiles import ROUTING, SECURITY, named_profile

_MAX_SAML_NAME = 64
_USER_NAME = re.compile(r"[a-zA-Z0-9_\-.\\@]+", re.ASCII)
_SUMMARY = ("Id", "Arn", "Username", "LastModifiedTime", "LastModifiedRegion")
_EMAIL = re.compile(r"[^@]+@[^@.]+(?:\.[^@.]+)+", re.ASCII)


def _create(call: AccountCall) -> Result:
    """Makes a user.

    Spec: Amazon Connect API "CreateUser"
    Evidence: documented (the rules), assumed (the words)
    """
    instance, given = named_instance(call), call.parameters
    login = given["Username"]
    identity: Mapping[str, Any] = given.get("IdentityInfo") or {}
    _require_composed(login, *(value for value in identity.values() if isinstance(value, str)))
    if instance.identity_management == SAML_IDENTITY_MANAGEMENT:
        _require_saml_user(instance, given, identity)
    if login in instance.users:
        raise refused(
            "DuplicateResourceException",
            f"A user with the username {login} already exists",
            explanation=f"The instance {instance.alias} has a user with this login.",
            where="Username",
            received=login,
            fix="Nothing has to be done; DescribeUser shows the user.",
        )
    user = ConnectUser(
        login=login,
        user_id=call.ids.uuid(),
        security_profiles=_security_profiles(call, instance),
        routing_profile=named_profile(instance, ROUTING, given["RoutingProfileId"]),
        changed_at=call.now,
        tags=tuple(dict(given.get("Tags") or {}).items()),
    )
    user = _with_identity(user, identity)
    elements = {"UserId": user.user_id, "UserArn": user_arn(instance, user)}
    return Result(elements, account=_with_user(call.account, instance, user))


def _require_composed(*texts: str) -> None:
    """Requires that names are in Unicode's normalisation form C.

    Spec: Amazon Connect API "CreateUser"
    Evidence: documented
    """
    for each in texts:
        if not unicodedata.is_normalized("NFC", each):
            raise invalid_parameter(
                "Username",
                "Names must be in Unicode normalization form C (NFC)",
                expected=unicodedata.normalize("NFC", each),
                received=each,
                fix="Compose the characters: unicodedata.normalize('NFC', name).",
            )


def _require_saml_user(instance: Instance, given: Mapping[str, Any], identity: Mapping[str, Any]) -> None:
    """Requires of a new user what an instance asks whose users come by SAML.

    Spec: Amazon Connect API "CreateUser", "UserIdentityInfo"
    Evidence: documented, in two texts that contradict each other about Email
    """
    login = given["Username"]
    if len(login) > _MAX_SAML_NAME or not _USER_NAME.fullmatch(login):
        raise invalid_parameter(
            "Username",
            "Username is not valid for an instance that uses SAML",
            expected=f"at most {_MAX_SAML_NAME} of a-z A-Z 0-9 _ - . \\ @",
            received=login,
            fix="RoleSessionName allows + = and , but no Amazon Connect login does: send another attribute.",
        )
    if "@" in login and not _EMAIL.fullmatch(login):
        raise invalid_parameter(
            "Username",
            "Username may contain @ only as part of an email address",
            expected="testuser@example.com",
            received=login,
            fix="Use a whole e-mail address, or leave the @ out.",
        )
    for name in ("Password", "DirectoryUserId"):
        if given.get(name):
            raise _not_required(name, at=name, fix=f"Leave {name} out: the identity provider signs users in.")
    for name in ("FirstName", "LastName"):
        if not identity.get(name):
            raise invalid_parameter(
                f"IdentityInfo.{name}",
                f"{name} is required for an instance that uses SAML",
                fix=f"Give IdentityInfo.{name}.",
            )
    _require_no_email(instance, identity)


def _require_no_email(instance: Instance, identity: Mapping[str, Any]) -> None:
    if instance.refuses_email and instance.identity_management == SAML_IDENTITY_MANAGEMENT and identity.get("Email"):
        raise _not_required(
            "Email",
            at="IdentityInfo.Email",
            received=str(identity["Email"]),
            fix="Leave Email out, or set the instance's email to allowed: Amazon's reference says both.",
        )


def _not_required(name: str, *, at: str, received: str = "", fix: str) -> AwsRefusal:
    """Returns the refusal of what users have no need of whom the identity provider signs in.

    Spec: Amazon Connect API "CreateUser", "UserIdentityInfo"
    Evidence: documented (that it is refused), observed (code and words for Email), assumed (that Password and
        DirectoryUserId are refused alike)
    """
    refusal = refused(
        "InvalidRequestException",
        f"{name} is not required for this directory type",
        explanation=f"The instance's users come by SAML, for whom {name} must not be given.",
        where=at,
        received=received,
        fix=fix,
    )
    refusal.evidence = "observed" if name == "Email" else "assumed"
    return refusal


def _with_identity(user: ConnectUser, identity: Mapping[str, Any]) -> ConnectUser:
    return replace(
        user,
        first_name=identity.get("FirstName") or "",
        last_name=identity.get("LastName") or "",
        email=identity.get("Email") or "",
        secondary_email=identity.get("SecondaryEmail") or "",
        mobile=identity.get("Mobile") or "",
    )


def _named_user(call: AccountCall, instance: Instance) -> ConnectUser:
    given = id_in(call.parameters["UserId"])
    found = next((user for user in instance.users.values() if user.user_id == given), None)
    if found is None:
        raise refused(
            "ResourceNotFoundException",
            f"User with ID {given} not found",
            explanation=f"The instance {instance.alias} has no user with this id.",
            where="UserId",
            received=given,
            fix="ListUsers has the ids of all users; a login is not an id.",
        )
    return found


def user_elements(instance: Instance, user: ConnectUser) -> ResponseElements:
    """Returns a user as response elements.

    Spec: Amazon Connect API "User"
    Evidence: documented
    """
    return {
        "Id": user.user_id,
        "Arn": user_arn(instance, user),
        "Username": user.login,
        "IdentityInfo": _identity_of(user),
        "PhoneConfig": {"PhoneType": "SOFT_PHONE", "AutoAccept": False, "AfterContactWorkTimeLimit": 0},
        "SecurityProfileIds": [profile_id(instance, SECURITY, name) for name in user.security_profiles],
        "RoutingProfileId": profile_id(instance, ROUTING, user.routing_profile),
        "Tags": dict(user.tags),
        "LastModifiedTime": user.changed_at,
        "LastModifiedRegion": instance.arn.region,
    }


def _identity_of(user: ConnectUser) -> dict[str, str]:
    fields = {
        "FirstName": user.first_name,
        "LastName": user.last_name,
        "Email": user.email,
        "SecondaryEmail": user.secondary_email,
        "Mobile": user.mobile,
    }
    return {name: value for name, value in fields.items() if value}


def _describe(call: AccountCall) -> Result:
    instance = named_instance(call)
    return Result({"User": user_elements(instance, _named_user(call, instance))})


def _list(call: AccountCall) -> Result:
    instance = named_instance(call)

    def summary(user: ConnectUser) -> ResponseElements:
        elements = user_elements(instance, user)
        return {name: elements[name] for name in _SUMMARY}

    return Result(LISTS.page(call, "UserSummaryList", list(instance.users.values()), summary))


def _update_identity(call: AccountCall) -> Result:
    """Changes names and addresses. Under SAML the login stays: it is what the identity provider sends.

    Spec: Amazon Connect API "UpdateUserIdentityInfo"
    Evidence: documented
    """
    instance = named_instance(call)
    user = _named_user(call, instance)
    identity: Mapping[str, Any] = call.parameters["IdentityInfo"]
    _require_composed(*(value for value in identity.values() if isinstance(value, str)))
    _require_no_email(instance, identity)
    changed = _with_identity(user, {**_identity_of(user), **identity})
    return Result(account=_with_user(call.account, instance, replace(changed, changed_at=call.now)))


def _update_security_profiles(call: AccountCall) -> Result:
    instance = named_instance(call)
    user = _named_user(call, instance)
    changed = replace(user, security_profiles=_security_profiles(call, instance), changed_at=call.now)
    return Result(account=_with_user(call.account, instance, changed))


def _security_profiles(call: AccountCall, instance: Instance) -> tuple[str, ...]:
    return tuple(named_profile(instance, SECURITY, each) for each in call.parameters["SecurityProfileIds"])


def _with_user(account: Account, instance: Instance, user: ConnectUser) -> Account:
    return with_instance(account, replace(instance, users={**instance.users, user.login: user}))


def _delete(call: AccountCall) -> Result:
    instance = named_instance(call)
    deleted = _named_user(call, instance)
    left = {login: user for login, user in instance.users.items() if user is not deleted}
    return Result(account=with_instance(call.account, replace(instance, users=left)))


def _any_user(call: AccountCall) -> str:
    return f"{instance_resource(call)}/agent/*"


def _user_resource(call: AccountCall) -> str:
    return f"{instance_resource(call)}/agent/{id_in(call.parameters['UserId'])}"


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateUser": AccountOperation(_create, _any_user),
    "DescribeUser": AccountOperation(_describe, _user_resource),
    "ListUsers": AccountOperation(_list, instance_resource),
    "UpdateUserIdentityInfo": AccountOperation(_update_identity, _user_resource),
    "UpdateUserSecurityProfiles": AccountOperation(_update_security_profiles, _user_resource),
    "DeleteUser": AccountOperation(_delete, _user_resource),
}
