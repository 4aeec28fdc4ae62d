"""An instance's users, as Amazon Connect's service API creates, lists and deletes them; user_updates changes them.

Spec: Amazon Connect API Reference, "CreateUser", "UserIdentityInfo"
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.errors import AwsRefusal
from sp_mock.accounts.connect_resources import ConnectUser, PhoneSettings
from sp_mock.accounts.model import SAML_IDENTITY_MANAGEMENT, Account, Instance
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.connect.api_errors import invalid_parameter, refused
from sp_mock.connect.identifiers import user_arn
from sp_mock.connect.instance_lookup import id_in, instance_resource, named_instance, with_instance
from sp_mock.connect.lists import LISTS
from sp_mock.connect.resource_kinds import HIERARCHY_GROUPS, ROUTING_PROFILES, SECURITY_PROFILES, last_modified

_MAX_SAML_NAME = 64
_USER_NAME = re.compile(r"[a-zA-Z0-9_\-.\\@]+", re.ASCII)
_SUMMARY = ("Id", "Arn", "Username", "LastModifiedTime", "LastModifiedRegion")
_PHONE_NUMBER = re.compile(r"\+[1-9][0-9]{1,14}", re.ASCII)
_EMAIL = re.compile(r"[^@]+@[^@.]+(?:\.[^@.]+)+", re.ASCII)


def _create(call: AccountCall) -> Result:
    """Creates a user.

    Spec: Amazon Connect API "CreateUser"
    Evidence: documented (the rules), assumed (the words)
    """
    instance, given = named_instance(call), call.parameters
    login = given["Username"]
    identity: Mapping[str, Any] = given.get("IdentityInfo") or {}
    require_composed(login, *(value for value in identity.values() if isinstance(value, str)))
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
        security_profiles=security_profiles(call, instance),
        routing_profile=ROUTING_PROFILES.named_by(call, instance).name,
        changed_at=call.now,
        tags=tuple(dict(given.get("Tags") or {}).items()),
        phone=phone_settings(given.get("PhoneConfig") or {}),
        hierarchy_group_id=hierarchy_group_id(call, instance),
        directory_user_id=given.get("DirectoryUserId") or "",
    )
    user = with_identity(user, identity)
    elements = {"UserId": user.user_id, "UserArn": user_arn(instance, user)}
    return Result(elements, account=with_user(call.account, instance, user))


def require_composed(*texts: str) -> None:
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
    """Requires of a new user what an instance with SAML users requires.

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
    require_no_email(instance, identity)


def require_no_email(instance: Instance, identity: Mapping[str, Any]) -> None:
    """Requires that a SAML user is given no e-mail address, where the instance does not allow it."""
    if instance.refuses_email and instance.identity_management == SAML_IDENTITY_MANAGEMENT and identity.get("Email"):
        raise _not_required(
            "Email",
            at="IdentityInfo.Email",
            received=str(identity["Email"]),
            fix="Leave Email out, or set the instance's email to allowed: Amazon's reference says both.",
        )


def _not_required(name: str, *, at: str, received: str = "", fix: str) -> AwsRefusal:
    """Returns the refusal of a parameter that users do not need when the identity provider signs them in.

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


def with_identity(user: ConnectUser, identity: Mapping[str, Any]) -> ConnectUser:
    """Returns a user with the names and addresses of a call."""
    return replace(
        user,
        first_name=identity.get("FirstName") or "",
        last_name=identity.get("LastName") or "",
        email=identity.get("Email") or "",
        secondary_email=identity.get("SecondaryEmail") or "",
        mobile=identity.get("Mobile") or "",
    )


def named_user(call: AccountCall, instance: Instance) -> ConnectUser:
    """Returns the user that a call names.

    Raises:
        AwsRefusal: ResourceNotFoundException (404), the user does not exist.
    """
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
        "IdentityInfo": identity_of(user),
        "PhoneConfig": _phone_elements(user.phone),
        "DirectoryUserId": user.directory_user_id or None,
        "SecurityProfileIds": [SECURITY_PROFILES.id_of_name(instance, name) for name in user.security_profiles],
        "RoutingProfileId": ROUTING_PROFILES.id_of_name(instance, user.routing_profile),
        "HierarchyGroupId": user.hierarchy_group_id or None,
        "Tags": dict(user.tags),
        **last_modified(instance, user.changed_at),
    }


def _phone_elements(phone: PhoneSettings) -> ResponseElements:
    return {
        "PhoneType": phone.phone_type,
        "AutoAccept": phone.auto_accept,
        "AfterContactWorkTimeLimit": phone.after_contact_work_seconds,
        "DeskPhoneNumber": phone.desk_phone_number or None,
        "PersistentConnection": phone.persistent_connection,
    }


def identity_of(user: ConnectUser) -> dict[str, str]:
    """Returns a user's names and addresses as response elements."""
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
    return Result({"User": user_elements(instance, named_user(call, instance))})


