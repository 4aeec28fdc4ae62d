"""Why policies do not allow a call, in words: what they say, what they should say, and who owns them.

AWS's own message names at most an action and a resource. What a person needs is the statement and the element that
decided, and what to write there.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from emulator.kernel.client_connection import DEFAULT_ADDRESS
from emulator.kernel.explanations import SOURCE_IP, Asked, Cause, Setting, wanting
from emulator.kernel.records import dataclass
from sp_mock.accounts.model import Aws
from sp_mock.policies.documents import Statement
from sp_mock.policies.evaluation import Mismatch, Request, Verdict, evaluate
from sp_mock.policies.matching import first_failure
from sp_mock.policies.places import value_at
from sp_mock.policies.resource_differences import WITH_VARIABLES, resource_difference
from sp_mock.principals.condition_reasons import condition_reason
from sp_mock.principals.credentials import Session
from sp_mock.principals.organization_limits import RESOURCE_CONTROL, SERVICE_CONTROL
from sp_mock.principals.policy_settings import BOUNDARY, IDENTITY, SESSION, Owner, PolicyReason, causes_of, is_awss

TRUST_POLICY = "trust policy"
_USER_ID = "${aws:userid}"
_SIMILAR = 0.85


class Asker(Protocol):
    """The caller of an API."""

    @property
    def principal_arn(self) -> str:
        """The role's or the user's ARN, without the session."""

    @property
    def user_id(self) -> str:
        """``aws:userid``."""

    @property
    def account_id(self) -> str:
        """The account."""

    @property
    def session(self) -> Session | None:
        """The temporary session, if there is one."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A denial with everything that its explanation needs; ``resource`` is as a policy should write it."""

    verdict: Verdict
    request: Request
    owner: Owner | None
    name: str
    resource: str
    causes: tuple[Cause, ...]

    @property
    def action(self) -> str:
        return self.request.action

    @property
    def is_awss(self) -> bool:
        return any(map(is_awss, self.causes))

    @property
    def lacking(self) -> dict[str, str]:
        """The statement that would allow the call."""
        return {"Effect": "Allow", "Action": self.action, "Resource": self.resource}


def policy_reason(verdict: Verdict, *, aws: Aws, asker: Asker) -> PolicyReason:
    """Returns why policies do not allow a call.

    Args:
        verdict: The denial.
        asker: The caller.
    """
    request = verdict.request
    verdict = _of_role(verdict)
    if request is None:
        return PolicyReason(f"{_sentence(verdict.explanation)}.", (), "", verdict.reason, "")
    owner_arn = asker.principal_arn if asker.session is None else str(asker.session.owner_arn)
    account = aws.accounts.get(asker.account_id)
    owner = Owner(account, owner_arn) if account is not None else None
    causes = causes_of(
        verdict, owner=owner, resource_account=aws.account_of(request.resource) or account, resource=request.resource
    )
    name = owner.label if owner is not None else asker.principal_arn
    written = request.resource.replace(asker.user_id, _USER_ID)
    case = _Case(verdict, request, owner, name, written, causes)
    reason = _denial(case) if verdict.reason == "explicit-deny" else _not_allowed(case)
    if DEFAULT_ADDRESS in verdict.explanation:
        # The address is only the emulator's, so no policy is at fault.
        fix = "Set source_ip of the Okta user, or --source-ip, to an address that the policy is meant for."
        return replace(reason, causes=(Asked(SOURCE_IP), *reason.causes)[:2], fix=fix)
    return reason


def _of_role(verdict: Verdict) -> Verdict:
    """Returns a trust policy's denial with the name of its role, which the policy's own name leaves out."""
    if verdict.layer or verdict.policy != TRUST_POLICY or verdict.request is None:
        return verdict
    name = f"{TRUST_POLICY} of the role {verdict.request.resource.rpartition('/')[2]}"

    def renamed(statement: str) -> str:
        return statement.replace(TRUST_POLICY, name, 1)

    mismatches = tuple(replace(each, statement=renamed(each.statement)) for each in verdict.mismatches)
    return replace(verdict, statement=renamed(verdict.statement), mismatches=mismatches)


