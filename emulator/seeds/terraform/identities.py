"""SAML providers, access keys and the account's alias in Terraform.

Spec: registry.terraform.io/providers/hashicorp/aws, resources aws_iam_saml_provider, aws_iam_access_key,
    aws_iam_account_alias
Evidence: documented
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

from emulator.seeds.arns import arn_of
from emulator.seeds.contents import HERE
from emulator.seeds.terraform.okta_apps import app_keys
from emulator.seeds.terraform.references import Unknown
from emulator.seeds.terraform.resources import Resource
from emulator.seeds.terraform.taking import Taking
from emulator.worldfile.yaml_data import Key

IDENTITY_TYPES = frozenset({"aws_iam_saml_provider", "aws_iam_access_key", "aws_iam_account_alias"})

_ENTITY_ID = re.compile(r"""\bentityID\s*=\s*["']([^"']{1,1024})["']""")
_CERTIFICATE = re.compile(r"<(?:\w+:)?X509Certificate>\s*([A-Za-z0-9+/=\s]+?)\s*</")
_BLANKS = re.compile(r"\s+")


def read_identities(taking: Taking) -> None:
    """Adds the SAML providers, the users' access keys and the alias of a file's account."""
    for resource in taking.both("aws_iam_saml_provider"):
        _provider(taking, resource)
    for resource in taking.managed("aws_iam_access_key"):
        _access_key(taking, resource)
    for resource in taking.both("aws_iam_account_alias"):
        owner = taking.owners.of(resource)
        alias = taking.references.text(resource, "account_alias")
        if alias and owner is not None and not taking.part(owner).has("alias"):
            taking.part(owner).put(("alias",), alias, resource.at("account_alias"))


def _provider(taking: Taking, resource: Resource) -> None:
    references = taking.references
    owner = taking.owners.of(resource)
    arn = arn_of(references.text(resource, "arn"))
    name = references.text(resource, "name") or (arn.name if arn is not None else "")
    if not name or owner is None:
        reason = taking.why_absent(resource, "name", "its name") if not name else "its account is not said"
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
        taking.tell(resource, f"its metadata is that of the app {app}, whose key and certificate are made here")
    elif resource.text("saml_metadata_document"):
        part.put(key, {}, resource.place)
        part.put((*key, "metadata"), {"xml": resource.text("saml_metadata_document")}, place)
    else:
        fix = f"Say aws.{'…' if owner == HERE else owner}.saml_providers.{name}.metadata in the world."
        taking.leave_out(resource, taking.why_absent(resource, "saml_metadata_document", "its metadata"), fix)
        return
    mode = resource.values.get("assertion_encryption_mode")
    if mode in {"Required", "Allowed"}:
        part.put((*key, "assertion_encryption"), mode, resource.at("assertion_encryption_mode"))
    elif mode or (
        resource.is_unknown("assertion_encryption_mode")
        and references.is_configured(resource, "assertion_encryption_mode")
    ):
        part.remove(key)
        taking.leave_out(resource, "whether assertions have to be encrypted is not known")


def _app_of(taking: Taking, document: Any) -> str:
    """Returns the app of the same file whose metadata this is, as ``org/app``; an empty text where there is none.

    Its metadata may be a reference that is known after apply, or the same text; or it names the same entity ID, and
    none but the app's own certificates.
    """
    for resource, org, key in app_keys(taking):
        metadata = taking.references.value(resource, "metadata")
        is_same = metadata == document if isinstance(document, Unknown) else False
        if isinstance(document, str) and document:
            is_same = metadata == document or _is_of(document, resource)
        if is_same and org:
            return f"{org}/{key}"
    return ""


def _is_of(document: str, app: Resource) -> bool:
    """Returns whether metadata is of an app: with a certificate that the app does not sign with, it is out of date."""
    entity = _ENTITY_ID.search(document)
    if entity is None or entity[1] != (app.text("entity_url") or f"http://www.okta.com/{app.text('entity_key')}"):
        return False
    certificates = {_BLANKS.sub("", each) for each in _CERTIFICATE.findall(document)}
    own = {_BLANKS.sub("", each) for each in _CERTIFICATE.findall(app.text("metadata"))}
    own |= {_BLANKS.sub("", app.text("certificate"))} - {""}
    return not own or bool(own & certificates)


def _access_key(taking: Taking, resource: Resource) -> None:
    owner = taking.owners.of(resource)
    user = taking.references.text(resource, "user")
    key_id = resource.text("id")
    missing = next((each for each, there in (("user", user), ("id", key_id)) if not there), "")
    if missing or owner is None:
        reason = taking.why_absent(resource, missing, f"its {missing}") if missing else "its account is not said"
        taking.leave_out(resource, reason)
    elif resource.values.get("status") == "Inactive":
        taking.leave_out(resource, "it is inactive")
    else:
        key = {"id": key_id, "secret": made_secret(key_id)}
        taking.part(owner).append(("users", user, "access_keys"), key, resource.at("id"))
        taking.tell(resource, "its secret is not read: one is made from its id, the same each time")


def made_secret(key_id: str) -> str:
    """Returns a secret access key of 40 characters that is made from an access key's id and always the same."""
    digest = hashlib.sha512(f"fedemu access key {key_id}".encode()).digest()
    return base64.b64encode(digest[:30]).decode()


def computed_by(taking: Callable[[], Taking]) -> Callable[[Resource, str], str]:
    """Returns what says the attributes of IAM's resources that follow from their names before they exist.

    Args:
        taking: Returns the file, once it is read.
    """

    def computed(resource: Resource, attribute: str) -> str:
        path = _PATHS.get(resource.kind)
        if path is None or attribute not in {"arn", "id"}:
            return ""
        name = resource.text("name")
        if not name:
            return ""
        if attribute == "id" and resource.kind in _NAMED_BY_NAME:
            return name
        owner = taking().owners.of(resource)
        account = taking().settings.account_id if owner == HERE else owner
        where = resource.text("path") or "/"
        if resource.kind == "aws_iam_saml_provider":
            where = "/"
        return f"arn:{taking().settings.partition}:iam::{account}:{path}{where}{name}" if account else ""

    return computed


_PATHS = {
    "aws_iam_role": "role",
    "aws_iam_user": "user",
    "aws_iam_group": "group",
    "aws_iam_policy": "policy",
    "aws_iam_saml_provider": "saml-provider",
}
_NAMED_BY_NAME = frozenset({"aws_iam_role", "aws_iam_user", "aws_iam_group"})
