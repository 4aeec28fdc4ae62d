"""What happened: messages, events, refusals.

GET /fedemu/outbox      the SMS that the Okta orgs sent and whose codes are still good
GET /fedemu/cloudtrail  the events of the AWS accounts as a log file of CloudTrail has them, the newest first;
                        ?account=123456789012
GET /fedemu/refusals    the last refusals, the oldest first, each explained; ?after=NUMBER leaves out those up to that
                        one, ?fixes=wait answers when what would let them arrive has been tried
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.clock import instant
from emulator.running.control.control_api import ApiAnswer, Call, ControlApi, as_json

if TYPE_CHECKING:
    from emulator.diagnosis.diagnosis import Diagnosis
    from emulator.network.trace import Exchange


def _outbox(call: Call) -> ApiAnswer:
    return as_json(
        [
            {"org": name, "to": each.phone, "text": each.text, "at": instant(each.sent_at)}
            for name, provider in call.federation.identity_providers.items()
            for each in provider.authentication.outbox
        ]
    )


def _cloudtrail(call: Call) -> ApiAnswer:
    history = call.federation.aws_services.history
    return as_json({"Records": history.records(account_id=call.query.get("account") or None)})


def _refusals(call: Call) -> ApiAnswer:
    from emulator.diagnosis.login_result import FORMAT
    from emulator.reports.text import diagnosis_block

    last, exchanges = call.federation.gateway.numbered_exchanges(after=call.number("after"))
    explained = ((number, _explained(each, call)) for number, each in exchanges)
    refusals = [
        {"number": number, **found.as_json(), "block": diagnosis_block(found)} for number, found in explained if found
    ]
    return as_json({"format": FORMAT, "last": last, "refusals": refusals})


def _explained(exchange: Exchange, call: Call) -> Diagnosis | None:
    """Explains the refusal in an exchange, with the fixes known by now, or with all of them."""
    from emulator.diagnosis.live import diagnosis_of_exchange

    diagnosis = diagnosis_of_exchange(exchange, call.federation)
    if diagnosis is None or call.fixes is None:
        return diagnosis
    from emulator.fixes.live import Seen

    seen, fixes = Seen.of_exchange(exchange, call.federation), call.fixes()
    return fixes.found(diagnosis, seen) if call.query.get("fixes") == "wait" else fixes.added(diagnosis, seen)


OUTBOX = ControlApi("the outbox", {"GET": _outbox})
CLOUDTRAIL = ControlApi("the events", {"GET": _cloudtrail}, is_plural=True)
REFUSALS = ControlApi("the refusals", {"GET": _refusals}, is_plural=True)
