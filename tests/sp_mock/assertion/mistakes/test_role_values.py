"""Values of the Role attribute that are nearly a pair of ARNs."""

from __future__ import annotations

import pytest

from emulator.kernel.explanations import Sent
from sp_mock.assertion.login_request import role_pair
from sp_mock.assertion.mistakes.role_values import no_usable_role, role_value_mistake
from sp_mock.assertion.values import ROLE, attribute_path, read_assertion
from tests.sp_mock.assertion.mistakes.assertions import assertion_with

R = "arn:aws:iam::111122223333:role/Agent"
P = "arn:aws:iam::111122223333:saml-provider/okta"
INSTANCE_PROFILE = "arn:aws:iam::111122223333:instance-profile/Agent"
UNUSABLE = "is not usable: its part"
OF_EC2 = "is an instance profile, which only EC2 uses; the role has an ARN of its own"


@pytest.mark.parametrize(
    ("value", "told", "wanted"),
    [
        ("", "is empty", ""),
        (R, "names the role alone; the SAML provider's ARN is missing", ""),
        (P, "names the SAML provider alone; the role's ARN is missing", ""),
        ("Agent", "is a name, not a pair of ARNs", ""),
        (f"{R};{P}", "separates its two ARNs with a semicolon, not with a comma", f"{R},{P}"),
        (f"{P}; {R}", "separates its two ARNs with a semicolon, not with a comma", f"{P},{R}"),
        (f"{R}|{P}", "separates its two ARNs with a bar, not with a comma", f"{R},{P}"),
        (f"{R} {P}", "separates its two ARNs with a blank, not with a comma", f"{R},{P}"),
        (f"{R}{P}", "separates its two ARNs with nothing, not with a comma", f"{R},{P}"),
        (f"{R}\uff0c{P}", "separates its two ARNs with a full-width comma, not with a comma", f"{R},{P}"),
        (f"{P}\u3001{R}", "separates its two ARNs with an ideographic comma, not with a comma", f"{P},{R}"),
        (f"{R},{R}", "pairs two roles; the SAML provider's ARN is missing", ""),
        (f"{P},{P}", "pairs two SAML providers; the role's ARN is missing", ""),
        (f"{R},{P},{R}", "has 3 parts; a value is one pair, and a second pair is a second value", ""),
        (f"{R},{P},", "has a comma too many", f"{R},{P}"),
        (f"{R},", "has nothing after the comma", ""),
        (f",{R}", "has nothing before the comma", ""),
        (
            "arn:aws:iam::${accountid}:role/x," + P,
            "still has the variable ${accountid} in it, which nobody filled in",
            "",
        ),
        (
            f"{R.replace('::', ':')},{P}",
            f"{UNUSABLE} arn:aws:iam:111122223333:role/Agent has 5 fields between colons; an ARN has 6",
            f"{R},{P}",
        ),
        (
            f"{P},{R.replace('111122223333', '1111-2222-3333')}",
            f"{UNUSABLE} arn:aws:iam::1111-2222-3333:role/Agent writes the account id as 1111-2222-3333, with hyphens",
            f"{P},{R}",
        ),
        (
            f"{R.replace('111122223333', '11112222')},{P}",
            f"{UNUSABLE} arn:aws:iam::11112222:role/Agent has the account id 11112222, and one has 12 digits",
            "",
        ),
        (
            f"{P.replace('saml-', 'saml')},{R}",
            f"{UNUSABLE} arn:aws:iam::111122223333:samlprovider/okta is of the kind samlprovider, and only role and "
            "saml-provider are taken",
            f"{P},{R}",
        ),
        (
            f"{R.replace('role', 'roles')},{P}",
            f"{UNUSABLE} arn:aws:iam::111122223333:roles/Agent is of the kind roles, and only role and saml-provider "
            "are taken",
            f"{R},{P}",
        ),
        (
            f"{INSTANCE_PROFILE},{P}",
            f"{UNUSABLE} {INSTANCE_PROFILE} {OF_EC2}",
            "",
        ),
        (
            f"{P},{INSTANCE_PROFILE}",
            f"{UNUSABLE} {INSTANCE_PROFILE} {OF_EC2}",
            "",
        ),
        (
            f"arn:aws:iam::111122223333:user/x,{P}",
            f"{UNUSABLE} arn:aws:iam::111122223333:user/x is an IAM user, not a role",
            "",
        ),
        (
            f"arn:aws:sts::111122223333:assumed-role/Agent/ada,{P}",
            f"{UNUSABLE} arn:aws:sts::111122223333:assumed-role/Agent/ada is a session of a role, not the role",
            "",
        ),
        (
            f"ARN{R[3:]},{P}",
            f"{UNUSABLE} ARN:aws:iam::111122223333:role/Agent does not begin with arn: in lower case",
            f"{R},{P}",
        ),
        (
            f"{R.replace('iam::', 'iam:eu-west-1:')},{P}",
            f"{UNUSABLE} arn:aws:iam:eu-west-1:111122223333:role/Agent names the region eu-west-1; IAM has none",
            f"{R},{P}",
        ),
        (
            f"{R.replace(':role', ': role')},{P}",
            f"{UNUSABLE} arn:aws:iam::111122223333:␠role/Agent has a blank in it",
            f"{R},{P}",
        ),
        (
            f"arn:aws:iam::111122223333:role/,{P}",
            f"{UNUSABLE} arn:aws:iam::111122223333:role/ has no name after role/",
            "",
        ),
        (f"Agent,{P}", f"{UNUSABLE} Agent is not an ARN: it does not begin with arn:", ""),
    ],
)
def test_what_is_wrong_with_a_value(value: str, told: str, wanted: str) -> None:
    """In words, with the value as it would be right where that is plain; the order of the two is kept."""
    mistake = role_value_mistake(value)
    assert mistake is not None
    assert (mistake.told, mistake.wanted) == (told, wanted)
    assert role_pair(value) is None
    assert not wanted or role_pair(wanted) is not None


@pytest.mark.parametrize("value", [f"{R},{P}", f"{P},{R}", f" {P} , {R}\n", f"{R.replace('/', '/a/')},{P}"])
def test_a_pair_has_no_mistake(value: str) -> None:
    """In either order, with blanks around the ARNs and a path in the role."""
    assert role_value_mistake(value) is None
    assert role_pair(value) is not None


def test_an_attribute_of_bad_values_is_told_by_the_first() -> None:
    """The others are counted, and what would be right is the cause's."""
    values = read_assertion(assertion_with({ROLE: [f"{R};{P}", "Agent"]}))
    mistake = no_usable_role(values)
    assert mistake.explanation == (
        f"The Role value {R};{P} separates its two ARNs with a semicolon, not with a comma. The other value is not a "
        "pair either."
    )
    assert (mistake.expected, mistake.fix) == (f"{R},{P}", f"Send {R},{P} as the value.")
    assert mistake.causes == (Sent(attribute_path(ROLE), wanted=(f"{R},{P}",)),)


def test_an_attribute_without_values_and_none_at_all() -> None:
    """Two sentences; the second lists what did arrive."""
    assert no_usable_role(read_assertion(assertion_with({ROLE: []}))).explanation == "The Role attribute has no value."
    absent = no_usable_role(read_assertion(assertion_with({"email": ["x"]})))
    assert absent.explanation == (
        "The assertion has no Role attribute: the identity provider found no role for this user."
    )
    assert absent.received == "the attributes email"
