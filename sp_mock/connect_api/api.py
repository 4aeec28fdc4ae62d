"""Amazon Connect's service API, ``connect.{region}.amazonaws.com``.

Each operation is in the module of its subject. Besides the operations of a login there are those with which programs
such as Terraform create an instance and its users.

Spec: Amazon Connect API Reference; Service Authorization Reference, Amazon Connect;
    aws-samples/amazon-transcribe-live-call-analytics#93 (a denial, without which kind of policy decided)
Evidence: documented (operations), observed (the denial)
"""

from __future__ import annotations

from functools import cache

from flask import Flask

from sp_mock.apis.api_site import api_site
from sp_mock.apis.operations import ServiceApi, SignedOperation
from sp_mock.apis.rest_json import RestJsonProtocol
from sp_mock.connect.api_errors import CONNECT_API, refused
from sp_mock.connect.instance_lookup import condition_keys
from sp_mock.connect_api import authentication_profiles, instance_attributes, instances, tags
from sp_mock.connect_api.federation_tokens import get_federation_token
from sp_mock.connect_users import (
    agent_hierarchy,
    hours_of_operation,
    queues,
    routing_profiles,
    security_profiles,
    user_search,
    user_updates,
    users,
)

SERVICE_API = ServiceApi(
    name=CONNECT_API,
    prefix="connect",
    operations={
        **instances.OPERATIONS,
        **instance_attributes.OPERATIONS,
        **users.OPERATIONS,
        **user_updates.OPERATIONS,
        **user_search.OPERATIONS,
        **security_profiles.OPERATIONS,
        **routing_profiles.OPERATIONS,
        **authentication_profiles.OPERATIONS,
        **queues.OPERATIONS,
        **hours_of_operation.OPERATIONS,
        **agent_hierarchy.OPERATIONS,
        **tags.OPERATIONS,
        "GetFederationToken": SignedOperation(get_federation_token),
    },
    condition_keys=condition_keys,
    denials_name_policies=False,
)


@cache
def service_api_site() -> Flask:
    """Builds the endpoint, once per process."""
    return api_site(SERVICE_API, RestJsonProtocol(SERVICE_API, refused=refused))
