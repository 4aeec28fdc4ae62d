"""Managed and inline policies and their attachments, as ``aws iam`` prints them.

Spec: IAM API Reference, GetPolicyVersion, GetRolePolicy, ListAttachedRolePolicies, ListRolePolicies, ListPolicies
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.seeds.arns import arn_of
from emulator.seeds.aws_answers.answers import Answer
from emulator.seeds.aws_answers.fields import Fields
from emulator.seeds.aws_answers.identity_names import identity_of, inline_policies_without_document, is_named
from emulator.seeds.aws_answers.reading import Known, Reading, names_nothing, word_in
from emulator.seeds.aws_answers.unknown_denials import require_known
from emulator.seeds.contents import HERE
from emulator.worldfile.name_lists import few
from emulator.worldfile.text.yaml_data import Key

_IDENTITIES = (("roles", "RoleName"), ("users", "UserName"), ("groups", "GroupName"))
_NAME_THE_FILE = "Name the file after the role, user or group, for example ConnectAgent.json."


def read_inline_policy(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``get-role-policy``, ``get-user-policy`` and ``get-group-policy``."""
    fields = answer.fields
    kind, field = next(each for each in _IDENTITIES if each[1] in fields.data)
    with reading.leaving_out(fields, fields.called("inline policy of", field)):
        key: Key = (kind, fields.text(field), "inline_policies", fields.text("PolicyName"))
        document = fields.document("PolicyDocument")
        require_known(reading, kind, fields.text(field))
        reading.part().put(key, document, (*fields.place, "PolicyDocument"))


