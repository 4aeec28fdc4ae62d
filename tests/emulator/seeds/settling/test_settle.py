"""Seeds that alone would make a world unusable: what does not fit is left out and reported, with its line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from emulator.kernel.errors import WorldError
from emulator.seeds.contents import HERE, SeedContents, SeedPart
from emulator.seeds.layers import FilledPlace, SeedLayer
from emulator.seeds.policy_documents import denies_everything
from emulator.seeds.settling.settle import settle
from emulator.world import World, change_world, load_world

ACCOUNT = "123456789012"
OTHER = "999988887777"
TRUST = '{Version: "2012-10-17", Statement: []}'
ROLE = "  {name}:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: {name}\n"
ROLE += f"      AssumeRolePolicyDocument: {TRUST}\n"


def _template(**properties: str) -> str:
    """Returns a template of roles, each with one more property."""
    roles = [ROLE.replace("{name}", name) + (f"      {more}\n" if more else "") for name, more in properties.items()]
    return "Resources:\n" + "".join(roles)


def _world(folder: Path, template: str, more: str = "") -> World:
    (folder / "t.yaml").write_text(template, encoding="utf-8")
    (folder / "world.yaml").write_text(
        f'version: 1\naws:\n  "{ACCOUNT}":\n    seed: [t.yaml]\n{more}', encoding="utf-8"
    )
    return load_world(folder / "world.yaml")


def _left_out(world: World) -> list[str]:
    return [
        f"{problem.location.line} {problem.location.key} {problem.message}"
        for seed in world.seeds
        for problem in seed.left_out
    ]


def test_a_policy_that_no_seed_has_is_taken_off_its_role(tmp_path: Path) -> None:
    """What it allows is not allowed, and what it may deny nothing else allows; AWS's own policies stay."""
    own = f"ManagedPolicyArns: [arn:aws:iam::{ACCOUNT}:policy/team/desk, arn:aws:iam::aws:policy/ReadOnlyAccess]"
    world = _world(tmp_path, _template(Agent=own))
    agent = world.settings.aws[ACCOUNT].roles["Agent"]
    assert agent.policies == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    assert agent.inline_policies == {"not-known": denies_everything()}
    assert _left_out(world) == [
        (
            "7 Agent.Properties.ManagedPolicyArns[0] policy desk of role Agent: none of the seeds "
            "contains its document, and it may deny something, so no policy of role Agent allows anything here"
        )
    ]
    assert world.seeds[0].left_out[0].fix == (
        "Add the output of aws iam get-account-authorization-details to the seeds, or that of get-policy-version "
        "as desk.json."
    )


def test_a_policy_that_no_seed_has_is_all_that_its_role_has(tmp_path: Path) -> None:
    """Nothing allows anything then, and nothing has to be denied."""
    world = _world(tmp_path, _template(Agent=f"ManagedPolicyArns: [arn:aws:iam::{ACCOUNT}:policy/desk]"))
    agent = world.settings.aws[ACCOUNT].roles["Agent"]
    assert (agent.policies, agent.inline_policies) == ([], {})
    assert _left_out(world) == [
        "7 Agent.Properties.ManagedPolicyArns[0] policy desk of role Agent: none of the seeds contains its document"
    ]


def test_a_policy_that_the_world_gives_itself_denies_what_it_says(tmp_path: Path) -> None:
    """Whose document is in the world is known, and nothing is in its place."""
    own = f"ManagedPolicyArns: [arn:aws:iam::{ACCOUNT}:policy/desk, arn:aws:iam::aws:policy/ReadOnlyAccess]"
    desk = "{Version: '2012-10-17', Statement: {Effect: Allow, Action: 'connect:*', Resource: '*'}}"
    world = _world(tmp_path, _template(Agent=own), f"    policies: {{desk: {desk}}}\n")
    agent = world.settings.aws[ACCOUNT].roles["Agent"]
    assert (agent.policies, agent.inline_policies) == (["desk", "arn:aws:iam::aws:policy/ReadOnlyAccess"], {})
    assert _left_out(world) == []


