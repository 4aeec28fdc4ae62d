"""The IAM endpoint, ``iam.amazonaws.com``.

Each action's operation is in the module of its subject: saml_providers, roles, users, groups, policies and their
versions, account and so on; what roles, users and groups share is in entity_policies.
"""

from __future__ import annotations

from functools import cache

from flask import Flask

from emulator.kernel.errors import InvalidClientTokenId
from sp_mock.accounts.managed_policies import Tags
from sp_mock.accounts.provider_metadata import MAX_METADATA_FORM_BYTES
from sp_mock.apis.api_site import api_site
from sp_mock.apis.operations import AccountCall, ServiceApi, SignedCall
from sp_mock.apis.query_protocol import QueryProtocol
from sp_mock.apis.tags import request_tag_keys, requested_tags, resource_tag_keys
from sp_mock.iam import groups, instance_profiles, policies, policy_versions, roles, service_linked_roles, users
from sp_mock.iam.api_errors import IAM
from sp_mock.iam_api import account, oidc_providers, saml_providers, simulation
from sp_mock.principals.callers import Context
from sp_mock.principals.credentials import FederatedUserSession, UserSession


def _condition_keys(call: AccountCall, resource: str) -> Context:
    """Returns the condition keys that IAM adds to a call.

    Spec: AWS IAM UG "reference_policies_iam-condition-keys"
    Evidence: documented
    """
    parameters, context = call.parameters, {}
    for parameter, key in (("PolicyArn", "iam:policyarn"), ("PermissionsBoundary", "iam:permissionsboundary")):
        if isinstance(parameters.get(parameter), str):
            context[key] = (parameters[parameter],)
    removed = parameters.get("TagKeys") or ()
    requested = request_tag_keys(requested_tags(parameters), removed=removed)
    return {**context, **requested, **resource_tag_keys(_tags_of(call, resource))}


def _tags_of(call: AccountCall, resource: str) -> Tags:
    kept = call.account
    tagged = (kept.roles, kept.users, kept.policies, kept.saml_providers, kept.instance_profiles, kept.oidc_providers)
    return next((known[resource].tags for known in tagged if resource in known), ())


def _admit(call: SignedCall) -> None:
    """Refuses sessions of GetSessionToken, which are always without MFA here, and of GetFederationToken.

    Spec: AWS STS API "GetSessionToken", "GetFederationToken"
    Evidence: documented (the rule), observed (the words)
    """
    if isinstance(call.caller.session, (UserSession, FederatedUserSession)):
        raise InvalidClientTokenId(
            "The security token included in the request is invalid.",
            service=IAM,
            check="session-credentials",
            evidence="observed",
            explanation=f"{call.caller.arn} is a session of GetSessionToken without MFA or of GetFederationToken, "
            "which cannot call IAM.",
            where="X-Amz-Security-Token",
            fix="Use the user's long-term key, or assume a role.",
            spec='AWS STS API "GetSessionToken"',
        )


IAM_API = ServiceApi(
    name=IAM,
    prefix="iam",
    operations={
        **saml_providers.OPERATIONS,
        **roles.OPERATIONS,
        **service_linked_roles.OPERATIONS,
        **users.OPERATIONS,
        **groups.OPERATIONS,
        **instance_profiles.OPERATIONS,
        **oidc_providers.OPERATIONS,
        **policies.OPERATIONS,
        **policy_versions.OPERATIONS,
        **account.OPERATIONS,
        **simulation.OPERATIONS,
    },
    condition_keys=_condition_keys,
    admit=_admit,
    quotes_values=False,
    max_form_bytes=MAX_METADATA_FORM_BYTES,
)


@cache
def iam_site() -> Flask:
    """Builds the endpoint, once per process."""
    return api_site(IAM_API, QueryProtocol(IAM_API))
