"""The steps in IAM: policies, Okta's user, the identity provider, and the roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.setup_steps.documents import (
    FEDERATION,
    READING,
    allows,
    federation_policy,
    reading_policy,
    trust_policy,
)
from emulator.setup_steps.places import Places, as_json_text, joined
from emulator.setup_steps.provisioning_step import READS, SHOWN_ONCE
from emulator.setup_steps.step import Step, Value, Verdict
from emulator.setup_steps.subject import RoleHere, Subject
from emulator.worldfile.schema.aws_schema import Account, IamUser, MetadataSource
from emulator.worldfile.text.yaml_data import Key

_MADE_HERE = "The id in it is the emulator's: AWS shows the provider's own."


def reading_policy_step(subject: Subject, places: Places) -> Step:
    """Returns the step of the policy with which Okta reads the roles."""
    found = [
        (key, document)
        for name, user in _okta_users(subject)
        for key, document in _documents(subject, places, ("aws", subject.account_id, "users", name), user)
    ]
    values = [
        places.at(key, _text(document), below=_policy_name(key), stops=False)
        for key, document in found
        if all(allows(document, action) for action in READING)
    ]
    wanted = as_json_text(reading_policy())
    near = next(((key, each) for key, each in found if "iam:list" in str(each).lower()), None)
    if not values and near is not None:
        values = [places.at(near[0], as_json_text(near[1]), wanted, below=_policy_name(near[0]), stops=False)]
    if not values:
        key = ("aws", subject.account_id, "policies")
        values = [places.at(key, "", wanted, below="Create policy > JSON", stops=False)]
    return Step("3a", "okta-policy", "IAM: the policy with which Okta reads the roles", tuple(values), _need(values))


def _need(values: list[Value]) -> tuple[str, ...]:
    return (READS,) if any(value.verdict.is_open for value in values) else ()


def _policy_name(key: Key) -> str:
    return str(key[3]) if key[2] == "policies" and len(key) > 3 else ""


def _documents(subject: Subject, places: Places, key: Key, holder: Any) -> Iterator[tuple[Key, Any]]:
    """Yields the policy documents of a role or a user, each with its key; of AWS's own nothing is known but the ARN."""
    account = subject.world.settings.aws[str(key[1])]
    for index, name in enumerate(holder.policies):
        if name in account.policies:
            policy: Key = (*key[:2], "policies", name)
            yield policy, places.document(policy)
        else:
            yield (*key, "policies", index), name
    for name in holder.inline_policies:
        inline: Key = (*key, "inline_policies", name)
        yield inline, places.document(inline)


def federation_policy_step(subject: Subject, places: Places) -> Step:
    """Returns the step of the policy for the login to Amazon Connect."""
    wanted = as_json_text(federation_policy(subject))
    same_as = ("region, account and instance id of the instance's ARN (step 1)",)
    found: dict[Key, Any] = {}
    for role in subject.roles:
        found |= dict(_documents(subject, places, role.key, role.settings))
    values = [
        places.at(key, _text(document), below=_policy_name(key), same_as=same_as, right=wanted)
        for key, document in found.items()
        if _is_for_federation(document)
    ]
    if not values and any(each.arrives and each.instance_id for each in subject.decisions):
        values = [places.at(key, _text(document), below=_policy_name(key)) for key, document in found.items()]
    if not values:
        key = next(iter(found), ("aws", subject.account_id, "policies"))
        policy = found.get(key)
        now = "" if policy is None or not _is_near(policy) else as_json_text(policy)
        below = _policy_name(key) if now else "Create policy > JSON"
        at = key if now else ("aws", subject.account_id, "policies")
        values = [places.at(at, now, wanted, below=below, same_as=same_as)]
    return Step("3b", "connect-policy", "IAM: the policy for the login to Amazon Connect", tuple(values))


def _text(document: Any) -> str:
    return document if isinstance(document, str) else as_json_text(document)


def _is_for_federation(document: Any) -> bool:
    return allows(document, FEDERATION) or (isinstance(document, str) and "Connect" in document)


def _is_near(document: Any) -> bool:
    """Whether a policy that does not allow the login was meant to."""
    return not isinstance(document, str) and "connect" in str(document).lower()


def _okta_users(subject: Subject) -> Iterator[tuple[str, IamUser]]:
    """Yields Okta's users in the first account: those with the app's access key, else those who may read the roles."""
    account = subject.world.settings.aws.get(subject.account_id)
    if account is None:
        return
    provisioning = subject.settings.provisioning if subject.settings is not None else None
    own = [
        (name, user)
        for name, user in account.users.items()
        if provisioning is not None and provisioning.access_key in [key.id for key in user.access_keys]
    ]
    yield from own or _readers(account)


