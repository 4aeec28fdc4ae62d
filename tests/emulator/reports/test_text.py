"""What a person reads of a refusal: the rows that are known, in one order, and whether the words are the service's."""

from __future__ import annotations

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.origins import Origin, OriginKind
from emulator.kernel.errors import FederationError, InvalidIdentityToken, Location
from emulator.reports.errors import error_text
from emulator.reports.text import diagnosis_block

REFUSAL = InvalidIdentityToken(
    "Response signature invalid",
    service="AWS sign-in",
    check="signature",
    explanation="The certificate is another one.",
    expected="the key of the metadata",
    received="a foreign key",
    where="/Response/Signature",
    fix="Upload the current metadata.",
    spec="SAML Core §5.4",
)


def test_a_refusal_is_printed_with_reason_place_origin_and_fix() -> None:
    """A place with its line and the setting behind it take their own rows."""
    diagnosis = Diagnosis(
        REFUSAL.check,
        REFUSAL.explanation,
        cause="The app signs with another key.",
        want=REFUSAL.expected,
        got=REFUSAL.received,
        where="assertion /Response/Signature:12",
        origins=(
            Origin(OriginKind.WORLD, Location("world.yaml", 18, "okta.acme")),
            Origin(OriginKind.DEFAULT, Location("world.yaml", 9, "aws"), "left at AWS's default"),
        ),
        fix=REFUSAL.fix,
        refusal=REFUSAL,
    )
    block = diagnosis_block(diagnosis)
    assert block.splitlines() == [
        "AWS sign-in refused: InvalidIdentityToken (400), check signature",
        "  said   Response signature invalid",
        "  why    The certificate is another one.",
        "  cause  The app signs with another key.",
        "  want   the key of the metadata",
        "  got    a foreign key",
        "  where  assertion /Response/Signature:12",
        "  from   world.yaml:18  okta.acme",
        "  and    world.yaml:9  aws, left at AWS's default",
        "  fix    Upload the current metadata.",
        "  spec   SAML Core §5.4",
    ]


def test_words_that_nobody_published_are_marked() -> None:
    """And rows that are not known are left out."""
    assumed = InvalidIdentityToken("Not so", service="AWS STS", check="name-id", evidence="assumed")
    assert error_text(assumed).splitlines() == [
        "AWS STS refused: InvalidIdentityToken (400), check name-id",
        "  said   Not so   (the emulator's wording)",
    ]


def test_another_error_begins_with_its_message() -> None:
    """It has the same rows, but no service and no check."""
    error = FederationError("there is no app wiki", expected="amazon-connect", received="wiki", fix="Name another.")
    assert error_text(error).splitlines() == [
        "there is no app wiki",
        "  want   amazon-connect",
        "  got    wiki",
        "  fix    Name another.",
    ]
