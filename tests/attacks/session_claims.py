"""Roles, names, tags and lengths of sessions that the trusted key signed and AWS refuses all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.attacks.identity import ATTACKERS_ENTITY_ID
from tests.attacks.message import (
    Edit,
    Message,
    Signing,
    all_of,
    claim,
    provider_arn,
    remove,
    role_arn,
    set_attribute,
    set_text,
)
from tests.attacks.table import Attack
from tests.conftest import PROVIDER_ARN

_SUBJECT = "Assertion/Subject"
_DATA = f"{_SUBJECT}/SubjectConfirmation/SubjectConfirmationData"
# (what is said, how, the check) of messages that sign-in and STS refuse alike
_CLAIMS: Sequence[tuple[str, Edit, str]] = (
    ("no NameID", remove(f"{_SUBJECT}/NameID"), "name-id"),
    ("an empty NameID", set_text(f"{_SUBJECT}/NameID", ""), "name-id"),
    ("a NameID of spaces", set_text(f"{_SUBJECT}/NameID", " \n "), "name-id"),
    ("no Subject", remove(_SUBJECT), "subject-confirmation"),
    ("no RoleSessionName", claim("RoleSessionName"), "no-session-name"),
    *(
        (f"RoleSessionName {name!r}", claim("RoleSessionName", name), "role-session-name")
        for name in (
            "",
            "x",
            "x" * 65,
            "hanako sato",
            "hanako\n",
            "../admin",
            "hanako:admin",
            "\uff48\uff41\uff4e\uff41",
            "h<!-- -->",
        )
    ),
    *(
        (f"SourceIdentity {name!r}", claim("SourceIdentity", name), "source-identity")
        for name in ("", "x", "aws:hanako", "hanako sato", "x" * 65)
    ),
    *(
        (f"SessionDuration {seconds!r}", claim("SessionDuration", seconds), "session-duration")
        for seconds in (
            "0",
            "899",
            "43201",
            "-3600",
            "3600.0",
            "1e4",
            "+3600",
            " 3600",
            "0x1000",
            "",
            "\u0663\u0666\u0660\u0660",
        )
    ),
    ("a tag with a long value", claim("PrincipalTag:Team", "x" * 257), "session-tags"),
    ("a tag with a long key", claim(f"PrincipalTag:{'x' * 129}", "y"), "session-tags"),
    ("a tag without a key", claim("PrincipalTag:", "y"), "session-tags"),
    ("a tag of AWS's", claim("PrincipalTag:aws:Team", "y"), "session-tags"),
    ("a tag with two values", claim("PrincipalTag:Team", "Blue", "Red"), "session-tags"),
    ("a tag with another character", claim("PrincipalTag:Team", "Blue;Red"), "session-tags"),
    ("fifty-one tags", all_of(*(claim(f"PrincipalTag:T{n}", "x") for n in range(51))), "session-tags"),
    (
        "two tags that differ in case",
        all_of(claim("PrincipalTag:Team", "Blue"), claim("PrincipalTag:TEAM", "Red")),
        "duplicate-tags",
    ),
    ("a transitive key that is no tag", claim("TransitiveTagKeys", "Team"), "transitive-tags"),
)

# (what is said, how, sign-in's check, STS's check) where the two differ; STS does not ask where there is none
_DIFFERENT: Sequence[tuple[str, Edit, str, str | None]] = (
    (
        "another service's Destination",
        set_attribute(".", "Destination", "https://sp.example.com/"),
        "response-destination",
        None,
    ),
    (
        "a Destination that begins like AWS's",
        set_attribute(".", "Destination", "https://signin.aws.amazon.com.example.com/saml"),
        "response-destination",
        None,
    ),
    (
        "a Destination by plain http",
        set_attribute(".", "Destination", "http://signin.aws.amazon.com/saml"),
        "response-destination",
        None,
    ),
    ("an empty Destination", set_attribute(".", "Destination", ""), "response-destination", None),
    ("no role", claim("Role"), "role-attribute", "requested-role"),
    ("a role without a provider", claim("Role", role_arn("Agent")), "role-attribute", "requested-role"),
    (
        "a user instead of a role",
        claim("Role", f"arn:aws:iam::123456789012:user/x,{provider_arn('idp')}"),
        "role-attribute",
        "requested-role",
    ),
    ("an empty role", claim("Role", ""), "role-attribute", "requested-role"),
    (
        "a role that does not exist",
        claim("Role", f"{role_arn('Ghost')},{provider_arn('idp')}"),
        "trust-policy",
        "requested-role",
    ),
    (
        "a role in another case",
        claim("Role", f"{role_arn('agent')},{provider_arn('idp')}"),
        "trust-policy",
        "requested-role",
    ),
    (
        "a role that trusts another provider",
        claim("Role", f"{role_arn('Guest')},{provider_arn('idp')}"),
        "trust-policy",
        "requested-role",
    ),
    (
        "a reserved role",
        claim("Role", f"{role_arn('AWSReservedSSO_x')},{provider_arn('idp')}"),
        "trust-policy",
        "requested-role",
    ),
    (
        "a provider that does not exist",
        claim("Role", f"{role_arn('Agent')},{provider_arn('none')}"),
        "provider",
        "requested-role",
    ),
    (
        "another provider of the same account",
        claim("Role", f"{role_arn('Agent')},{PROVIDER_ARN}"),
        "issuer",
        "requested-role",
    ),
    (
        "the attacker's provider, to whose role it is not signed",
        claim("Role", f"{role_arn('Guest')},{provider_arn('attacker')}"),
        "issuer",
        "requested-role",
    ),
    (
        "another account's provider",
        claim("Role", f"{role_arn('Agent')},arn:aws:iam::999999999999:saml-provider/idp"),
        "provider",
        "requested-role",
    ),
    (
        "another partition's provider",
        claim("Role", "arn:aws-cn:iam::123456789012:role/Agent,arn:aws-cn:iam::123456789012:saml-provider/idp"),
        "partition",
        "requested-role",
    ),
)


_ATTACKERS = (set_text("Assertion/Issuer", ATTACKERS_ENTITY_ID), set_text("Issuer", ATTACKERS_ENTITY_ID))


def of_the_attackers_provider(*roles: str) -> Message:
    """Returns a message of the attacker's own identity provider, which the account has too, with these Role values."""
    return Message((Signing("Assertion", "attacker"),), (*_ATTACKERS, claim("Role", *roles)), provider="attacker")


def attacks() -> Iterator[Attack]:
    """Yields every claim, signed by the trusted key."""
    for name, edit, outcome in _CLAIMS:
        yield Attack(f"claim: {name}", Message(before=(edit,)).saml_response, outcome)
    for name, edit, outcome, sts in _DIFFERENT:
        message = Message(before=(edit,))
        yield Attack(f"claim: {name}", message.saml_response, outcome, sts, sign_in_only=sts is None)
    regional = Message(before=(set_attribute(_DATA, "Recipient", "https://eu-west-1.signin.aws.amazon.com/saml"),))
    yield Attack("claim: a Recipient that the trust policy does not list", regional.saml_response, "trust-policy")
    own = of_the_attackers_provider(f"{role_arn('Agent')},{provider_arn('attacker')}")
    name = "claim: the attacker's own provider for a role that trusts others"
    yield Attack(name, own.saml_response, "trust-policy", provider="attacker")
