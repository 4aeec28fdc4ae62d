"""A trust policy whose principals do not include the login's SAML provider: which of the two is the mistake."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.kernel.differences import difference, nearest
from emulator.kernel.explanations import Cause, Sent, wanting
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.mistakes.registered import ROLE_PATH, account_id_of, role_value
from sp_mock.assertion.mistakes.trust_case import TrustCase, principals_of
from sp_mock.policies.evaluation import Mismatch

_PROVIDER = ":saml-provider/"


def other_principal(case: TrustCase, mismatch: Mismatch) -> Mistake:
    """Explains why the principals of a trust policy do not include the login's SAML provider.

    Args:
        case: The denial.
        mismatch: The principals of the statement that came nearest.
    """
    listed = principals_of(mismatch)
    trusted = listed.get("Federated", [])
    of_role = case.role.arn.account_id
    existing = [arn for arn in trusted if _exists(case, arn)]
    if account_id_of(case.provider_arn) != of_role:
        return _of_another_account(case, trusted, [arn for arn in existing if account_id_of(arn) == of_role])
    policy = wanting(case.of_policy(mismatch.place), case.provider_arn)
    foreign = next((arn for arn in trusted if _PROVIDER in arn and account_id_of(arn) != of_role), None)
    if foreign is not None and not any(account_id_of(arn) == of_role for arn in existing):
        return _trusting_another_account(case, mismatch, foreign, policy)
    written = f'"Federated": "{case.provider_arn}"'
    base = {"expected": written, "received": _shown(listed)}
    under = next((kind for kind, members in listed.items() if case.provider_arn in members), "")
    if under and under != "Federated":
        return Mistake(
            f"{case.told}. The provider is listed under {under}; identity providers are Federated principals.",
            fix=f"Write {written} in Principal of {case.statement(mismatch)}, in place of {under}.",
            causes=policy,
            **base,
        )
    near = nearest(case.provider_arn, [arn for arn in trusted if arn not in existing])
    if near is not None:
        return Mistake(
            f"{case.told}. The policy names a provider that does not exist: {difference(case.provider_arn, near)}.",
            fix=f"Write {case.provider_arn} in place of {near} in {case.statement(mismatch)}.",
            causes=policy,
            **base,
        )
    if existing:
        return _of_another_provider(case, mismatch, existing, policy)
    what = "a provider that does not exist" if trusted else "no identity provider"
    name = case.provider_arn.partition(":saml-provider/")[2]
    moved = next((arn for arn in trusted if arn.endswith(f":saml-provider/{name}")), None)
    differs = f": {difference(case.provider_arn, moved)}" if moved is not None else ""
    return Mistake(
        f"{case.told}. The trust policy names {what}{differs}.",
        fix=f"Write {written} in Principal of {case.statement(mismatch)}.",
        causes=policy,
        **base,
    )


def _exists(case: TrustCase, arn: str) -> bool:
    account = case.accounts.get(account_id_of(arn))
    return account is not None and arn in account.saml_providers


def _shown(listed: Mapping[str, list[str]]) -> str:
    return ", ".join(f'"{kind}": "{member}"' for kind, members in listed.items() for member in members)


def _value(case: TrustCase, provider_arn: str) -> str:
    role_arn = str(case.role.arn)
    return role_value(case.values, role_arn=role_arn, provider_arn=provider_arn, was=(role_arn, case.provider_arn))


def _of_another_account(case: TrustCase, trusted: list[str], existing: list[str]) -> Mistake:
    named, of_role = account_id_of(case.provider_arn), case.role.arn.account_id
    right = nearest(case.provider_arn.replace(named, of_role), existing) or next(iter(existing), None)
    same = case.provider_arn.replace(named, of_role)
    right = same if same in existing else right
    return Mistake(
        f"{case.told}. The Role value pairs a SAML provider of account {named} with a role of account {of_role}, which "
        f"trusts {', '.join(trusted) or 'no identity provider'}.",
        expected=right or f"a SAML provider of account {of_role}",
        received=case.provider_arn,
        fix=f"Name the provider of the role's account in the Role value: {right or same}. In a Role Value Pattern, "
        "${accountid} stands for the account.",
        causes=(Sent(ROLE_PATH, wanted=(_value(case, right),) if right is not None else ()),),
    )


def _trusting_another_account(case: TrustCase, mismatch: Mismatch, foreign: str, policy: tuple[Cause, ...]) -> Mistake:
    """The policy names a provider of another account, although only providers of the role's own account can be used."""
    named, of_role = account_id_of(foreign), case.role.arn.account_id
    return Mistake(
        f"{case.told}. The policy names a SAML provider of account {named}, and a SAML provider opens the roles of its "
        f"own account alone; the role is one of account {of_role}.",
        expected=f'"Federated": "{case.provider_arn}"',
        received=f'"Federated": "{foreign}"',
        fix=f"Write {case.provider_arn} in place of {foreign} in {case.statement(mismatch)}.",
        causes=policy,
    )


def _of_another_provider(
    case: TrustCase, mismatch: Mismatch, existing: list[str], policy: tuple[Cause, ...]
) -> Mistake:
    """The role trusts another existing provider: the Role value and the policy disagree, and either may be wrong."""
    same_issuer = [
        arn
        for arn in existing
        if case.accounts[account_id_of(arn)].saml_providers[arn].metadata.entity_id == case.values.issuer
    ]
    right = next(iter(same_issuer or existing))
    sent = Sent(ROLE_PATH, wanted=(_value(case, right),))
    told = f"{case.told}. The role trusts {right}, and the Role value names {case.provider_arn}"
    if same_issuer:
        return Mistake(
            f"{told}, which was made from the metadata of the same identity provider.",
            expected=right,
            received=case.provider_arn,
            fix=f"Name {right} in the Role value, or let {case.statement(mismatch)} name {case.provider_arn}.",
            causes=(sent, *policy)[:2],
        )
    return Mistake(
        f"{told}, which is another identity provider's.",
        expected=f'"Federated": "{case.provider_arn}"',
        received=", ".join(existing),
        fix=f"If this identity provider may open the role, add {case.provider_arn} to Principal in "
        f"{case.statement(mismatch)}; if not, assign another role in the app.",
        causes=(*policy, sent)[:2],
    )
