"""A state or a plan of Terraform's or OpenTofu's as what a seed says.

    terraform show -json > state.json                     # what there is
    terraform plan -out=plan.tfplan
    terraform show -json plan.tfplan > plan.json          # what there is, and what is planned
    terraform state pull > terraform.tfstate              # the state file itself

Spec: developer.hashicorp.com/terraform/cli/commands/show
Evidence: documented
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from emulator.seeds.contents import SeedContents, SeedNote
from emulator.seeds.seed_text import Seed, SeedText
from emulator.seeds.terraform.connect import CONNECT_TYPES, read_connect
from emulator.seeds.terraform.iam import IAM_TYPES, read_iam
from emulator.seeds.terraform.identities import IDENTITY_TYPES, computed_by, read_identities
from emulator.seeds.terraform.okta_apps import APP_TYPES, read_apps
from emulator.seeds.terraform.okta_people import PEOPLE_TYPES, Directory, read_people
from emulator.seeds.terraform.owners import OKTA_MAKER, Owners
from emulator.seeds.terraform.references import References
from emulator.seeds.terraform.resources import Destroyed, Resource, TerraformFile, kind_of, read_file
from emulator.seeds.terraform.taking import Taking
from emulator.worldfile.yaml_data import Key

_MOST_NAMED = 5
_READ_OF_AWS = IAM_TYPES | IDENTITY_TYPES | CONNECT_TYPES
_READ_OF_OKTA = APP_TYPES | PEOPLE_TYPES
# What decides nothing by itself: it is read by others, or is what others are made of.
_SUPPORTING = frozenset({"aws_caller_identity", "aws_iam_policy_document", "aws_partition", "aws_region"})
_NOT_READ: Mapping[str, str] = {
    "aws_organizations_policy": "service control policies are not read from Terraform",
    "aws_organizations_policy_attachment": "service control policies are not read from Terraform",
    "okta_app_oauth": "OIDC apps are not read from Terraform",
    "okta_app_signon_policy": "authentication policies are not read",
    "okta_app_signon_policy_rule": "authentication policies are not read",
    "okta_policy_signon": "sign-on policies are not read",
    "okta_policy_rule_signon": "sign-on policies are not read",
    "okta_policy_mfa": "enrollment policies are not read",
}
_SAY: Mapping[str, str] = {
    "aws_organizations_policy": "Say aws.….organization.scps in the world.",
    "aws_organizations_policy_attachment": "Say aws.….organization.scps in the world.",
    "okta_app_signon_policy_rule": "Say mfa of the app in the world.",
    "okta_policy_rule_signon": "Say okta.….mfa in the world.",
}


def is_terraform(text: SeedText) -> bool:
    """Returns whether a text is a state or a plan in JSON."""
    return bool(kind_of(text.data))


def read_terraform(seed: Seed, others: Sequence[Seed]) -> SeedContents:
    """Returns what a state or a plan says of the account, or of the org, that it is listed under.

    Raises:
        SeedError: it is of a version that is not read, or a plan that failed.
    """
    file = read_file(seed.text.data, moment=seed.settings.moment)
    places = {resource.place[:-1]: resource.address for resource in file.resources}
    places |= {destroyed.place[:-2]: destroyed.address for destroyed in file.destroyed}
    contents = SeedContents(
        _kind(file, seed.text.data), text=lambda place: _address(places, place), is_written_by_a_program=True
    )
    if not file.resources and not file.destroyed and not file.malformed and seed.settings.moment != "before":
        contents.left_out.append(SeedNote(file.kind, "it holds no resources"))
        return contents
    if not file.resources and seed.settings.moment == "before":
        contents.told.append(SeedNote(file.kind, "there is nothing yet: it has no prior state"))
    taking = _taking(seed, others, file, contents)
    if seed.settings.account_id:
        read_iam(taking)
        read_identities(taking)
        read_connect(taking)
    else:
        directory = Directory(taking)
        directory.fill()
        read_people(taking, directory)
        read_apps(taking, directory)
    _note_the_rest(taking)
    taking.finish()
    return contents


def _taking(seed: Seed, others: Sequence[Seed], file: TerraformFile, contents: SeedContents) -> Taking:
    made: list[Taking] = []
    references = References(file, computed_by(lambda: made[0]))
    taking = Taking(seed, others, file, references, Owners(references, file.resources), contents)
    made.append(taking)
    return taking


def _kind(file: TerraformFile, data: Mapping[str, Any]) -> str:
    """Returns what a file is called; OpenTofu's versions are marked in nothing but its providers' addresses."""
    is_tofu = any("registry.opentofu.org" in str(each.get("provider_name")) for each in _first_resources(data))
    return file.kind.replace("Terraform", "OpenTofu", 1) if is_tofu else file.kind


def _first_resources(data: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    changes = data.get("resource_changes")
    yield from (each for each in changes[:1] if isinstance(each, dict)) if isinstance(changes, list) else ()
    values = data.get("values")
    root = values.get("root_module") if isinstance(values, dict) else None
    resources = root.get("resources") if isinstance(root, dict) else data.get("resources")
    for each in resources[:1] if isinstance(resources, list) else ():
        if isinstance(each, dict):
            yield {"provider_name": each.get("provider_name") or each.get("provider")}


def _address(places: Mapping[Key, str], place: Key) -> str:
    """Returns what a place in the file is, for a person: ``Terraform aws_iam_role.agent``."""
    for length in range(len(place), 0, -1):
        if place[:length] in places:
            return f"Terraform {places[place[:length]]}"
    return "Terraform"


# --- what is left out -------------------------------------------------------------------------------------------------


def _note_the_rest(taking: Taking) -> None:
    """Notes what is not read, or only partly."""
    of_okta = bool(taking.settings.org)
    unrelated: Counter[str] = Counter()
    for resource in taking.file.resources:
        if resource.deposed:
            if resource.kind in (_READ_OF_OKTA if of_okta else _READ_OF_AWS):
                taking.leave_out(resource, "it has been replaced, and Terraform still has to destroy it (deposed)")
        elif resource.kind.startswith(OKTA_MAKER) is of_okta:
            _note(taking, resource, unrelated)
    _note_unrelated(taking, unrelated)
    _note_destroyed(taking, [each for each in taking.file.destroyed if each.kind.startswith(OKTA_MAKER) is of_okta])
    for place in taking.file.malformed[:_MOST_NAMED]:
        taking.note(SeedNote("a resource", "it is not written as Terraform writes one", place))
    _note_other_owners(taking, of_okta=of_okta)


def _note(taking: Taking, resource: Resource, unrelated: Counter[str]) -> None:
    if resource.kind in _NOT_READ:
        taking.leave_out(resource, _NOT_READ[resource.kind], _SAY.get(resource.kind, ""))
    elif resource.kind in _READ_OF_AWS | _READ_OF_OKTA:
        if resource.is_tainted:
            taking.tell(resource, "it is tainted: the next apply replaces it")
    elif resource.kind.startswith(("awscc_iam_", "awscc_connect_")) and resource.mode == "managed":
        taking.leave_out(resource, "resources of the provider awscc are not read", "Say it in the world.")
    elif resource.kind not in _SUPPORTING:
        unrelated[resource.kind] += 1


def _note_unrelated(taking: Taking, unrelated: Counter[str]) -> None:
    if not unrelated:
        return
    named = [kind for kind, _ in unrelated.most_common(_MOST_NAMED)]
    more = f" and {len(unrelated) - len(named)} more types" if len(unrelated) > len(named) else ""
    count = unrelated.total()
    what = f"{count} other resource{'s' if count > 1 else ''} ({', '.join(named)}{more})"
    taking.note(SeedNote(what, "federation has nothing to do with them"))


def _note_destroyed(taking: Taking, destroyed: Sequence[Destroyed]) -> None:
    gone = [each for each in destroyed if not each.is_replaced and each.kind in _READ_OF_AWS | _READ_OF_OKTA]
    for each in gone[:_MOST_NAMED]:
        taking.tell_of(SeedNote(each.address, "the plan destroys it", each.place))
    if len(gone) > _MOST_NAMED:
        taking.tell_of(SeedNote(f"{len(gone) - _MOST_NAMED} more", "the plan destroys them", gone[_MOST_NAMED].place))


def _note_other_owners(taking: Taking, *, of_okta: bool) -> None:
    """Notes what is of an account, or an org, that the file is not listed under anywhere in the world."""
    listed = {taking.listed_under} | {
        each.settings.org if of_okta else each.settings.account_id
        for each in taking.others
        if each.text is taking.seed.text
    }
    company, noun = ("okta", "org") if of_okta else ("aws", "account")
    owners = taking.owners.all_of(OKTA_MAKER if of_okta else "aws_")
    for owner in sorted(owners - listed):
        name = owner if of_okta else f'"{owner}"'
        fix = f"List the file under {company}.{name}.seed as well."
        taking.note(SeedNote(f"{noun} {owner}", f"what the file has of it is not in this world's {noun}s", (), fix))
