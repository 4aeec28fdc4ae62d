"""A role's trust policy, evaluated once for all logins that are alike to it."""

from __future__ import annotations

import re

from emulator.kernel.errors import AwsRefusal
from sp_mock.accounts.model import Role
from sp_mock.assertion.login_request import LoginRequest
from sp_mock.assertion.role_checks import trust_policy
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.trust import required_actions
from sp_mock.assertion.values import ROLE

_ARN = re.compile(r"arn:[^\"]*")
_NAME = re.compile(r"\b(?:aws|iam|saml|sts):[^\s\"{}]*")
# What is the same for everybody who assumes a role through an app at one instant.
_OF_NOBODY = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:useragent",
        "aws:viaawsservice",
        "saml:aud",
        "saml:doc",
        "saml:iss",
        "saml:namequalifier",
        "saml:sub_type",
        "sts:*",
        "sts:assumerolewithsaml",
        "sts:setsourceidentity",
        "sts:tagsession",
    }
)
Asked = tuple[object, ...]


class TrustAsked:
    """Evaluates trust policies for the logins of one app, and remembers the answers that hold for others too."""

    def __init__(self) -> None:
        self._answers: dict[Asked, AwsRefusal | None] = {}
        self._are_for_all: dict[str, bool] = {}

    def __call__(self, assertion: VerifiedAssertion, request: LoginRequest) -> None:
        """Requires that the role trusts the provider under the assertion's conditions.

        Raises:
            AwsRefusal: as the check raises.
        """
        asked = self._asked(assertion, request)
        if asked is None:
            trust_policy(assertion, request)
            return
        if asked not in self._answers:
            self._answers[asked] = _answer(assertion, request)
        refusal = self._answers[asked]
        if refusal is not None:
            raise refusal

    def _asked(self, assertion: VerifiedAssertion, request: LoginRequest) -> Asked | None:
        """Returns what an answer depends on, or None where it may depend on the person."""
        pair, role = request.pair, request.role
        account = request.accounts.get(pair.account_id) if pair is not None else None
        is_limited = account is not None and account.organization is not None
        if pair is None or is_limited or (role is not None and not self._is_for_all(role)):
            return None
        roles = assertion.values.attribute(ROLE)
        return pair, required_actions(assertion), roles.values if roles is not None else ()

    def _is_for_all(self, role: Role) -> bool:
        """Whether a trust policy requires nothing that differs from person to person."""
        known = str(role.arn)
        if known not in self._are_for_all:
            names = _NAME.findall(_ARN.sub("", role.trust.text.lower()))
            self._are_for_all[known] = _OF_NOBODY.issuperset(names)
        return self._are_for_all[known]


def _answer(assertion: VerifiedAssertion, request: LoginRequest) -> AwsRefusal | None:
    try:
        trust_policy(assertion, request)
    except AwsRefusal as refusal:
        return refusal
    return None
