"""Forms that are posted to the sign-in page without a SAML response, to the wrong URL, or to the wrong partition."""

from __future__ import annotations

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import Refusal
from emulator.kernel.explanations import Sent
from idp.saml.faults import parse_fault
from sp_mock.assertion.values import ROLE, attribute_path
from tests.conftest import ACCOUNT, APP, PROVIDER_ARN, ROLE_ARN, USER

SIGN_IN = "https://signin.aws.amazon.com/saml"


def _refusal(federation: Federation, url: str, form: dict[str, str]) -> Refusal:
    federation.browser().post(url, form)
    refusal = federation.gateway.exchanges[-1].refusal
    assert refusal is not None
    return refusal


def _assertion(federation: Federation, *roles: str) -> str:
    faults = [parse_fault({"attribute": "Role", "set": list(roles)})] if roles else []
    return federation.identity_providers["acme"].mint(USER, APP, faults=faults).saml_response


@pytest.mark.parametrize(
    ("form", "explanation", "fix"),
    [
        (
            {"SAMLResponse": ""},
            "The SAMLResponse is empty.",
            "Look at what the identity provider sent: its page has the value in a hidden field SAMLResponse when the "
            "login "
            "there succeeded, and none when it shows a form or an error.",
        ),
        (
            {"SamlResponse": "PHg+", "RelayState": ""},
            "The request has no form field SAMLResponse; it has SamlResponse.",
            "Call the field SAMLResponse, not SamlResponse: names of form fields are compared exactly.",
        ),
        (
            {"wresult": "<t/>"},
            "The request has no form field SAMLResponse.",
            "Post the identity provider's form to this URL; it cannot be opened by itself.",
        ),
    ],
)
def test_a_form_without_a_saml_response(
    federation: Federation, form: dict[str, str], explanation: str, fix: str
) -> None:
    """An empty field is distinguished from a missing one, and a field of nearly that name is mentioned."""
    refusal = _refusal(federation, SIGN_IN, form)
    assert (refusal.check, refusal.explanation, refusal.fix) == ("base64", explanation, fix)


def test_a_sign_in_url_whose_id_is_nearly_a_providers(federation: Federation) -> None:
    """The app's URL is what has to change, to the nearest provider's."""
    provider = federation.aws_services.aws.saml_provider(PROVIDER_ARN)
    assert provider is not None
    wrong = provider.provider_id[:-1]
    refusal = _refusal(federation, f"{SIGN_IN}/acs/{wrong}", {"SAMLResponse": _assertion(federation)})
    assert refusal.explanation == (
        f"No SAML provider has the unique id {wrong}. The nearest is that of {PROVIDER_ARN}: they differ from "
        "character "
        f"{len(wrong) + 1} on: {wrong}[|{provider.provider_id[-1]}]."
    )
    assert refusal.causes == (Sent("/Response/@Destination", wanted=(f"{SIGN_IN}/acs/{provider.provider_id}",)),)


def test_another_partition_than_the_roles_account(federation: Federation) -> None:
    """The account is where it was posted: the ARNs are wrong."""
    value = f"{PROVIDER_ARN},{ROLE_ARN}".replace("arn:aws:", "arn:aws-cn:")
    refusal = _refusal(federation, SIGN_IN, {"SAMLResponse": _assertion(federation, value)})
    assert refusal.explanation == (
        f"{SIGN_IN} signs in to the partition aws; the role is in another. Account {ACCOUNT} is in aws, so that the "
        "ARNs "
        "are wrong."
    )
    assert refusal.causes == (Sent(attribute_path(ROLE), wanted=(f"{PROVIDER_ARN},{ROLE_ARN}",)),)


def test_another_partition_than_the_one_posted_to(federation: Federation) -> None:
    """Nothing here has such an account: the app's URL is that of another partition."""
    value = "arn:aws-us-gov:iam::222222222222:role/x,arn:aws-us-gov:iam::222222222222:saml-provider/okta"
    refusal = _refusal(federation, SIGN_IN, {"SAMLResponse": _assertion(federation, value)})
    govcloud = "https://signin.amazonaws-us-gov.com/saml"
    assert refusal.fix == f"Set the app's ACS URL to the sign-in URL of the role's partition, {govcloud}."
    assert refusal.causes == (Sent("/Response/@Destination", wanted=(govcloud,)),)
