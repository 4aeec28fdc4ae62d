"""CloudTrail's endpoint, ``cloudtrail.{region}.amazonaws.com``.

LookupEvents   the event history of the caller's account in the endpoint's region

Spec: AWS CloudTrail API Reference
"""

from __future__ import annotations

from functools import cache

from flask import Flask

from sp_mock.apis.api_site import api_site
from sp_mock.apis.json_protocol import JsonProtocol
from sp_mock.apis.operations import ServiceApi, SignedOperation
from sp_mock.cloudtrail_api.lookup_events import CLOUDTRAIL, lookup_events

CLOUDTRAIL_API = ServiceApi(
    name=CLOUDTRAIL, prefix="cloudtrail", operations={"LookupEvents": SignedOperation(lookup_events)}
)
_EXCEPTIONS = {
    "lookupAttributes": "InvalidLookupAttributesException",
    "maxResults": "InvalidMaxResultsException",
    "eventCategory": "InvalidEventCategoryException",
}


@cache
def cloudtrail_site() -> Flask:
    """Builds the endpoint, once per process."""
    return api_site(CLOUDTRAIL_API, JsonProtocol(CLOUDTRAIL_API, exceptions=_EXCEPTIONS))
