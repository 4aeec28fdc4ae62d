"""What a record explains of the message that was issued: its values, and what is absent from it.

The tables in ``derivations`` hold misconfigurations, each with the exact words, the settings at fault, and the fix.
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.kernel.explanations import RELAY_STATE, Asked, Explanation, Sent, Setting, message_digest
from emulator.network.data_folder.keys import KeyFolder
from idp.saml.claims import claims_for
from idp.saml.derivation import StatusRecord
from idp.saml.explanations.protection import fingerprint
from idp.saml.explanations.role_arns import is_pair
from idp.saml.issue import AuthnRequest
from tests.conftest import NOW
from tests.idp.harbour import (
    ACCOUNT,
    DURATION,
    INES,
    JON,
    OTHER_ACCOUNT,
    PROVIDER,
    ROLE,
    SESSION_NAME,
    attribute_place,
    explained,
    harbour_org,
    record_of,
)

PLACES = {"Role": ROLE, "RoleSessionName": SESSION_NAME, "SessionDuration": DURATION}
TABLES = sorted((Path(__file__).parent / "derivations").glob("*.yaml"))
ROWS: list[dict[str, Any]] = [row for table in TABLES for row in yaml.safe_load(table.read_text(encoding="utf-8"))]
RECIPIENT = "/Response/Assertion/Subject/SubjectConfirmation/SubjectConfirmationData/@Recipient"
# ``Set KEY: VALUE (where it is in the console).``, of a setting of the app; a group filter with what it matches then.
SET = re.compile(
    r"Set (?P<key>(?!users\.)[\w.\[\]]+): (?P<value>.*) \((?:app )?[A-Z>][^()]* > [^()]*\)\.(?: It matches .*\.)?"
    r"|Rename the attribute \S+ to (?P<name>\S+) \((?P<of>saml\.attributes\[\d\]\.name); .*\)\."
)
TEXTS = ("group_filter", "role_value_pattern", "username_format", "name", "default_relay_state", "issuer", "acs_url")


def _place(row: dict[str, Any]) -> str:
    name = row["place"]
    return attribute_place(PLACES[name]) if name in PLACES else name


def _paths(explanation: Explanation) -> list[str]:
    return ["/".join(map(str, each.path)) if isinstance(each, Setting) else each.what for each in explanation.causes]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_a_misconfiguration_is_explained(keys: KeyFolder, row: dict[str, Any]) -> None:
    """The words, the settings at fault with the likeliest first, and the fix are those of the table."""
    record = record_of(harbour_org(row.get("changes", {}), keys=keys), app=row["app"])
    explanation = explained(record, _place(row), *row.get("wanted", ()))
    assert (explanation.why, _paths(explanation), explanation.fix) == (row["why"], row["causes"], row["fix"])
    assert len(explanation.causes) <= 2


def _followed(app: str, fix: str) -> dict[str, Any]:
    """Returns the changes to the world that a fix asks for, read to the letter."""
    match = SET.fullmatch(fix)
    assert match is not None, fix
    written, value = (match["of"], match["name"]) if match["of"] else (match["key"], match["value"])
    key = re.sub(r"\[(\d+)\]", r"/\1", written).replace(".", "/")
    is_text = key.rpartition("/")[2] in TEXTS or re.search(r"/(values|saml_user_roles)/\d+$", key)
    return {f"apps/{app}/{key}": value if is_text else yaml.safe_load(value)}


FIXED = [
    row
    for row in ROWS
    if SET.fullmatch(row["fix"])
    and row["place"] in PLACES
    # What is wanted is a rule in words, or nothing of it can be known to be right.
    and row["case"] not in {"a range in words", "a rule in words"}
]


@pytest.mark.parametrize("row", FIXED, ids=lambda row: row["case"])
def test_a_fix_that_is_followed_to_the_letter_works(keys: KeyFolder, row: dict[str, Any]) -> None:
    """With the value that the fix gives, what was wanted is sent; where anything would do, something of the form is."""
    changes = {**row.get("changes", {}), **_followed(row["app"], row["fix"])}
    org = harbour_org(changes, keys=keys)
    sent = claims_for(org, org.apps[row["app"]], org.users[INES]).values(row["place"])
    wanted = row.get("wanted", ())
    if not wanted:
        assert sent
        assert row["place"] != "Role" or all(map(is_pair, sent))
    elif row["place"] == "Role":
        parts = {part for value in sent for part in value.split(",")}
        assert {part for value in wanted for part in value.split(",")} <= parts
    else:
        assert any(value in sent or re.fullmatch(value, sent[0]) for value in wanted)


def test_at_least_forty_misconfigurations_are_in_the_tables() -> None:
    """The tables are found, and most of their fixes are followed."""
    assert len(ROWS) >= 90
    assert len(FIXED) >= 45


def test_values_that_nobody_finds_wrong_are_explained_as_well(keys: KeyFolder) -> None:
    """Without a wanted value the explanation says what made the one there is."""
    org = harbour_org({}, keys=keys)
    direct = explained(record_of(org, app="direct"), attribute_place(ROLE))
    assert direct.why == (
        f"The roles are those of the assignment to the user {INES}, which comes before the one to the group Crew since "
        "Join all roles is off."
    )
    assert _paths(direct) == ["apps/direct/assignments/0/saml_user_roles/0", "apps/direct/identity_provider_arn"]
    mapped = explained(record_of(org, app="mapped"), attribute_place(ROLE))
    assert _paths(mapped) == [f"users/{INES}/groups/0", "apps/mapped/role_value_pattern"]
    assert mapped.why.startswith(f"Group mapping makes the Role values from the groups aws#port#Operator#{ACCOUNT} of ")
    assert mapped.got == f"{PROVIDER},arn:aws:iam::{ACCOUNT}:role/Operator"
    name = explained(record_of(org, app="direct"), attribute_place(SESSION_NAME))
    assert (name.why, name.fix) == (
        f"The name {INES} comes from the username format okta_username (the login {INES}).",
        "",
    )


def test_the_key_is_told_with_its_certificate(keys: KeyFolder) -> None:
    """Subject, validity and fingerprint of the app's; and whose the wanted one is, where the org has it."""
    org = harbour_org({}, keys=keys)
    record, other = record_of(org, app="direct"), org.apps["custom"]
    own = explained(record, "/Response/Signature")
    assert re.fullmatch(
        r"The message is signed with the key of Direct \(direct\), whose certificate is CN=harbour, [\d-]+ to [\d-]+\.",
        own.why,
    )
    metadata = f"https://harbour.okta.com/app/{org.apps['direct'].external_key}/sso/saml/metadata"
    assert own.fix == f"Upload the metadata of direct to the SAML provider again: {metadata}."
    assert own.got == fingerprint(org.apps["direct"].key_pair)
    assert _paths(own) == ["apps/direct/key_pair"]
    wanted = explained(record, "/Response/Signature", fingerprint(other.key_pair))
    assert wanted.why.endswith("The one that is wanted is that of the app Custom (custom).")


