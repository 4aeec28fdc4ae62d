"""An instance's users, as Amazon Connect's service API makes, finds and changes them.

Spec: Amazon Connect API Reference, "CreateUser", "SearchUsers", "UserIdentityInfo"
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.errors import AwsRefusal
from sp_mock.accounts.model import SAML_IDENTITY_MANAGEMENT, ConnectUser, Instance
from sp_mock.connect.identifiers import profile_id, user_arn
from sp_mock.connect.instances import named_profile, security_profile_names
from sp_mock.connect.operations import Operation, Outcome, Work, invalid, of_instance, page, refused, text

_MAX_SAML_NAME = 64
_USER_NAME = re.compile(r"[a-zA-Z0-9_\-.\\@]+", re.ASCII)
_EMAIL = re.compile(r"[^@]+@[^@.]+(?:\.[^@.]+)+", re.ASCII)
_ROUTING, _SECURITY = "routing-profile", "security-profile"
Found = Callable[[ConnectUser], bool]


def _create(work: Work) -> Outcome:
    """Makes a user.

    Spec: Amazon Connect API "CreateUser"
    Evidence: documented (the rules), assumed (the words)
    """
    instance, given = work.instance, work.parameters
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
    known = {profile_id(instance, _SECURITY, name): name for name in security_profile_names(instance)}
    user = ConnectUser(
        login=login,
        user_id=work.ids.uuid(),
        security_profiles=tuple(named_profile(known, each, _SECURITY) for each in given["SecurityProfileIds"]),
        routing_profile=named_profile(
            {profile_id(instance, _ROUTING, name): name for name in instance.routing_profiles},
            given["RoutingProfileId"],
            _ROUTING,
        ),
        changed_at=work.now,
        tags=tuple(dict(given.get("Tags") or {}).items()),
    )
    user = _with_identity(user, identity)
    changed = replace(instance, users={**instance.users, login: user})
    return Outcome(work.keep(changed), {"UserId": user.user_id, "UserArn": user_arn(instance, user)})


def _require_composed(*texts: str) -> None:
    """Unicode in names has to be in normalisation form C.

    Spec: Amazon Connect API "CreateUser"
    Evidence: documented
    """
    for each in texts:
        if not unicodedata.is_normalized("NFC", each):
            raise invalid(
                "Username",
                "Names must be in Unicode normalization form C (NFC)",
                expected=unicodedata.normalize("NFC", each),
                received=each,
                fix="Compose the characters: unicodedata.normalize('NFC', name).",
            )


def _require_saml_user(instance: Instance, given: Mapping[str, Any], identity: Mapping[str, Any]) -> None:
    """Holds a new user against the rules of an instance whose users come by SAML.

    Spec: Amazon Connect API "CreateUser", "UserIdentityInfo"
    Evidence: documented, in two texts that contradict each other about Email
    """
    login = given["Username"]
    if len(login) > _MAX_SAML_NAME or not _USER_NAME.fullmatch(login):
        raise invalid(
            "Username",
            "Username is not valid for an instance that uses SAML",
            expected=f"at most {_MAX_SAML_NAME} of a-z A-Z 0-9 _ - . \\ @",
            received=login,
            fix="RoleSessionName allows + = and , but no Amazon Connect login does: send another attribute.",
        )
    if "@" in login and not _EMAIL.fullmatch(login):
        raise invalid(
            "Username",
            "Username may contain @ only as part of an email address",
            expected="testuser@example.com",
            received=login,
            fix="Use a whole e-mail address, or leave the @ out.",
        )
    for name in ("Password", "DirectoryUserId"):
        if given.get(name):
            raise invalid(
                name,
                f"{name} must not be given for an instance that uses SAML",
                fix=f"Leave {name} out: the identity provider signs users in.",
            )
    for name in ("FirstName", "LastName"):
        if not identity.get(name):
            raise invalid(
                f"IdentityInfo.{name}",
                f"{name} is required for an instance that uses SAML",
                fix=f"Give IdentityInfo.{name}.",
            )
    _require_no_email(instance, identity)


def _require_no_email(instance: Instance, identity: Mapping[str, Any]) -> None:
    if instance.refuses_email and instance.identity_management == SAML_IDENTITY_MANAGEMENT and identity.get("Email"):
        raise invalid(
            "IdentityInfo.Email",
            "Email must not be given for an instance that uses SAML",
            received=str(identity["Email"]),
            fix="Leave Email out, or set the instance's email to allowed: Amazon's reference says both.",
        )


def _with_identity(user: ConnectUser, identity: Mapping[str, Any]) -> ConnectUser:
    return replace(
        user,
        first_name=text(identity, "FirstName"),
        last_name=text(identity, "LastName"),
        email=text(identity, "Email"),
        secondary_email=text(identity, "SecondaryEmail"),
        mobile=text(identity, "Mobile"),
    )


def _the_user(work: Work) -> ConnectUser:
    given = work.parameters["UserId"].rpartition("/")[2]
    found = next((user for user in work.instance.users.values() if user.user_id == given), None)
    if found is None:
        raise refused(
            "ResourceNotFoundException",
            f"User with ID {given} not found",
            explanation=f"The instance {work.instance.alias} has no user with this id.",
            where="UserId",
            received=given,
            fix="ListUsers has the ids of all users; a login is not an id.",
        )
    return found


def _described(instance: Instance, user: ConnectUser) -> dict[str, Any]:
    return {
        "Id": user.user_id,
        "Arn": user_arn(instance, user),
        "Username": user.login,
        "IdentityInfo": _identity_of(user),
        "PhoneConfig": {"PhoneType": "SOFT_PHONE", "AutoAccept": False, "AfterContactWorkTimeLimit": 0},
        "SecurityProfileIds": [profile_id(instance, _SECURITY, name) for name in user.security_profiles],
        "RoutingProfileId": profile_id(instance, _ROUTING, user.routing_profile),
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


def _describe(work: Work) -> Outcome:
    return Outcome(work.account, {"User": _described(work.instance, _the_user(work))})


def _list(work: Work) -> Outcome:
    instance = work.instance
    shown, token = page(work, list(instance.users.values()))
    described = [_described(instance, user) for user in shown]
    members = ("Id", "Arn", "Username", "LastModifiedTime", "LastModifiedRegion")
    summaries = [{name: each[name] for name in members} for each in described]
    return Outcome(work.account, {"UserSummaryList": summaries, "NextToken": token})


def _search(work: Work) -> Outcome:
    """Finds users by name, first name, last name or resource id, as ``SearchCriteria`` and the tag filter say.

    Spec: Amazon Connect API "SearchUsers", "UserSearchCriteria"
    Evidence: documented
    """
    instance, given = work.instance, work.parameters
    wanted = _criteria(given.get("SearchCriteria") or {}, instance)
    tagged = _tags((given.get("SearchFilter") or {}).get("TagFilter") or {})
    found = [user for user in instance.users.values() if wanted(user) and tagged(user)]
    shown, token = page(work, found)
    users = []
    for user in shown:
        described = _described(instance, user)
        names = described["IdentityInfo"]
        described["IdentityInfo"] = {key: names[key] for key in ("FirstName", "LastName") if key in names}
        del described["LastModifiedTime"], described["LastModifiedRegion"]
        users.append(described)
    return Outcome(work.account, {"Users": users, "NextToken": token, "ApproximateTotalCount": len(found)})


def _criteria(criteria: Mapping[str, Any], instance: Instance) -> Found:
    """Reads a search: conditions within conditions, all of which have to hold."""
    parts: list[Found] = []
    if criteria.get("OrConditions"):
        either = [_criteria(each, instance) for each in criteria["OrConditions"]]
        parts.append(lambda user: any(holds(user) for holds in either))
    if criteria.get("AndConditions"):
        parts.extend(_criteria(each, instance) for each in criteria["AndConditions"])
    if criteria.get("StringCondition"):
        parts.append(_string_condition(criteria["StringCondition"], instance))
    for name in ("ListCondition", "HierarchyGroupCondition"):
        if criteria.get(name):
            raise _not_offered(f"SearchCriteria.{name}")
    return lambda user: all(holds(user) for holds in parts)


def _string_condition(condition: Mapping[str, Any], instance: Instance) -> Found:
    fields: Mapping[str, Callable[[ConnectUser], Iterable[str]]] = {
        "username": lambda user: (user.login,),
        "firstname": lambda user: (user.first_name,),
        "lastname": lambda user: (user.last_name,),
        "resourceid": lambda user: (user.user_id,),
        "routingprofileid": lambda user: (profile_id(instance, _ROUTING, user.routing_profile),),
        "securityprofileids": lambda user: (profile_id(instance, _SECURITY, name) for name in user.security_profiles),
    }
    field, value = text(condition, "FieldName"), text(condition, "Value").lower()
    read = fields.get(field.lower())
    if read is None:
        raise invalid(
            "SearchCriteria.StringCondition.FieldName",
            f"{field} is not a field to search for",
            expected=" or ".join(("Username", "FirstName", "LastName", "ResourceId", "RoutingProfileId")),
            received=field,
            fix="Use one of the fields that are offered.",
        )
    compare: Mapping[str, Callable[[str], bool]] = {
        "STARTS_WITH": lambda each: each.startswith(value),
        "CONTAINS": lambda each: value in each,
        "EXACT": lambda each: each == value,
    }
    holds = compare[condition.get("ComparisonType") or "EXACT"]
    return lambda user: any(holds(each.lower()) for each in read(user))


def _tags(tag_filter: Mapping[str, Any]) -> Found:
    def has(user: ConnectUser, condition: Mapping[str, Any]) -> bool:
        return any(
            key == condition.get("TagKey") and condition.get("TagValue") in (None, value) for key, value in user.tags
        )

    def holds(user: ConnectUser) -> bool:
        every = [tag_filter["TagCondition"]] if tag_filter.get("TagCondition") else []
        every += tag_filter.get("AndConditions") or []
        either = tag_filter.get("OrConditions") or []
        alike = any(all(has(user, each) for each in conditions) for conditions in either) if either else True
        return alike and all(has(user, each) for each in every)

    return holds


def _not_offered(what: str) -> AwsRefusal:
    return invalid(what, f"{what} is not offered", fix="Amazon Connect has this condition; the emulator has none.")


def _update_identity(work: Work) -> Outcome:
    """Changes names and addresses. Under SAML the login stays: it is what the identity provider sends.

    Spec: Amazon Connect API "UpdateUserIdentityInfo"
    Evidence: documented
    """
    instance, user = work.instance, _the_user(work)
    identity: Mapping[str, Any] = work.parameters["IdentityInfo"]
    _require_composed(*(value for value in identity.values() if isinstance(value, str)))
    _require_no_email(instance, identity)
    before = _identity_of(user)
    return Outcome(_with_user(work, replace(_with_identity(user, {**before, **identity}), changed_at=work.now)))


def _update_security_profiles(work: Work) -> Outcome:
    instance, user = work.instance, _the_user(work)
    known = {profile_id(instance, _SECURITY, name): name for name in security_profile_names(instance)}
    names = tuple(named_profile(known, each, _SECURITY) for each in work.parameters["SecurityProfileIds"])
    return Outcome(_with_user(work, replace(user, security_profiles=names, changed_at=work.now)))


def _with_user(work: Work, user: ConnectUser) -> Any:
    instance = work.instance
    return work.keep(replace(instance, users={**instance.users, user.login: user}))


def _delete(work: Work) -> Outcome:
    instance, gone = work.instance, _the_user(work)
    left = {login: user for login, user in instance.users.items() if user is not gone}
    return Outcome(work.keep(replace(instance, users=left)))


def _agents(work: Work) -> str:
    return f"{of_instance(work)}/agent/*"


def _agent(work: Work) -> str:
    given = str(work.parameters["UserId"]).rpartition("/")[2]
    return f"{of_instance(work)}/agent/{given}"


OPERATIONS: Mapping[str, Operation] = {
    "CreateUser": Operation(_agents, _create),
    "DescribeUser": Operation(_agent, _describe),
    "ListUsers": Operation(of_instance, _list),
    "SearchUsers": Operation(of_instance, _search),
    "UpdateUserIdentityInfo": Operation(_agent, _update_identity),
    "UpdateUserSecurityProfiles": Operation(_agent, _update_security_profiles),
    "DeleteUser": Operation(_agent, _delete),
}
