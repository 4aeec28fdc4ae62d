"""The entry point for every input: reads a file with recorded logins, a single message, or events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.recordings.file_text import RECORD_ALONE, WHAT_TO_GIVE, file_text
from emulator.recordings.hops import Hop, hops_of_har, hops_of_trace, refuse_too_long
from emulator.recordings.logins import RecordedLogin, logins_in, refuse_too_many_messages
from emulator.recordings.pasted import read_every_pasted
from emulator.recordings.recorded_events import RecordedEvent, events_in, holds_events
from emulator.worldfile.text.json_text import UnreadableJson, line_of_depth, refuse_too_many_values

# Twenty megabytes of recorded requests contain fewer, even if their pages are left out.
_MOST_VALUES = 750_000
_MOST_STEPS = 50_000
_FIELDS = frozenset({"SAMLResponse", "SAMLAssertion"})
# How Python prints a dictionary.
_PRINTED = re.compile(r"'SAML(?:Response|Assertion)'\s*:\s*'([A-Za-z0-9+/=%\\n]+)'")
_NAMES = frozenset({"samlresponse", "samlassertion"})


@dataclass(frozen=True, slots=True)
class Recording:
    """The content of a file.

    Args:
        logins: Its logins in chronological order; none in a file of events.
        events: Its login events, oldest first; only in a file of events.
    """

    logins: tuple[RecordedLogin, ...] = ()
    events: tuple[RecordedEvent, ...] = ()


def read_recording(data: bytes) -> Recording:
    """Reads any file that shows a login: a recording, a single message, or events.

    Args:
        data: The bytes of the file, which may be compressed.

    Raises:
        FederationError: the file contains nothing to inspect; the error says what to provide instead.
    """
    text = file_text(data)
    if text.startswith(("{", "[")):
        return _of_json(read_json(text))
    return _of_texts([text])


def read_json(text: str, *, most_values: int = _MOST_VALUES) -> Any:
    """Returns the data in a text that begins like JSON: one document, JSON Lines, or a printed Python dictionary.

    Args:
        text: A text that begins like JSON.
        most_values: Maximum number of values in it.

    Raises:
        FederationError: it is none of these, was cut off, or contains too many values.
    """
    try:
        refuse_too_many_values(text, most=most_values)
        return json.loads(text)
    except UnreadableJson as error:
        raise FederationError(
            f"This recording is too large: {error.message}", expected="one login's recording", fix=RECORD_ALONE
        ) from None
    except RecursionError:
        raise FederationError(
            f"This JSON is nested too deep, in line {line_of_depth(text)}", expected=WHAT_TO_GIVE
        ) from None
    except ValueError as error:
        if _is_json_lines(text):
            return list(_lines_of(text))
        printed = _PRINTED.findall(text)
        if printed:
            return [{"SAMLResponse": each} for each in printed]
        raise FederationError(
            f"This looks like JSON but is not: {error}",
            explanation="It may be cut off: a HAR ends with }." if not text.endswith(("}", "]")) else "",
            expected="a HAR or a trace",
            fix="Save it again, whole.",
        ) from None


def _is_json_lines(text: str) -> bool:
    """Returns whether a text is JSON Lines: its first line is an object, and it is not the only one."""
    first, _, others = text.partition("\n")
    try:
        return bool(others.strip()) and isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _lines_of(text: str) -> Iterator[Any]:
    for number, line in enumerate(text.split("\n"), 1):
        try:
            if line.strip():
                yield json.loads(line)
        except (ValueError, RecursionError) as error:
            raise FederationError(
                f"Line {number:,} of this file is not JSON: {error}",
                expected="JSON Lines, as the first line is: one object on each line",
                fix="Save it again, whole, or remove this line.",
            ) from None


def _of_json(data: Any) -> Recording:
    entries = _entries(data)
    if entries is not None:
        return _of_hops([hops_of_har(entries)], data)
    traces = list(_traces(data))
    if traces:
        refuse_too_long(sum(map(len, traces)) + len(traces), most=_MOST_STEPS)
        return _of_hops([hops_of_trace(steps) for steps in traces], data)
    if holds_events(data):
        events = events_in(data)
        if not events:
            raise FederationError(
                "None of these events is about a login",
                expected="AssumeRoleWithSAML, ConsoleLogin or GetFederationToken of CloudTrail, or sign-ons of Okta",
            )
        return Recording(events=events)
    return _of_fields(data)


def _entries(data: Any) -> list[Any] | None:
    """Returns the requests of a whole HAR, of its log, or of a part cut out of it; None for other data."""
    log = data.get("log", data) if isinstance(data, dict) else data
    entries = log.get("entries") if isinstance(log, dict) else None
    if isinstance(entries, list):
        return entries
    parts = log if isinstance(log, list) else [log]
    is_part = any(isinstance(each, dict) and ({"request", "response"} & each.keys()) for each in parts)
    return parts if is_part and not any("eventType" in each for each in parts if isinstance(each, dict)) else None


def _traces(data: Any) -> Iterator[list[Any]]:
    """Yields the steps of every login in a trace, or in the output of ``fedemu run --json``."""
    waiting = [data]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict) and isinstance(node.get("steps"), list):
            yield node["steps"]
            continue
        inside = list(node.values() if isinstance(node, dict) else node)
        waiting += [each for each in reversed(inside) if isinstance(each, (dict, list))]


def _of_hops(groups: list[tuple[Hop, ...]], data: Any) -> Recording:
    logins = tuple(login for hops in groups for login in logins_in(hops))
    if logins:
        return Recording(logins)
    return _of_fields(data)


def _of_fields(data: Any) -> Recording:
    found = list(dict.fromkeys(_fields(data)))
    if not found and isinstance(data, dict) and {"Role", "AssumeRolePolicyDocument", "Statement"} & data.keys():
        raise FederationError(
            "This is not a SAMLResponse: it is a role or a policy",
            expected=WHAT_TO_GIVE,
            fix="Give it with --role, and beside it what is to be judged.",
        )
    if not found:
        raise FederationError(
            "There is no SAMLResponse in this file",
            explanation="No request in it posts the field SAMLResponse; some exports leave form fields out.",
            expected="a HAR that holds the POST to the sign-in page, with its content",
            fix="Record again with 'Preserve log' on, and export with content.",
        )
    refuse_too_many_messages(len(found))
    return _of_texts(found)


def _of_texts(texts: Sequence[str]) -> Recording:
    pasted = [each for text in texts for each in read_every_pasted(text)]
    refuse_too_many_messages(len(pasted))
    return Recording(tuple(map(RecordedLogin.of_pasted, pasted)))


def _fields(data: Any) -> Iterator[str]:
    """Yields the messages in other data: under AWS's field name, in name-value pairs, in forms inside strings."""
    waiting: list[tuple[str, Any]] = [("", data)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, str):
            if value and (_is_field(name) or "SAMLResponse=" in value or "SAMLAssertion=" in value):
                yield value
        elif isinstance(value, dict):
            waiting += reversed(value.items())
        elif isinstance(value, list):
            if len(value) == 2 and all(isinstance(each, str) for each in value) and value[0] in _FIELDS:
                yield value[1]
            else:
                waiting += [("", each) for each in reversed(value) if isinstance(each, (dict, list))]


def _is_field(name: str) -> bool:
    lower = name.lower()
    return "saml" in lower and re.sub(r"[^a-z]", "", lower) in _NAMES