def _readers(account: Account) -> Iterator[tuple[str, IamUser]]:
    for name, user in account.users.items():
        documents = [*user.inline_policies.values(), *(account.policies.get(each) for each in user.policies)]
        if any(_names(document, READING[0]) for document in documents):
            yield name, user


def _names(document: Any, action: str) -> bool:
    return action.lower() in str(document).lower()


def user_step(subject: Subject, places: Places) -> Step:
    """Returns the step of Okta's IAM user."""
    values: list[Value] = []
    provisioning = subject.settings.provisioning if subject.settings is not None else None
    for name, user in _okta_users(subject):
        key: Key = ("aws", subject.account_id, "users", name)
        values += [places.at((*key, "policies", i), each, stops=False) for i, each in enumerate(user.policies)]
        values += [places.at((*key, "inline_policies", each), each, stops=False) for each in user.inline_policies]
        values += list(_keys(places, key, user, provisioning.access_key if provisioning is not None else ""))
    if not values:
        wanted = "okta-integration"
        values = [
            places.at(("aws", subject.account_id, "users"), "", wanted, below="Create user > User name", stops=False)
        ]
    return Step("4", "iam-user", "IAM: a user for Okta, with an access key", tuple(values), _need(values))


def _keys(places: Places, key: Key, user: IamUser, wanted: str) -> Iterator[Value]:
    same_as = ("Access Key of the API integration (step 8)",)
    for index, each in enumerate(user.access_keys):
        if not wanted or each.id == wanted or wanted not in [key.id for key in user.access_keys]:
            yield places.at((*key, "access_keys", index, "id"), each.id, same_as=same_as, stops=False)
            said = SHOWN_ONCE.format(each.id)
            secret = places.at((*key, "access_keys", index, "secret"), said, verdict=Verdict.DONE, stops=False)
            yield secret
    if not user.access_keys:
        yield places.at((*key, "access_keys"), "", wanted, same_as=same_as, stops=False)


def provider_step(subject: Subject, places: Places) -> Step:
    """Returns the step of the identity provider in IAM: one in each account."""
    values: list[Value] = []
    for arn in dict.fromkeys((*([subject.provider_arn] if subject.has_provider else ()), *subject.providers)):
        values += list(_provider(subject, places, arn))
    if not subject.has_provider:
        values += list(_missing_provider(subject, places))
    for account_id in subject.accounts[1:]:
        if not any(f"::{account_id}:" in arn for arn in (subject.provider_arn, *subject.providers)):
            key: Key = ("aws", account_id, "saml_providers")
            wanted = f"arn:{subject.partition.name}:iam::{account_id}:saml-provider/{subject.provider_name}"
            values.append(places.at(key, "", wanted, below=joined(subject.provider_name, "Summary", "ARN")))
    return Step("5", "identity-provider", "IAM: the identity provider, from the app's metadata", tuple(values))


def _provider(subject: Subject, places: Places, arn: str) -> Iterator[Value]:
    account_id, name = arn.split(":")[4], arn.rpartition("/")[2]
    key: Key = ("aws", account_id, "saml_providers", name)
    provider = subject.world.settings.aws[account_id].saml_providers[name]
    source = _source(provider.metadata)
    now = f"the metadata of the app {source[1]}" if source[0] == "okta_app" else source[1]
    is_of_app = not subject.app_name or arn in subject.providers
    wanted = now if is_of_app else f"the metadata of the app {subject.name}"
    yield places.at((*key, "metadata", source[0]), now, wanted, same_as=("the metadata that is saved in step 2",))
    yield places.at(
        key,
        arn,
        is_name=True,
        below=joined(name, "Summary", "ARN"),
        same_as=(_in_app(subject), "Principal of the trust policy (step 6)"),
    )
    if arn == subject.provider_arn:
        needs = provider.assertion_encryption is not None or provider.private_keys
        yield places.at(
            key,
            subject.own_sign_in_url,
            below=joined(name, "Summary", "Sign-in URL"),
            verdict=Verdict.DONE if needs else Verdict.OPTIONAL,
            note=f"The ACS URL of encrypted assertions only. {_MADE_HERE}",
        )


