"""Values of events that no event has: with ``absent`` or a count of none they would be met whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any, Final

from emulator.kernel.errors import Problem
from emulator.kernel.records import dataclass
from emulator.scenarios.format.placeholders import names_in
from emulator.worldfile.schema.schema_check import suggestion
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import YamlDocument

_SERVICES: Final = ("sts", "iam", "cloudtrail", "connect")


@dataclass(frozen=True, slots=True)
class _Values:
    """What a field can have.

    Args:
        known: Returns the values.
        wanted: What to write, where the values are too many to be listed.
    """

    known: Callable[[], Collection[str]]
    wanted: str = ""


def _one_of(*values: str) -> _Values:
    return _Values(lambda: values)


@cache
def _event_names() -> tuple[str, ...]:
    # importing botocore takes a quarter of a second
    from emulator.network.calls.aws_calls import operations_of

    of_pages = ("ConsoleLogin", "AdminGetEmergencyAccessToken")
    return (*of_pages, *(name for service in _SERVICES for name in operations_of(service)))


@cache
def _regions() -> tuple[str, ...]:
    from emulator.network.calls.aws_calls import known_regions

    return tuple(known_regions())


_OF_TRAIL: Final[Mapping[Key, _Values]] = {
    ("eventName",): _Values(_event_names, "ConsoleLogin, or an operation of STS, IAM, Amazon Connect or CloudTrail"),
    ("eventSource",): _one_of(*(f"{service}.amazonaws.com" for service in ("signin", *_SERVICES))),
    ("awsRegion",): _Values(_regions, "a region such as ap-northeast-1"),
    ("eventType",): _one_of("AwsApiCall", "AwsConsoleSignIn"),
    ("userIdentity", "type"): _one_of("SAMLUser", "AssumedRole", "IAMUser", "FederatedUser", "AWSAccount", "Root"),
}
_OF_LOG: Final[Mapping[Key, _Values]] = {
    ("outcome", "result"): _one_of(
        *("SUCCESS", "FAILURE", "SKIPPED", "ALLOW", "DENY", "CHALLENGE", "UNKNOWN"),
        *("ABANDONED", "DEFERRED", "RATE_LIMIT", "SCHEDULED", "UNANSWERED"),
    ),
    ("severity",): _one_of("DEBUG", "INFO", "WARN", "ERROR"),
}


def value_mistakes(wanted: Mapping[str, Any], key: Key, what: str, document: YamlDocument) -> Iterator[Problem]:
    """Yields the values that a field of an event never has.

    Args:
        wanted: The fields that a step looks for.
        key: The key of these fields.
        what: The kind of event, such as ``CloudTrail record``.
        document: The scenario.
    """
    for inside, values in (_OF_TRAIL if key[-1] == "cloudtrail" else _OF_LOG).items():
        value: Any = wanted
        for name in inside:
            value = value.get(name) if isinstance(value, Mapping) else None
        if not isinstance(value, str) or names_in(value) or value in values.known():
            continue
        known = tuple(values.known())
        message = f"no {what} has the {inside[-1]} {value}"
        place = document.location((*key, *inside))
        yield Problem(place, message, values.wanted or ", ".join(known), suggestion(value, known))
