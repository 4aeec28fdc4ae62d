"""What the accounts have instead of the SAML provider or the role that a Role value names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulator.kernel.differences import difference, nearest
from emulator.kernel.explanations import ROLE_ASKED_FOR, Asked, Cause, Sent, Setting
from sp_mock.accounts.model import Account
from sp_mock.arn import Arn
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.values import ROLE, AssertionValues, attribute_path

Accounts = Mapping[str, Account]
ROLE_PATH = attribute_path(ROLE)
_PROVIDER = ":saml-provider/"
_SHOWN = 5


def account_id_of(arn: str) -> str:
    """Returns the account id of an ARN; empty when it has none."""
    return [*arn.split(":", 5), "", "", "", "", ""][4]


def role_value(values: AssertionValues, *, role_arn: str, provider_arn: str, was: tuple[str, str]) -> str:
    """Returns a pair as a Role value, with the two ARNs in the same order as in the value that it replaces.

    Args:
        values: What the assertion says.
        was: Role and provider of the value to replace.
    """
    attribute = values.attribute(ROLE)
    old = [value for value in (attribute.values if attribute else ()) if all(arn in value for arn in was)]
    role_first = bool(old) and _PROVIDER not in old[0].partition(",")[0]
    return f"{role_arn},{provider_arn}" if role_first else f"{provider_arn},{role_arn}"


def setting(
    accounts: Accounts, kind: str, arn: str, *path: str, inside: tuple[str | int, ...] = ()
) -> tuple[Cause, ...]:
    """Returns a setting of a resource in an account, or nothing when there is no such account.

    Args:
        kind: Attribute of the account: ``saml_providers`` or ``roles``.
        arn: ARN of the resource.
        path: Attribute names that lead from the resource to the setting.
        inside: Keys inside a policy.
    """
    account = accounts.get(account_id_of(arn))
    return (Setting(account, (kind, arn, *path), inside),) if account is not None else ()


def _listed(arns: Iterable[str]) -> str:
    known = sorted(arns)
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return ", ".join(known[:_SHOWN]) + more


def _unknown(accounts: Accounts, account_id: str) -> str:
    return f": account {account_id} is not among those that are known here ({', '.join(sorted(accounts)) or 'none'})"


def _in_account(arn: str, account_id: str) -> str:
    """Returns an ARN moved to another account."""
    fields = arn.split(":", 5)
    return ":".join((*fields[:4], account_id, *fields[5:])) if len(fields) == 6 else arn


def _right_provider(accounts: Accounts, role_arn: str, provider_arn: str) -> str | None:
    """Returns the provider that was most likely meant: the one in the role's account with the nearest name."""
    account = accounts.get(account_id_of(role_arn))
    own = list(account.saml_providers) if account is not None else []
    moved = _in_account(provider_arn, account_id_of(role_arn))
    near = moved if moved in own else nearest(moved, own)
    if near is not None:
        return near
    if len(own) == 1:
        return own[0]
    everywhere = [arn for each in accounts.values() for arn in each.saml_providers]
    return nearest(provider_arn, everywhere) if account is None else None


def provider_mistake(accounts: Accounts, values: AssertionValues, *, role_arn: str, provider_arn: str) -> Mistake:
    """Explains what there is instead of a SAML provider that does not exist."""
    right = _right_provider(accounts, role_arn, provider_arn)
    named, of_role = account_id_of(provider_arn), account_id_of(role_arn)
    account = accounts.get(named)
    told = f"No IAM SAML provider has the ARN {provider_arn}"
    if account is None:
        told += _unknown(accounts, named)
    elif not account.saml_providers:
        told += f": account {named} has no SAML provider"
    elif right is None:
        told += f"; account {named} has {_listed(account.saml_providers)}"
    if named != of_role:
        told += f". It is an ARN of account {named}, and the role is one of account {of_role}"
    if right is not None:
        owner = account_id_of(right)
        is_role_account = owner == of_role and named != of_role
        has = ". The account of the role has" if is_role_account else f"; account {owner} has"
        told += f"{has} {right}: {difference(right, provider_arn)}"
    wanted = (
        (role_value(values, role_arn=role_arn, provider_arn=right, was=(role_arn, provider_arn)),)
        if right is not None
        else ()
    )
    existing: tuple[Cause, ...] = ()
    if right is not None and named == of_role:
        existing = setting(accounts, "saml_providers", right)
    elif account is not None and not account.saml_providers:
        existing = (Setting(account, ("saml_providers",)),)
    return Mistake(
        f"{told}.",
        where=ROLE_PATH,
        expected=right or _listed(account.saml_providers if account else ()) or "an existing SAML provider",
        received=provider_arn,
        fix=f"Name the SAML provider {right} in the app's Role value."
        if right is not None
        else f"Create the SAML provider {_name_of(provider_arn)} in account {named}, or name another in the app.",
        causes=(Sent(ROLE_PATH, wanted=wanted), *existing),
    )