def _list(call: AccountCall) -> Result:
    instance = named_instance(call)

    def summary(user: ConnectUser) -> ResponseElements:
        elements = user_elements(instance, user)
        return {name: elements[name] for name in _SUMMARY}

    return Result(LISTS.page(call, "UserSummaryList", list(instance.users.values()), summary))


def security_profiles(call: AccountCall, instance: Instance) -> tuple[str, ...]:
    """Returns the names of the security profiles that a call names by id."""
    found = (
        SECURITY_PROFILES.find(instance, each, where="SecurityProfileIds")
        for each in call.parameters["SecurityProfileIds"]
    )
    return tuple(profile.name for profile in found)


def hierarchy_group_id(call: AccountCall, instance: Instance) -> str:
    """Returns the id of the hierarchy group that a call names; empty when it names none."""
    if not call.parameters.get("HierarchyGroupId"):
        return ""
    return HIERARCHY_GROUPS.id_of(instance, HIERARCHY_GROUPS.named_by(call, instance))


def phone_settings(given: Mapping[str, Any]) -> PhoneSettings:
    """Reads a user's phone settings; a setting that is not given gets a new user's default.

    Spec: Amazon Connect API "UserPhoneConfig"
    Evidence: documented, assumed (that a desk phone needs its number, and the words)
    """
    phone = PhoneSettings(
        phone_type=given.get("PhoneType") or "SOFT_PHONE",
        auto_accept=given.get("AutoAccept") or False,
        after_contact_work_seconds=given.get("AfterContactWorkTimeLimit") or 0,
        desk_phone_number=given.get("DeskPhoneNumber") or "",
        persistent_connection=given.get("PersistentConnection"),
    )
    if phone.phone_type == "DESK_PHONE" and not _PHONE_NUMBER.fullmatch(phone.desk_phone_number):
        raise invalid_parameter(
            "PhoneConfig.DeskPhoneNumber",
            "DeskPhoneNumber is not valid",
            expected="a number in E.164 form, such as +12065550100",
            received=phone.desk_phone_number,
            fix="Give the desk phone's number, or use SOFT_PHONE.",
        )
    return phone


def with_user(account: Account, instance: Instance, user: ConnectUser) -> Account:
    """Returns an account with a new or changed user in it."""
    return with_instance(account, replace(instance, users={**instance.users, user.login: user}))


def _delete(call: AccountCall) -> Result:
    instance = named_instance(call)
    deleted = named_user(call, instance)
    left = {login: user for login, user in instance.users.items() if user is not deleted}
    return Result(account=with_instance(call.account, replace(instance, users=left)))


def _any_user(call: AccountCall) -> str:
    return f"{instance_resource(call)}/agent/*"


def user_resource(call: AccountCall) -> str:
    """Returns the ARN of the user that a call names, whether or not the user exists."""
    return f"{instance_resource(call)}/agent/{id_in(call.parameters['UserId'])}"


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateUser": AccountOperation(_create, _any_user),
    "DescribeUser": AccountOperation(_describe, user_resource),
    "ListUsers": AccountOperation(_list, instance_resource),
    "DeleteUser": AccountOperation(_delete, user_resource),
}
