"""The scenario of a recorded login: what is done, and how it ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from emulator.kernel.clock import instant
from emulator.kernel.partitions import partition_of_arn
from emulator.network.trace import REDACTED
from emulator.reconstruction.draft import Draft
from emulator.reconstruction.message_faults import SaidFault, Waits
from emulator.reconstruction.names import Names, was_not_asked
from emulator.reconstruction.recorded import Recorded
from emulator.recordings.pasted import host_of

EXPECTED = "expect"
_BLANKS = re.compile(r"\s+")


def write_scenario(
    draft: Draft, recorded: Recorded, names: Names, *, faults: Sequence[SaidFault], waits: Waits
) -> Iterator[str]:
    """Writes what is done, and yields what could not be said; what is expected comes after.

    Args:
        draft: The scenario's file.
        recorded: The login.
        names: What its parts are called.
        faults: What its message has beyond what settings make.
        waits: How long it waited.
    """
    when = f" of {instant(recorded.posted_at)}" if recorded.posted_at is not None else ""
    draft.put(("scenario",), f"The recorded login{when} ends as it did")
    draft.put(("id",), "RECORDED-01")
    draft.put(("world",), "../world.yaml")
    draft.put(("tags",), ["recorded"])
    if faults:
        draft.put(("faults",), [each.fault for each in faults])
        for number, each in enumerate(faults):
            draft.say(("faults", number), above=each.because)
    draft.put(("login",), _login(recorded, names, waits))
    if recorded.journey.framed is not None:
        url, around = recorded.journey.framed
        draft.put(("then",), [{"frame": {"url": url, "by": around}}])
    if len(names.roles) > 1 and was_not_asked(recorded):
        yield f"which of the {len(names.roles)} roles was taken: no role chooser was recorded; here it is the first"
    if recorded.end == "stopped":
        draft.say(("login",), above="The role chooser was shown, and the recording ends before a role was taken.")
    endpoint = partition_of_arn(recorded.role_arn).sts_host
    if recorded.at_sts and host_of(recorded.posted_to) not in {"", endpoint}:
        yield f"the endpoint of STS: it was {host_of(recorded.posted_to)}, and a scenario calls {endpoint}"


def _login(recorded: Recorded, names: Names, waits: Waits) -> dict[str, Any]:
    login: dict[str, Any] = {"user": names.login, "app": names.app}
    if recorded.at_sts:
        login |= {"via": "sts", "role": recorded.role_arn, "provider": recorded.provider_arn}
        if recorded.duration_seconds is not None:
            login["duration_seconds"] = recorded.duration_seconds
    elif recorded.role_arn and recorded.pair is None and recorded.pairs:
        login["role_index"] = recorded.role_arn
    elif len(names.roles) > 1 and (recorded.role_arn or was_not_asked(recorded)):
        same = [each for each in names.roles if each.name == names.taken.name]
        login["role"] = names.taken.name if len(same) == 1 else names.taken.arn
    if waits.before_posting:
        login["pause_before_posting"] = f"{waits.before_posting}s"
    if waits.before_role:
        login["pause_before_role"] = f"{waits.before_role}s"
    return login


def expectation(recorded: Recorded, names: Names) -> dict[str, Any]:
    """Returns what a recording says of a login's end, as a scenario expects it; nothing where it says nothing."""
    if recorded.end == "unknown":
        return {}
    expected: dict[str, Any] = {"outcome": recorded.end}
    if recorded.end == "accepted":
        if recorded.journey.lands_on and not recorded.at_sts:
            expected["lands_on"] = recorded.journey.lands_on
        if names.is_known and not (len(names.roles) > 1 and was_not_asked(recorded)):
            expected["role"] = names.taken.arn
        if recorded.session_name:
            expected["session_name"] = recorded.session_name
    if recorded.refusal is not None:
        refusal = recorded.refusal
        if len(refusal.checks) == 1:
            expected["check"] = refusal.checks[0]
        if refusal.code:
            expected["code"] = refusal.code
        if refusal.message and refusal.message != refusal.code and REDACTED not in refusal.message:
            expected["message"] = _BLANKS.sub(" ", refusal.message).strip()
    return expected
