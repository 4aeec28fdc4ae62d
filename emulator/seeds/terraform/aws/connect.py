"""Amazon Connect in Terraform: instances, their users, profiles and approved origins.

Spec: registry.terraform.io/providers/hashicorp/aws, resources aws_connect_instance, aws_connect_user,
    aws_connect_security_profile, aws_connect_routing_profile, aws_connect_approved_origin
Evidence: documented
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.arns import arn_of
from emulator.seeds.terraform.references import Unknown
from emulator.seeds.terraform.resources import Resource
from emulator.seeds.terraform.taking import AFTER_APPLY, Taking
from emulator.worldfile.text.yaml_data import Key

CONNECT_TYPES = frozenset(
    {
        "aws_connect_instance",
        "aws_connect_user",
        "aws_connect_security_profile",
        "aws_connect_routing_profile",
        "aws_connect_approved_origin",
        "awscc_connect_approved_origin",
    }
)
_ACCESS_CCP = "BasicAgentAccess"


def read_connect(taking: Taking) -> None:
    """Adds the Amazon Connect instances of a file."""
    _Connect(taking).read()


@dataclass(slots=True)
class _Connect:
    taking: Taking
    _instances: dict[str, tuple[str, str]] = field(default_factory=dict)
    _names: dict[tuple[str, Any], str] = field(default_factory=dict)

    def read(self) -> None:
        for resource in self.taking.both("aws_connect_instance"):
            self._instance(resource)
        for resource in self.taking.both("aws_connect_security_profile"):
            self._profile(resource, "security_profile_id", "security_profiles")
        for resource in self.taking.both("aws_connect_routing_profile"):
            self._profile(resource, "routing_profile_id", "routing_profiles")
        for resource in self.taking.both("aws_connect_user"):
            self._user(resource)
        for resource in self.taking.managed("aws_connect_approved_origin", "awscc_connect_approved_origin"):
            self._origin(resource)

    def _instance(self, resource: Resource) -> None:
        taking = self.taking
        arn, owner = arn_of(resource.text("arn")), taking.owners.of(resource)
        instance_id = arn.name if arn is not None else resource.text("id")
        alias = resource.text("instance_alias")
        if instance_id in self._instances:
            return
        needed = (("id", "its id", instance_id), ("arn", "its ARN", arn), ("instance_alias", "its alias", alias))
        for attribute, what, value in needed:
            if not value:
                taking.leave_out(resource, taking.why_absent(resource, attribute, what))
                return
        if owner is None or arn is None:
            return
        if resource.text("status") not in {"", "ACTIVE"}:
            taking.leave_out(resource, f"its status is {resource.text('status')[:40]}")
            return
        part, key = taking.part(owner), ("connect", instance_id)
        self._instances[instance_id] = (owner, instance_id)
        part.put(key, {}, resource.place)
        part.put((*key, "alias"), alias, resource.at("instance_alias"))
        part.put((*key, "region"), arn.region, resource.at("arn"))
        management = resource.text("identity_management_type")
        part.put((*key, "identity_management"), management, resource.at("identity_management_type"))

    def _key(self, resource: Resource, *, quiet: bool = False) -> tuple[str, Key] | None:
        """Returns the account and the key of the instance that a resource belongs to."""
        value = self.taking.references.value(resource, "instance_id")
        arn = arn_of(value)
        instance_id = arn.name if arn is not None else value
        if isinstance(instance_id, str) and instance_id:
            known = self._instances.get(instance_id)
            owner = known[0] if known else self.taking.owners.of(resource)
            if owner is not None:
                # The instance may only be described in another seed or the world file, so its id is enough.
                return owner, ("connect", instance_id)
        if not quiet:
            self.taking.leave_out(resource, self.taking.why_absent(resource, "instance_id", "its instance"))
        return None

    def _profile(self, resource: Resource, id_attribute: str, setting: str) -> None:
        name = resource.text("name")
        found = self._key(resource)
        if found is None or not name:
            return
        for value in (self.taking.references.value(resource, id_attribute), resource.values.get("id")):
            if isinstance(value, str | Unknown):
                self._names.setdefault((setting, value), name)
        owner, key = found
        part = self.taking.part(owner)
        if setting == "routing_profiles":
            part.append((*key, setting), name, resource.at("name"))
            return
        permissions = resource.values.get("permissions")
        if not isinstance(permissions, list):
            if resource.mode == "managed":
                reason = self.taking.why_absent(resource, "permissions", "what it allows")
                self.taking.leave_out(resource, reason)
            return
        if not part.has(*key, setting, name):
            access = {"access_ccp": _ACCESS_CCP in permissions}
            part.put((*key, setting, name), access, resource.place)
            part.places[(*key, setting, name, "access_ccp")] = resource.at("permissions")

    def _user(self, resource: Resource) -> None:
        taking, references = self.taking, self.taking.references
        name = references.text(resource, "name")
        found = self._key(resource)
        if found is None:
            return
        if not name:
            taking.leave_out(resource, taking.why_absent(resource, "name", "the name"))
            return
        ids = references.values(resource, "security_profile_ids")
        profiles = [self._name("security_profiles", each) for each in ids]
        if not all(profiles) or not profiles:
            fix = 'Add a data "aws_connect_security_profile" for it, or set the user in the world file.'
            reason = "the file does not contain the security profiles of security_profile_ids"
            if resource.is_unknown("security_profile_ids"):
                reason = f"its security profiles (security_profile_ids) are {AFTER_APPLY}"
            taking.leave_out(resource, reason, fix)
            return
        owner, instance = found
        part, key = taking.part(owner), (*instance, "users", name)
        part.put(key, {}, resource.place)
        part.put((*key, "security_profiles"), profiles, resource.at("security_profile_ids"))
        for _, block in resource.blocks("identity_info")[:1]:
            for setting in ("first_name", "last_name"):
                if isinstance(block.get(setting), str) and block[setting]:
                    part.put((*key, setting), block[setting], resource.at("identity_info", 0, setting))
        routing = self._name("routing_profiles", references.value(resource, "routing_profile_id"))
        if routing:
            part.put((*key, "routing_profile"), routing, resource.at("routing_profile_id"))
        else:
            taking.add_note(resource, "its routing profile is not in the file; here it has Basic Routing Profile")

    def _name(self, setting: str, value: Any) -> str:
        """Returns a profile's name, given its id; empty if the file does not have it."""
        return self._names.get((setting, value), "") if isinstance(value, str | Unknown) else ""

    def _origin(self, resource: Resource) -> None:
        found = self._key(resource)
        origin = self.taking.references.text(resource, "origin")
        if found is not None and origin:
            owner, key = found
            self.taking.part(owner).append((*key, "approved_origins"), origin.rstrip("/"), resource.at("origin"))
