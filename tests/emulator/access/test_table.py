"""The table of everybody's logins agrees with logins that are made, and making it changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from emulator.access.table import Access, Decision, Who, access_of
from emulator.building.faults import read_faults
from emulator.federation import Federation
from emulator.flow import Login, Outcome, log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FlowError, WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.state.writing import dump_state
from emulator.world import DEFAULT_WORLD, change_world, load_world, parse_world
from tests.diagnose.mutants import WORLDS, MutantFile, mutant_files
from tests.diagnose.mutating import prepare, write

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
BUILT_IN = DEFAULT_WORLD.parent
AGENT = "arn:aws:iam::123456789012:role/ConnectAgent"
SUPERVISOR = "arn:aws:iam::123456789012:role/ConnectSupervisor"
HOME = "https://acme.my.connect.aws/home"
# Of the mutants of each world one in so many is compared; another one each time that the list grows.
_EVERY = 9


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that mutated worlds can be written to."""
    path = tmp_path_factory.mktemp("access")
    prepare(path)
    return path


def _built(path: Path, keys: KeyFolder) -> Federation:
    return Federation(load_world(path), clock=Clock(frozen_at=NOW), ids=Ids(seed=1), keys=keys)


def _made(federation: Federation, decision: Decision) -> Login | None:
    who = decision.who
    try:
        return log_in(federation, user=who.person, app=f"{who.org}/{who.app}", role=decision.role or None)
    except FlowError:
        return None


def _differences(path: Path, keys: KeyFolder) -> Iterator[str]:
    """Yields each decision about a world's logins that is another than what the login comes to."""
    federation = _built(path, keys)
    binds = any(instance.binds_roles for instance in federation.aws.instances)
    made_in = _built(path, keys)
    for decision in access_of(federation).decisions:
        made_in = _built(path, keys) if binds else made_in
        login = _made(made_in, decision)
        if login is None:
            real = (Outcome.REFUSED, "", "")
        else:
            failed = login.refusal or login.shortfall
            place = login.lands_on if login.outcome is Outcome.ACCEPTED else ""
            real = (login.outcome, failed.check if failed else "", place)
        check = decision.check if decision.refusal or decision.shortfall else ""
        if (decision.outcome, check, decision.place if decision.arrives else "") != real:
            yield f"{path.name}: {decision.who} {decision.role}: {decision.outcome} {check} and not {real}"


@pytest.mark.parametrize(
    "path", [*sorted(BUILT_IN.glob("*.yaml")), *sorted(WORLDS.glob("*.yaml"))], ids=lambda path: path.stem
)
def test_the_table_agrees_with_the_logins(path: Path, tmp_path: Path) -> None:
    """Each person, app and role of a world comes to what the login comes to: outcome, place, the check that fails."""
    assert list(_differences(path, KeyFolder(tmp_path))) == []


@pytest.mark.parametrize("file", mutant_files(), ids=lambda file: file.world)
def test_the_table_agrees_where_something_is_broken(file: MutantFile, folder: Path) -> None:
    """A sample of broken worlds: what is refused is refused by the same check, and nothing else is."""
    found: list[str] = []
    for mutant in file.mutants[::_EVERY]:
        try:
            found += _differences(write(folder, file, mutant), KeyFolder(folder / "keys"))
        except WorldError:
            continue
    assert found == []


def test_who_gets_where_with_which_role() -> None:
    """The entries of the built-in world: two people, one of them with two roles."""
    entries = access_of(Federation(load_world(DEFAULT_WORLD))).entries
    hanako, taro = (Who("acme", "amazon-connect", f"{name}@example.com") for name in ("hanako", "taro"))
    assert entries == {hanako: {AGENT: HOME}, taro: {AGENT: HOME, SUPERVISOR: HOME}}