def read_attached(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``list-attached-role-policies`` and its equivalents for users and groups."""
    policies = list(answer.objects("AttachedPolicies"))
    identity = identity_of(reading, Known(answer, reading.seed.settings))
    if identity is None:
        if policies:
            names = [each.called("", "PolicyName").strip() for each in policies]
            reason = "the output does not say which role, user or group they are attached to"
            reading.leave_out(f"attached policies {few(names)}", reason, policies[0].place, _NAME_THE_FILE)
        return
    kind, name = identity
    require_known(reading, kind, name, answer.fields.place)
    part = reading.part()
    if policies:
        part.put((kind, name, "policies"), [], answer.fields.place)
    for policy in policies:
        with reading.leaving_out(policy, f"attached policy of {name}"):
            part.append((kind, name, "policies"), policy.text("PolicyArn"), (*policy.place, "PolicyArn"))
    if name != reading.seed.settings.stem and policies:
        what = f"policies attached to {kind.removesuffix('s')} {name}"
        reason = "the output does not say whose they are; this is taken from the file's name and the other files"
        reading.add_note(what, reason, answer.fields.place)


def read_policy_names(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``list-role-policies`` and its equivalents: names without documents."""
    names = [name for name, _ in answer.fields.texts("PolicyNames")]
    identity = identity_of(reading, Known(answer, reading.seed.settings))
    if identity is None or not names:
        if names:
            reason = "the output does not say whose they are"
            reading.leave_out(f"inline policies {few(names)}", reason, answer.fields.place, _NAME_THE_FILE)
        return
    kind, name = identity
    missing = inline_policies_without_document(reading, kind, name)
    if missing:
        reading.contents.excluded.append((HERE, kind, name))
        noun = kind.removesuffix("s")
        fix = (
            f"Add the output of aws iam get-{noun}-policy --{noun}-name {name} --policy-name {missing[0]} to the seeds."
        )
        what = f"inline policies of {noun} {name}: {few(missing)}"
        reading.leave_out(what, "the seeds contain only their names", (*answer.fields.place, "PolicyNames"), fix)


def read_policies(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``get-policy`` and ``list-policies``, and the policies in that of a whole account."""
    without: list[str] = []
    for policy in _own_policies(answer):
        name = str(policy.data.get("PolicyName"))
        with reading.leaving_out(policy, f"policy {name}"):
            version = next((each for each in policy.objects("PolicyVersionList") if _is_default(policy, each)), None)
            if version is not None:
                key: Key = ("policies", policy.text("PolicyName"))
                place = (*version.place, "Document")
                reading.part(policy.optional_text("Arn")).put(key, version.document("Document"), place)
            elif name not in _with_documents(reading):
                without.append(name)
    if without:
        first = next(each for each in _own_policies(answer) if each.data.get("PolicyName") == without[0])
        arn, version_id = (
            value if isinstance(value, str) and value else instead
            for value, instead in ((first.data.get("Arn"), "ARN"), (first.data.get("DefaultVersionId"), "v1"))
        )
        fix = f"Add the output of aws iam get-policy-version --policy-arn {arn} --version-id {version_id} to the seeds."
        noun = "policy" if len(without) == 1 else "policies"
        reading.leave_out(f"{noun} {few(without)}", "none of the seeds contains the document", first.place, fix)


def read_policy_version(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``get-policy-version``, which does not name the policy."""
    for version in answer.objects("PolicyVersion"):
        name = _policy_name(reading, reading.seed.settings.stem)
        with reading.leaving_out(version, f"policy {name or 'without a name'}"):
            if name is None:
                names = few(list(_policy_names(reading)))
                reason = f"the output does not say which policy it is a version of: {names}"
                reading.leave_out("a policy's version", reason, version.place, "Name the file after the policy.")
                continue
            if version.data.get("IsDefaultVersion") is False:
                reason = f"its version {version.optional_text('VersionId')} is not the default version"
                reading.leave_out(
                    f"policy {name}", reason, version.place, "Use the default version, which get-policy names."
                )
                continue
            reading.part().put(("policies", name), version.document("Document"), (*version.place, "Document"))


def _own_policies(answer: Answer) -> Iterator[Fields]:
    for policy in answer.objects("Policy", "Policies"):
        arn = arn_of(policy.data.get("Arn"))
        if is_named(policy, "PolicyName") and (arn is None or arn.account_id != "aws"):
            yield policy


def _is_default(policy: Fields, version: Fields) -> bool:
    given = version.data.get("IsDefaultVersion")
    return (
        given is True
        if isinstance(given, bool)
        else version.data.get("VersionId") == policy.data.get("DefaultVersionId")
    )


def _policy_names(reading: Reading) -> list[str]:
    """Returns the names of the account's customer managed policies in the seeds and the world."""
    return reading.once("policy names", lambda: _policy_names_anew(reading))


def _policy_names_anew(reading: Reading) -> list[str]:
    found = []
    for known in reading.known:
        found += [str(each.data["PolicyName"]) for each in _own_policies(known.answer)]
    for each in reading.known_objects("AttachedPolicies", "AttachedManagedPolicies"):
        arn = arn_of(each.data.get("PolicyArn"))
        if arn is not None and arn.account_id != "aws":
            found.append(arn.name)
    return list(dict.fromkeys([*found, *reading.own_names("policies")]))


def _policy_name(reading: Reading, stem: str) -> str | None:
    """Returns the policy that a version belongs to, by the name of its file; None if that is not known."""
    names = _policy_names(reading)
    if stem in names:
        return stem
    inside = word_in(stem, names)
    if inside or not names_nothing(stem):
        return inside or stem
    return names[0] if len(names) == 1 else None


def _with_documents(reading: Reading) -> set[str]:
    """Returns the names of the policies for which a seed or the world has the document."""
    return reading.once("policies with documents", lambda: _with_documents_anew(reading))


def _with_documents_anew(reading: Reading) -> set[str]:
    found = set(reading.own_names("policies"))
    for known in reading.known:
        if known.answer.command == "iam get-policy-version":
            found.add(_policy_name(reading, known.settings.stem) or "")
        found |= {
            str(each.data["PolicyName"]) for each in _own_policies(known.answer) if each.data.get("PolicyVersionList")
        }
    return found
