"""Reads a state or plan of Terraform or OpenTofu as a seed.

    terraform show -json > state.json                     # the current state
    terraform plan -out=plan.tfplan
    terraform show -json plan.tfplan > plan.json          # the current state, and what is planned
    terraform state pull > terraform.tfstate              # the state file itself

Spec: developer.hashicorp.com/terraform/cli/commands/show
Evidence: documented
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from emulator.seeds.contents import SeedContents, SeedNote
from emulator.seeds.seed_text import Seed, SeedText
from emulator.seeds.terraform.aws.connect import CONNECT_TYPES, read_connect
from emulator.seeds.terraform.aws.iam import IAM_TYPES, read_iam
from emulator.seeds.terraform.aws.organizations import ORGANIZATION_TYPES, read_organization
from emulator.seeds.terraform.aws.providers_and_keys import PROVIDER_AND_KEY_TYPES, read_providers_and_keys
from emulator.seeds.terraform.cloud_control import CLOUD_CONTROL_TYPES
from emulator.seeds.terraform.okta.apps import APP_TYPES, read_apps
from emulator.seeds.terraform.okta.elsewhere import named_elsewhere
from emulator.seeds.terraform.okta.people import PEOPLE_TYPES, Directory, read_people
from emulator.seeds.terraform.owners import OKTA_PREFIX
from emulator.seeds.terraform.resources import Destroyed, Resource, kind_of
from emulator.seeds.terraform.taking import Taking, file_of, take
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import key_text

_MOST_NAMED = 5
_READ_OF_AWS = IAM_TYPES | PROVIDER_AND_KEY_TYPES | CONNECT_TYPES | ORGANIZATION_TYPES
_READ_OF_OKTA = APP_TYPES | PEOPLE_TYPES
# Data sources that only serve other resources and do not end up in a world themselves.
_SUPPORTING = frozenset({"aws_caller_identity", "aws_iam_policy_document", "aws_partition", "aws_region"})
_NOT_READ: Mapping[str, str] = {
    "okta_app_oauth": "OIDC apps are not read from Terraform",
    "okta_app_signon_policy": "authentication policies are not read",
    "okta_app_signon_policy_rule": "authentication policies are not read",
    "okta_policy_signon": "sign-on policies are not read",
    "okta_policy_rule_signon": "sign-on policies are not read",
    "okta_policy_mfa": "enrollment policies are not read",
}
_FIXES: Mapping[str, str] = {
    "okta_app_signon_policy_rule": "Set mfa of the app in the world file.",
    "okta_policy_rule_signon": "Set mfa of the org in the world file.",
}


def is_terraform(text: SeedText) -> bool:
    """Returns whether a text is a state or a plan in JSON."""
    return bool(kind_of(text.data))


def read_terraform(seed: Seed, others: Sequence[Seed]) -> SeedContents:
    """Reads a state or plan for the account or org that it is listed under.

    Raises:
        SeedError: its version is not supported, or it is a plan that failed.
    """
    file = file_of(seed)
    places = {resource.place[:-1]: resource.address for resource in file.resources}
    places |= {destroyed.place[:-2]: destroyed.address for destroyed in file.destroyed}
    contents = SeedContents(
        # OpenTofu's files differ from Terraform's only in where the providers come from.
        file.kind.replace("Terraform", "OpenTofu", 1) if "registry.opentofu.org" in seed.text.text else file.kind,
        text=lambda place: f"Terraform {_address(places, place)}".strip(),
        is_written_by_a_program=True,
        source=lambda place: f"{_address(places, place) or 'the resource'} in the Terraform source (.tf)",
        shown=lambda place: _shown(places, place),
    )
    if not file.resources and not file.destroyed and not file.malformed and seed.settings.moment != "before":
        contents.left_out.append(SeedNote(file.kind, "it contains no resources"))
        return contents
    if not file.resources and seed.settings.moment == "before":
        contents.notes.append(SeedNote(file.kind, "it has no prior state, so there is nothing before it is applied"))
    listings = [seed, *(each for each in others if each.text is seed.text)]
    # A file with resources of both AWS and Okta is listed twice, and each time only one of them is read.
    wanted = {"aws": bool(seed.settings.account_id), "okta": bool(seed.settings.org)}
    listed = {
        "aws": any(each.settings.account_id for each in listings),
        "okta": any(each.settings.org for each in listings),
    }
    for company in ("aws", "okta"):
        if wanted[company] or not listed[company]:
            _read(take(seed, others, contents, company))
    return contents


def _read(taking: Taking) -> None:
    if taking.company == "aws":
        read_iam(taking)
        read_providers_and_keys(taking)
        read_connect(taking)
        read_organization(taking)
    else:
        directory = Directory(taking, tuple(named_elsewhere(taking)))
        directory.fill()
        read_people(taking, directory)
        read_apps(taking, directory)
    _note_the_rest(taking)


def _address(places: Mapping[Key, str], place: Key) -> str:
    """Returns the address of the resource that contains a place: ``aws_iam_role.agent``."""
    return next((places[place[:n]] for n in range(len(place), 0, -1) if place[:n] in places), "")


def _shown(places: Mapping[Key, str], place: Key) -> str:
    """Returns a place in terms of its resource's address: ``aws_iam_role.agent.assume_role_policy``."""
    length = next((n for n in range(len(place), 0, -1) if place[:n] in places), 0)
    if not length:
        return key_text(place)
    # The next key is that of the resource's values, which the Terraform source does not have.
    return key_text((places[place[:length]], *place[length + 1 :]))


