"""The rest of a template besides IAM and Amazon Connect: what federation may need is reported, the rest counted.

Spec: AWS CloudFormation User Guide, "Transforms", "Nested stacks", "Modules", "Custom resources"
Evidence: documented
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from emulator.seeds.cloudformation.reading import Reading
from emulator.seeds.cloudformation.values import given_by, listed
from emulator.seeds.contents import SeedNote
from emulator.worldfile.text.yaml_data import Key

_READ: Final = frozenset(
    {
        "AWS::Connect::ApprovedOrigin",
        "AWS::Connect::Instance",
        "AWS::Connect::RoutingProfile",
        "AWS::Connect::SecurityProfile",
        "AWS::Connect::User",
        "AWS::IAM::AccessKey",
        "AWS::IAM::Group",
        "AWS::IAM::GroupPolicy",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::SAMLProvider",
        "AWS::IAM::User",
        "AWS::IAM::UserPolicy",
        "AWS::IAM::UserToGroupAddition",
    }
)
# Resources that CDK generates for itself, which never appear in a trust policy.
_CDKS_OWN: Final = (
    "AWS::CDK::Metadata",
    "Custom::AWSCDK",
    "Custom::CDKBucketDeployment",
    "Custom::LogRetention",
    "Custom::S3AutoDeleteObjects",
    "Custom::S3BucketNotifications",
    "Custom::VpcRestrictDefaultSG",
)
_ELSEWHERE: Final = {
    "AWS::CloudFormation::StackSet": (
        "what it creates is in other stacks",
        "List its template as a seed of each account.",
    ),
    "AWS::CloudFormation::Stack": (
        "what a nested stack creates is in its own template",
        "List its template as a seed too, and set its outputs by values: {NAME.Outputs.OUTPUT: …}.",
    ),
    "AWS::CloudFormation::Macro": ("only the macro's function knows what it changes", ""),
    "AWS::ServiceCatalog::": ("what a product creates is in its own template", "List its template as a seed too."),
    "AWS::Organizations::": (
        "an organization's accounts and policies are not read from templates",
        "Set organization of the account in the world file.",
    ),
    "AWS::SSO::": ("IAM Identity Center is not emulated", ""),
    "AWS::Serverless::": (
        "the roles that the transform creates for it are not in the template",
        "Use the output of aws cloudformation get-template --template-stage Processed instead.",
    ),
}
_MACROS: Final = {
    "AWS::Serverless-2016-10-31": "Use the output of aws cloudformation get-template --template-stage Processed "
    "instead.",
    "AWS::Include": "Replace it with what it includes.",
}
_READ_HERE: Final = "AWS::LanguageExtensions"


def report_other_resources(reading: Reading) -> None:
    """Reports what is left out: transforms, custom resources, nested stacks, and the number of other resources."""
    for transform in _transforms(reading.template.data):
        fix = _MACROS.get(
            transform, "Use the output of aws cloudformation get-template --template-stage Processed instead."
        )
        place: Key = ("Transform",)
        reading.add_left_out(
            SeedNote(f"Transform {transform}", "only AWS knows what a transform adds to the template", place, fix)
        )
    for loop, error in reading.template.loops.unknown.items():
        reading.add_left_out(SeedNote(f"Resources.{loop[:80]}", error.reason, ("Resources", loop), error.fix))
    named: dict[str, list[str]] = {}
    custom: list[tuple[str, str]] = []
    others: Counter[str] = Counter()
    for logical_id, resource in reading.template.all.items():
        place = ("Resources", str(logical_id))
        kind = resource.get("Type") if isinstance(resource, dict) else None
        if not isinstance(kind, str):
            makes = (
                "only AWS knows what it creates"
                if logical_id == "Fn::Transform"
                else "it is not a resource with a Type"
            )
            reading.add_left_out(SeedNote(f"Resources.{str(logical_id)[:80]}", makes, place))
        elif kind in _READ:
            continue
        elif kind.startswith("AWS::Serverless::") and _has_role(resource):
            others[kind] += 1
        elif kind.endswith("::MODULE") or any(kind.startswith(each) for each in _ELSEWHERE):
            named.setdefault(kind, []).append(str(logical_id))
        elif _is_custom(kind):
            custom.append((str(logical_id), kind))
        else:
            others[kind] += 1
    _report_by_type(reading, named)
    _report_custom(reading, custom)
    if others:
        kinds = listed(f"{kind} ({count})" for kind, count in others.most_common())
        count = sum(others.values())
        what = f"{count} other resource{'s' if count > 1 else ''}"
        reading.add_left_out(SeedNote(what, f"not used for federation: {kinds}", ("Resources",)))


def report_generated_names(reading: Reading) -> None:
    """Reports once which names and ids were generated and differ from the ones that AWS assigns."""
    references = reading.template.references
    notes = reading.contents.notes
    if references.made_names:
        names = listed(dict.fromkeys(references.made_names.values()))
        reason = f"CloudFormation adds random characters to these names, which are unknown here: {names}"
        fix = given_by("values", next(iter(references.made_names)))
        notes.append(SeedNote("generated names", reason, ("Resources",), fix))
    ids = [
        logical_id
        for logical_id in references.made_ids
        if not str(reading.template.all[logical_id].get("Type")).startswith("AWS::Connect::")
    ]
    if ids:
        reason = f"only AWS knows the ids in their ARNs, so they are generated here: {listed(ids)}"
        notes.append(SeedNote("generated ids", reason, ("Resources",)))


def _report_by_type(reading: Reading, named: dict[str, list[str]]) -> None:
    for kind, logical_ids in named.items():
        reason, fix = next(
            (said for beginning, said in _ELSEWHERE.items() if kind.startswith(beginning)),
            ("what a module creates is in the account's registry", ""),
        )
        place = ("Resources", logical_ids[0])
        reading.add_left_out(SeedNote(f"{kind} ({listed(logical_ids)})", reason, place, fix))


def _report_custom(reading: Reading, custom: list[tuple[str, str]]) -> None:
    values = reading.template.stack.values
    unknown = [
        (logical_id, kind)
        for logical_id, kind in custom
        if not any(name.partition(".")[0] == logical_id for name in values)
    ]
    for logical_id, kind in unknown[:5]:
        reason = "only the custom resource's provider knows what it creates"
        asked, *_ = reading.template.references.unknown.get(logical_id, [logical_id])
        place = ("Resources", logical_id)
        reading.add_left_out(SeedNote(f"Resources.{logical_id} ({kind})", reason, place, given_by("values", asked)))
    if len(unknown) > 5:
        names = listed(logical_id for logical_id, _ in unknown[5:])
        reason = f"only their providers know what they create: {names}"
        reading.add_left_out(SeedNote(f"{len(unknown) - 5} more custom resources", reason, ("Resources",)))


def _has_role(resource: dict[str, Any]) -> bool:
    properties = resource.get("Properties")
    return isinstance(properties, dict) and "Role" in properties


def _is_custom(kind: str) -> bool:
    if kind.startswith(_CDKS_OWN):
        return False
    return kind == "AWS::CloudFormation::CustomResource" or not kind.startswith(("AWS::", "Alexa::"))


def _transforms(template: Any) -> Iterator[str]:
    """Yields the names of the transforms that apply to a whole template."""
    written = template.get("Transform")
    for each in written if isinstance(written, list) else [written]:
        name = each.get("Name") if isinstance(each, dict) else each
        if isinstance(name, str) and name != _READ_HERE:
            yield name[:80]
