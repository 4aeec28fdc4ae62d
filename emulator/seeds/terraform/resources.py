"""The resources in any of Terraform's JSON formats: a state, a plan, ``terraform.tfstate``.

Spec: developer.hashicorp.com/terraform/internals/json-format; the format of state files is internal, and version 4
    has been in use since Terraform 0.12
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.contents import SeedError
from emulator.worldfile.text.yaml_data import Key

_FORMATS = ("0.", "1.")
_STATE_FILE = 4
_DELETED = "delete"
_FORGOTTEN = ["forget"]


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """An instance of a resource, or the result of a data source.

    Args:
        address: The address, as Terraform prints it: ``module.sso["a"].aws_iam_role.agent[0]``.
        mode: Either ``managed`` or ``data``.
        kind: The resource type: ``aws_iam_role``.
        name: The resource's name in the source.
        index: The instance's key in ``for_each``, or its number in ``count``.
        module: The address of the module; empty for the root module.
        provider: The provider, with its alias if the file has one: ``hashicorp/aws.tokyo``.
        values: The attributes, as far as they are known. May contain secrets, which must not be shown.
        place: The keys in the file that lead to the values.
        unknown: Which attributes are known only after apply, in the same structure as the values.
        is_tainted: Whether the next apply will replace the resource.
        deposed: The key of an object that Terraform has replaced and still has to destroy.
        account_id: The account id in the resource identity, which newer versions of the AWS provider write.
    """

    address: str
    mode: str
    kind: str
    name: str
    index: str | int | None
    module: str
    provider: str
    values: Mapping[str, Any] = field(repr=False)
    place: Key
    unknown: Any = None
    is_tainted: bool = False
    deposed: str = ""
    account_id: str = ""

    def text(self, attribute: str) -> str:
        """Returns an attribute that is a string; empty if it is not one."""
        value = self.values.get(attribute)
        return value if isinstance(value, str) else ""

    def texts(self, attribute: str) -> list[str]:
        """Returns the strings in an attribute that is a list or set."""
        value = self.values.get(attribute)
        return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []

    def blocks(self, attribute: str) -> list[tuple[int, Mapping[str, Any]]]:
        """Returns the blocks of a type, with their indexes."""
        value = self.values.get(attribute)
        return [(n, each) for n, each in enumerate(value) if isinstance(each, dict)] if isinstance(value, list) else []

    def is_unknown(self, attribute: str) -> bool:
        """Returns whether an attribute, or something in it, is known only after apply."""
        return isinstance(self.unknown, dict) and holds_unknown(self.unknown.get(attribute))

    def is_unknown_inside(self, attribute: str, number: int) -> bool:
        """Returns whether something in one of several blocks is known only after apply."""
        parts = self.unknown.get(attribute) if isinstance(self.unknown, dict) else None
        return holds_unknown(parts[number]) if isinstance(parts, list) and number < len(parts) else holds_unknown(parts)

    def at(self, *inside: str | int) -> Key:
        """Returns the place of an attribute."""
        return (*self.place, *inside)


def holds_unknown(value: Any) -> bool:
    """Returns whether anything in a structure like ``after_unknown`` is true."""
    if isinstance(value, dict):
        return any(map(holds_unknown, value.values()))
    if isinstance(value, list):
        return any(map(holds_unknown, value))
    return value is True


@dataclass(frozen=True, slots=True)
class Destroyed:
    """An object that a plan destroys or replaces."""

    address: str
    kind: str
    values: Mapping[str, Any] = field(repr=False)
    place: Key
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class TerraformFile:
    """The contents of a Terraform file.

    Args:
        kind: The kind of file, in words.
        resources: The resources at the requested moment.
        destroyed: The objects that a plan destroys.
        configuration: The configuration from which a plan was made, as far as the plan contains it.
        variables: The values of the plan's variables.
        malformed: The places of entries that should be resources but are not.
    """

    kind: str
    resources: Sequence[Resource]
    destroyed: Sequence[Destroyed] = ()
    configuration: Mapping[str, Any] = field(default_factory=dict, repr=False)
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)
    malformed: Sequence[Key] = ()


def kind_of(data: Any) -> str:
    """Returns which of Terraform's formats data is in; empty if it is not in a supported one."""
    if not isinstance(data, dict):
        return ""
    if isinstance(data.get("format_version"), str) and "provider_schemas" not in data and "valid" not in data:
        if data.keys() & {"planned_values", "resource_changes", "prior_state", "configuration"}:
            return "Terraform plan"
        if "values" in data or data.keys() <= {"format_version", "terraform_version", "checks"}:
            return "Terraform state"
    is_state = type(data.get("version")) is int and data.keys() & {"serial", "lineage", "terraform_version"}
    if is_state and "backend" not in data:
        return "Terraform state file" if data.keys() & {"resources", "modules", "outputs"} else ""
    return ""