# --- what is left out -------------------------------------------------------------------------------------------------


def _note_the_rest(taking: Taking) -> None:
    """Notes what is not read, or only in part."""
    of_okta = taking.company == "okta"
    unrelated: Counter[str] = Counter()
    for resource in taking.file.resources:
        if resource.deposed:
            if resource.kind in (_READ_OF_OKTA if of_okta else _READ_OF_AWS):
                taking.leave_out(resource, "it has been replaced, and Terraform still has to destroy it (deposed)")
        elif resource.kind.startswith(OKTA_PREFIX) is of_okta:
            _note(taking, resource, unrelated)
    _note_unrelated(taking, unrelated)
    _note_destroyed(taking, [each for each in taking.file.destroyed if each.kind.startswith(OKTA_PREFIX) is of_okta])
    for place in taking.file.malformed:
        taking.contents.left_out.append(
            SeedNote("a resource", "it does not have the form of a Terraform resource", place)
        )


def _note(taking: Taking, resource: Resource, unrelated: Counter[str]) -> None:
    if resource.kind in _NOT_READ:
        taking.leave_out(resource, _NOT_READ[resource.kind], _FIXES.get(resource.kind, ""))
    elif resource.kind in _READ_OF_AWS | _READ_OF_OKTA:
        if resource.is_tainted:
            taking.add_note(resource, "it is tainted: the next apply replaces it")
    elif resource.kind in CLOUD_CONTROL_TYPES and resource.mode == "managed":
        pass
    elif resource.kind.startswith(("awscc_iam_", "awscc_connect_")) and resource.mode == "managed":
        taking.leave_out(resource, "resources of this type are not read", "Set it in the world file.")
    elif resource.kind not in _SUPPORTING:
        unrelated[resource.kind] += 1


def _note_unrelated(taking: Taking, unrelated: Counter[str]) -> None:
    if not unrelated:
        return
    named = [kind for kind, _ in unrelated.most_common(_MOST_NAMED)]
    more = f" and {len(unrelated) - len(named)} more types" if len(unrelated) > len(named) else ""
    count = unrelated.total()
    what = f"{count} other resource{'s' if count > 1 else ''} ({', '.join(named)}{more})"
    taking.contents.left_out.append(SeedNote(what, "not used for federation"))


def _note_destroyed(taking: Taking, destroyed: Sequence[Destroyed]) -> None:
    gone = [each for each in destroyed if not each.is_replaced and each.kind in _READ_OF_AWS | _READ_OF_OKTA]
    taking.contents.notes.extend(SeedNote(each.address, "the plan destroys it", each.place) for each in gone)