def test_instants_come_from_the_clock(keys: KeyFolder) -> None:
    """No setting changes Okta's five minutes, so none is blamed."""
    at = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    record = record_of(harbour_org({}, keys=keys), app="direct", issued_at=at)
    explanation = explained(record, "/Response/Assertion/Conditions/@NotOnOrAfter")
    assert explanation.causes == ()
    assert explanation.why == (
        "Okta issued the assertion at 2026-05-04T03:02:01.000Z by its own clock; it is good for five minutes before "
        "and after that, which no setting of the app changes."
    )
    assert explanation.fix == "Open the app again, and use the assertion within five minutes."


def test_what_an_authn_request_asked_for_is_its_own(keys: KeyFolder) -> None:
    """Its ACS URL and its NameID format are not blamed on the app."""
    asked = AuthnRequest("id1", "https://sp.example/acs", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient")
    record = record_of(harbour_org({}, keys=keys), app="custom", request=asked)
    for place in (RECIPIENT, "/Response/@Destination"):
        explanation = explained(record, place, "https://signin.aws.amazon.com/saml")
        assert _paths(explanation) == ["AuthnRequest"]
        assert explanation.fix == "Let the AuthnRequest ask for https://signin.aws.amazon.com/saml."
    name_id_format = explained(record, "/Response/Assertion/Subject/NameID/@Format", "x")
    assert name_id_format.why == "The Format of NameID is the one that the AuthnRequest asks for."
    assert _paths(name_id_format) == ["AuthnRequest"]


def test_a_relay_state_that_was_asked_for_is_not_the_apps(keys: KeyFolder) -> None:
    """The request is at fault, and the difference is marked."""
    record = record_of(
        harbour_org({}, keys=keys),
        app="direct",
        relay_state="https://eu-west-2.console.aws.amazon.com/",
        relay_state_was_asked_for=True,
    )
    explanation = explained(record, RELAY_STATE, "https://eu-west-1.console.aws.amazon.com/")
    assert explanation.causes == (Asked(RELAY_STATE),)
    assert explanation.why == (
        "The relay state came with the request for the app, in place of the app's default: eu-west-2 in place of "
        "eu-west-1."
    )
    assert explanation.fix == "Ask for the relay state https://eu-west-1.console.aws.amazon.com/."


def test_encryption_is_told_with_its_certificate(keys: KeyFolder, tmp_path: Path) -> None:
    """An encrypting app's certificate and URL are named; where a URL is wanted, the URL is at fault."""
    certificate = tmp_path / "encryption.pem"
    certificate.write_bytes(harbour_org({}, keys=keys).apps["custom"].key_pair.certificate_pem)
    org = harbour_org({"apps/direct/assertion_encryption": {"certificate": str(certificate)}}, keys=keys)
    record = record_of(org, app="direct")
    plain = explained(record, "/Response/EncryptedAssertion")
    assert plain.why.startswith("Direct encrypts assertions for the certificate CN=harbour, ")
    assert _paths(plain) == ["apps/direct/encryption", "apps/direct/acs_url"]
    url = f"https://signin.aws.amazon.com/saml/acs/SAMLP{ACCOUNT}"
    posted = explained(record, "/Response/EncryptedAssertion", url)
    assert (_paths(posted), posted.fix.partition(" (")[0]) == (["apps/direct/acs_url"], f"Set acs_url: {url}")


def test_the_status_is_success_whatever_the_settings(keys: KeyFolder) -> None:
    """Of an issued assertion nothing is blamed for it; a status alone has its own reason."""
    record = record_of(harbour_org({}, keys=keys), app="direct", issued_at=NOW)
    issued = explained(record, "/Response/Status/StatusCode/@Value")
    assert issued.causes == ()
    assert issued.why == f"Okta issued the Response with the status Success for {INES}; nothing of Direct changes it."
    reason = Explanation("Nobody is signed in.")
    field = base64.b64encode(b"<Response/>").decode()
    alone = StatusRecord(field, reason)
    assert (alone.digest, alone.planted) == (message_digest(field), ())
    assert alone.explain(Sent("/Response/Status/StatusCode/@Value")) is reason


def test_nothing_is_made_up_about_other_places(keys: KeyFolder) -> None:
    """A place that no setting decides has no explanation."""
    assert record_of(harbour_org({}, keys=keys), app="direct").explain(Sent("/Response/@ID")) is None


def _withheld(keys: KeyFolder, changes: dict[str, Any], *, app: str, user: str = INES) -> dict[str, tuple[str, str]]:
    """Returns the roles that are not sent: the reason and the fix by the role's name."""
    record = record_of(harbour_org(changes, keys=keys), app=app, user=user)
    return {value.rpartition("/")[2]: (each.why, each.fix) for value, each in record.withheld_roles().items()}


def test_roles_of_other_assignments_are_withheld(keys: KeyFolder) -> None:
    """Join all roles leaves some out, SAML User Roles take the place of Role, and others are not the person's."""
    boss = {"user": INES, "role": "Boss", "saml_user_roles": ["Operator"]}
    assert _withheld(keys, {"apps/direct/assignments/0": boss}, app="direct") == {
        "Deckhand": (
            f"Join all roles is off, so {INES} has the roles of the assignment to the user {INES} alone; Deckhand of "
            "the assignment to the group Crew is left out.",
            "Set join_all_roles: true (app > Sign On > Join all roles).",
        ),
        "Boss": (
            f"The assignment to the user {INES} has SAML User Roles, which take the place of its Role Boss.",
            "Set assignments[0].saml_user_roles: [Operator, Boss] (app > Assignments).",
        ),
        "Captain": (
            f"The role Captain is assigned to the group Officers, of which {INES} is no member.",
            "Set assignments[0].saml_user_roles: [Operator, Captain] (app > Assignments).",
        ),
    }
    joined = _withheld(keys, {"apps/direct/join_all_roles": True}, app="direct")
    assert joined["Captain"][1] == f"Add {INES} to the group Officers (users.{INES}.groups)."
    assert list(joined) == ["Captain"]
    assert _withheld(keys, {}, app="direct", user=JON)["Operator"] == (
        f"The role Operator is assigned to the user {INES}, not to {JON}.",
        f"Add {{user: {JON}, saml_user_roles: [Deckhand, Operator]}} to the assignments of the app direct "
        "(app > Assignments).",
    )


def test_roles_of_other_groups_are_withheld(keys: KeyFolder) -> None:
    """A group may be stopped by the filter, kept out by its source, or not be the person's."""
    groups = [f"aws#port#Operator#{ACCOUNT}", f"aws#port#Has.Dot#{ACCOUNT}"]
    withheld = _withheld(keys, {f"users/{INES}/groups": groups}, app="mapped")
    assert list(withheld) == ["Has.Dot", "Pilot"]
    assert withheld["Has.Dot"] == (
        f"The group aws#port#Has.Dot#{ACCOUNT} would give the role, but in its name the filter stops at the '.', which "
        r"[\w\-]+ in the filter does not take.",
        r"Set group_filter: ^aws\#\S+\#(?{{role}}[\w+=,.@\-]+)\#(?{{accountid}}\d+)$ (app > Sign On > Group Filter). "
        f"It matches aws#port#Has.Dot#{ACCOUNT}.",
    )
    assert withheld["Pilot"] == (
        f"The group aws#port#Pilot#{OTHER_ACCOUNT} gives the role, and {INES} is not in it.",
        f"Add {INES} to the group aws#port#Pilot#{OTHER_ACCOUNT} (users.{INES}.groups).",
    )
    kept_out = _withheld(keys, {"apps/mapped/app_filter": "active_directory"}, app="mapped")
    assert kept_out["Operator"][1] == "Set app_filter: active_directory,okta (app > Sign On > App Filter)."
    by_mistake = _withheld(keys, {"apps/direct/use_group_mapping": True}, app="direct")
    assert by_mistake["Operator"] == (
        f"Use Group Mapping is on, so the roles of the assignments are not sent; the assignment of {INES} "
        "gives the role.",
        "Set use_group_mapping: false (app > Sign On > Use Group Mapping).",
    )


def test_a_custom_app_withholds_nothing_that_is_known(keys: KeyFolder) -> None:
    """Its roles are what its statements say."""
    assert _withheld(keys, {}, app="custom") == {}


def test_one_role_that_is_wanted_and_unlike_those_sent_is_a_withheld_one(keys: KeyFolder) -> None:
    """It is not taken for another role misspelt: the group that gives it is named."""
    org = harbour_org({}, keys=keys)
    captain = explained(record_of(org, app="direct"), attribute_place(ROLE), f"arn:aws:iam::{ACCOUNT}:role/Captain")
    assert captain.why == f"The role Captain is assigned to the group Officers, of which {INES} is no member."
    pilot = explained(record_of(org, app="mapped"), attribute_place(ROLE), f"arn:aws:iam::{OTHER_ACCOUNT}:role/Pilot")
    assert pilot.why == f"The group aws#port#Pilot#{OTHER_ACCOUNT} gives the role, and {INES} is not in it."


def test_a_pattern_with_the_account_of_the_roles_written_down_is_to_blame(keys: KeyFolder) -> None:
    """The group's name is right, although AWS knows no provider of its account for the role."""
    start = "arn:aws:iam::${accountid}:"
    changes = {
        f"users/{INES}/groups": [f"aws#port#Operator#{OTHER_ACCOUNT}"],
        "apps/mapped/role_value_pattern": f"{start}saml-provider/harbour,arn:aws:iam::{ACCOUNT}:role/${{role}}",
    }
    provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/harbour"
    found = explained(record_of(harbour_org(changes, keys=keys), app="mapped"), attribute_place(ROLE), provider)
    assert found.why == (
        f"The Role Value Pattern takes the account of the provider from the group's name, {OTHER_ACCOUNT}, and has "
        f"{ACCOUNT} as that of every role."
    )
    assert found.want == f"{start}saml-provider/harbour,{start}role/${{role}}"
    assert found.fix == f"Set role_value_pattern: {found.want} (app > Sign On > Role Value Pattern)."