def test_a_role_whose_boundary_no_seed_has_is_not_there(tmp_path: Path) -> None:
    """Without the boundary it might do more than in the account."""
    world = _world(
        tmp_path, _template(Agent=f"PermissionsBoundary: arn:aws:iam::{ACCOUNT}:policy/limits", Supervisor="")
    )
    assert list(world.settings.aws[ACCOUNT].roles) == ["Supervisor"]
    assert _left_out(world) == [
        (
            "7 Agent.Properties.PermissionsBoundary role Agent: its permissions boundary "
            f"arn:aws:iam::{ACCOUNT}:policy/limits is in none of the seeds, so its limits are unknown"
        )
    ]


def test_a_boundary_that_the_world_gives_itself_is_taken(tmp_path: Path) -> None:
    """The world goes before its seeds."""
    boundary = f"PermissionsBoundary: arn:aws:iam::{ACCOUNT}:policy/limits"
    more = "    roles: {Agent: {permissions_boundary: arn:aws:iam::aws:policy/ReadOnlyAccess}}\n"
    world = _world(tmp_path, _template(Agent=boundary), more)
    assert world.settings.aws[ACCOUNT].roles["Agent"].permissions_boundary == "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert _left_out(world) == []


def test_a_value_that_does_not_fit_leaves_out_what_has_it(tmp_path: Path) -> None:
    """The rest of the file is there."""
    world = _world(tmp_path, _template(Agent="MaxSessionDuration: 900", Supervisor=""))
    assert list(world.settings.aws[ACCOUNT].roles) == ["Supervisor"]
    assert _left_out(world) == [
        "7 Agent.Properties.MaxSessionDuration role Agent: max_session_duration: 900 does not fit "
        "(want greater than or equal to 3600)"
    ]


def test_what_the_world_says_wrongly_itself_still_refuses_it(tmp_path: Path) -> None:
    """Its own lines keep their errors, also about what a seed has."""
    with pytest.raises(WorldError) as caught:
        _world(tmp_path, _template(Agent=""), "    roles: {Agent: {max_session_duration: 60, policies: [desk]}}\n")
    assert [str(each.location) for each in caught.value.problems] == [
        f"{tmp_path}/world.yaml:5  aws.{ACCOUNT}.roles.Agent.max_session_duration"
    ]


def test_what_the_world_misses_is_reported_with_why_it_was_left_out(tmp_path: Path) -> None:
    """A role that was left out and that the world adds to: the seed's line is named."""
    boundary = f"PermissionsBoundary: arn:aws:iam::{ACCOUNT}:policy/limits"
    with pytest.raises(WorldError) as caught:
        _world(tmp_path, _template(Agent=boundary), "    roles: {Agent: {description: at the desk}}\n")
    (problem,) = caught.value.problems
    assert problem.message == f"the key aws.{ACCOUNT}.roles.Agent.trust is missing"
    assert problem.fix.startswith(f"role Agent was left out of {tmp_path}/t.yaml:7: its permissions boundary arn:")


def test_a_changed_world_knows_its_seeds(tmp_path: Path) -> None:
    """A scenario's changes, and a fix that is tried, name what was left out as well."""
    world = _world(tmp_path, _template(Agent="MaxSessionDuration: 900", Supervisor=""))
    changed = change_world(world, {f"/aws/{ACCOUNT}/roles/Supervisor/description": "late"})
    assert changed.seeds == world.seeds != ()


def _settled(company: str, parts: Sequence[dict[str, Any]], own: dict[str, Any] | None = None) -> list[SeedLayer]:
    """Returns shares of seeds with these data, settled."""
    shares = [SeedLayer(SeedContents("test"), SeedPart(part, {(): ()})) for part in parts]
    place = FilledPlace(shares, own or {})
    settle({"acme": place} if company == "okta" else {}, {ACCOUNT: place} if company == "aws" else {})
    return shares


