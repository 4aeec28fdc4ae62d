"""Changes of a role's trust policy: its provider, its action, a condition, and a missing statement."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.fixes.aws import conditions, denials, statements
from emulator.fixes.aws.places import Place, as_list
from emulator.fixes.aws.record import actions_needed, arn_parts, pairs_sent
from emulator.fixes.candidate import REMOVED, Candidate
from emulator.kernel.differences import nearest
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import APPENDED

SAML_ACTIONS = frozenset({"sts:assumerolewithsaml", "sts:tagsession", "sts:setsourceidentity"})
ASSUME = "sts:AssumeRoleWithSAML"


def propose(place: Place) -> Iterator[Candidate]:
    """Proposes changes inside a trust policy.

    Args:
        place: Place in the policy that decided.
    """
    inside = place.setting.inside
    if isinstance(place.wanted, dict) and "Effect" in place.wanted and denials.is_denial(place):
        yield from _written_anew(place)
    elif denials.is_denial(place):
        yield from denials.propose(place, denials.action_asked_for(place))
    elif "Condition" in inside:
        yield from conditions.propose(place)
    elif "Action" in inside:
        yield from _actions(place)
    elif "Principal" in inside:
        yield from _principals(place)
    elif "NotPrincipal" in inside or "NotAction" in inside:
        yield from _without_exceptions(place)


def provider_asked_for(place: Place) -> str:
    """Returns the ARN of the provider through which a role is to be assumed; empty where it is not known."""
    role = place.setting.path[1]
    return next((pair.provider_arn for pair in pairs_sent(place.finding) if pair.role_arn == role), "")


def _actions(place: Place) -> Iterator[Candidate]:
    provider = provider_asked_for(place)
    named = str(place.written((*place.statement, "Principal")))
    if provider and provider not in named:
        yield from _statement(place, provider)
        yield from statements.actions(place)
    else:
        yield from statements.actions(place)
        yield from _all_actions(place)


def _all_actions(place: Place) -> Iterator[Candidate]:
    """Proposes everything that the message needs: with tags and a source identity that is more than one action."""
    inside: Key = (*place.statement, "Action")
    written = as_list(place.written(inside))
    have = {str(each).lower() for each in written}
    missing = [each for each in actions_needed(place.finding) if each.lower() not in have]
    if len(missing) > 1:
        title = f"Add {' and '.join(missing)} to Action in {place.label}"
        yield place.candidate(title, place.edit(inside, [*written, *missing]))


def _statement(place: Place, provider: str) -> Iterator[Candidate]:
    """Proposes a separate statement, where the existing ones concern others."""
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": ASSUME}
    written = place.written(("Statement",))
    edit = (
        place.edit(("Statement", APPENDED), statement)
        if isinstance(written, list)
        else place.edit(("Statement",), [*as_list(written), statement])
    )
    yield place.candidate(f"Add a statement that allows {ASSUME} for {provider} to {place.label}", edit)


def _principals(place: Place) -> Iterator[Candidate]:
    """Proposes the provider instead of one that does not exist, or besides those that others use."""
    provider = place.wanted
    if not isinstance(provider, str):
        return
    inside, statement = _nearest(place, provider), place.statement
    whole: Key = (*statement, "Principal")
    federated: Key = (*whole, "Federated")
    written = place.written(inside)
    actions = {str(each).lower() for each in as_list(place.written((*statement, "Action")))}
    replacing = place.candidate(
        f"Write {provider} in place of {written} in {place.label}", place.edit(inside, provider)
    )
    anew = place.candidate(
        f'Write "Federated": "{provider}" in {place.label}', place.edit(whole, {"Federated": provider})
    )
    if "Federated" not in inside:
        if actions <= SAML_ACTIONS:
            yield anew
        yield place.candidate(
            f"Add {provider} as a Federated principal to {place.label}", place.add(federated, provider)
        )
        return
    adding = place.candidate(f"Add {provider} to Federated in {place.label}", place.add(federated, provider))
    yield from (adding, replacing) if isinstance(written, str) and _exists(place, written) else (replacing, adding)


def _nearest(place: Place, provider: str) -> Key:
    """Returns the place of a misspelling of the right provider, or else of the provider that was named."""
    federated: Key = (*place.statement, "Principal", "Federated")
    written = place.written(federated)
    wrong = [str(each) for each in written if not _exists(place, str(each))] if isinstance(written, list) else []
    near = nearest(provider, wrong)
    return (*federated, written.index(near)) if near is not None else place.setting.inside


def _without_exceptions(place: Place) -> Iterator[Candidate]:
    """Replaces a statement for everybody or everything except the request by one that names the right principal."""
    statement, provider = place.statement, provider_asked_for(place)
    if "NotPrincipal" in place.setting.inside and provider:
        edits = (
            place.edit((*statement, "Principal"), {"Federated": provider}),
            place.edit((*statement, "NotPrincipal"), REMOVED),
        )
        yield place.candidate(f"Write Principal in place of NotPrincipal in {place.label}", *edits)
    elif "NotAction" in place.setting.inside:
        action = denials.action_asked_for(place)
        edits = (place.edit((*statement, "Action"), action), place.edit((*statement, "NotAction"), REMOVED))
        yield place.candidate(f"Write Action in place of NotAction in {place.label}", *edits)


def _exists(place: Place, provider: str) -> bool:
    parts = arn_parts(provider)
    account = place.finding.world.settings.aws.get(parts.account_id) if parts is not None else None
    mine = parts is not None and parts.account_id == place.account_id
    return account is not None and mine and parts is not None and parts.name in account.saml_providers


def _written_anew(place: Place) -> Iterator[Candidate]:
    """Rewrites a denying statement in a policy without any other: first its effect alone, then what else is wrong."""
    warning = "It makes an Allow of a Deny: what was denied is allowed then."
    effect = place.edit((*place.statement, "Effect"), "Allow")
    yield place.candidate(f"Set Effect to Allow in {place.label}", effect, warning=warning)
    written = place.written(place.statement)
    kept = {name: value for name, value in written.items() if name in {"Sid", "Condition"}}
    title = f"Let the statement of {place.label} allow {ASSUME} for {place.wanted['Principal']['Federated']}"
    yield place.candidate(title, place.edit(place.statement, {**place.wanted, **kept}), warning=warning)