def _denial(case: _Case) -> PolicyReason:
    """An explicit Deny is named itself, with its owner, because no Allow overrides it."""
    verdict, request = case.verdict, case.request
    if verdict.document is None:
        return PolicyReason(f"{_sentence(verdict.explanation)}.", case.causes, f"no Deny of {case.action}", "", "")
    got = f"{case.action} on {request.resource}"
    why = f"{_sentence(verdict.statement)}, denies {case.action}, and no Allow wins over a Deny."
    if "Condition" in verdict.place:
        *_, operator, key = verdict.place
        values = _shown(value_at(verdict.document, verdict.place))
        received = ", ".join(request.context.get(str(key).lower(), ())) or "no such key"
        why = (
            f"{_sentence(verdict.statement)}, denies {case.action} where {operator} {key} {values} holds; the request "
            f"has {received}. No Allow wins over a Deny."
        )
        want = f"a request for which {operator} {key} {values} does not hold"
        fix = f"Make the request meet the rule, or have the condition {operator} {key} changed in {verdict.statement}"
        causes = wanting(case.causes, [*request.context.get(str(key).lower(), ())] or None)
        return PolicyReason(why, causes, want, f"{key} {received}", f"{fix}: {_whose(case)}")
    if case.is_awss:
        want = f"{case.name} without {verdict.policy}"
        fix = f"Detach {verdict.policy} from {case.name}, if whoever attached this guardrail agrees; it is AWS's own."
        return PolicyReason(why, case.causes, want, got, fix)
    written = value_at(verdict.document, verdict.place)
    if "NotAction" in verdict.place:
        want = f"{case.action} among the actions of NotAction in {verdict.statement}"
        fix = f"Add {case.action} to NotAction in {verdict.statement}"
    elif str(written).lower() != case.action.lower():
        want = f"a Deny that leaves {case.action} out, in place of {written}"
        fix = f"Leave {case.action} out of the Deny in {verdict.statement}, which reaches it by {written}"
    else:
        is_one_of_several = isinstance(verdict.place[-1], int)
        listed = value_at(verdict.document, verdict.place[:-1]) if is_one_of_several else [written]
        others = [each for each in listed if each != written]
        want = f"Action: {_shown(others)}" if others else f"no Deny of {case.action}"
        fix = f"Take {case.action} out of the Deny in {verdict.statement}"
    return PolicyReason(why, case.causes, want, got, f"{fix}: {_whose(case)}")


def _whose(case: _Case) -> str:
    """Returns who owns a policy, as the end of a sentence about changing it."""
    layer = case.verdict.layer
    if layer in {SERVICE_CONTROL, RESOURCE_CONTROL}:
        return "it is a guardrail of the organization, whose administrators decide."
    if layer == BOUNDARY:
        return f"it is the permissions boundary of {case.name}, a guardrail that whoever administers the account set."
    if layer == SESSION:
        return "it is the session policy that whoever assumed the role gave to the session."
    return f"it is a guardrail on {case.name}, so ask whoever set it."


def _not_allowed(case: _Case) -> PolicyReason:
    mismatches = case.verdict.mismatches
    nearest = (
        next((each for each in mismatches if each.element not in {"Action", "NotAction"}), None)
        or next((each for each in mismatches if _is_meant(each, case.action)), None)
        or (_with_other_actions(mismatches, case.request) if case.verdict.layer == IDENTITY else None)
    )
    if nearest is None or nearest.document is None:
        return _nothing_allows(case)
    if nearest is not mismatches[0]:
        verdict = replace(case.verdict, policy=nearest.policy, place=nearest.place, document=nearest.document)
        owner = case.owner
        account = owner.account if owner is not None else None
        causes = causes_of(verdict, owner=owner, resource_account=account, resource=case.request.resource)
        case = replace(case, verdict=verdict, causes=causes)
    return _limited(case, _of_statement(case, nearest))


def _is_meant(mismatch: Mismatch, action: str) -> bool:
    """Returns whether a statement probably means an action: a similar spelling, or the same name in another service."""
    written, action = mismatch.written.lower(), action.lower()
    if mismatch.element != "Action" or "*" in written:
        return mismatch.element == "NotAction"
    same_name = written.partition(":")[2] == action.partition(":")[2]
    return same_name or difflib.SequenceMatcher(None, written, action).ratio() >= _SIMILAR


def _with_other_actions(mismatches: Sequence[Mismatch], request: Request) -> Mismatch | None:
    """Returns the statement that lacks only an action, among those that allow others of the same service.

    It names this very resource, or is in the only policy about the service; None where several may be meant.
    """
    service = _service(request.action)
    of_service = [each for each in mismatches if each.element == "Action" and _service(each.written) == service]
    lacking = [(each, found) for each in of_service if (found := _statement_of(each)) and _would_apply(found, request)]
    for_it = next((each for each, found in lacking if all(r.text != "*" for r in found.resources or ())), None)
    if for_it is not None:
        return for_it
    return lacking[0][0] if lacking and len({each.policy for each in of_service}) == 1 else None