def _notes(shares: Sequence[SeedLayer]) -> list[str]:
    return [note.message for share in shares for note in share.contents.left_out]


ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"


def test_people_and_groups_that_no_seed_has_are_taken_out_of_an_org() -> None:
    """Of memberships, assignments and OIDC clients; what another seed has is there."""
    first = {
        "groups": {"Agents": {}},
        "users": {"a@example.com": {"groups": ["Agents", "Ghosts"]}},
        "apps": {
            "connect": {
                "identity_provider_arn": ARN,
                "assignments": [
                    {"user": "b@example.com"},
                    {"user": "nobody@example.com"},
                    {"group": "Ghosts"},
                    {"group": "Agents", "role": "Agent"},
                ],
            }
        },
        "oidc_clients": {"0oa1": {"users": ["nobody@example.com"], "groups": ["Agents"]}},
    }
    shares = _settled("okta", [first, {"users": {"b@example.com": {}}}])
    assert shares[0].part.data["users"]["a@example.com"]["groups"] == ["Agents"]
    assert shares[0].part.data["apps"]["connect"]["assignments"] == [
        {"user": "b@example.com"},
        {"group": "Agents", "role": "Agent"},
    ]
    assert shares[0].part.data["oidc_clients"] == {"0oa1": {"users": [], "groups": ["Agents"]}}
    assert _notes(shares) == [
        "group Ghosts of a@example.com: none of the seeds contains this group",
        "assignment of connect to group Ghosts: none of the seeds contains this group",
        "assignment of connect to person nobody@example.com: none of the seeds contains this person",
        "person nobody@example.com of OIDC client 0oa1: none of the seeds contains this person",
    ]


def test_entries_of_an_org_that_do_not_fit_are_left_out_one_by_one() -> None:
    """A person, an app or an assignment; a list of groups meets a mapping of them."""
    data = {
        "groups": ["Agents"],
        "users": {"a@example.com": {"first_name": 7}, "b@example.com": {"status": "GONE"}, "c@example.com": {}},
        "apps": {
            "broken": {"catalog": "amazon_aws"},
            "connect": {"identity_provider_arn": ARN, "assignments": [{"role": "Agent"}, {"group": "Agents"}]},
        },
    }
    shares = _settled("okta", [data, {"groups": {"Night": {"description": "late"}}}])
    assert list(data["users"]) == ["c@example.com"]
    assert data["apps"] == {"connect": {"identity_provider_arn": ARN, "assignments": [{"group": "Agents"}]}}
    assert data["groups"] == {"Agents": {}}
    assert sorted(_notes(shares)) == [
        "app broken: identity_provider_arn is missing",
        "assignment of connect: an assignment names either a user or a group",
        'person a@example.com: first_name: 7 does not fit (want text: write "7" in quotes)',
        "person b@example.com: status: 'GONE' does not fit (want 'ACTIVE', 'STAGED', 'SUSPENDED', 'LOCKED_OUT', "
        "'PASSWORD_EXPIRED' or 'DEPROVISIONED')",
    ]