def test_what_is_lost_and_gained() -> None:
    """A role that is taken away is lost, one that is given is gained, and another place is both."""
    world = load_world(DEFAULT_WORLD)
    app = "/okta/acme/apps/amazon-connect"
    before = access_of(Federation(world))
    relay_state = world.settings.okta["acme"].apps["amazon-connect"].default_relay_state
    changes = {f"{app}/default_relay_state": f"{relay_state}?destination=/ccp-v2"}
    elsewhere = access_of(Federation(change_world(world, changes)))
    hanako = Who("acme", "amazon-connect", "hanako@example.com")
    assert before.lost_in(elsewhere)[hanako, AGENT] == HOME
    assert before.gained_in(elsewhere)[hanako, AGENT] == "https://acme.my.connect.aws/ccp-v2"
    assert len(before.lost_in(elsewhere)) == len(before.gained_in(elsewhere)) == 3
    assert before.lost_in(before) == before.gained_in(before) == {}
    nobody = Access(())
    assert nobody.lost_in(before) == {}
    assert len(nobody.gained_in(before)) == len(before.lost_in(nobody)) == 3


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """State, trace, identifiers and key files are as before, also where a login really had to be made."""
    world = load_world(DEFAULT_WORLD)
    app = "/okta/acme/apps/amazon-connect"
    changed = change_world(world, {f"{app}/default_relay_state": "https://signin.aws.amazon.com/oauth"})
    ids, keys = Ids(seed=7), KeyFolder(tmp_path / "keys")
    Federation(changed, clock=Clock(frozen_at=NOW), ids=Ids(), keys=keys)  # makes the keys, which takes identifiers
    federation = Federation(changed, clock=Clock(frozen_at=NOW), ids=ids, keys=keys)
    log_in(federation, user="hanako@example.com", app="amazon-connect")
    before = (dump_state(federation), federation.gateway.exchanges, sorted(tmp_path.rglob("*")))
    access = access_of(federation)
    assert {each.check for each in access.failing} == {"sign-in-unfinished"}
    assert (dump_state(federation), federation.gateway.exchanges, sorted(tmp_path.rglob("*"))) == before
    twin = Federation(changed, clock=Clock(frozen_at=NOW), ids=Ids(seed=7), keys=keys)
    log_in(twin, user="hanako@example.com", app="amazon-connect")
    assert ids.token() == twin.ids.token()


WITH_NAMES = """
version: 1
okta:
  acme:
    groups: [Agents]
    users:
      {login}: {{groups: [Agents]}}
    apps:
      aws:
        catalog: amazon_aws
        identity_provider_arn: arn:aws:iam::123456789012:saml-provider/okta
        assignments: [{{group: Agents, role: Agent}}]
aws:
  "123456789012":
    saml_providers: {{okta: {{metadata: {{okta_app: acme/aws}}}}}}
    roles:
      Agent:
        trust:
          Version: "2012-10-17"
          Statement:
            Effect: Allow
            Principal: {{Federated: "arn:aws:iam::123456789012:saml-provider/okta"}}
            Action: sts:AssumeRoleWithSAML
            Condition: {{DateLessThan: {{"aws:CurrentTime": "2027-01-01T00:00:00Z"}}}}
"""


@pytest.mark.parametrize(
    ("login", "check"),
    [
        ("ren@example.com", ""),
        (f"{'r' * 60}@example.com", "role-session-name"),
        ('"ren sato@example.com"', "role-session-name"),
        ('"ren\\ttab@example.com"', "role-session-name"),
        ('"r\\u00e9ne@example.com"', "role-session-name"),
    ],
)
def test_everybody_is_judged(login: str, check: str, tmp_path: Path) -> None:
    """A name that cannot become a session name is refused, also when only a real message can show it."""
    world = parse_world(WITH_NAMES.format(login=login))
    federation = Federation(world, clock=Clock(frozen_at=NOW), keys=KeyFolder(tmp_path))
    (decision,) = access_of(federation).decisions
    assert decision.check == check
    login_made = _made(federation, decision)
    assert login_made is not None
    assert (login_made.refusal.check if login_made.refusal else "") == check


