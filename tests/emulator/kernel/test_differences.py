"""The nearest of several values, and what differs between two, for eyes that do not see blanks."""

from __future__ import annotations

import pytest

from emulator.kernel.differences import difference, nearest, nearest_login, visible

ARN = "arn:aws:iam::111122223333:saml-provider/"
ROLE = "https://aws.amazon.com/SAML/Attributes/Role"
CYRILLIC_A = "\u0430"


@pytest.mark.parametrize(
    ("want", "got", "said"),
    [
        (f"{ARN}okta-prod", f"{ARN}OKTA", "they differ from character 41 on: …saml-provider/[OKTA|okta-prod]"),
        (f"{ARN}okta", f"{ARN}Okta", "letter case differs: …saml-provider/[O|o]kta"),
        (f"{ARN}okta", f"{ARN}OKTA", "letter case differs: …saml-provider/[OKTA|okta]"),
        (f"{ARN}okta", f" {ARN}okta", "a blank too many at the start: [␠|]arn…"),
        (f"{ARN}okta", f"{ARN}okta\u00a0", "a no-break space too many at the end: …okta[U+00A0|]"),
        (f"{ARN}okta", f"{ARN}ok\u200bta", "a zero width space too many, character 43: …saml-provider/ok[U+200B|]ta"),
        ("ab", "a b", "a blank too many, character 2: a[␠|]b"),
        ("a b", "ab", "a blank is missing or another one: a[|␠]b"),
        ("urn:amazon:webservices", "urn:amazon:webservices ", "a blank too many at the end: …webservices[␠|]"),
        (
            "urn:amazon:webservices",
            f"urn:{CYRILLIC_A}mazon:webservices",
            "character 5 is cyrillic small letter a, which only looks like a: "
            f"urn:[{CYRILLIC_A} U+0430|a]mazon:webservices",
        ),
        (f"{ROLE}SessionName", f"{ROLE}SessioName", "they differ from character 50 on: …Attributes/RoleSessio[|n]Name"),
        (ROLE, ROLE.replace("https", "http"), "the scheme differs: http[|s]:…"),
        (ROLE, ROLE.replace("Attributes", "Attribute"), "they differ from character 38 on: …SAML/Attribute[|s]/Role"),
        (ROLE, "Role", "they differ: [|https://aws.amazon.com/SAML/Attributes/]Role"),
        (
            "arn:aws:iam::444455556666:saml-provider/okta",
            f"{ARN}okta",
            "they differ from character 14 on: arn:aws:iam::[111122223333|444455556666]:saml-provider…",
        ),
        ("https://a.okta.com/x", "https://a.okta.com/x/", "a slash too many at the end: https://a.okta.com/x[/|]"),
        ("https://a.okta.com/x/", "https://a.okta.com/x", "the slash at the end is missing: https://a.okta.com/x[|/]"),
        ("ada.byron@example.org", "ada.byron", "they differ from character 10 on: ada.byron[|@example.org]"),
        ("a b", "a%20b", "it is percent-encoded: a[%20b|␠b]"),
        ("a-b", "a_b", "hyphen and underscore are exchanged: a[_|-]b"),
        ("abc", "xyz", "they differ: [xyz|abc]"),
        ("abc", "abc", ""),
    ],
)
def test_what_differs_is_said_and_marked(want: str, got: str, said: str) -> None:
    """What came is before the bar, what would be right after it; blanks are visible, long values folded."""
    assert difference(want, got) == said


@pytest.mark.parametrize(
    ("value", "candidates", "found"),
    [
        (f"{ARN}OKTA", [f"{ARN}azure", f"{ARN}okta-prod"], f"{ARN}okta-prod"),
        (f"{ARN}okta_prod", [f"{ARN}okta", f"{ARN}okta-prod"], f"{ARN}okta-prod"),
        (f" {ARN}okta", [f"{ARN}okta"], f"{ARN}okta"),
        (f"{ARN}okta", ["arn:aws:iam::444455556666:saml-provider/okta"], None),
        ("ada.byron", ["ada.lovelace@example.org", "ada.byron@example.org"], "ada.byron@example.org"),
        ("ada@old.example.com", ["bob@example.com", "ada@example.com"], "ada@example.com"),
        (ROLE.replace("https", "http"), [ROLE], ROLE),
        (f"{ROLE}s", [f"{ROLE}SessionName", ROLE], ROLE),
        (f"{ROLE}SessioName", [ROLE, f"{ROLE}SessionName"], f"{ROLE}SessionName"),
        (f"urn:{CYRILLIC_A}mazon:webservices", ["urn:amazon:webservices"], "urn:amazon:webservices"),
        ("a%20b", ["a b"], "a b"),
        ("okta", ["okta"], None),
        ("okta", [], None),
        ("okta", ["azure", "keycloak"], None),
        ("", ["okta"], None),
    ],
)
def test_the_nearest_is_what_somebody_most_likely_meant(value: str, candidates: list[str], found: str | None) -> None:
    """What only looks different comes before what takes a few changes; what does not resemble is not guessed."""
    assert nearest(value, candidates) == found


@pytest.mark.parametrize(
    ("login", "near"),
    [
        ("hanaco@example.com", "hanako@example.com"),
        ("Hanako@Example.com", "hanako@example.com"),
        ("hanako@exmaple.com", "hanako@example.com"),
        ("hanako", "hanako@example.com"),
        ("bob@example.com", ""),
        ("ann@example.com", ""),
        ("taro@elsewhere.test", ""),
    ],
)
def test_a_domain_in_common_makes_no_near_login(login: str, near: str) -> None:
    """The name before the sign has to resemble; the same name in another domain is near if only one person has it."""
    known = ["hanako@example.com", "taro@example.com", "taro@example.org", "bea@example.com"]
    assert nearest_login(login, known) == near


def test_long_values_are_compared_by_their_beginnings() -> None:
    """What somebody sent may be of any length; an explanation does not grow with it."""
    assert nearest("a" * 100_000, ["a" * 50_000, "b"]) == "a" * 50_000
    assert len(difference("a", "b" * 100_000)) < 1000


def test_signs_without_a_shape_are_made_visible() -> None:
    """Blanks as ␠, the others with their code point."""
    assert visible("a b\t\ufeffc") == "a␠bU+0009U+FEFFc"