def read_file(data: Mapping[str, Any], *, moment: str) -> TerraformFile:
    """Returns the contents of a Terraform file.

    Args:
        data: The file's data, in a format that ``kind_of`` recognises.
        moment: For a plan, whether to return the current (``before``) or the planned (``after``) resources.

    Raises:
        SeedError: its version is not supported, or it is a plan that failed.
    """
    kind = kind_of(data)
    if kind == "Terraform state file":
        return _state_file(data, kind)
    version = data["format_version"]
    if not version.startswith(_FORMATS):
        raise SeedError(
            f"format_version {version[:20]} of terraform show -json is not supported", expected="format_version 1.x"
        )
    malformed: list[Key] = []
    if kind == "Terraform state":
        return TerraformFile(kind, [*_shown(data.get("values"), ("values",), malformed)], malformed=malformed)
    return _plan(data, kind, moment, malformed)


# --- terraform show -json ---------------------------------------------------------------------------------------------


def _plan(data: Mapping[str, Any], kind: str, moment: str, malformed: list[Key]) -> TerraformFile:
    prior = data.get("prior_state")
    before_place: Key = ("prior_state", "values")
    before = [*_shown(prior.get("values") if isinstance(prior, dict) else None, before_place, malformed)]
    configuration = _mapping(data, "configuration")
    variables = _mapping(data, "variables")
    if moment == "before":
        return TerraformFile(f"{kind}, before it is applied", before, (), configuration, variables, malformed)
    if data.get("errored") is True:
        raise SeedError(
            "the plan failed and is incomplete (errored: true)",
            expected="a plan without errors",
        )
    changes = [*_changes(data)]
    unknown = {address: change.get("after_unknown") for address, change, _ in changes}
    planned = [*_shown(data.get("planned_values"), ("planned_values",), malformed, unknown)]
    # What a plan does not touch is only in the prior state: data sources, and resources that -target excludes. The same
    # goes for resources that Terraform is to forget, which continue to exist.
    touched = {address for address, change, _ in changes if change.get("actions") != _FORGOTTEN}
    touched |= {resource.address for resource in planned} | {
        str(entry.get("previous_address")) for _, _, entry in changes
    }
    kept = [resource for resource in before if resource.address not in touched or resource.deposed]
    gone = [
        Destroyed(
            address,
            str(entry.get("type")),
            values if isinstance(values := change.get("before"), dict) else {},
            ("resource_changes", entry["#"], "change", "before"),
            "create" in change["actions"],
        )
        for address, change, entry in changes
        if _DELETED in _list(change.get("actions")) and not entry.get("deposed")
    ]
    return TerraformFile(kind, [*planned, *kept], gone, configuration, variables, malformed)


