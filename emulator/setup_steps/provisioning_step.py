"""The step of the API integration, with which Okta reads the roles: it is tried, as Okta's own button does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from emulator.access.role_reading import cannot_read_roles
from emulator.setup_steps.documents import READING
from emulator.setup_steps.places import Places, joined
from emulator.setup_steps.step import Reason, Step, Value, Verdict
from emulator.setup_steps.subject import Subject
from emulator.worldfile.schema.okta_app_schema import OktaApp

READS = "Okta only lists the names of roles with it, so that they can be chosen at an assignment: no login needs it."
SHOWN_ONCE = "the secret access key of {}, which AWS showed once"
_NOT_SAID = "A world does not say this."
_OTHER_SECRET = "SignatureDoesNotMatch"  # noqa: S105  the code of AWS's answer


def provisioning_step(subject: Subject, settings: OktaApp, places: Places) -> Step:
    """Returns the step of the API integration."""
    create = joined("Applications", settings.label, "Provisioning", "To App", "Create Users")
    by_hand = Value("Okta", create, "Enable", Verdict.UNKNOWN, note=_NOT_SAID)
    step = Step("8", "provisioning", "Okta: provisioning, the API integration", (by_hand,))
    key = (*subject.app_key, "provisioning")
    given = settings.provisioning
    known = list(_keys(subject))
    if given is None:
        values = [
            places.at(key, "", "on", stops=False),
            places.at((*key, "access_key"), "", known[0] if known else "the access key id of step 4", stops=False),
            places.at((*key, "secret_key"), "", SHOWN_ONCE.format(known[0] if known else "step 4"), stops=False),
        ]
        return replace(step, values=(*values, by_hand), notes=(READS,))
    refused = cannot_read_roles(subject.federation, subject.org_name, subject.app_name)
    other = known[0] if known and given.access_key not in known else ""
    secret = places.at((*key, "secret_key"), SHOWN_ONCE.format(given.access_key), stops=False)
    values = [
        places.at((*key, "access_key"), given.access_key, other, stops=False),
        secret.differing(stops=False) if _OTHER_SECRET in refused else secret,
    ]
    for index, account in enumerate(given.connected_accounts):
        values.append(places.at((*key, "connected_accounts", index), account, stops=False))
    why = Reason((("why", f"Okta cannot read the roles: {refused}"),), stops=False)
    reasons, notes = ((why,), (READS,)) if refused else ((), ())
    return replace(step, values=(*values, by_hand), notes=notes, reasons=reasons)


def _keys(subject: Subject) -> Iterator[str]:
    """Yields the access keys in the first account, those of users who may read the roles first."""
    account = subject.world.settings.aws.get(subject.account_id)
    users = list(account.users.values()) if account is not None else []
    policies = account.policies if account is not None else {}
    readers = [
        user
        for user in users
        if READING[0].lower()
        in str([*user.inline_policies.values(), *(policies.get(each) for each in user.policies)]).lower()
    ]
    others = [user for user in users if user not in readers]
    yield from (key.id for user in (*readers, *others) for key in user.access_keys)