ODD: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    (
        "a provider without metadata",
        {"saml_providers": {"okta": {}}},
        {"saml_providers": {}},
        ["SAML provider okta: none of the seeds contains its metadata"],
    ),
    (
        "a path that is none, and a tag that is AWS's",
        {
            "roles": {
                "A b": {"trust": {}},
                "Path": {"trust": {}, "path": "x"},
                "Tag": {"trust": {}, "tags": {"aws:x": ""}},
            }
        },
        {"roles": {}},
        [
            "role Tag: tags.aws:x: 'aws:x' is not a tag key",
            "role Path: path: 'x' is not an IAM path such as /federation/",
            "role A b: 'A b' is not an IAM role name",
        ],
    ),
    (
        "a provider of an app that is not there",
        {"saml_providers": {"okta": {"metadata": {"okta_app": "acme/none"}}}},
        {"saml_providers": {}},
        ["SAML provider okta: its metadata is that of the app acme/none, which none of the seeds contains"],
    ),
    (
        "policies of a role alone",
        {"roles": {"Agent": {"policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}}},
        {"roles": {}},
        ["role Agent: none of the seeds contains its trust policy"],
    ),
    (
        "a member that is not there",
        {"groups": {"team": {"users": ["ann"]}}},
        {"groups": {"team": {"users": []}}},
        ["member ann of IAM group team: none of the seeds contains this IAM user"],
    ),
    (
        "a policy that is text",
        {"policies": {"desk": "/etc/passwd"}, "roles": {"Agent": {"trust": "trust.json"}}},
        {"policies": {}, "roles": {}},
        [
            "policy desk: its document is a string, not a mapping",
            "role Agent: its trust is a string, not a mapping",
        ],
    ),
    (
        "no mapping of names",
        {"roles": ["Agent"], "alias": "Not A Label"},
        {},
        [
            "roles: this is not a mapping from names to settings",
            "alias: 'Not A Label' is not a host name label (lower-case letters, digits and hyphens)",
        ],
    ),
    (
        "an instance alias that cannot be",
        {"connect": {"i-1": {"alias": "d-acme", "region": "eu-west-2"}}},
        {"connect": {}},
        ["Connect instance i-1: alias: 'd-acme' is not an Amazon Connect instance alias"],
    ),
    (
        "profiles and origins of an instance",
        {
            "connect": {
                "i-1": {
                    "alias": "acme",
                    "region": "eu-west-2",
                    "users": {
                        "ann": {"security_profiles": ["Agent", "Night"], "routing_profile": "Late"},
                        "bob": {"security_profiles": ["Night"]},
                    },
                    "approved_origins": ["https://crm.example.com", "http://crm.example.com"],
                }
            }
        },
        {
            "connect": {
                "i-1": {
                    "alias": "acme",
                    "region": "eu-west-2",
                    "users": {"ann": {"security_profiles": ["Agent"]}},
                    "approved_origins": ["https://crm.example.com"],
                }
            }
        },
        [
            "security profile Night of Connect user ann: none of the seeds says what it allows",
            "routing profile Late of Connect user ann: none of the seeds contains it; the user has Basic Routing "
            "Profile here",
            "security profile Night of Connect user bob: none of the seeds says what it allows",
            "Connect user bob: none of the seeds says what its security profiles allow",
            "approved origin of instance i-1: 'http://crm.example.com' is not an origin such as "
            "https://connect.example.com (https unless localhost, no path)",
        ],
    ),
    (
        "a secret that does not fit",
        {"users": {"ann": {"access_keys": [{"id": "AKIAIOSFODNN7EXAMPLE", "secret": "short-but-secret"}]}}},
        {"users": {}},
        ["IAM user ann: access_keys[0].secret does not fit"],
    ),
]


@pytest.mark.parametrize(("data", "left", "notes"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_odd_things_of_an_account_are_left_out(data: dict[str, Any], left: dict[str, Any], notes: list[str]) -> None:
    """Each is named with its reason, and the rest stays."""
    shares = _settled("aws", [data])
    assert data == left
    assert _notes(shares) == notes


def test_a_provider_that_the_world_completes_is_there() -> None:
    """A list of providers knows their names, and the world says whose metadata they have."""
    data: dict[str, Any] = {"saml_providers": {"okta": {}}}
    shares = _settled("aws", [data], {"saml_providers": {"okta": {"metadata": {"xml": "<x/>"}}}})
    assert data == {"saml_providers": {"okta": {}}}
    assert _notes(shares) == []


def test_an_instance_is_in_one_account() -> None:
    """The same answer listed under two accounts makes it once."""
    instance = {"i-1": {"alias": "acme", "region": "eu-west-2"}}
    places = {
        account: FilledPlace([SeedLayer(SeedContents("test"), SeedPart({"connect": dict(instance)}))], {})
        for account in (ACCOUNT, OTHER)
    }
    settle({}, places)
    assert [list(place.seeds[0].part.data["connect"]) for place in places.values()] == [["i-1"], []]
    assert _notes(places[OTHER].seeds) == [f"Connect instance i-1: account {ACCOUNT} already uses its id or alias"]


def test_what_belongs_to_an_account_that_is_not_listed_is_counted(tmp_path: Path) -> None:
    """A file of two accounts that is listed under one says what else it has."""
    from emulator.seeds.seed_report import SeedFile, reports_of
    from emulator.seeds.seed_text import Seed, SeedSettings, parse_seed_text

    contents = SeedContents(
        "test", {ACCOUNT: SeedPart({"roles": {"A": {}}}), OTHER: SeedPart({"roles": {"B": {}, "C": {}}})}
    )
    contents.org(HERE).put(("users", "a@example.com"), {}, ())
    seed = Seed(parse_seed_text("{}", name="exports/all.json"), SeedSettings("all.json"))
    (report,) = reports_of({("aws", ACCOUNT): [SeedFile(seed, contents, contents.accounts[ACCOUNT])]})
    assert report.taken == {"roles": 1}
    assert [(str(each.location), each.message, each.fix) for each in report.left_out] == [
        (
            "exports/all.json:1",
            "2 things of account 999988887777: the file is not among its seeds",
            "List all.json under aws.999988887777.seed too.",
        ),
        (
            "exports/all.json:1",
            "1 thing of an Okta org: the file is not among its seeds",
            "List all.json under okta.<org>.seed too.",
        ),
    ]


def test_a_file_of_no_use_is_in_the_report(tmp_path: Path) -> None:
    """Also where there is nothing in it to leave out."""
    (report,) = _world(tmp_path, "Resources: {}\n").seeds
    assert (report.kind, report.taken, report.left_out) == ("CloudFormation template", {}, ())


def test_a_file_that_is_listed_twice_is_reported_once(tmp_path: Path) -> None:
    """What it lacks is not reported twice."""
    (tmp_path / "t.yaml").write_text(_template(Agent="MaxSessionDuration: 900", Supervisor=""), encoding="utf-8")
    (tmp_path / "world.yaml").write_text(
        f'version: 1\naws:\n  "{ACCOUNT}": {{seed: [t.yaml]}}\n  "{OTHER}": {{seed: [t.yaml]}}\n', encoding="utf-8"
    )
    (report,) = load_world(tmp_path / "world.yaml").seeds
    assert report.taken == {"roles": 2}
    assert [each.message.partition(":")[0] for each in report.left_out] == ["role Agent"]


def test_items_of_a_list_keep_their_places_when_one_is_taken_out() -> None:
    """Also of what is inside them."""
    part = SeedPart()
    for index, each in enumerate(({"user": "a"}, {"user": "b"}, {"user": "c"})):
        part.append(("apps", "x", "assignments"), each, ("rows", index))
        part.places[("apps", "x", "assignments", index, "user")] = ("rows", index, "who")
    assert part.remove_item(("apps", "x", "assignments"), 1) == {"user": "b"}
    assert part.place(("apps", "x", "assignments", 1, "user")) == ("rows", 2, "who")
    assert part.place(("apps", "x", "assignments", 1)) == ("rows", 2)
    assert ("apps", "x", "assignments", 2) not in part.places


def test_thousands_of_things_are_asked_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema looks once at a part that fits, and once more where one thing was left out."""
    from emulator.worldfile.schema.aws_schema import Account

    asked: list[object] = []
    validate: Callable[..., Account] = Account.model_validate

    def counted(data: object) -> Account:
        asked.append(data)
        return validate(data)

    monkeypatch.setattr(Account, "model_validate", counted)
    roles = {f"Role{number}": {"trust": json.loads('{"Statement": []}')} for number in range(2000)}
    _settled("aws", [{"roles": roles}])
    assert len(asked) == 1
    roles["Role7"]["max_session_duration"] = 1
    assert _notes(_settled("aws", [{"roles": roles}])) == [
        "role Role7: max_session_duration: 1 does not fit (want greater than or equal to 3600)"
    ]
    assert len(asked) == 3
