"""The parameters of the System Log API: times, a SCIM filter, keywords, and the refusals of invalid ones.

Spec: developer.okta.com, System Log API, "List events"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.kernel.clock import instant
from idp.management_api.filters import OPERATORS, Predicate, compile_filter
from idp.refusals import ApiRefusal, invalid

_LONGEST_AGO = timedelta(days=180)
_LONGEST_KEYWORD = 40
_MOST_KEYWORDS = 10
_SPEC = 'developer.okta.com, System Log API, "Errors"'
_FIELDS = frozenset(
    {
        *("uuid", "eventType", "version", "severity", "legacyEventType", "displayMessage", "actor", "client", "device"),
        *("request", "outcome", "target", "transaction", "debugContext", "authenticationContext", "securityContext"),
    }
)
_NOT_SEARCHED = frozenset({"debugContext.debugData.url", "debugContext.debugData.requestUri"})
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_TOKEN = re.compile(rf"{_TEXT.pattern}|[()]|[^\s()]+")
_SNAKE = re.compile(r"_([a-z])")


def instant_of(name: str, text: str) -> datetime:
    """Returns the instant of a bound in a query.

    Args:
        name: ``since`` or ``until``.
        text: An ISO 8601 date and time.

    Raises:
        ApiRefusal: E0000001 (400).

    Spec: developer.okta.com, System Log API, "Errors"
    Evidence: documented
    """
    try:
        given = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        words = (
            "The date format in your query is not recognized. Please enter dates using ISO8601 string format.",
            "must be a valid date-time or empty.",
        )
        summary = f"'{name}': {words[0]}. '{name}': {words[1]}"
        raise invalid(summary, *(f"{name}: {each}" for each in words), evidence="documented") from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def bound(name: str, text: str, *, now: datetime) -> str:
    """Returns a bound in the form of the log's ``published``; empty when there is no bound.

    Raises:
        ApiRefusal: E0000001 (400), it is not an instant; E0000053 (400), it is too long ago.

    Spec: developer.okta.com, System Log API, "Errors"
    Evidence: documented
    """
    if not text:
        return ""
    moment = instant_of(name, text)
    if name == "since" and now - moment > _LONGEST_AGO:
        words = "Invalid parameter: The since parameter is over 180 days prior to the current day."
        raise _bad_query(words, received=text)
    return instant(moment)


def compile_log_filter(text: str) -> Predicate:
    """Returns a function that says whether an event matches a filter.

    Raises:
        ApiRefusal: E0000053 (400), an unknown operator or field; E0000031 (400), a combination that Okta
            does not support, or an expression that cannot be read.

    Spec: developer.okta.com, System Log API, "Expression filter", "Errors"
    Evidence: documented (these mistakes), assumed (E0000031 for what cannot be read otherwise)
    """
    for field, name, position in _comparisons(text):
        if name not in OPERATORS:
            # The order of the list is Okta's; ne and ew work as well, but Okta's list leaves them out.
            raise _bad_query(
                f"Invalid filter '{text}': Unrecognized attribute operator '{name}' at position {position}. "
                "Expected: eq,co,sw,pr,gt,ge,lt,le",
                received=text,
            )
        path = _camel(field)
        if path.partition(".")[0] not in _FIELDS:
            raise _bad_query(f"field is not valid: {field}", received=text)
        if name == "co" and path in _NOT_SEARCHED:
            words = "The supplied combination of operator and field is not currently supported."
            raise _bad_query(f"{words} Operator: co, Field: {path}", received=text, code="E0000031")
    return compile_filter(_outside_texts(text))


def _comparisons(text: str) -> Iterator[tuple[str, str, int]]:
    """Yields each field with its operator and the operator's position."""
    tokens = [match for match in _TOKEN.finditer(text) if match[0] not in "()"]
    index = 0
    while index + 1 < len(tokens):
        field, operator = tokens[index], tokens[index + 1]
        if field[0].lower() in {"and", "or", "not"}:
            index += 1
            continue
        yield field[0], operator[0].lower(), operator.start()
        index += 2 if operator[0].lower() == "pr" else 3


def _outside_texts(text: str) -> str:
    """Returns a filter with its fields in the log's spelling: ``event_type`` becomes ``eventType``."""
    parts, end = [], 0
    for match in _TEXT.finditer(text):
        parts += [_camel(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, _camel(text[end:])])


def _camel(text: str) -> str:
    return _SNAKE.sub(lambda match: match[1].upper(), text)


def compile_keywords(text: str) -> Predicate:
    """Returns a function that says whether an event mentions every keyword, as a whole value or a part of one.

    Case does not matter; parts are separated by spaces and hyphens.

    Raises:
        ApiRefusal: E0000001 (400), too many keywords or one that is too long.

    Spec: developer.okta.com, System Log API, "Keyword filter"
    Evidence: documented (the rules and the words for long ones), assumed (the words for too many)
    """
    keywords = text.lower().split()
    if any(len(each) > _LONGEST_KEYWORD for each in keywords):
        words = (
            f"Freeform search cannot contain items longer than {_LONGEST_KEYWORD} characters. Please shorten the items "
            "in your search or use an advanced filter to query by specific fields."
        )
        raise invalid(f"'q': {words}", f"q: {words}", evidence="documented")
    if len(keywords) > _MOST_KEYWORDS:
        words = f"Freeform search cannot contain more than {_MOST_KEYWORDS} items."
        raise invalid(f"'q': {words}", f"q: {words}")

    def fits(event: Mapping[str, Any]) -> bool:
        mentioned = {part for value in _texts(event) for part in _parts(value)}
        return all(keyword in mentioned for keyword in keywords)

    return fits


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data.lower()
    for each in data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ():
        yield from _texts(each)


def _parts(value: str) -> Iterator[str]:
    for word in value.split():
        yield word
        yield from word.split("-")


def _bad_query(words: str, *, received: str, code: str = "E0000053") -> ApiRefusal:
    return ApiRefusal(
        words,
        code=code,
        status=400,
        check="okta-search",
        explanation=words,
        where="the query of /api/v1/logs",
        expected='for example eventType eq "user.session.start" and outcome.result eq "FAILURE"',
        received=received,
        fix="Correct the parameter; fields are those of an event's JSON.",
        spec=_SPEC,
    )