def role_mistake(accounts: Accounts, values: AssertionValues, *, role_arn: str, provider_arn: str) -> Mistake:
    """Explains what there is instead of a role that does not exist."""
    account_id = account_id_of(role_arn)
    account = accounts.get(account_id)
    own = list(account.roles) if account is not None else []
    near = nearest(role_arn, own)
    resource = role_arn.split(":", 5)[-1]
    elsewhere = next((arn for each in accounts.values() for arn in each.roles if arn.endswith(f":{resource}")), None)
    told = f"The role {role_arn} does not exist"
    if near is not None:
        told += f"; account {account_id} has {near}: {difference(near, role_arn)}"
    elif elsewhere is not None:
        told += f" in account {account_id}; account {account_id_of(elsewhere)} has a role of that name"
    elif account is None:
        told += (
            f": account {account_id} is not among those that are known here ({', '.join(sorted(accounts)) or 'none'})"
        )
    else:
        told += f"; account {account_id} has {_listed(own) or 'no roles'}"
    right = near or elsewhere
    wanted: tuple[str, ...] = ()
    if right is not None:
        provider = _right_provider(accounts, right, provider_arn) or provider_arn
        wanted = (role_value(values, role_arn=right, provider_arn=provider, was=(role_arn, provider_arn)),)
    return Mistake(
        f"{told}. ARNs are case-sensitive.",
        where=ROLE_PATH,
        expected=right or _listed(own) or "an existing role",
        received=role_arn,
        fix=f"Name the role {right} in the app: correct the role of the assignment, or the Role Value Pattern."
        if right is not None
        else f"Create the role {_name_of(role_arn)} in account {account_id}, or name one that exists in the app.",
        causes=(Sent(ROLE_PATH, wanted=wanted), *(setting(accounts, "roles", near) if near is not None else ())),
    )


def _name_of(arn: str) -> str:
    parsed = Arn.parse(arn)
    return parsed.name if parsed is not None else arn


def provider_of_issuer(accounts: Accounts, issuer: str, *, role_arn: str) -> str | None:
    """Returns the SAML provider in a role's account whose metadata has an issuer, or None.

    Providers of other accounts do not count, because only a provider of the role's own account can be used.

    Args:
        issuer: Issuer of an assertion.
    """
    account = accounts.get(account_id_of(role_arn))
    own = account.saml_providers.items() if account is not None and issuer else ()
    return next((arn for arn, provider in own if provider.metadata.entity_id == issuer), None)


def other_providers_issuer(
    accounts: Accounts, values: AssertionValues, *, role_arn: str, provider_arn: str, is_asked_for: bool
) -> Mistake | None:
    """Explains that an assertion comes from the identity provider of another SAML provider; None where it does not.

    Args:
        values: What the assertion says.
        is_asked_for: Whether the caller named that provider and the assertion does not.
    """
    issuer = values.issuer or ""
    meant = provider_of_issuer(accounts, issuer, role_arn=role_arn)
    if meant in {None, provider_arn}:
        return None
    comes = f"the assertion comes from the identity provider of {meant}: that provider's metadata has the Issuer"
    value = role_value(values, role_arn=role_arn, provider_arn=str(meant), was=(role_arn, provider_arn))
    metadata = setting(accounts, "saml_providers", provider_arn, "metadata")
    return Mistake(
        f"{f'{provider_arn} was asked for' if is_asked_for else f'The Role value names {provider_arn}'}, and {comes} "
        f"{issuer}.",
        where="/Response/Assertion/Issuer",
        expected=str(meant),
        received=provider_arn,
        fix=f"Ask with {meant} as PrincipalArn, as the assertion has it."
        if is_asked_for
        else f"Name {meant} in the Role value, or upload this app's metadata to {provider_arn}.",
        causes=(Asked(ROLE_ASKED_FOR),) if is_asked_for else (Sent(ROLE_PATH, wanted=(value,)), *metadata),
    )


def issuer_mistake(
    accounts: Accounts,
    values: AssertionValues,
    *,
    role_arn: str,
    provider_arn: str,
    expected: str,
    is_asked_for: bool = False,
) -> Mistake:
    """Explains whose Issuer an assertion has when it is not the one in its provider's metadata.

    Args:
        values: What the assertion says.
        expected: The entityID in that provider's metadata.
        is_asked_for: Whether the caller named that provider and the assertion does not.
    """
    issuer = values.issuer or ""
    where = "/Response/Assertion/Issuer"
    metadata = setting(accounts, "saml_providers", provider_arn, "metadata")
    others = other_providers_issuer(
        accounts, values, role_arn=role_arn, provider_arn=provider_arn, is_asked_for=is_asked_for
    )
    if others is not None:
        return others
    sent = Sent(where, wanted=(expected,))
    if not issuer or nearest(issuer, [expected]) is not None:
        nearly = f"The Issuer nearly is the entityID in the metadata of {provider_arn}: {difference(expected, issuer)}"
        return Mistake(
            f"{nearly if issuer else 'The assertion has no Issuer, so that nobody can say whose it is'}.",
            where=where,
            expected=expected,
            received=issuer or "no Issuer",
            fix=f"Make the app's issuer {expected}, or upload this app's metadata to the SAML provider.",
            causes=(sent, *metadata),
        )
    return Mistake(
        f"{provider_arn} was made from the metadata of another app or another identity provider: the entityID there is "
        f"{expected}, and the assertion's Issuer is {issuer}.",
        where=where,
        expected=f"metadata with the entityID {issuer}",
        received=f"metadata with the entityID {expected}",
        fix="Upload this app's metadata to the SAML provider, or name this app's provider in the Role attribute.",
        causes=(*metadata, sent),
    )
