"""CloudFormation templates: what one would create in IAM, as the account of a world.

Of a template's resources the ones of IAM that federation needs are read; the others are passed over. References,
parameters, conditions and the common functions are resolved as CloudFormation would.

Spec: AWS CloudFormation User Guide, "Intrinsic function reference"; AWS::IAM::SAMLProvider, Role, Policy, ManagedPolicy
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.seeds.cloudformation.functions import Resolver, Stack, TemplateError
from emulator.seeds.contents import HERE, SeedContents, SeedPart
from emulator.seeds.seed_text import Seed, SeedText
from emulator.worldfile.yaml_data import Key


def is_template(text: SeedText) -> bool:
    """Returns whether a text is a template, and not an answer of AWS's."""
    return isinstance(text.data, dict) and isinstance(text.data.get("Resources"), dict)


def read_template(seed: Seed, _others: Sequence[Seed]) -> SeedContents:
    """Returns what a template makes.

    Args:
        seed: The template.
        _others: The other seeds of the world, whose outputs it may import.

    Raises:
        SeedError: a parameter has no value, or a function cannot be resolved here.
    """
    settings = seed.settings
    stack = Stack(
        account_id=settings.account_id,
        partition=settings.partition,
        region=settings.region,
        name=settings.stack_name or settings.stem,
        parameters=settings.parameters,
    )
    resolver = Resolver(seed.text.data, stack)
    contents = SeedContents("CloudFormation template", text=_resource, written=resolver.written)
    contents.accounts[HERE] = account_of_template(resolver)
    return contents


def _resource(place: Key) -> str:
    return f"CloudFormation resource {place[1]}" if len(place) > 1 else "CloudFormation template"


def account_of_template(resolver: Resolver) -> SeedPart:
    """Returns what a template makes in IAM, as the data of a world's account.

    Raises:
        TemplateError: a parameter has no value, or a function cannot be resolved here.
    """
    account = SeedPart(places={(): ("Resources",)})
    readers: Mapping[str, Callable[[Resolver, SeedPart, str, Mapping[str, Any]], None]] = {
        "AWS::IAM::ManagedPolicy": _managed_policy,
        "AWS::IAM::SAMLProvider": _saml_provider,
        "AWS::IAM::Role": _role,
        "AWS::IAM::User": _user,
        "AWS::IAM::Policy": _inline_policy,
    }
    for kind, reader in readers.items():
        for logical_id, resource in resolver.resources(kind):
            reader(resolver, account, logical_id, resource)
    return account


def _properties(logical_id: str, *inside: str | int) -> Key:
    return ("Resources", logical_id, "Properties", *inside)


def _saml_provider(resolver: Resolver, account: SeedPart, logical_id: str, properties: Mapping[str, Any]) -> None:
    document = properties.get("SamlMetadataDocument")
    if not isinstance(document, str):
        raise TemplateError(f"Resources.{logical_id}.Properties.SamlMetadataDocument is no text")
    key: Key = ("saml_providers", resolver.name(logical_id))
    account.put(key, {}, ("Resources", logical_id))
    account.put((*key, "metadata"), {"xml": document}, _properties(logical_id, "SamlMetadataDocument"))


def _managed_policy(resolver: Resolver, account: SeedPart, logical_id: str, properties: Mapping[str, Any]) -> None:
    key: Key = ("policies", resolver.name(logical_id))
    account.put(key, properties.get("PolicyDocument"), _properties(logical_id, "PolicyDocument"))


def _role(resolver: Resolver, account: SeedPart, logical_id: str, properties: Mapping[str, Any]) -> None:
    key: Key = ("roles", resolver.name(logical_id))
    account.put(key, {}, ("Resources", logical_id))
    trust = properties.get("AssumeRolePolicyDocument")
    account.put((*key, "trust"), trust, _properties(logical_id, "AssumeRolePolicyDocument"))
    if "MaxSessionDuration" in properties:
        seconds = int(properties["MaxSessionDuration"])
        account.put((*key, "max_session_duration"), seconds, _properties(logical_id, "MaxSessionDuration"))
    if "Description" in properties:
        account.put((*key, "description"), properties["Description"], _properties(logical_id, "Description"))
    _held(account, key, logical_id, properties)
    _attach(resolver, account, key)


def _user(resolver: Resolver, account: SeedPart, logical_id: str, properties: Mapping[str, Any]) -> None:
    key: Key = ("users", resolver.name(logical_id))
    account.put(key, {}, ("Resources", logical_id))
    _held(account, key, logical_id, properties)
    _attach(resolver, account, key)


def _held(account: SeedPart, key: Key, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Adds what roles and users have in common."""
    for name, setting in (("Path", "path"), ("PermissionsBoundary", "permissions_boundary")):
        if name in properties:
            account.put((*key, setting), properties[name], _properties(logical_id, name))
    for index, arn in enumerate(properties.get("ManagedPolicyArns") or ()):
        account.append((*key, "policies"), arn, _properties(logical_id, "ManagedPolicyArns", index))
    for index, policy in enumerate(properties.get("Policies") or ()):
        place = _properties(logical_id, "Policies", index, "PolicyDocument")
        account.put((*key, "inline_policies", policy["PolicyName"]), policy["PolicyDocument"], place)
    for index, tag in enumerate(properties.get("Tags") or ()):
        account.put((*key, "tags", tag["Key"]), str(tag["Value"]), _properties(logical_id, "Tags", index))


def _attach(resolver: Resolver, account: SeedPart, key: Key) -> None:
    """Managed policies may name their roles and users themselves."""
    kind, name = key
    for policy_id, properties in resolver.resources("AWS::IAM::ManagedPolicy"):
        named = properties.get(str(kind).capitalize()) or ()
        if name in named:
            place = _properties(policy_id, str(kind).capitalize(), list(named).index(name))
            account.append((*key, "policies"), resolver.arn(policy_id), place)


def _inline_policy(_resolver: Resolver, account: SeedPart, logical_id: str, properties: Mapping[str, Any]) -> None:
    for kind in ("roles", "users"):
        for name in properties.get(kind.capitalize()) or ():
            if name not in account.data.get(kind, {}):
                raise TemplateError(f"Resources.{logical_id} is for {name}, which the template does not make")
            key: Key = (kind, name, "inline_policies", properties.get("PolicyName", logical_id))
            account.put(key, properties.get("PolicyDocument"), _properties(logical_id, "PolicyDocument"))
