"""Why a role's trust policy refuses an assertion, and who has to change what: the app, the policy, or neither.

A trust policy that says what was meant should not be widened to fit a mistake of the app. A policy that names a
provider or a URL that does not exist is itself the mistake.
"""

from __future__ import annotations

from dataclasses import replace

from emulator.kernel.client_connection import DEFAULT_ADDRESS
from emulator.kernel.differences import difference, nearest
from emulator.kernel.explanations import SOURCE_IP, Asked, Cause, Setting, wanting
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.mistakes.registered import setting
from sp_mock.assertion.mistakes.trust_case import TrustCase, principals_of
from sp_mock.assertion.mistakes.trust_conditions import condition_mistake
from sp_mock.assertion.mistakes.trust_principals import other_principal
from sp_mock.policies.evaluation import Mismatch
from sp_mock.policies.places import Place, value_at
from sp_mock.principals.organization_limits import RESOURCE_CONTROL, place_of


def trust_mistake(case: TrustCase, where: str) -> Mistake:
    """Explains why an assertion may not assume a role.

    Args:
        case: The denial.
        where: The place in the message or the request that decided.
    """
    verdict = case.verdict
    mismatch = _nearest(case)
    if verdict.reason == "explicit-deny" or verdict.layer == RESOURCE_CONTROL:
        mistake = _denied(case)
    elif mismatch is None:
        mistake = Mistake(
            f"{case.told}.",
            expected=f"a statement that allows {case.action} for {case.provider_arn}",
            received="statements that deny only",
            fix=f"Add a statement to the role's trust policy that allows {case.action} for {case.provider_arn}.",
            causes=wanting(case.of_policy(_denying(case)), case.lacking),
        )
    elif mismatch.element == "Action":
        mistake = _other_action(case, mismatch)
    elif mismatch.element.startswith("Principal"):
        mistake = other_principal(case, mismatch)
    elif mismatch.element == "Condition":
        mistake = condition_mistake(
            mismatch,
            told=case.told,
            policy=wanting(case.of_policy(mismatch.place), _received(case, mismatch)),
            where=case.statement(mismatch),
            role_tags=setting(case.accounts, "roles", str(case.role.arn), "tags"),
            values=case.values,
            url=case.url,
            at_sign_in=case.at_sign_in,
            sent=case.sent,
        )
    else:
        mistake = Mistake(
            f"{case.told}.",
            expected=f"{mismatch.element} without {mismatch.received}",
            received=mismatch.expected,
            fix=f"Take {mismatch.received} out of {mismatch.element} in {case.statement(mismatch)}.",
            causes=case.of_policy(mismatch.place),
        )
    if DEFAULT_ADDRESS in verdict.explanation:
        fix = "Set source_ip of the Okta user, or --source-ip, to an address that the policy is meant for."
        mistake = replace(mistake, fix=fix, causes=(Asked(SOURCE_IP), *_settings(mistake))[:2])
    return replace(mistake, where=place_of(verdict, case.role.arn.account_id) or where)


def _received(case: TrustCase, mismatch: Mismatch) -> list[str] | None:
    """Returns the values that the login has for a condition's key, or None where it has none."""
    request = case.verdict.request
    return [*request.context.get(mismatch.key, ())] or None if request is not None else None


def _denying(case: TrustCase) -> Place:
    """Returns the place of the only statement when statements do nothing but deny."""
    is_list = isinstance(case.role.trust.data["Statement"], list)
    return ("Statement", 0) if is_list and len(case.role.trust.statements) == 1 else ("Statement",)


def _settings(mistake: Mistake) -> tuple[Cause, ...]:
    return tuple(cause for cause in mistake.causes if isinstance(cause, Setting))


def _nearest(case: TrustCase) -> Mismatch | None:
    """Returns the mismatch in the statement that was most likely meant to apply: one that names the provider."""
    mismatches = case.verdict.mismatches
    if not mismatches or mismatches[0].element != "Action":
        return mismatches[0] if mismatches else None
    naming = (each for each in mismatches if case.provider_arn in str(principals_of(each)))
    return next(naming, mismatches[0])


# --- a Deny -----------------------------------------------------------------------------------------------------------


def _denied(case: TrustCase) -> Mistake:
    """A Deny is named itself: no Allow overrides it, and somebody wrote it on purpose."""
    verdict = case.verdict
    place, request = verdict.place, verdict.request
    if verdict.layer == RESOURCE_CONTROL:
        name = verdict.policy.removeprefix(f"{RESOURCE_CONTROL} ")
        account = case.accounts.get(case.role.arn.account_id)
        path = ("organization", "resource_control_policies", *((name,) if name else ()))
        own: tuple[Cause, ...] = (Setting(account, path, place),) if account is not None else ()
        whose = "have the organization's administrators change it: it is their guardrail"
    else:
        own, whose = case.of_policy(place), f"have whoever wrote it for role {case.role.name} change it"
    statement = verdict.statement or verdict.policy
    if verdict.document is not None and request is not None and "Condition" in place:
        start = place.index("Condition")
        operator, key = place[start + 1], str(place[start + 2])
        given = value_at(verdict.document, place[: start + 3])
        shown = " or ".join(map(str, given)) if isinstance(given, list) else str(given)
        received = ", ".join(request.context.get(key.lower(), ())) or "no such key"
        expected = f"a login for which {operator} {key} {shown} does not hold"
        told = f"{case.told}. It is for logins where {operator} {key} {shown} holds, and this one has {received}"
        return Mistake(
            f"{told}. No Allow wins over a Deny.",
            expected=expected,
            received=received,
            fix=f"Make the login another than {statement} describes, or {whose}.",
            causes=(
                *wanting(own, [*request.context.get(key.lower(), ())] or None),
                *((case.sent,) if case.sent is not None else ()),
            )[:2],
        )
    return Mistake(
        f"{case.told}." if verdict.reason != "explicit-deny" else f"{case.told}. No Allow wins over a Deny.",
        expected=f"no Deny of {case.action} for this login",
        received=f"{case.action} by {case.provider_arn}",
        fix=f"{statement[:1].upper()}{statement[1:]} keeps such logins out of role {case.role.name}: {whose}, or "
        "choose another role.",
        causes=own,
    )


# --- another action --------------------------------------------------------------------------------


def _other_action(case: TrustCase, mismatch: Mismatch) -> Mistake:
    near = ""
    if nearest(case.action, [mismatch.written]) is not None:
        near = f" The action nearly is that: {difference(case.action, mismatch.written)}."
    extra: tuple[Cause, ...] = ()
    told = f"{case.told}.{near}"
    fix = f"Add {case.action} to Action in {case.statement(mismatch)}"
    if case.action == "sts:TagSession":
        tags = ", ".join(key for key, _ in case.values.principal_tags)
        told += f" The assertion sends session tags ({tags}), for which {case.action} has to be allowed too."
        fix += ", or send no PrincipalTag attributes"
        extra = (case.sent,) if case.sent is not None else ()
    elif case.action == "sts:SetSourceIdentity":
        told += f" The assertion sends a SourceIdentity, for which {case.action} has to be allowed too."
        fix += ", or send no SourceIdentity"
        extra = (case.sent,) if case.sent is not None else ()
    elif near:
        fix = f"Write {case.action} in place of {mismatch.written} in {case.statement(mismatch)}"
    return Mistake(
        told,
        expected=f"Action: {case.action}",
        received=f"Action: {mismatch.expected}",
        fix=f"{fix}.",
        causes=(*wanting(case.of_policy(mismatch.place), case.action), *extra)[:2],
    )
