"""What a recorded refusal is made again by: the message, or what is set up around it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from emulator.reconstruction.reconstruct import SCENARIO
from tests.emulator.inspection import vendor_responses as vendors
from tests.emulator.inspection.vendor_responses import AWS_URL, GOOD, ISSUED, SHAPES, Content, response
from tests.emulator.reconstruction.recordings import made, message_of, refused_with, scenario_in, world_in
from tests.emulator.recordings.har_files import entry, har, login, refused_page

TAG = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:"


MISTAKES: dict[str, tuple[str, Content, float]] = {
    "audience": ("Response does not contain the required audience", replace(GOOD, audience="urn:other"), 1),
    "no audience": ("Response does not contain the required audience", replace(GOOD, audience=""), 1),
    "role-session-name": (
        "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
        replace(GOOD, session_name="Rin Mori"),
        1,
    ),
    "no role-session-name": ("RoleSessionName is required in AuthnResponse", replace(GOOD, session_name=None), 1),
    "role-attribute": ("Your request included an invalid SAML response", replace(GOOD, role=None), 1),
    "malformed role": ("Your request included an invalid SAML response", replace(GOOD, role="Support"), 1),
    "status": (
        "Your request included an invalid SAML response",
        replace(GOOD, status="urn:oasis:names:tc:SAML:2.0:status:Responder"),
        1,
    ),
    "version": ("Your request included an invalid SAML response", replace(GOOD, version="1.1"), 1),
    "response-destination": (
        "Your request included an invalid SAML response",
        replace(GOOD, destination="https://sp.example.com/acs"),
        1,
    ),
    "redeemed-in-time": ("Token must be redeemed within 5 minutes of issuance", GOOD, 399),
    "time-window": (
        "Response has expired",
        replace(GOOD, not_on_or_after=(ISSUED + timedelta(seconds=60)).isoformat().replace("+00:00", "Z")),
        90,
    ),
    "not yet": ("Response is not yet valid", replace(GOOD, not_before=timedelta(0)), -420),
    "session-end": ("Response has expired", replace(GOOD, session_end=ISSUED + timedelta(seconds=20)), 30),
    "issuer": ("Issuer not present in specified provider", GOOD, 1),
    "signature": ("Response signature invalid", GOOD, 1),
    "provider": ("Specified provider doesn't exist", GOOD, 1),
    "trust-policy": ("Not authorized to perform sts:AssumeRoleWithSAML", GOOD, 1),
    "name-id": ("Not authorized to perform sts:AssumeRoleWithSAML", replace(GOOD, person=None), 1),
}
CHECKS = {
    "no audience": "audience",
    "no role-session-name": "role-session-name",
    "malformed role": "role-attribute",
    "not yet": "time-window",
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_refusal_comes_out_again_by_its_cause(name: str) -> None:
    """AWS's sentence is all that the page says; the cause is in the message, or in what AWS had set up."""
    sentence, content, after = MISTAKES[name]
    reconstruction = made(refused_with(sentence, content, after=after))
    assert [str(each) for each in reconstruction.differences] == []
    received = reconstruction.received.values
    assert (received["outcome"], received["check"]) == ("refused", CHECKS.get(name, name))
    expected = scenario_in(reconstruction)["expect"]
    assert expected["oracle"] == "observed"
    # Where the page says more than the sentence, the scenario looks for it on the page.
    assert expected.get("message", expected.get("page")).startswith(sentence)


def test_how_long_a_person_waited_is_in_the_scenario() -> None:
    """Before the post, and on the role chooser."""
    sentence = "Token must be redeemed within 5 minutes of issuance"
    assert scenario_in(made(refused_with(sentence, after=399)))["login"]["pause_before_posting"] == "399s"
    recording = refused_with(sentence, after=10)
    late = json.loads(json.dumps(recording["log"]["entries"][-1]))
    late["startedDateTime"] = (ISSUED + timedelta(seconds=310.5)).isoformat()
    recording["log"]["entries"].append(late)
    login_settings = scenario_in(made(recording))["login"]
    assert (login_settings["pause_before_posting"], login_settings["pause_before_role"]) == ("10s", "301s")