def _statement_of(mismatch: Mismatch) -> Statement | None:
    index = next((part for part in mismatch.place if isinstance(part, int)), 0)
    return mismatch.document.statements[index] if mismatch.document is not None else None


def _would_apply(statement: Statement, request: Request) -> bool:
    """Returns whether a statement would apply if it had the action."""
    return first_failure(replace(statement, actions=None), request) is None


def _service(action: str) -> str:
    return action.lower().partition(":")[0]


def _of_statement(case: _Case, mismatch: Mismatch) -> PolicyReason:
    """An Allow that nearly applies: which element keeps it from applying, and what to write there."""
    subject = _sentence(mismatch.statement)
    if mismatch.element == "Condition":
        return condition_reason(mismatch, case.causes, case.request)
    if mismatch.element == "Action":
        if not _is_meant(mismatch, case.action):
            return _adding_action(case, mismatch, subject)
        why = f"{subject}, allows {mismatch.written}, and the action is called {case.action}."
        return _writing(case, mismatch, why, case.action)
    if mismatch.element == "NotAction":
        why = f"{subject}, leaves {case.action} out by its NotAction {mismatch.written}."
        fix = (
            f"Take {mismatch.written} out of NotAction in {mismatch.statement}, or allow {case.action} in a statement."
        )
        causes = wanting(case.causes, case.lacking)
        return PolicyReason(why, causes, f"Allow {case.action} on {case.resource}", case.action, fix)
    if mismatch.element == "NotResource":
        why = f"{subject}, leaves {case.request.resource} out by its NotResource {mismatch.written}."
        fix = f"Take it out of NotResource in {mismatch.statement}, or allow {case.resource} in a statement."
        causes = wanting(case.causes, case.lacking)
        return PolicyReason(why, causes, f"Allow {case.action} on {case.resource}", case.request.resource, fix)
    if mismatch.element == "Resource":
        return _of_resource(case, mismatch, subject)
    note = f" ({mismatch.note})" if mismatch.note else ""
    why = f"{subject}, is for {mismatch.expected}, and the caller is {mismatch.received}{note}."
    fix = f"Add {mismatch.received} to {mismatch.element} in {mismatch.statement}."
    causes = wanting(case.causes, mismatch.received)
    return PolicyReason(why, causes, f"{mismatch.element}: {mismatch.received}", mismatch.received, fix)


def _adding_action(case: _Case, mismatch: Mismatch, subject: str) -> PolicyReason:
    """A statement that allows other actions of the service: the action is missing from its list."""
    place = mismatch.place[:-1] if isinstance(mismatch.place[-1], int) else mismatch.place
    written = value_at(mismatch.document, place) if mismatch.document is not None else mismatch.written
    listed = written if isinstance(written, list) else [written]
    why = f"{subject}, allows {' and '.join(listed)}, and not {case.action}."
    fix = f"Add {case.action} to Action in {mismatch.statement}."
    causes = wanting(case.causes, case.lacking if case.is_awss else case.action)
    if case.is_awss:
        fix = f"Attach to {case.name} a policy of your own that allows {case.action} on {case.resource}."
    want, got = (f"Action: {_shown(actions)}" for actions in ([*listed, case.action], listed))
    return PolicyReason(why, causes, want, got, fix)


def _of_resource(case: _Case, mismatch: Mismatch, subject: str) -> PolicyReason:
    document = mismatch.document
    version = str(document.data.get("Version", "2008-10-17")) if document is not None else WITH_VARIABLES
    difference = resource_difference(
        mismatch.written, mismatch.received, variables=case.request.variables, version=version
    )
    note = f" ({mismatch.note})" if mismatch.note and "variable" not in mismatch.note else ""
    if "${" in mismatch.written and version != WITH_VARIABLES:
        causes = tuple(_in_version(each, document is not None and "Version" in document.data) for each in case.causes)
        want, fix = f"Version: {WITH_VARIABLES}", f"Set Version to {WITH_VARIABLES} in {mismatch.policy}."
        causes = wanting(causes, WITH_VARIABLES)
        return PolicyReason(f"{subject}: {difference}.", causes, want, f"Version: {version}", fix)
    return _writing(case, mismatch, f"{subject}: {difference}{note}.", case.resource)


