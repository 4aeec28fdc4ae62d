"""Names that a service does not tell apart are refused: of two things, only one would be found."""

from __future__ import annotations

import pytest

from emulator.kernel.errors import WorldError
from emulator.world import parse_world

WORLD = """\
version: 1
okta:
  acme:
    users:
      hanako@example.com: {}
      taro@example.com: {}
aws:
  "123456789012":
    policies:
      login: &policy {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
    roles:
      Agent: {trust: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: "*", Action: "*"}]}}
    groups:
      Staff: {}
    users:
      ada: {access_keys: [{id: AKIAIOSFODNN7EXAMPLE, secret: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY}]}
      ben: {}
"""
KEY = "access_keys: [{id: AKIAIOSFODNN7EXAMPLE, secret: je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY}]"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            "taro@",
            "Hanako@",
            "world.yaml:6  okta.acme.users.Hanako@example.com\n"
            "  the login Hanako@example.com is that of hanako@example.com: Okta does not tell capital letters apart\n"
            "  want   another login",
        ),
        (
            "    roles:\n",
            "      Login: *policy\n    roles:\n",
            "world.yaml:11  aws.123456789012.policies.Login\n"
            "  the policy Login is the policy login: IAM does not tell capital letters apart\n"
            "  want   another name",
        ),
        (
            "      ben: {}\n",
            "      Ada: {}\n",
            "world.yaml:17  aws.123456789012.users.Ada\n"
            "  the user Ada is the user ada: IAM does not tell capital letters apart\n"
            "  want   another name",
        ),
        (
            "ben: {}",
            f"ben: {{{KEY}}}",
            "world.yaml:17  aws.123456789012.users.ben.access_keys[0].id\n"
            "  the access key AKIAIOSFODNN7EXAMPLE is one of the user ada of 123456789012 already\n"
            "  want   an access key id of its own",
        ),
    ],
    ids=["logins", "policies", "users", "access keys"],
)
def test_a_name_that_is_another_ones_too_is_refused(before: str, after: str, told: str) -> None:
    """At the second of the two, with the name of the first."""
    parse_world(WORLD)
    with pytest.raises(WorldError) as caught:
        parse_world(WORLD.replace(before, after, 1))
    assert [str(each) for each in caught.value.problems] == [told]