@pytest.mark.parametrize(
    ("content", "action", "audience", "provider", "cause"),
    [
        (GOOD, "sts:AssumeRoleWithSAML", AWS_URL, "another-provider", "that it trusts another SAML provider"),
        (
            replace(GOOD, attributes=((f"{TAG}Team", "x"),)),
            "sts:AssumeRoleWithSAML",
            AWS_URL,
            "example",
            "that it does not allow sts:TagSession, which the PrincipalTags need",
        ),
        (
            replace(GOOD, recipient="https://us-west-2.signin.aws.amazon.com/saml"),
            "sts:AssumeRoleWithSAML",
            AWS_URL,
            "example",
            f"that its SAML:aud is {AWS_URL}, and the Recipient is another",
        ),
        (
            replace(GOOD, attributes=(("https://aws.amazon.com/SAML/Attributes/SourceIdentity", "rin"),)),
            "sts:AssumeRoleWithSAML",
            AWS_URL,
            "example",
            "that it does not allow sts:SetSourceIdentity",
        ),
    ],
    ids=["nothing to see", "session tags", "a region's Recipient", "a source identity"],
)
def test_what_a_trust_policy_lacks_is_chosen_and_told(
    content: Content, action: str, audience: str, provider: str, cause: str
) -> None:
    """The same words have many causes: the likeliest by the message is taken, the others are mentioned."""
    reconstruction = made(refused_with("Not authorized to perform sts:AssumeRoleWithSAML", content))
    (statement,) = world_in(reconstruction)["aws"][vendors.ACCOUNT]["roles"]["Support"]["trust"]["Statement"]
    assert statement["Action"] == action
    assert statement["Condition"] == {"StringEquals": {"SAML:aud": audience}}
    assert statement["Principal"]["Federated"].endswith(f":saml-provider/{provider}")
    (told,) = [each for each in reconstruction.told if each.startswith("Why the trust policy refused")]
    assert f"Here it is {cause}. The same words are said of other causes: " in told
    assert reconstruction.differences == ()


def test_a_message_that_was_changed_is_changed_again() -> None:
    """Its digest says so; which certificate AWS had does not matter then."""
    xml = response(SHAPES["okta 2023"]).replace(b"rin.mori", b"kai.mori", 1)
    message = base64.b64encode(xml).decode()
    reconstruction = made(har(*login(message, page=refused_page("Response signature invalid"))))
    (fault,) = scenario_in(reconstruction)["faults"]
    assert fault == {"tamper": "Assertion/Subject/NameID", "set": "kai.mori@example.com-changed"}
    said = "The message was changed after it was signed; the message itself does not show what was changed"
    assert said in reconstruction.files[SCENARIO]
    assert reconstruction.received.values["check"] == "signature"


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_a_call_of_sts_goes_to_the_partition_of_its_role(partition: str) -> None:
    """A role of GovCloud or China is known to no other endpoint; a region's own is reported."""
    arns = [each.replace("arn:aws:", f"arn:{partition}:") for each in (vendors.ROLE_ARN, vendors.PROVIDER_ARN)]
    url, audience, host = {
        "aws": (AWS_URL, "urn:amazon:webservices", "sts.eu-west-1.amazonaws.com"),
        "aws-us-gov": (
            "https://signin.amazonaws-us-gov.com/saml",
            "urn:amazon:webservices:govcloud",
            "sts.us-gov-west-1.amazonaws.com",
        ),
        "aws-cn": (
            "https://signin.amazonaws.cn/saml",
            "urn:amazon:webservices:cn-north-1",
            "sts.cn-north-1.amazonaws.com.cn",
        ),
    }[partition]
    content = replace(GOOD, role=",".join(arns), recipient=url, destination=url, audience=audience)
    form = {"RoleArn": arns[0], "PrincipalArn": arns[1], "SAMLAssertion": message_of(content)}
    answer = "<AssumeRoleWithSAMLResponse/>"
    reconstruction = made(
        har(entry("POST", f"https://{host}/", 200, at=ISSUED, form=form, page=answer, mime="text/xml"))
    )
    assert reconstruction.received.values["role"] == arns[0]
    assert reconstruction.differences == ()
    told = "the endpoint of STS: it was sts.eu-west-1.amazonaws.com, and a scenario calls sts.amazonaws.com"
    assert (told in reconstruction.told) is (partition == "aws")


def test_a_wrong_password_is_of_the_person_who_typed_it() -> None:
    """The pages of today send JSON; the password in it goes nowhere."""
    answer = '{"errorCode":"E0000004","errorSummary":"Authentication failed"}'
    wrong = entry("POST", "https://example.okta.com/api/v1/authn", 401, page=answer, mime="application/json")
    typed = {"username": vendors.PERSON, "password": "seekrit"}
    wrong["request"]["postData"] = {"mimeType": "application/json", "text": json.dumps(typed)}
    reconstruction = made(har(wrong))
    assert world_in(reconstruction)["okta"]["example"]["users"] == {vendors.PERSON: {"status": "SUSPENDED"}}
    assert "seekrit" not in "".join(reconstruction.files.values())
    assert reconstruction.received.told() == "refused, Authentication failed"
    assert reconstruction.differences == ()


def test_a_namespace_without_a_canonical_form_is_no_whole_message() -> None:
    """Its digest cannot be worked out, by nobody: the message was changed."""
    xml = response(SHAPES["okta 2023"]).replace(b"http://www.w3.org/2001/XMLSchema-instance", b"x", 1)
    xml = xml.replace(b"<saml2:AttributeStatement", b"<saml2:AttributeStatement xmlns:r='relative'", 1)
    recording = har(*login(base64.b64encode(xml).decode(), page=refused_page("Response signature invalid")))
    assert made(recording).received.values["check"] == "signature"
