"""Refusals that are recognised: every sentence that the emulator knows to be AWS's, Okta's or Amazon Connect's."""

from __future__ import annotations

import pytest

from emulator.diagnosis.check_texts import read_check_texts
from emulator.recordings import recorded_events, recorded_refusals
from emulator.recordings.recorded_refusals import RecordedRefusal, refusal_in, unknown_refusal
from tests.built_in_scenarios import built_in_scenarios
from tests.emulator.recordings.har_files import refused_page

PAGES = {
    "RoleSessionName is required in AuthnResponse (Service: AWSSecurityTokenService; Status Code: 400; Error Code: "
    "InvalidIdentityToken; Request ID: 0a; Proxy: null). Please try again.": RecordedRefusal(
        "AWS sign-in",
        "RoleSessionName is required in AuthnResponse",
        "InvalidIdentityToken",
        ("role-session-name",),
        400,
    ),
    "Failed to assume role: Issuer not present in specified provider (Service: AWSOpenIdDiscoveryService; Status Code: "
    "400; Error Code: AuthSamlInvalidSamlResponseException; Request ID: 0a; Proxy: null). Please try again.": (
        RecordedRefusal(
            "AWS sign-in",
            "Failed to assume role: Issuer not present in specified provider",
            "InvalidIdentityToken",
            ("issuer",),
            400,
        )
    ),
    "Not authorized to perform sts:AssumeRoleWithSAML (service: AWSSecurityTokenService; status code: 403; error code: "
    "AccessDenied; request ID: 0a)": RecordedRefusal(
        "AWS sign-in",
        "Not authorized to perform sts:AssumeRoleWithSAML",
        "AccessDenied",
        ("trust-policy", "name-id"),
        403,
    ),
    'Your request included an invalid SAML response. To logout, <a href="/logout">click here</a>.': RecordedRefusal(
        "AWS sign-in",
        "Your request included an invalid SAML response. To logout, click here.",
        "InvalidSAMLResponse",
        (
            "role-attribute",
            "response",
            "base64",
            "status",
            "version",
            "instants",
            "response-destination",
            "assertion-encryption",
        ),
        0,
    ),
    "Specified provider doesn&#39;t exist": RecordedRefusal(
        "AWS sign-in", "Specified provider doesn't exist", "InvalidIdentityToken", ("provider", "partition"), 0
    ),
}


@pytest.mark.parametrize(("sentence", "refusal"), PAGES.items(), ids=[each[:30] for each in PAGES])
def test_the_sign_in_pages_sentences_are_recognised(sentence: str, refusal: RecordedRefusal) -> None:
    """With AWS's suffix or without, in any letter case, with entities and links; scripts are not read."""
    assert refusal_in(refused_page(sentence), service="AWS sign-in") == refusal


def _sentences() -> list[tuple[str, str]]:
    """Returns what the catalogue's logins expect: the sentence, and the check behind it. Calls are in no recording."""
    rows = {
        (expected.message, expected.check)
        for each in built_in_scenarios()
        if not each.settings.steps
        if (expected := each.settings.expect).message and expected.check and expected.oracle != "assumed"
    }
    return sorted(rows)


@pytest.mark.parametrize(("message", "check"), _sentences())
def test_every_sentence_of_the_catalogue_is_recognised(message: str, check: str) -> None:
    """Among the checks that can be behind it is the one that was."""
    refusal = refusal_in(message)
    assert refusal is not None
    assert check in refusal.checks


@pytest.mark.parametrize(
    ("page", "service"),
    [
        ("<html><body>Welcome</body></html>", "AWS sign-in"),
        ("<p>Authentication failed</p>", "AWS sign-in"),
        ("<p>Response signature invalid</p>", "Okta"),
        ("<script>var t = 'Response signature invalid'</script>", "AWS sign-in"),
        ("", "Amazon Connect"),
    ],
)
def test_other_pages_say_nothing(page: str, service: str) -> None:
    """Words of another service, in a script, or none."""
    assert refusal_in(page, service=service) is None


def test_an_error_of_sts_that_nobody_knows_is_told_as_it_is() -> None:
    """Its code and its words."""
    answer = "<ErrorResponse><Error><Code>Throttling</Code>\n<Message>Rate exceeded</Message></Error></ErrorResponse>"
    assert refusal_in(answer, status=400, hop=2) == RecordedRefusal(
        "AWS STS", "Rate exceeded", "Throttling", (), 400, 2
    )


@pytest.mark.parametrize(
    ("page", "message", "code"),
    [
        (refused_page("Something else (Service: AWSSecurityTokenService; Error Code: Odd)"), "Something else", "Odd"),
        (refused_page("No console today. Come back."), "No console today. Come back.", ""),
        ("<html><h1>400</h1><p>Bad Request</p></html>", "400 Bad Request", ""),
        ("", "status 418", ""),
    ],
)
def test_an_error_in_unknown_words_is_told_as_it_is(page: str, message: str, code: str) -> None:
    """With no check: nobody knows what is behind it."""
    found = unknown_refusal(page, status=418, hop=3, service="AWS sign-in")
    assert found == RecordedRefusal("AWS sign-in", message, code, (), 418, 3)


def test_explain_has_a_text_for_every_check() -> None:
    """The next command that is printed leads somewhere."""
    named = {check for words in recorded_refusals.KNOWN_WORDS for check in words.checks}
    for table in (recorded_events.OKTA_CHECKS, recorded_events.CODE_CHECKS):
        named |= {check for checks in table.values() for check in checks}
    assert named - read_check_texts().keys() == set()


def test_a_refusal_at_the_end_of_a_long_page_is_recognised() -> None:
    """However much comes before it."""
    page = "<p>x</p>" * 60_000 + refused_page("Response signature invalid")
    assert refusal_in(page, service="AWS sign-in") == RecordedRefusal(
        "AWS sign-in", "Response signature invalid", "InvalidIdentityToken", ("signature",)
    )
