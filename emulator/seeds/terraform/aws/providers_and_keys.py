"""SAML providers, access keys and the account alias in Terraform.

Spec: registry.terraform.io/providers/hashicorp/aws, resources aws_iam_saml_provider, aws_iam_access_key,
    aws_iam_account_alias
Evidence: documented
"""

from __future__ import annotations

from emulator.seeds.arns import arn_of
from emulator.seeds.contents import HERE
from emulator.seeds.made_secrets import made_secret
from emulator.seeds.terraform.okta.apps import app_keys
from emulator.seeds.terraform.references import Unknown, Value
from emulator.seeds.terraform.resources import Resource
from emulator.seeds.terraform.taking import Taking
from emulator.worldfile.text.yaml_data import Key

PROVIDER_AND_KEY_TYPES = frozenset({"aws_iam_saml_provider", "aws_iam_access_key", "aws_iam_account_alias"})


def read_providers_and_keys(taking: Taking) -> None:
    """Adds the account's SAML providers, its users' access keys and its alias."""
    for resource in taking.both("aws_iam_saml_provider"):
        _provider(taking, resource)
    for resource in taking.managed("aws_iam_access_key"):
        _access_key(taking, resource)
    for resource in taking.both("aws_iam_account_alias"):
        owner = taking.owners.of(resource)
        alias = taking.references.text(resource, "account_alias")
        if owner is None or not alias:
            reason = (
                taking.why_absent(resource, "account_alias", "the alias")
                if not alias
                else "the file does not say which account it belongs to"
            )
            taking.leave_out(resource, reason)
        elif not taking.part(owner).has("alias"):
            taking.part(owner).put(("alias",), alias, resource.at("account_alias"))


def _provider(taking: Taking, resource: Resource) -> None:
    references = taking.references
    owner = taking.owners.of(resource)
    arn = arn_of(references.text(resource, "arn"))
    name = references.text(resource, "name") or (arn.name if arn is not None else "")
    if not name or owner is None:
        reason = (
            taking.why_absent(resource, "name", "its name")
            if not name
            else "the file does not say which account it belongs to"
        )
        taking.leave_out(resource, reason)
        return
    key: Key = ("saml_providers", name)
    part = taking.part(owner)
    if resource.mode == "data" and part.has(*key):
        return
    document = references.value(resource, "saml_metadata_document")
    app = _app_of(taking, document)
    place = resource.at("saml_metadata_document")
    if app:
        part.put(key, {}, resource.place)
        part.put((*key, "metadata"), {"okta_app": app}, place)
        taking.add_note(
            resource, f"its metadata will be that of the app {app}, with the app's signing key in this world"
        )
    elif resource.text("saml_metadata_document"):
        part.put(key, {}, resource.place)
        part.put((*key, "metadata"), {"xml": resource.text("saml_metadata_document")}, place)
    else:
        fix = f"Set aws.{'…' if owner == HERE else owner}.saml_providers.{name}.metadata in the world file."
        taking.leave_out(resource, taking.why_absent(resource, "saml_metadata_document", "its metadata"), fix)
        return
    mode = resource.values.get("assertion_encryption_mode")
    if mode in ("Required", "Allowed"):
        part.put((*key, "assertion_encryption"), mode, resource.at("assertion_encryption_mode"))
    elif mode or (
        resource.is_unknown("assertion_encryption_mode")
        and references.is_configured(resource, "assertion_encryption_mode")
    ):
        part.remove(key)
        taking.contents.excluded.append((owner, "saml_providers", name))
        taking.leave_out(resource, "it is unknown whether assertions must be encrypted")


def _app_of(taking: Taking, document: Value) -> str:
    """Returns the app in the same file that will have this metadata, as ``org/app``; empty if there is none.

    Metadata that is known already is compared with that of the world's apps after all seeds are read.
    """
    if isinstance(document, Unknown):
        for resource, org, key in app_keys(taking):
            if org and taking.references.value(resource, "metadata") == document:
                return f"{org}/{key}"
    return ""


def _access_key(taking: Taking, resource: Resource) -> None:
    user = taking.references.text(resource, "user")
    owner = taking.account_of(resource, "aws_iam_user", user)
    key_id = resource.text("id")
    missing = next((each for each, there in (("user", user), ("id", key_id)) if not there), "")
    if missing or owner is None:
        reason = (
            taking.why_absent(resource, missing, f"its {missing}")
            if missing
            else "the file does not say which account it belongs to"
        )
        taking.leave_out(resource, reason)
    elif resource.values.get("status") == "Inactive":
        taking.leave_out(resource, "it is inactive")
    else:
        key = {"id": key_id, "secret": made_secret(key_id)}
        taking.part(owner).append(("users", user, "access_keys"), key, resource.at("id"))
        taking.add_note(resource, "secrets are never read; here it has a generated one, always the same for its id")
