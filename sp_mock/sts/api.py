"""The STS endpoint, ``sts.amazonaws.com`` and its regional hosts: which actions there are, and their answers.

AssumeRoleWithSAML           unsigned
AssumeRole                   role chaining included
GetCallerIdentity            signed with any known key; needs no permission
GetSessionToken              IAM users only
GetFederationToken           IAM users only
GetAccessKeyInfo             which account a key belongs to
DecodeAuthorizationMessage   always refused: nothing here hands out such messages
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import InvalidAuthorizationMessage, ProviderNotFound, RegionDisabled, ValidationError
from emulator.kernel.trace_notes import Facts
from sp_mock.accounts.model import Aws
from sp_mock.apis.api_endpoints import ApiEndpoint
from sp_mock.apis.query_api import Api, Call, Done, query_site
from sp_mock.apis.query_protocol import Answer, QueryService
from sp_mock.arn import Arn
from sp_mock.assertion.checks import check_message
from sp_mock.assertion.login_request import EntryPoint, resolve_request
from sp_mock.assertion.received import receive
from sp_mock.principals.callers import Authorizer, Caller, Keyring
from sp_mock.principals.credentials import Credentials, CredentialStore
from sp_mock.sts.assume_role import RoleAssumer
from sp_mock.sts.assume_role_with_saml import AssumedRole, assume_role_with_saml, require_arns
from sp_mock.sts.user_sessions import get_federation_token, get_session_token


def sts_site(aws: Aws, store: CredentialStore, *, clock: Clock, ids: Ids) -> Flask:
    """Builds the endpoint."""
    sts = _Sts(aws, store, clock=clock, ids=ids)
    api = Api(
        name=EntryPoint.STS,
        scope="sts",
        service=QueryService("sts"),
        handlers={
            "AssumeRoleWithSAML": sts.assume_role_with_saml,
            "AssumeRole": sts.assume_role,
            "GetCallerIdentity": sts.get_caller_identity,
            "GetSessionToken": sts.get_session_token,
            "GetFederationToken": sts.get_federation_token,
            "GetAccessKeyInfo": sts.get_access_key_info,
            "DecodeAuthorizationMessage": sts.decode_authorization_message,
        },
        unsigned=frozenset({"AssumeRoleWithSAML"}),
    )
    return query_site(api, keyring=Keyring(aws, store), clock=clock, ids=ids)


class _Sts:
    """The actions: each takes a call and returns its answer."""

    def __init__(self, aws: Aws, store: CredentialStore, *, clock: Clock, ids: Ids) -> None:
        self._aws = aws
        self._store = store
        self._clock = clock
        self._ids = ids
        self._authorizer = Authorizer(aws, clock=clock)
        self._assumer = RoleAssumer(aws, self._authorizer, clock=clock, ids=ids)

    def assume_role_with_saml(self, call: Call) -> Done:
        parameters = call.parameters
        role_arn, provider_arn = parameters["RoleArn"], parameters["PrincipalArn"]
        require_arns(role_arn, provider_arn)
        _require_same_partition(provider_arn, call.endpoint)
        self._require_region(provider_arn.split(":")[4], call.endpoint)
        message = receive(parameters["SAMLAssertion"], addressed_to=self._aws.saml_provider(provider_arn))
        request = resolve_request(
            message,
            entry_point=EntryPoint.STS,
            aws=self._aws,
            now=self._clock.now(),
            role_arn=role_arn,
            provider_arn=provider_arn,
            duration_seconds=parameters.get("DurationSeconds"),
        )
        assertion = check_message(message, request)
        assumed = assume_role_with_saml(assertion, request, ids=self._ids, parameters=parameters)
        self._store.keep(assumed.credentials, assumed.session)
        facts = Facts(
            role=role_arn,
            session=assumed.session.arn,
            session_ends=assumed.session.expires_at,
            subject=assumed.subject,
            audience=assumed.audience,
        )
        return Done(_saml_answer(assumed), f"AssumeRoleWithSAML gave {assumed.session.arn}", facts)

    def assume_role(self, call: Call) -> Done:
        caller = call.signed_by
        self._require_region(caller.account_id, call.endpoint)
        chained = self._assumer.assume(caller, call.parameters, region=call.endpoint.region)
        session = chained.session
        self._store.keep(chained.credentials, session)
        answer = {
            "Credentials": _credentials(chained.credentials),
            "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
            "PackedPolicySize": chained.packed_policy_size,
            "SourceIdentity": session.source_identity,
        }
        facts = Facts(
            caller=caller.arn,
            session_ends=session.expires_at,
            source_identity=session.source_identity,
            tags=dict(session.tags) or None,
        )
        return Done(answer, f"AssumeRole gave {session.arn}", facts)

    def get_caller_identity(self, call: Call) -> Done:
        caller = call.signed_by
        answer = {"Arn": caller.arn, "UserId": caller.user_id, "Account": caller.account_id}
        return Done(answer, f"GetCallerIdentity: {caller.arn}")

    def get_session_token(self, call: Call) -> Done:
        session = get_session_token(call.signed_by, call.parameters, clock=self._clock)
        credentials = Credentials.make(ids=self._ids, expiration=session.expires_at)
        self._store.keep(credentials, session)
        return Done({"Credentials": _credentials(credentials)}, f"GetSessionToken for {session.arn}")

    def get_federation_token(self, call: Call) -> Done:
        session, limits = get_federation_token(
            call.signed_by, call.parameters, aws=self._aws, authorizer=self._authorizer, clock=self._clock
        )
        credentials = Credentials.make(ids=self._ids, expiration=session.expires_at)
        self._store.keep(credentials, session)
        answer = {
            "Credentials": _credentials(credentials),
            "FederatedUser": {"FederatedUserId": session.user_id, "Arn": session.arn},
            "PackedPolicySize": limits.packed_size,
        }
        return Done(answer, f"GetFederationToken gave {session.arn}")

    def get_access_key_info(self, call: Call) -> Done:
        self._allow(call.signed_by, "sts:GetAccessKeyInfo")
        known = Keyring(self._aws, self._store).find(call.parameters["AccessKeyId"])
        if known is None:
            raise ValidationError(
                "The access key ID does not exist.",
                service=EntryPoint.STS,
                check="access-key",
                evidence="assumed",
                explanation="No account of this world has the access key.",
                where="parameter AccessKeyId",
                received=call.parameters["AccessKeyId"],
                spec='AWS STS API "GetAccessKeyInfo"',
            )
        return Done({"Account": known.caller.account_id})

    def decode_authorization_message(self, call: Call) -> Done:
        self._allow(call.signed_by, "sts:DecodeAuthorizationMessage")
        raise InvalidAuthorizationMessage(
            "The message is not a valid encoded authorization message.",
            service=EntryPoint.STS,
            check="encoded-message",
            evidence="assumed",
            explanation="Messages to decode come with refusals of services that are not emulated, such as EC2.",
            where="parameter EncodedMessage",
            spec='AWS STS API "DecodeAuthorizationMessage"',
        )

    def _allow(self, caller: Caller, action: str) -> None:
        self._authorizer.require(caller, action, "*", service=EntryPoint.STS)

    def _require_region(self, account_id: str, endpoint: ApiEndpoint) -> None:
        """Requires that the account has STS switched on in the endpoint's region; the global endpoint is always on.

        Spec: AWS IAM UG "id_credentials_temp_enable-regions"
        Evidence: observed
        """
        account = self._aws.accounts.get(account_id)
        if account is not None and endpoint.region in account.disabled_sts_regions:
            raise RegionDisabled(
                f"STS is not activated in this region for account:{account_id}. Your account administrator can "
                "activate STS in this region using the IAM Console.",
                service=EntryPoint.STS,
                check="sts-region",
                evidence="observed",
                explanation=f"The account has STS switched off in {endpoint.region}.",
                where="the endpoint's host",
                received=endpoint.host,
                fix=f"Activate STS in {endpoint.region}, or use another region's endpoint.",
                spec='AWS IAM UG "id_credentials_temp_enable-regions"',
            )


def _require_same_partition(provider_arn: str, endpoint: ApiEndpoint) -> None:
    """An endpoint knows the providers of its own partition only.

    Spec: AWS General Reference "AWS service endpoints"
    Evidence: assumed
    """
    arn = Arn.parse(provider_arn)
    if arn is not None and arn.partition != endpoint.partition:
        raise ProviderNotFound(
            "Specified provider doesn't exist",
            service=EntryPoint.STS,
            check="partition",
            evidence="assumed",
            explanation=f"The endpoint belongs to partition {endpoint.partition}, the provider to {arn.partition}.",
            where="the endpoint's host",
            expected=f"an STS endpoint of {arn.partition}",
            received=endpoint.host,
            fix="Set the region: GovCloud and China have STS endpoints of their own.",
            spec='AWS General Reference "AWS service endpoints"',
        )


def _saml_answer(assumed: AssumedRole) -> Answer:
    """Members in the order in which AWS sends them.

    Spec: AWS STS API "AssumeRoleWithSAML", response elements
    Evidence: observed (the order)
    """
    session = assumed.session
    return {
        "Audience": assumed.audience,
        "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        "Credentials": _credentials(assumed.credentials),
        "Subject": assumed.subject,
        "NameQualifier": assumed.name_qualifier,
        "SourceIdentity": session.source_identity,
        "PackedPolicySize": assumed.packed_policy_size,
        "SubjectType": assumed.subject_type,
        "Issuer": assumed.issuer,
    }


def _credentials(credentials: Credentials) -> Mapping[str, Any]:
    return {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
        "Expiration": credentials.expiration,
    }
