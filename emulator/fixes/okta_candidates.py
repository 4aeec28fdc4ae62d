"""Possible changes at the identity provider for a failed login, the most plausible first.

The settings behind it are known; these modules propose their new values. What the identity provider itself knows to be
right comes first, then what the kind of setting and the rest of the world suggest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from emulator.building.places import world_key
from emulator.fixes.candidate import REMOVED, Candidate, Edit, Finding
from emulator.fixes.okta import addresses, assignments, mapping, names, people, protection
from emulator.fixes.okta.relay_states import relay_state
from emulator.fixes.okta.subject import Subject
from emulator.kernel.explanations import SOURCE_IP, Asked, Change, Setting
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import APPENDED

Propose = Callable[[Subject], Iterator[Candidate]]

# Proposals for a setting of an app, by the beginning of its key from the app on; the longest match is used.
_OF_APPS: Final[dict[Key, tuple[Propose, ...]]] = {
    ("acs_url",): (addresses.sign_in_url, addresses.default_address),
    ("app_filter",): (mapping.app_filter,),
    ("assertion_encryption",): (protection.encryption,),
    ("assignments",): (
        assignments.misspelt_holder,
        assignments.misspelt_role,
        assignments.more_roles,
        assignments.assigned_app,
    ),
    ("audience",): (addresses.audience,),
    ("catalog",): (protection.kind_of_app,),
    ("default_relay_state",): (relay_state,),
    ("environment",): (addresses.environment, addresses.sign_in_url),
    ("group_filter",): (mapping.group_filter, people.misspelt_group),
    ("identity_provider_arn",): (mapping.provider_arn,),
    ("join_all_roles",): (mapping.other_switch,),
    ("mfa",): (people.second_factor,),
    ("provisioning",): (),
    ("role_value_pattern",): (mapping.role_value_pattern, people.misspelt_group),
    ("saml",): (protection.kind_of_app,),
    ("saml", "attributes"): (names.missing_attribute, names.attribute, names.without_statement, protection.kind_of_app),
    ("saml", "authn_context"): (protection.own_default,),
    ("saml", "destination"): (addresses.sign_in_url, addresses.default_address),
    ("saml", "issuer"): (addresses.issuer,),
    ("saml", "name_id"): (names.name_id,),
    ("saml", "name_id_format"): (protection.own_default,),
    ("saml", "recipient"): (addresses.sign_in_url, addresses.default_address),
    ("saml", "signature_algorithm"): (protection.own_default,),
    ("saml", "signed"): (protection.signed_elements,),
    ("session_duration",): (names.session_duration,),
    ("signing",): (protection.signing_key,),
    ("style",): (protection.style,),
    ("use_group_mapping",): (mapping.other_switch,),
    ("username_format",): (names.username_format,),
}
_OF_PEOPLE: Final[dict[Key, tuple[Propose, ...]]] = {
    (): (people.field_of_person,),
    ("groups",): (people.groups_of_person,),
    ("source_ip",): (people.address,),
    ("status",): (people.active_status,),
}
_OF_ORGS: Final[dict[Key, tuple[Propose, ...]]] = {
    ("groups",): (people.groups_of_person,),
    ("mfa",): (people.second_factor,),
    ("users",): (people.renamed_person,),
}
# Smaller changes than the one that the identity provider knows to be right.
_FIRST: Final[dict[Key, tuple[Propose, ...]]] = {
    ("app_filter",): (mapping.misspelt_source, people.source_of_group),
    ("assignments",): (assignments.own_group,),
    ("group_filter",): (mapping.widened_filter,),
    ("saml", "attributes"): (names.misnamed_attribute,),
}
# Settings for which the nearest value in the world is better than what the one setting suggests.
_WRITTEN: Final[dict[str, Key]] = {
    "acs_url": ("acs_url",),
    "audience": ("audience",),
    "issuer": ("saml", "issuer"),
    "name_id_format": ("saml", "name_id_format"),
    "signed": ("saml", "signed"),
    "authn_context": ("saml", "authn_context"),
}
_SAYING_MORE = {"style", "sp_metadata", "environment"}


def propose(finding: Finding) -> Iterator[Candidate]:
    """Yields the possible changes at the identity provider, each once."""
    seen: set[str] = set()
    for candidate in _all(finding):
        # Values may be lists and mappings, which are not hashable.
        if repr(candidate.edits) not in seen:
            seen.add(repr(candidate.edits))
            yield candidate


def _all(finding: Finding) -> Iterator[Candidate]:
    keys = [world_key(setting, finding.world) for setting in finding.diagnosis.settings]
    keys = [key for key in dict.fromkeys(keys) if key[:1] == ("okta",) and len(key) > 1]
    keys.extend(_own_address(finding))
    for key in keys:
        if key[2:3] == ("apps",):
            for function in _longest(_FIRST, key[4:]):
                yield from function(Subject(finding, key))
    for changes in finding.diagnosis.changes:
        candidate = _known_to_be_right(changes, finding)
        if candidate is not None:
            yield candidate
    for key in keys:
        for function in _functions(key):
            yield from function(Subject(finding, key))


def _own_address(finding: Finding) -> Iterator[Key]:
    """Yields the address that the world gives a person, where a login came from a wrong one."""
    if any(isinstance(cause, Asked) and cause.what == SOURCE_IP for cause in finding.diagnosis.causes):
        for org, settings in finding.world.settings.okta.items():
            if finding.login.user in settings.users:
                yield ("okta", org, "users", finding.login.user, "source_ip")


def _functions(key: Key) -> tuple[Propose, ...]:
    if key[2:3] == ("apps",):
        table, inside = _OF_APPS, key[4:]
    elif key[2:3] == ("users",):
        table, inside = _OF_PEOPLE, key[4:]
    else:
        table, inside = _OF_ORGS, key[2:]
    return _longest(table, inside)


def _longest(table: Mapping[Key, tuple[Propose, ...]], inside: Key) -> tuple[Propose, ...]:
    """Returns the proposals for the longest beginning of a key that a table has."""
    return next((table[inside[:n]] for n in range(len(inside), -1, -1) if inside[:n] in table), ())


def _known_to_be_right(changes: tuple[Change, ...], finding: Finding) -> Candidate | None:
    """Returns what the identity provider knows to be right; None where the world says so already."""
    edits = [_edit(change, finding) for change in changes]
    made = tuple(edit for edit in edits if edit is not None)
    if not made or made[0].key[:1] != ("okta",):
        return None
    return Subject(finding, made[0].key).candidate(*made)


def _edit(change: Change, finding: Finding) -> Edit | None:
    key = _key(change.setting, finding)
    subject = Subject(finding, key)
    present, value = subject.value, REMOVED if change.value is None else change.value
    if (value is REMOVED and present is None) or value == present:
        return None
    around = subject.at(key[:-1])
    if isinstance(around, list) and key[-1] == len(around):
        return Edit((*key[:-1], APPENDED), value)
    return Edit(key, value)


def _key(setting: Setting, finding: Finding) -> Key:
    """Returns the key at which a world would state a single setting."""
    key, name = world_key(setting, finding.world), str(setting.path[-1])
    if key[-1] in _SAYING_MORE and name in _WRITTEN:
        return (*key[:4], *_WRITTEN[name])
    return key