def _in_version(cause: Cause, is_written: bool) -> Cause:
    if isinstance(cause, Setting) and cause.inside:
        return replace(cause, inside=("Version",) if is_written else ())
    return cause


def _writing(case: _Case, mismatch: Mismatch, why: str, right: str) -> PolicyReason:
    """A value that should be written differently."""
    element = mismatch.element
    got = f"Action: {mismatch.written}" if element == "Action" else case.request.resource
    causes = wanting(case.causes, case.lacking if case.is_awss else right)
    if case.is_awss:
        fix = f"Attach to {case.name} a policy of your own that allows {case.action} on {case.resource}."
        return PolicyReason(why, causes, f"{element}: {right}", got, fix)
    instead = f" in place of {mismatch.written}" if isinstance(mismatch.place[-1], int) else ""
    fix = f"Set {element} to {right}{instead} in {mismatch.statement}."
    return PolicyReason(why, causes, f"{element}: {right}", got, fix)


def _limited(case: _Case, reason: PolicyReason) -> PolicyReason:
    """Adds the owner of a limiting policy: the role's own policies are not at fault."""
    if case.verdict.layer not in {SERVICE_CONTROL, RESOURCE_CONTROL, BOUNDARY, SESSION}:
        return reason
    why = f"{reason.why} A {case.verdict.layer} limits what {case.name} may do, and an Allow of its own does not help."
    return replace(reason, why=why, fix=f"{reason.fix.removesuffix('.')}: {_whose(case)}")


def _nothing_allows(case: _Case) -> PolicyReason:
    layer, action, got = case.verdict.layer, case.action, f"{case.action} on {case.request.resource}"
    want = f"Allow {action} on {case.resource}"
    if layer in {SERVICE_CONTROL, RESOURCE_CONTROL, BOUNDARY, SESSION}:
        nearest = case.verdict.mismatches[0] if case.verdict.mismatches else None
        subject = f"{_sentence(nearest.policy)} allows {nearest.expected}, not" if nearest else f"No {layer} allows"
        why = f"{subject} {action}; a {layer} limits what {case.name} may do, and an Allow of its own does not help."
        place = case.verdict.policy or f"a {layer}"
        causes = wanting(case.causes[::-1] if layer == BOUNDARY else case.causes, case.lacking)
        return PolicyReason(
            why, causes, want, got, f"Have {action} on {case.resource} allowed in {place}: {_whose(case)}"
        )
    if not layer and case.verdict.policy == TRUST_POLICY:
        role = f"{TRUST_POLICY} of the role {case.request.resource.rpartition('/')[2]}"
        why = f"No statement of the {role} allows {action}."
        fix = f"Allow {action} for {case.request.principal.value} in the {role}."
        return PolicyReason(why, case.causes, want, got, fix)
    if layer != IDENTITY or case.owner is None:
        return PolicyReason(f"{_sentence(case.verdict.explanation)}.", case.causes, want, got, f"{want}.")
    return _nothing_attached(case, want)


def _nothing_attached(case: _Case, want: str) -> PolicyReason:
    """No policy of a role or user has anything to do with the action."""
    owner = case.owner
    entity = owner.entity if owner is not None else None
    if owner is None or entity is None:
        why = f"{_sentence(case.name)} does not exist any more, and nothing allows {case.action}."
        return PolicyReason(why, (), want, "no policies", f"Create {case.name} again.")
    names = [name for name, _ in owner.account.identity_policies(entity)]
    got = ", ".join(names) or "no policies"
    why = f"No policy of {case.name} allows {case.action}: it has {got}."
    allowing = [
        policy
        for policy in owner.account.policies.values()
        if evaluate([(policy.name, policy.document)], case.request).allowed
    ]
    if allowing:
        want = f"policy {allowing[0].name} among the policies of {case.name}"
        fix = f"Attach policy {allowing[0].name} to {case.name}: it allows {case.action} on {case.resource}."
    else:
        fix = f"Attach to {case.name} a policy that allows {case.action} on {case.resource}."
    causes = wanting((owner.attached_policies(),), allowing[0].name if allowing else case.lacking)
    return PolicyReason(why, causes, want, got, fix)


def _shown(value: object) -> str:
    """Returns a value of a policy on one line."""
    if isinstance(value, list) and len(value) == 1:
        return str(value[0])
    return json.dumps(value) if isinstance(value, list) else str(value)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
