"""Searching an instance's users by conditions on their names, ids, profiles and tags.

Spec: Amazon Connect API "SearchUsers", "UserSearchCriteria", "ControlPlaneTagFilter"
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from emulator.kernel.errors import AwsRefusal
from sp_mock.accounts.connect_resources import ConnectUser
from sp_mock.accounts.model import Instance
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.connect.api_errors import invalid_parameter
from sp_mock.connect.instance_lookup import instance_resource, named_instance
from sp_mock.connect.lists import LISTS
from sp_mock.connect.resource_kinds import ROUTING_PROFILES, SECURITY_PROFILES
from sp_mock.connect_users.users import user_elements

_NOT_FOUND = ("LastModifiedTime", "LastModifiedRegion")
Condition = Callable[[ConnectUser], bool]


def _search(call: AccountCall) -> Result:
    """Returns users by name, first name, last name or resource id, as ``SearchCriteria`` and the tag filter say.

    Spec: Amazon Connect API "SearchUsers", "UserSearchCriteria"
    Evidence: documented
    """
    instance, given = named_instance(call), call.parameters
    wanted = _criteria(given.get("SearchCriteria") or {}, instance)
    tagged = _tags((given.get("SearchFilter") or {}).get("TagFilter") or {})
    found = [user for user in instance.users.values() if wanted(user) and tagged(user)]
    elements = LISTS.page(call, "Users", found, lambda user: _search_elements(instance, user))
    return Result({**elements, "ApproximateTotalCount": len(found)})


def _search_elements(instance: Instance, user: ConnectUser) -> ResponseElements:
    """Returns a user as search results show them: of the identity only the names, and durations in milliseconds.

    Spec: Amazon Connect API "UserSearchSummary", "UserIdentityInfoLite", "UserPhoneConfig"
    Evidence: documented
    """
    elements = {name: value for name, value in user_elements(instance, user).items() if name not in _NOT_FOUND}
    names = {name: value for name, value in elements["IdentityInfo"].items() if name in ("FirstName", "LastName")}
    phone = {**elements["PhoneConfig"], "AfterContactWorkTimeLimit": user.phone.after_contact_work_seconds * 1000}
    return {**elements, "IdentityInfo": names, "PhoneConfig": phone}


def _criteria(criteria: Mapping[str, Any], instance: Instance) -> Condition:
    """Returns the conditions of a search, which may be nested and all have to hold."""
    parts: list[Condition] = []
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


def _string_condition(condition: Mapping[str, Any], instance: Instance) -> Condition:
    fields: Mapping[str, Callable[[ConnectUser], Iterable[str]]] = {
        "username": lambda user: (user.login,),
        "firstname": lambda user: (user.first_name,),
        "lastname": lambda user: (user.last_name,),
        "resourceid": lambda user: (user.user_id,),
        "routingprofileid": lambda user: (ROUTING_PROFILES.id_of_name(instance, user.routing_profile),),
        "securityprofileids": lambda user: (
            SECURITY_PROFILES.id_of_name(instance, name) for name in user.security_profiles
        ),
    }
    field, value = condition.get("FieldName") or "", (condition.get("Value") or "").lower()
    read = fields.get(field.lower())
    if read is None:
        raise invalid_parameter(
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


def _tags(tag_filter: Mapping[str, Any]) -> Condition:
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
    return invalid_parameter(
        what, f"{what} is not offered", fix="Amazon Connect has this condition; the emulator has none."
    )


OPERATIONS: Mapping[str, AccountOperation] = {"SearchUsers": AccountOperation(_search, instance_resource)}
