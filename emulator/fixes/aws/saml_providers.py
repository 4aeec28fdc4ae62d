"""Changes of an IAM SAML provider: its metadata, its encryption and keys, and creating a missing provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.fixes.aws.places import Place, policy_at
from emulator.fixes.aws.record import (
    app_data,
    app_key,
    arn_parts,
    is_of_another_account,
    pairs_asked_for,
    roles_through,
)
from emulator.fixes.candidate import REMOVED, Candidate, Edit, Finding
from emulator.fixes.key_files import private_key_of
from emulator.kernel.differences import nearest
from emulator.worldfile.text.yaml_data import Key

_PLAIN = "Assertions may then come without encryption."


def propose(place: Place) -> Iterator[Candidate]:
    """Proposes changes of a provider's settings.

    Args:
        place: Place of the provider, or of one of its settings.
    """
    if len(place.setting.path) < 2:
        return
    key: Key = (*place.account_key, "saml_providers", place.name)
    setting = str(place.setting.path[2]) if len(place.setting.path) > 2 else ""
    if setting in {"", "metadata"}:
        yield from _metadata(place, key)
    if setting == "private_keys":
        yield from _private_keys(place, key)
    if setting in {"private_keys", "encryption_mode"}:
        yield from _encryption(place, key)


def _metadata(place: Place, key: Key) -> Iterator[Candidate]:
    source = _app_metadata(place.finding)
    if source is None or _data(place.finding, (*key, "metadata")) == source:
        return
    written = _data(place.finding, (*key, "metadata"))
    is_other_app = isinstance(written, dict) and written.get("okta_app") is not None
    edit = (
        Edit((*key, "metadata", "okta_app"), source["okta_app"]) if is_other_app else Edit((*key, "metadata"), source)
    )
    title = f"Upload the metadata of {source['okta_app']} to the SAML provider {place.name}"
    roles = roles_through(place.finding, str(place.setting.path[1]))
    yield place.candidate(title, edit, console=f"{_console(place.name)} > Upload metadata", grants=roles)


def _app_metadata(finding: Finding) -> dict[str, str] | None:
    key = app_key(finding)
    return {"okta_app": f"{key[1]}/{key[3]}"} if key else None


def _private_keys(place: Place, key: Key) -> Iterator[Candidate]:
    """Proposes the key, among those beside the world file, that matches the certificate the app encrypts with."""
    name = private_key_of(app_data(place.finding), place.finding.world.folder)
    if not name:
        return
    written = _data(place.finding, (*key, "private_keys"))
    if isinstance(written, list) and name in written:
        return
    title = f"Upload the private key {name} to the SAML provider {place.name}"
    console = f"{_console(place.name)} > SAML encryption > Private key"
    yield place.candidate(title, Edit((*key, "private_keys"), [name]), console=console)
    if isinstance(written, list) and len(written) == 1:
        edit = Edit((*key, "private_keys"), [*written, name])
        yield place.candidate(f"{title}, beside the one that it has", edit, console=console)


def _encryption(place: Place, key: Key) -> Iterator[Candidate]:
    written = _data(place.finding, (*key, "assertion_encryption"))
    console = f"{_console(place.name)} > SAML encryption"
    if written == "Required":
        title = f"Let the SAML provider {place.name} take assertions without encryption"
        edit = Edit((*key, "assertion_encryption"), "Allowed")
        yield place.candidate(title, edit, warning=_PLAIN, console=console)
        title = f"Switch the encryption of the SAML provider {place.name} off"
        yield place.candidate(title, Edit((*key, "assertion_encryption"), REMOVED), warning=_PLAIN, console=console)


def propose_missing(finding: Finding) -> Iterator[Candidate]:
    """Proposes the SAML provider that the message names and its account lacks."""
    source = _app_metadata(finding)
    for pair in pairs_asked_for(finding):
        parts = arn_parts(pair.provider_arn)
        role = arn_parts(pair.role_arn)
        account = finding.world.settings.aws.get(parts.account_id) if parts is not None else None
        is_there = parts is not None and account is not None and parts.name in account.saml_providers
        if parts is None or account is None or is_there or source is None or role is None:
            continue
        if role.account_id != parts.account_id or account.partition != parts.partition:
            continue
        if is_of_another_account(finding, pair):
            continue
        edit = Edit(("aws", parts.account_id, "saml_providers", parts.name), {"metadata": dict(source)})
        title = f"Create the SAML provider {parts.name} with the metadata of {source['okta_app']}"
        meant = nearest(parts.name, account.saml_providers)
        trust = policy_at(finding, ("aws", role.account_id, "roles", role.name, "trust"))
        if pair.provider_arn in str(trust):
            meant = None  # the app and the role agree about its name
        warning = f"There is the SAML provider {meant}, which may be meant." if meant is not None else ""
        roles = roles_through(finding, pair.provider_arn)
        yield Candidate(title, (edit,), "IAM console > Identity providers > Add provider", warning, roles)


def _data(finding: Finding, key: Key) -> Any:
    here: Any = finding.world.document.data
    for part in key:
        here = here.get(part) if isinstance(here, Mapping) else None
    return here


def _console(name: str) -> str:
    return f"IAM console > Identity providers > {name}"
