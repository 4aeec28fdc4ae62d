"""The two ARNs of AssumeRoleWithSAML: what came with the call, beside what the assertion has."""

from __future__ import annotations

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import ValidationError
from emulator.kernel.explanations import ROLE_ASKED_FOR, Asked
from sp_mock.sts.requested_arns import require_arns
from tests.conftest import APP, PROVIDER_ARN, ROLE_ARN, USER


@pytest.mark.parametrize(
    ("role_arn", "principal_arn", "check", "explanation", "fix"),
    [
        (
            ROLE_ARN,
            f" {PROVIDER_ARN}",
            "principal-arn",
            f"The ARN has white space around it: {f' {PROVIDER_ARN}'!r}. Sign-in trims it in a Role value, STS does "
            "not. "
            f"The assertion has {PROVIDER_ARN}: a blank too many at the start: [␠|]arn….",
            "Write the two ARNs of the Role value without a space after the comma, or trim them in the client.",
        ),
        (
            PROVIDER_ARN,
            ROLE_ARN,
            "role-arn",
            "The parameter RoleArn is a SAML provider's ARN: the two parts of the Role value are exchanged. The "
            "assertion "
            f"has {ROLE_ARN}: they differ from character 27 on: "
            "…123456789012:[saml-provider|role]/[okta|ConnectAgent].",
            "Tell the two parts of a Role value apart by :role/ and :saml-provider/, not by their order.",
        ),
        (
            ROLE_ARN.replace("arn:", "arn;", 1),
            PROVIDER_ARN,
            "role-arn",
            "The parameter RoleArn is not the ARN of a role; nothing was looked up. The assertion has "
            f"{ROLE_ARN}: they differ from character 4 on: arn[;|:]aws….",
            f"Pass {ROLE_ARN} as RoleArn, as the assertion has it.",
        ),
    ],
)
def test_what_the_assertion_has_in_place_of_an_arn(
    federation: Federation, role_arn: str, principal_arn: str, check: str, explanation: str, fix: str
) -> None:
    """The difference to the character; what came with the call is the cause."""
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    with pytest.raises(ValidationError) as caught:
        require_arns(role_arn, principal_arn, saml_response=assertion)
    refusal = caught.value
    assert (refusal.check, refusal.explanation, refusal.fix) == (check, explanation, fix)
    assert refusal.expected == (ROLE_ARN if check == "role-arn" else PROVIDER_ARN)
    assert refusal.causes == (Asked(ROLE_ASKED_FOR),)


def test_an_assertion_that_cannot_be_read_says_nothing_of_the_arns() -> None:
    """The ARNs are refused all the same."""
    with pytest.raises(ValidationError) as caught:
        require_arns("Agent", PROVIDER_ARN, saml_response="*")
    assert caught.value.explanation == "The parameter RoleArn is not the ARN of a role; nothing was looked up."
    assert caught.value.expected == "the ARN of a role"
