"""The values of ``Ref`` and ``Fn::GetAtt`` for a template's own resources.

Spec: AWS CloudFormation User Guide, "Ref", "Fn::GetAtt"
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.kernel.partitions import AWS, PARTITIONS
from emulator.seeds.cloudformation.service_arns import (
    ID_ATTRIBUTES,
    NAME_ATTRIBUTES,
    NAMES,
    SERVICE_ARNS,
    Ref,
    ServiceArn,
)
from emulator.seeds.cloudformation.stack import Stack
from emulator.seeds.cloudformation.values import NO_VALUE, Unresolved, given_by, named_by, text_of

_MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
_LONG_NAMES = {"AWS::IAM::ManagedPolicy": 128, "AWS::IAM::SAMLProvider": 128, "AWS::IAM::Group": 128}


class References:
    """The names, ARNs and other attributes of a template's resources.

    Names and ids that are generated in place of AWS's are collected in ``made_names`` and ``made_ids``, by logical id;
    ``known_arns`` are ARNs from other files, and ``unknown`` collects the attributes that could not be resolved.

    Args:
        resources: The template's resources, unresolved.
        stack: The stack that creates them.
    """

    def __init__(self, resources: Mapping[str, Any], stack: Stack) -> None:
        self._resources = resources
        self._stack = stack
        self.made_names: dict[str, str] = {}
        self.made_ids: dict[str, str] = {}
        self.known_arns: dict[str, str] = {}
        self.unknown: dict[str, list[str]] = {}
        self.resolve: Callable[[Any], Any] = lambda value: value
        self.holds: Callable[[Any], bool] = lambda _condition: True

    def reference(self, logical_id: str) -> Any:
        """Returns the value of ``Ref`` for a resource.

        Raises:
            Unresolved: there is no such resource, or only AWS knows the value.
        """
        if logical_id in self._stack.values:
            return self._stack.values[logical_id]
        kind = self._kind(logical_id)
        if kind == "AWS::IAM::OIDCProvider":
            return self._oidc_provider_arn(logical_id)
        if kind == "AWS::IAM::AccessKey":
            return f"AKIA{self._stack.made_id(logical_id, length=16)}"
        if kind in NAMES:
            return self.name(logical_id)
        form = SERVICE_ARNS.get(kind)
        if form is None or form.ref is Ref.URL:
            raise self._unknown(logical_id, "")
        if form.ref is Ref.NAME:
            return self.name(logical_id)
        return self.arn(logical_id) if form.ref is Ref.ARN else self.id(logical_id)

    def attribute(self, logical_id: str, attribute: str) -> Any:
        """Returns an attribute of a resource.

        Raises:
            Unresolved: there is no such resource, or only AWS knows the attribute.
        """
        given = f"{logical_id}.{attribute}"
        if given in self._stack.values:
            return self._stack.values[given]
        kind = self._kind(logical_id)
        form = SERVICE_ARNS.get(kind)
        if form is not None:
            if attribute in form.attributes:
                return self.arn(logical_id)
            if attribute in NAME_ATTRIBUTES and form.name:
                return self.name(logical_id)
            if attribute in ID_ATTRIBUTES and "{id}" in form.arn:
                return self.id(logical_id)
        if kind == "AWS::IAM::OIDCProvider" and attribute == "Arn":
            return self._oidc_provider_arn(logical_id)
        if kind == "AWS::SSM::Parameter" and attribute == "Value":
            return self.resolve(self._property(logical_id, "Value"))
        domain = PARTITIONS.get(self._stack.partition, AWS).api_domain
        if kind == "AWS::S3::Bucket" and attribute in {"DomainName", "RegionalDomainName"}:
            region = f".{self._stack.region}" if attribute == "RegionalDomainName" else ""
            return f"{self.name(logical_id)}.s3{region}.{domain}"
        raise self._unknown(logical_id, attribute)

    def name(self, logical_id: str) -> str:
        """Returns a resource's name: its own, or one generated as CloudFormation does, but without the random suffix.

        Raises:
            Unresolved: part of the name is not known here.
        """
        kind = self._kind(logical_id)
        form = SERVICE_ARNS.get(kind)
        written = self._property(logical_id, form.name if form else NAMES.get(kind, ""))
        try:
            name = NO_VALUE if written is None else self.resolve(written)
            if name is not NO_VALUE:
                return text_of(name)
        except Unresolved:
            if kind != _MANAGED_POLICY:  # its name does not affect any decision, and its denials are needed
                raise
        given = self._stack.values.get(logical_id)
        if given is not None:  # the physical id, as the CloudFormation console shows it
            return named_by(given)
        made = self._stack.generated_name(logical_id, longest=_LONG_NAMES.get(kind, 64))
        self.made_names[logical_id] = made.lower() if kind == "AWS::S3::Bucket" else made
        return self.made_names[logical_id]

    def id(self, logical_id: str) -> str:
        """Returns a resource's id: the end of the ARN in the seed's values, or a generated one."""
        given = self._stack.values
        named = (given.get(name) for name in (f"{logical_id}.Id", logical_id, f"{logical_id}.Arn"))
        known = next((each for each in named if each), self.known_arns.get(logical_id))
        if known is not None:
            return known.rpartition("/")[2]
        self.made_ids[logical_id] = self._stack.made_uuid(logical_id)
        return self.made_ids[logical_id]

    def arn(self, logical_id: str) -> str:
        """Returns a resource's ARN.

        Raises:
            Unresolved: part of it is not known here.
        """
        given = self._stack.values
        known = given.get(f"{logical_id}.Arn") or given.get(logical_id) or self.known_arns.get(logical_id, "")
        if known.startswith("arn:"):
            return known
        form = SERVICE_ARNS.get(self._kind(logical_id))
        if form is None:
            raise self._unknown(logical_id, "Arn")
        return self._filled_in(form, logical_id)

    def _filled_in(self, form: ServiceArn, logical_id: str) -> str:
        stack = self._stack
        parts = {"partition": stack.partition, "region": stack.region, "account": stack.account_id}
        if "{name}" in form.arn:
            name = self.name(logical_id)
            # In the ARN of a Systems Manager parameter, the name's leading slash is the one after the resource type.
            parts["name"] = name.removeprefix("/") if "/{name}" in form.arn else name
        if "{path}" in form.arn:
            parts["path"] = self._path(logical_id)
        if "{id}" in form.arn:
            parts["id"] = self.id(logical_id)
        if "{instance}" in form.arn:
            instance = text_of(self.resolve(self._property(logical_id, "InstanceArn")))
            parts["instance"] = instance.split(":", 5)[-1]
        return form.arn.format(**parts)

    def _path(self, logical_id: str) -> str:
        try:
            path = self.resolve(self._property(logical_id, "Path") or "/")
            return "/" if path is NO_VALUE else text_of(path)
        except Unresolved:
            if self._kind(logical_id) != _MANAGED_POLICY:
                raise
            return "/"

    def _oidc_provider_arn(self, logical_id: str) -> str:
        url = text_of(self.resolve(self._property(logical_id, "Url")))
        stack = self._stack
        return f"arn:{stack.partition}:iam::{stack.account_id}:oidc-provider/{url.removeprefix('https://')}"

    def _kind(self, logical_id: str) -> str:
        resource = self._resources.get(logical_id)
        if not isinstance(resource, dict):
            raise Unresolved(f"the template has no resource or parameter {logical_id[:80]}")
        kind = resource.get("Type")
        if not isinstance(kind, str):
            raise Unresolved(f"{logical_id[:80]} is not a resource with a Type")
        try:
            is_made = "Condition" not in resource or self.holds(resource["Condition"])
        except Unresolved:
            # A managed policy may deny something, so its ARN is needed even if the policy may not exist.
            is_made = kind == _MANAGED_POLICY
            if not is_made:
                raise
        if not is_made:
            raise Unresolved(f"{logical_id} is not created, because its condition is false")
        return kind

    def _property(self, logical_id: str, name: str) -> Any:
        properties = self._resources[logical_id].get("Properties")
        return properties.get(name) if isinstance(properties, dict) and name else None

    def _unknown(self, logical_id: str, attribute: str) -> Unresolved:
        kind = str(self._resources[logical_id].get("Type"))[:80]
        what = f"{logical_id}.{attribute}" if attribute else logical_id
        self.unknown.setdefault(logical_id, []).append(what)
        is_awss = kind.startswith(("AWS::", "Alexa::")) and kind != "AWS::CloudFormation::CustomResource"
        who = "AWS" if is_awss else "the custom resource's provider"
        return Unresolved(f"only {who} knows the value of {what} ({kind})", fix=given_by("values", what))