def test_decisions_hold_what_refused_them(tmp_path: Path) -> None:
    """A refusal is kept with its words, so that people with the same one can be reported together."""
    world = parse_world(WITH_NAMES.format(login='"ren sato@example.com"'))
    (decision,) = access_of(Federation(world, keys=KeyFolder(tmp_path))).decisions
    assert decision.refusal is not None
    assert decision.refusal.message == "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"
    assert not decision.arrives
    assert json.dumps(decision.place) == '"https://signin.aws.amazon.com/saml"'


def test_a_later_instant_can_be_asked_about(tmp_path: Path) -> None:
    """A trust policy that ends with the year lets people in now, and nobody next year."""
    world = parse_world(WITH_NAMES.format(login="ren@example.com"))
    federation = Federation(world, clock=Clock(frozen_at=NOW), keys=KeyFolder(tmp_path))
    assert access_of(federation).failing == ()
    (decision,) = access_of(federation, at=NOW + timedelta(days=60)).failing
    assert decision.check == "trust-policy"


CUSTOM = """
version: 1
okta:
  acme:
    groups: [Agents]
    users: {ada@example.org: {groups: [Agents]}, ben@example.org: {groups: [Agents]}}
    apps:
      wiki:
        catalog: custom_saml
        audience: wiki
        acs_url: https://wiki.example.org/saml
        assignments: [{group: Agents}]
      lost:
        catalog: amazon_aws
        acs_url: https://signin.example.org/saml
        identity_provider_arn: arn:aws:iam::123456789012:saml-provider/okta
        assignments: [{group: Agents, role: Agent}]
"""


def test_what_is_not_aws_is_made_in_earnest(tmp_path: Path) -> None:
    """Nobody here knows what another service provider makes of the message; an unknown host does not take it."""
    federation = Federation(parse_world(CUSTOM), clock=Clock(frozen_at=NOW), keys=KeyFolder(tmp_path))
    decided = [
        (each.who.app, each.who.person, each.check, each.place, each.is_aws) for each in access_of(federation).decisions
    ]
    assert decided == [
        ("wiki", "ada@example.org", "", "https://wiki.example.org/saml", False),
        ("wiki", "ben@example.org", "", "https://wiki.example.org/saml", False),
        ("lost", "ada@example.org", "host-not-emulated", "https://signin.example.org/saml", False),
        ("lost", "ben@example.org", "host-not-emulated", "https://signin.example.org/saml", False),
    ]


def test_a_trust_policy_that_looks_at_the_person_is_asked_for_each(tmp_path: Path) -> None:
    """One who is named in a condition is let in, and the other, who comes with all the same otherwise, is not."""
    always = '{{DateLessThan: {{"aws:CurrentTime": "2027-01-01T00:00:00Z"}}}}'
    text = WITH_NAMES.replace(always, '{{StringEquals: {{"SAML:sub": "ren@example.com"}}}}')
    text = text.format(login="ren@example.com: {groups: [Agents]}\n      mio@example.com")
    federation = Federation(parse_world(text), clock=Clock(frozen_at=NOW), keys=KeyFolder(tmp_path))
    assert [(each.who.person, each.check) for each in access_of(federation).decisions] == [
        ("ren@example.com", ""),
        ("mio@example.com", "trust-policy"),
    ]


def test_planted_faults_and_first_roles_count(tmp_path: Path) -> None:
    """A person whose messages are made wrong is refused as they are; who is tied to a role is refused with another."""
    instance = "/aws/123456789012/connect/12345678-90ab-cdef-1234-567890abcdef"
    world = change_world(load_world(DEFAULT_WORLD), {f"{instance}/role_binding": "strict"})
    federation = Federation(world, clock=Clock(frozen_at=NOW), keys=KeyFolder(tmp_path))
    faults = read_faults(["{attribute: RoleSessionName, set: hanako sato}"])
    federation.identity_providers["acme"].faults.inject("amazon-connect", "hanako@example.com", faults)
    log_in(federation, user="taro@example.com", app="amazon-connect", role="ConnectSupervisor")
    assert [(each.role, each.check) for each in access_of(federation).decisions] == [
        (AGENT, "role-session-name"),
        (AGENT, "role-binding"),
        (SUPERVISOR, ""),
    ]