def _in_app(subject: Subject) -> str:
    """Returns the place in the app that holds the ARN of its provider."""
    return "the attribute Role (step 7)" if subject.is_custom else "Identity Provider ARN (step 7)"


def _source(metadata: MetadataSource) -> tuple[str, str]:
    if metadata.okta_app is not None:
        return "okta_app", metadata.okta_app
    return ("file", metadata.file) if metadata.file is not None else ("xml", "XML in the world")


def _missing_provider(subject: Subject, places: Places) -> Iterator[Value]:
    account_id = subject.account_id or "ACCOUNT-ID"
    key: Key = ("aws", account_id, "saml_providers")
    name = subject.provider_name
    yield places.at(key, "", name, below="Add provider > SAML > Provider name")
    wanted = f"the metadata of the app {subject.name}" if subject.app_name else "the identity provider's metadata"
    yield places.at(
        key, "", wanted, below="Add provider > Metadata document", same_as=(subject.metadata_url or "step 2",)
    )
    arn = subject.provider_arn or f"arn:{subject.partition.name}:iam::{account_id}:saml-provider/{name}"
    yield places.at(key, "", arn, below=joined(name, "Summary", "ARN"), same_as=(_in_app(subject),))


def role_step(subject: Subject, places: Places) -> Step:
    """Returns the step of the roles."""
    values = [value for role in subject.roles for value in _role(subject, places, role)]
    values += list(_missing_roles(subject, places))
    if not values:
        account_id = subject.account_id or "ACCOUNT-ID"
        values = list(_new_role(subject, places, "ConnectAgent" if subject.instances else "ROLE-NAME", account_id))
    return Step("6", "role", "IAM: the role for SAML 2.0 federation", tuple(values))


def _role(subject: Subject, places: Places, role: RoleHere) -> Iterator[Value]:
    yield places.at(
        ("aws", role.account_id, "roles", role.name),
        role.arn,
        is_name=True,
        below=joined(role.name, "Summary", "ARN"),
        same_as=("Role and SAML User Roles (step 9)" if not subject.is_custom else "the attribute Role (step 7)",),
    )
    yield places.at(
        (*role.key, "trust"),
        as_json_text(places.document((*role.key, "trust"))),
        same_as=("Principal: the ARN of the provider (step 5)", f"SAML:aud: the ACS URL, {subject.sign_in_url}"),
        right=as_json_text(trust_policy(_provider_of(subject, role), subject.sign_in_url)),
    )
    for index, name in enumerate(role.settings.policies):
        yield places.at((*role.key, "policies", index), name)
    for name in role.settings.inline_policies:
        yield places.at((*role.key, "inline_policies", name), name)


def _provider_of(subject: Subject, role: RoleHere) -> str:
    """Returns the ARN of the provider in a role's own account."""
    own = (arn for arn in (subject.provider_arn, *subject.providers) if f"::{role.account_id}:" in arn)
    return next(own, f"arn:{role.partition}:iam::{role.account_id}:saml-provider/{subject.provider_name}")


def _missing_roles(subject: Subject, places: Places) -> Iterator[Value]:
    """Yields the roles that assignments name and no account has, unless another role may be meant."""
    account = subject.world.settings.aws.get(subject.account_id)
    if subject.settings is None or subject.is_custom or subject.settings.use_group_mapping:
        return
    known = account.roles if account is not None else {}
    named = [
        name.rpartition("/")[2]
        for each in subject.settings.assignments
        for name in (each.saml_user_roles or ([each.role] if each.role else []))
    ]
    used = {name for name in named if name in known}
    trusting = [
        name
        for name, role in known.items()
        if name not in used and subject.provider_arn and f"{subject.provider_arn}'" in str(role.trust)
    ]
    for name in dict.fromkeys(named):
        if name not in known and not trusting and subject.account_id:
            yield from _new_role(subject, places, name, subject.account_id)


def _new_role(subject: Subject, places: Places, name: str, account_id: str) -> Iterator[Value]:
    partition = subject.partition.name
    provider = subject.provider_arn or f"arn:{partition}:iam::{account_id}:saml-provider/{subject.provider_name}"
    key: Key = ("aws", account_id, "roles")
    trust = as_json_text(trust_policy(provider, subject.sign_in_url))
    yield places.at(
        key,
        "",
        f"arn:{partition}:iam::{account_id}:role/{name}",
        below=joined(name, "Summary", "ARN"),
        same_as=("Role and SAML User Roles (step 9)",),
    )
    yield places.at(key, "", trust, below=joined(name, "Trust relationships"))
