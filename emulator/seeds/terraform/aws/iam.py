"""IAM roles, users, groups and policies in Terraform, read into an account of a world.

Spec: registry.terraform.io/providers/hashicorp/aws, resources aws_iam_role, aws_iam_role_policy,
    aws_iam_role_policy_attachment, aws_iam_policy, and those of users and groups
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.arns import arn_of
from emulator.seeds.contents import SeedNote
from emulator.seeds.terraform.aws.denials import may_deny
from emulator.seeds.terraform.aws.documents import NotKnown, document_in, document_of
from emulator.seeds.terraform.references import Unknown
from emulator.seeds.terraform.resources import Destroyed, Resource
from emulator.seeds.terraform.taking import AFTER_APPLY, Taking
from emulator.worldfile.text.yaml_data import Key

_KINDS = {"aws_iam_role": "roles", "aws_iam_user": "users", "aws_iam_group": "groups"}
_NAMES = {("data", "aws_iam_user"): "user_name", ("data", "aws_iam_group"): "group_name"}
_INLINE = {"aws_iam_role_policy": "role", "aws_iam_user_policy": "user", "aws_iam_group_policy": "group"}
_ATTACHED = {
    "aws_iam_role_policy_attachment": "role",
    "aws_iam_user_policy_attachment": "user",
    "aws_iam_group_policy_attachment": "group",
}
_PLURAL = {"role": "roles", "user": "users", "group": "groups"}
_EXCLUSIVE = (
    ("aws_iam_role_policies_exclusive", "role_name", "roles", "policy_names", "inline_policies"),
    ("aws_iam_user_policies_exclusive", "user_name", "users", "policy_names", "inline_policies"),
    ("aws_iam_group_policies_exclusive", "group_name", "groups", "policy_names", "inline_policies"),
    ("aws_iam_role_policy_attachments_exclusive", "role_name", "roles", "policy_arns", "policies"),
    ("aws_iam_user_policy_attachments_exclusive", "user_name", "users", "policy_arns", "policies"),
    ("aws_iam_group_policy_attachments_exclusive", "group_name", "groups", "policy_arns", "policies"),
)
IAM_TYPES = frozenset({*_KINDS, *_INLINE, *_ATTACHED, *(each[0] for each in _EXCLUSIVE)}) | {
    "aws_iam_policy",
    "aws_iam_policy_attachment",
    "aws_iam_group_membership",
    "aws_iam_user_group_membership",
}

Identity = tuple[str, str, str]
"""An identity that policies can be attached to: its account, its kind in a world, its name."""


def read_iam(taking: Taking) -> None:
    """Adds the IAM roles, users, groups and policies of a file."""
    _Iam(taking).read()


@dataclass(slots=True)
class _Iam:
    taking: Taking
    _resources: dict[Identity, Resource] = field(default_factory=dict)
    _excluded: dict[Identity, str] = field(default_factory=dict)
    _unknown_policies: dict[str, str] = field(default_factory=dict)
    _gone: set[tuple[str, str, str]] = field(default_factory=set)

    def read(self) -> None:
        self._gone = {each for destroyed in self.taking.file.destroyed for each in _taken_away(destroyed)}
        for resource in self.taking.both("aws_iam_policy"):
            self._policy(resource)
        for kind in _KINDS:
            for resource in self.taking.both(kind):
                self._identity(resource)
        for kind, attribute in _INLINE.items():
            for resource in self.taking.managed(kind):
                self._inline(resource, attribute)
        for kind, attribute in _ATTACHED.items():
            for resource in self.taking.managed(kind):
                self._attached(resource, attribute, _PLURAL[attribute])
        for resource in self.taking.managed("aws_iam_policy_attachment"):
            for attribute in ("roles", "users", "groups"):
                self._attached(resource, attribute, attribute)
        self._members()
        self._exclusive()
        for identity, reason in self._excluded.items():
            self._leave_out(identity, reason)

    # --- policies -----------------------------------------------------------------------------------------------------

    def _policy(self, resource: Resource) -> None:
        owner = self.taking.owners.of(resource)
        arn = arn_of(self.taking.references.text(resource, "arn"))
        if resource.mode == "data" and (arn is None or not arn.account_id.isdigit()):
            return  # AWS managed policies exist in every account
        name = self.taking.references.text(resource, "name")
        if not name or owner is None:
            reason = self.taking.why_absent(resource, "name", "its name") if not name else _UNKNOWN_ACCOUNT
            self.taking.leave_out(resource, reason)
            return
        key: Key = ("policies", name)
        part = self.taking.part(owner)
        if resource.mode == "data" and part.has(*key):
            return
        try:
            part.put(key, document_of(self.taking, resource, "policy"), resource.at("policy"))
        except NotKnown as error:
            self._unknown_policies[self.taking.references.text(resource, "arn") or name] = resource.address
            self.taking.leave_out(resource, str(error), "", "policy")

    # --- identities ---------------------------------------------------------------------------------------------------

    def _identity(self, resource: Resource) -> None:
        taking = self.taking
        attribute = _NAMES.get((resource.mode, resource.kind), "name")
        name, owner = taking.references.text(resource, attribute), taking.owners.of(resource)
        if not name or owner is None:
            taking.leave_out(
                resource, taking.why_absent(resource, attribute, "its name") if not name else _UNKNOWN_ACCOUNT
            )
            return
        kind = _KINDS[resource.kind]
        identity: Identity = (owner, kind, name)
        if resource.mode == "data" and identity in self._resources:
            return
        self._resources[identity] = resource
        part, key = taking.part(owner), (kind, name)
        part.put(key, {}, resource.place)
        if kind == "roles":
            self._trust(identity, resource)
            self._role_settings(identity, resource)
        if resource.text("path"):
            part.put((*key, "path"), resource.text("path"), resource.at("path"))
        self._boundary(identity, resource)
        self._tags(identity, resource)
        if resource.mode == "data" and kind != "groups":
            taking.add_note(
                resource, "a data source does not contain its policies, so it only has those in the other seeds"
            )
        for number, member in resource.blocks("users") if resource.mode == "data" else ():
            if isinstance(member.get("user_name"), str):
                part.append((*key, "users"), member["user_name"], resource.at("users", number))

    def _trust(self, identity: Identity, resource: Resource) -> None:
        owner, *key = identity
        try:
            document = document_of(self.taking, resource, "assume_role_policy")
        except NotKnown as error:
            self._exclude(identity, str(error).replace("its policy document", "its trust policy"))
            return
        self.taking.part(owner).put((*key, "trust"), document, resource.at("assume_role_policy"))

    def _role_settings(self, identity: Identity, resource: Resource) -> None:
        owner, *key = identity
        part = self.taking.part(owner)
        if resource.text("description"):
            part.put((*key, "description"), resource.text("description"), resource.at("description"))
        seconds = resource.values.get("max_session_duration")
        if isinstance(seconds, str) and seconds.isdigit():
            seconds = int(seconds)
        if isinstance(seconds, int) and not isinstance(seconds, bool):
            part.put((*key, "max_session_duration"), seconds, resource.at("max_session_duration"))
        elif seconds is not None or resource.is_unknown("max_session_duration"):
            reason = self.taking.why_absent(resource, "max_session_duration", "its maximum session duration")
            self.taking.leave_out(resource, reason.replace("a string", "a number"), "", "max_session_duration")
        self._own_inline(identity, resource)
        self._own_attached(identity, resource)

    def _own_inline(self, identity: Identity, resource: Resource) -> None:
        _, kind, name = identity
        is_set = self.taking.references.is_configured(resource, "inline_policy")
        if resource.is_unknown("inline_policy") and is_set and not resource.blocks("inline_policy"):
            self._exclude(identity, f"its inline policies (inline_policy) are {AFTER_APPLY}")
        if not _are_blocks(resource.values.get("inline_policy")):
            self._exclude(identity, "its inline policies (inline_policy) cannot be read")
        said = AFTER_APPLY if resource.is_unknown("inline_policy") else "not in the file"
        for number, block in resource.blocks("inline_policy"):
            policy, text = block.get("name"), block.get("policy")
            if not isinstance(policy, str) or not policy:
                # An empty block means that there are no policies; a policy without a name may deny something.
                if text or resource.is_unknown_inside("inline_policy", number):
                    self._exclude(identity, f"the name of its inline policy {number + 1} is {said}")
                continue
            if not is_set and ("inline", f"{kind}/{name}", policy) in self._gone:
                continue
            if text is None:
                found = self.taking.references.inside(resource, ("inline_policy", number, "policy"))
                is_reference = len(found) == 1 and isinstance(found[0], Unknown)
                text = found[0] if is_reference else Unknown(resource.address, "inline_policy")
            why = f"its inline policy {policy} is {said}"
            self._put_inline(identity, policy, text, why, resource.at("inline_policy", number, "policy"))

    def _put_inline(self, identity: Identity, policy: str, value: Any, why: str, place: Key) -> None:
        owner, *key = identity
        try:
            document = document_in(self.taking, value, why)
        except NotKnown as error:
            self._exclude(identity, str(error).replace("its policy document", f"its inline policy {policy}"))
            return
        self.taking.part(owner).put((*key, "inline_policies", policy), document, place)

    def _own_attached(self, identity: Identity, resource: Resource) -> None:
        _, kind, name = identity
        attribute = "managed_policy_arns"
        is_set = self.taking.references.is_configured(resource, attribute)
        if resource.is_unknown(attribute) and not is_set:
            return
        if not isinstance(resource.values.get(attribute), list | None):
            self._exclude(identity, f"the policies that are attached to it ({attribute}) cannot be read")
        for number, arn in enumerate(self.taking.references.values(resource, attribute)):
            if is_set or ("attached", f"{kind}/{name}", str(arn)) not in self._gone:
                self._attach(identity, arn, resource.at(attribute, number))

    def _attach(self, identity: Identity, arn: Any, place: Key) -> None:
        owner, *key = identity
        if not isinstance(arn, str):
            why = AFTER_APPLY if isinstance(arn, Unknown) else "not given by an ARN"
            self._exclude(identity, f"a policy that is attached to it is {why}")
        elif arn in self._unknown_policies:
            self._exclude(identity, f"{self._unknown_policies[arn]}, which is attached to it, is {AFTER_APPLY}")
        else:
            self.taking.part(owner).append((*key, "policies"), arn, place)

    def _boundary(self, identity: Identity, resource: Resource) -> None:
        owner, *key = identity
        attribute = "permissions_boundary"
        value = self.taking.references.value(resource, attribute)
        if value in (None, ""):
            return
        if not isinstance(value, str):
            self._exclude(identity, self.taking.why_absent(resource, attribute, "its permissions boundary"))
        elif value in self._unknown_policies:
            self._exclude(identity, f"its permissions boundary {self._unknown_policies[value]} is {AFTER_APPLY}")
        else:
            self.taking.part(owner).put((*key, attribute), value, resource.at(attribute))

    def _tags(self, identity: Identity, resource: Resource) -> None:
        """Adds tags; a tag must be known if any policy may depend on tags."""
        owner, kind, name = identity
        attribute = next((each for each in ("tags_all", "tags") if isinstance(resource.values.get(each), dict)), "")
        if resource.is_unknown("tags") or (not attribute and resource.is_unknown("tags_all")):
            if self.taking.depends_on_tags():
                self._exclude(identity, f"its tags are {AFTER_APPLY}, and a policy depends on tags")
            elif resource.is_unknown("tags") or self.taking.references.is_configured(resource, "tags"):
                self.taking.leave_out(resource, f"its tags (tags) are {AFTER_APPLY}", "", "tags")
        if kind == "groups" or not attribute:
            return
        for tag, value in resource.values[attribute].items():
            # Only AWS itself can set tags with this prefix, and worlds do not have them.
            if isinstance(value, str) and not tag.startswith("aws:"):
                self.taking.part(owner).put((kind, name, "tags", tag), value, resource.at(attribute, tag))

    # --- separate attachments -----------------------------------------------------------------------------------------

    def _inline(self, resource: Resource, attribute: str) -> None:
        references = self.taking.references
        policy = references.text(resource, "name")
        for identity in self._identities(
            resource, references.value(resource, attribute), _PLURAL[attribute], attribute
        ):
            if not policy:
                self._exclude(identity, f"the name of its inline policy {resource.address} is {AFTER_APPLY}")
                continue
            why = f"its inline policy {resource.address} is {AFTER_APPLY}"
            if not resource.is_unknown("policy"):
                why = f"its inline policy {resource.address} is not in the file"
            value = references.value(resource, "policy")
            if resource.values.get("policy") is None and not isinstance(value, Unknown):
                value = None
            self._put_inline(identity, policy, value, why, resource.at("policy"))

    def _attached(self, resource: Resource, attribute: str, kind: str) -> None:
        references = self.taking.references
        several = attribute in {"roles", "users", "groups"}
        names = references.values(resource, attribute) if several else [references.value(resource, attribute)]
        for name in names:
            for identity in self._identities(resource, name, kind, attribute):
                self._attach(identity, references.value(resource, "policy_arn"), resource.at("policy_arn"))

    def _identities(self, resource: Resource, name: Any, kind: str, attribute: str) -> Iterator[Identity]:
        """Yields the identities that a resource names in order to attach something to them."""
        if not isinstance(name, str) or not name:
            self.taking.leave_out(resource, self.taking.why_absent(resource, attribute, f"the {attribute}"))
            self._exclude_whom_it_may_deny(resource, name, kind)
            return
        owner = self.taking.owners.of(resource)
        if owner is not None:
            yield owner, kind, name
            return
        named = [identity for identity in self._resources if identity[1:] == (kind, name)]
        elsewhere = [
            each
            for each in self.taking.everywhere(f"aws_iam_{kind[:-1]}")
            if self.taking.references.text(each, "name") == name
        ]
        if len(named) == 1 and len(elsewhere) == 1:
            yield named[0]
            return
        if named:
            self.taking.leave_out(resource, _UNKNOWN_ACCOUNT)
        for identity in named:
            self._exclude(
                identity, f"{resource.address} may be attached to it, or to one of the same name in another account"
            )

    def _exclude_whom_it_may_deny(self, resource: Resource, name: Any, kind: str) -> None:
        """Leaves out every identity that a policy may be for; a name is unknown only if the plan creates it."""
        if isinstance(name, Unknown) and may_deny(self.taking, resource, self._unknown_policies):
            for identity, identity_resource in self._resources.items():
                if identity[1] == kind and identity_resource.is_unknown("id"):
                    self._exclude(
                        identity, f"{resource.address} may deny it something: whom it is attached to is {AFTER_APPLY}"
                    )

    def _members(self) -> None:
        references = self.taking.references
        for resource in self.taking.managed("aws_iam_group_membership"):
            group = references.text(resource, "group")
            for number, user in enumerate(references.values(resource, "users")):
                self._member(resource, group, user, resource.at("users", number))
        for resource in self.taking.managed("aws_iam_user_group_membership"):
            user = references.value(resource, "user")
            for number, group in enumerate(references.values(resource, "groups")):
                self._member(resource, group, user, resource.at("groups", number))

    def _member(self, resource: Resource, group: Any, user: Any, place: Key) -> None:
        owner = self.taking.account_of(resource, "aws_iam_user", str(user))
        if not isinstance(user, str) or not isinstance(group, str) or not group or owner is None:
            self.taking.leave_out(
                resource, _UNKNOWN_ACCOUNT if owner is None else f"a member or the group is {AFTER_APPLY}"
            )
        else:
            self.taking.part(owner).append(("groups", group, "users"), user, place)

    def _exclusive(self) -> None:
        """Removes the policies that an exclusive list does not contain: Terraform would detach them."""
        references = self.taking.references
        for type_, named, kind, attribute, setting in _EXCLUSIVE:
            for resource in self.taking.managed(type_):
                for identity in self._identities(resource, references.value(resource, named), kind, named):
                    allowed = references.values(resource, attribute)
                    if not all(isinstance(each, str) for each in allowed):
                        self._exclude(
                            identity, f"the policies that {resource.address} leaves attached are {AFTER_APPLY}"
                        )
                        continue
                    part, key = self.taking.part(identity[0]), (*identity[1:], setting)
                    present = part.data.get(kind, {}).get(identity[2], {}).get(setting)
                    if isinstance(present, dict):
                        for policy in [each for each in present if each not in allowed]:
                            part.remove((*key, policy))
                    elif isinstance(present, list):
                        kept = [(each, part.place((*key, n))) for n, each in enumerate(present) if each in allowed]
                        part.remove(key)
                        for each, place in kept:
                            part.append(key, each, place)

    # --- unknown identities -------------------------------------------------------------------------------------------

    def _exclude(self, identity: Identity, reason: str) -> None:
        self._excluded.setdefault(identity, reason)

    def _leave_out(self, identity: Identity, reason: str) -> None:
        owner, *key = identity
        self.taking.part(owner).remove(tuple(key))
        self.taking.contents.excluded.append(identity)
        resource = self._resources.get(identity)
        if resource is None:
            what = f"{identity[1][:-1]} {identity[2]}, which is not in the file"
            self.taking.contents.left_out.append(SeedNote(what, reason, names=(identity[2],)))
        else:
            fix = "Apply the plan and use the state, or set it in the world file." if AFTER_APPLY in reason else ""
            self.taking.leave_out(resource, reason, fix)


def _are_blocks(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(each, dict) for each in value))


_UNKNOWN_ACCOUNT = "the file has several accounts and does not say which one it belongs to"


def _taken_away(destroyed: Destroyed) -> Iterator[tuple[str, str, str]]:
    """Yields the policies that a plan takes away from a role, but the role's own attributes still contain."""
    values: Mapping[str, Any] = destroyed.values
    if destroyed.kind in _INLINE:
        attribute = _INLINE[destroyed.kind]
        yield "inline", f"{_PLURAL[attribute]}/{values.get(attribute)}", str(values.get("name"))
    elif destroyed.kind in _ATTACHED:
        attribute = _ATTACHED[destroyed.kind]
        yield "attached", f"{_PLURAL[attribute]}/{values.get(attribute)}", str(values.get("policy_arn"))
    elif destroyed.kind == "aws_iam_policy_attachment":
        for attribute in ("roles", "users", "groups"):
            named = values.get(attribute)
            for name in named if isinstance(named, list) else ():
                yield "attached", f"{attribute}/{name}", str(values.get("policy_arn"))
