"""The IAM endpoint, ``iam.amazonaws.com``: who may call what, and the account before and after.

Each action has an ``Operation`` in the module of what it is about: saml_providers, roles, users, policies, account.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import EntityAlreadyExists, InvalidClientTokenId
from sp_mock.accounts.model import Account, Aws
from sp_mock.apis.query_api import Api, Call, Done, query_site
from sp_mock.apis.query_protocol import Answer, QueryService
from sp_mock.iam import account, policies, roles, saml_providers, users
from sp_mock.iam.operations import IAM, Operation, Work
from sp_mock.principals.callers import Authorizer, Keyring
from sp_mock.principals.credentials import CredentialStore, FederatedUserSession, UserSession

OPERATIONS: Mapping[str, Operation] = {
    **saml_providers.OPERATIONS,
    **roles.OPERATIONS,
    **users.OPERATIONS,
    **policies.OPERATIONS,
    **account.OPERATIONS,
}


def iam_site(aws: Aws, store: CredentialStore, *, clock: Clock, ids: Ids) -> Flask:
    """Builds the endpoint."""
    authorizer = Authorizer(aws, clock=clock)

    def handle(call: Call) -> Done:
        caller, operation = call.signed_by, OPERATIONS[call.action]
        if isinstance(caller.session, (UserSession, FederatedUserSession)):
            raise _no_iam_for(caller.arn)
        if call.action == "CreateAccountAlias":
            _require_free_alias(aws, caller.account_id, call.parameters["AccountAlias"])

        def work_on(before: Account) -> tuple[Account, Answer]:
            work = Work(before, call.parameters, caller, clock.now(), ids)
            resource = operation.resource(work)
            context = _context(work, resource)
            authorizer.require(caller, f"iam:{call.action}", resource, service=IAM, context=context)
            outcome = operation.run(work)
            return outcome.account, outcome.answer

        return Done(aws.change(caller.account_id, work_on), f"{call.action} by {caller.arn}")

    api = Api(name=IAM, scope="iam", service=QueryService("iam"), handlers=dict.fromkeys(OPERATIONS, handle))
    return query_site(api, keyring=Keyring(aws, store), clock=clock, ids=ids)


def _context(work: Work, resource: str) -> Mapping[str, tuple[str, ...]]:
    """Returns the condition keys that IAM adds to a call.

    Spec: AWS IAM UG "reference_policies_iam-condition-keys"
    Evidence: documented
    """
    parameters, context = work.parameters, {}
    for parameter, key in (("PolicyArn", "iam:policyarn"), ("PermissionsBoundary", "iam:permissionsboundary")):
        if isinstance(parameters.get(parameter), str):
            context[key] = (parameters[parameter],)
    tags = [(tag["Key"], tag.get("Value", "")) for tag in parameters.get("Tags") or ()]
    context.update({f"aws:requesttag/{key.lower()}": (value,) for key, value in tags})
    keys = [key for key, _ in tags] + list(parameters.get("TagKeys") or ())
    if keys:
        context["aws:tagkeys"] = tuple(keys)
    account = work.account
    found = account.roles.get(resource) or account.users.get(resource) or account.policies.get(resource)
    for key, value in (found or account.saml_providers.get(resource) or _NO_TAGS).tags:
        context[f"aws:resourcetag/{key.lower()}"] = context[f"iam:resourcetag/{key.lower()}"] = (value,)
    return context


class _NoTags:
    tags: tuple[tuple[str, str], ...] = ()


_NO_TAGS = _NoTags()


def _require_free_alias(aws: Aws, account_id: str, alias: str) -> None:
    """An alias belongs to one account of all.

    Spec: AWS IAM API "CreateAccountAlias", EntityAlreadyExists
    Evidence: documented (the rule), observed (the words)
    """
    if any(each.alias == alias for each in aws.accounts.values() if each.account_id != account_id):
        raise EntityAlreadyExists(
            f"The account alias {alias} already exists.",
            service=IAM,
            check="account-alias",
            evidence="observed",
            explanation="Another account of this world has the alias.",
            where="parameter AccountAlias",
            received=alias,
            fix="Choose another alias.",
            spec='AWS IAM API "CreateAccountAlias"',
        )


def _no_iam_for(arn: str) -> InvalidClientTokenId:
    return InvalidClientTokenId(
        "The security token included in the request is invalid.",
        service=IAM,
        check="session-credentials",
        evidence="observed",
        explanation=f"{arn} is a session of GetSessionToken without MFA or of GetFederationToken, "
        "which cannot call IAM.",
        where="X-Amz-Security-Token",
        fix="Use the user's long-term key, or assume a role.",
        spec='AWS STS API "GetSessionToken"',
    )
