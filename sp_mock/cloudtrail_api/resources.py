"""The resources of events, by the names under which LookupEvents finds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sp_mock.cloudtrail.events import TrailEvent

Resources = tuple[tuple[str, str], ...]

_IAM = "iam.amazonaws.com"
_OF_PARAMETERS = {
    "roleName": "AWS::IAM::Role",
    "userName": "AWS::IAM::User",
    "policyArn": "AWS::IAM::Policy",
    "sAMLProviderArn": "AWS::IAM::SAMLProvider",
    "accessKeyId": "AWS::IAM::AccessKey",
}


def resources_of(event: TrailEvent) -> Resources:
    """Returns type and name of each resource: those of the record, and what IAM's parameters and answers name.

    Spec: AWS CloudTrail API "Resource"; AWS CloudTrail UG, resource types of the event history
    Evidence: documented (the types), assumed (which of them an event has)
    """
    found = [(each.type, each.arn) for each in event.details.resources]
    if event.source == _IAM:
        found += _named(event.details.request_parameters or {})
        for name, value in (event.details.response_elements or {}).items():
            found += _named(value if isinstance(value, Mapping) else {name: value})
    return tuple(dict.fromkeys(found))


def _named(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(kind, str(values[name])) for name, kind in _OF_PARAMETERS.items() if values.get(name)]