def _changes(data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    for number, entry in enumerate(_list(data.get("resource_changes"))):
        if isinstance(entry, dict) and isinstance(entry.get("change"), dict):
            yield str(entry.get("address")), entry["change"], {**entry, "#": number}


def _shown(
    values: Any, place: Key, malformed: list[Key], unknown: Mapping[str, Any] | None = None
) -> Iterator[Resource]:
    """Yields the resources in all modules of a state, or of the planned values."""
    root = _mapping(values, "root_module")
    modules: list[tuple[Any, Key]] = [(root, (*place, "root_module"))]
    while modules:
        module, at = modules.pop(0)
        if not isinstance(module, dict):
            malformed.append(at)
            continue
        address = module.get("address")
        for number, entry in enumerate(_list(module.get("resources"))):
            here: Key = (*at, "resources", number)
            if not _is_resource(entry, "address") or not isinstance(entry.get("values", {}), dict | None):
                malformed.append(here)
                continue
            yield _resource(entry, here, address if isinstance(address, str) else "", unknown or {})
        children = _list(module.get("child_modules"))
        modules += [(child, (*at, "child_modules", number)) for number, child in enumerate(children)]


def _is_resource(entry: Any, *more: str) -> bool:
    return isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in ("type", "name", *more))


def _resource(entry: Mapping[str, Any], place: Key, module: str, unknown: Mapping[str, Any]) -> Resource:
    address = str(entry.get("address"))
    return Resource(
        address=address,
        mode="data" if entry.get("mode") == "data" else "managed",
        kind=str(entry.get("type")),
        name=str(entry.get("name")),
        index=_index(entry.get("index")),
        module=module,
        provider=_provider_of(entry.get("provider_name")),
        values=entry.get("values") or {},
        place=(*place, "values"),
        unknown=unknown.get(address),
        is_tainted=entry.get("tainted") is True,
        deposed=str(entry.get("deposed_key") or ""),
        account_id=_account_id(entry.get("identity")),
    )


# --- terraform.tfstate ------------------------------------------------------------------------------------------------


def _state_file(data: Mapping[str, Any], kind: str) -> TerraformFile:
    version = data["version"]
    if version != _STATE_FILE:
        raise SeedError(
            f"this is a Terraform state of version {version}; only version {_STATE_FILE} is supported",
            expected="output of terraform show -json, or of terraform state pull of Terraform 0.12 or later",
        )
    malformed: list[Key] = []
    resources: list[Resource] = []
    for number, entry in enumerate(_list(data.get("resources"))):
        place: Key = ("resources", number)
        instances = entry.get("instances") if _is_resource(entry) else None
        if not isinstance(instances, list):
            malformed.append(place)
            continue
        for position, instance in enumerate(instances):
            here: Key = (*place, "instances", position)
            if isinstance(instance, dict) and isinstance(instance.get("attributes"), dict):
                resources.append(_instance(entry, instance, here))
            else:
                malformed.append(here)
    return TerraformFile(kind, resources, malformed=malformed)


def _instance(entry: Mapping[str, Any], instance: Mapping[str, Any], place: Key) -> Resource:
    module = entry.get("module") if isinstance(entry.get("module"), str) else ""
    mode = "data" if entry.get("mode") == "data" else "managed"
    index = _index(instance.get("index_key"))
    parts = [module, "data" if mode == "data" else "", str(entry.get("type")), str(entry.get("name"))]
    shown = "" if index is None else f"[{index}]" if isinstance(index, int) else f'["{index}"]'
    return Resource(
        address=".".join(filter(None, parts)) + shown,
        mode=mode,
        kind=str(entry.get("type")),
        name=str(entry.get("name")),
        index=index,
        module=str(module or ""),
        provider=_provider_of(entry.get("provider")),
        values=instance["attributes"],
        place=(*place, "attributes"),
        is_tainted=instance.get("status") == "tainted",
        deposed=str(instance.get("deposed") or ""),
        account_id=_account_id(instance.get("identity")),
    )


def _provider_of(text: Any) -> str:
    """Returns a provider's name with its alias: ``hashicorp/aws.tokyo``."""
    text = text if isinstance(text, str) else ""
    source, _, alias = text.rpartition("provider[")[2].partition('"].')
    name = "/".join(source.strip('"]').split("/")[-2:])
    return f"{name}.{alias}" if alias else name


def _account_id(identity: Any) -> str:
    value = identity.get("account_id") if isinstance(identity, dict) else None
    return value if isinstance(value, str) else ""


def _index(value: Any) -> str | int | None:
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def _mapping(data: Any, key: str) -> Mapping[str, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
