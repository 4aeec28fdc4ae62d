"""The values of both sides as JSON data, and back: what text means and what it may say."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import FederationError

if TYPE_CHECKING:
    from cattrs import Converter

VERSION = 1
_EARLIEST, _LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)


def mistakes_of(error: Exception) -> list[str]:
    """Returns what is wrong with data that has not the form of a state: each mistake with its place in it."""
    from cattrs import BaseValidationError, transform_error

    return transform_error(error, format_exception=_words_of) if isinstance(error, BaseValidationError) else []


def _words_of(error: BaseException, kind: type | None) -> str:
    from cattrs.v import format_exception

    # Our own words are better than "invalid value for type"; a KeyError's are none.
    if isinstance(error, ValueError | FederationError) and str(error):
        return str(error)
    return format_exception(error, kind)


@cache
def state_converter() -> Converter:
    """Returns what turns the values of both sides into JSON data and back."""
    from cattrs.preconf.json import make_converter
    from cattrs.strategies import configure_tagged_union

    from sp_mock.accounts.connect_resources import RoutingProfile
    from sp_mock.accounts.provider_metadata import ProviderMetadata, parse_metadata
    from sp_mock.arn import Arn
    from sp_mock.policies.documents import PolicyDocument
    from sp_mock.principals.credentials import FederatedSession, Session

    converter = make_converter(forbid_extra_keys=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly)
    converter.register_structure_hook(datetime, lambda text, _: _instant(text))
    converter.register_unstructure_hook(Arn, str)
    converter.register_structure_hook(Arn, lambda text, _: _arn(text))
    converter.register_unstructure_hook(PolicyDocument, lambda policy: {"kind": policy.kind, "text": policy.text})
    converter.register_structure_hook(
        PolicyDocument, lambda data, _: PolicyDocument.parse(data["text"], kind=data["kind"])
    )
    converter.register_unstructure_hook(
        ProviderMetadata, lambda metadata: base64.b64encode(metadata.document).decode("ascii")
    )
    converter.register_structure_hook(
        ProviderMetadata, lambda text, _: parse_metadata(base64.b64decode(text, validate=True))
    )
    structured = converter.get_structure_hook(RoutingProfile)
    # States of older versions have a routing profile's name in its place.
    converter.register_structure_hook(
        RoutingProfile, lambda data, kind: RoutingProfile(data) if isinstance(data, str) else structured(data, kind)
    )
    for union in (Session, FederatedSession):
        configure_tagged_union(union, converter, tag_name="kind")
    return converter


def _exactly(value: Any, kind: type) -> Any:
    """Takes a value of the right type; without this a number would pass as text."""
    if type(value) is not kind:
        shown = f"{value!r:.40}" if isinstance(value, str | float | bool) else type(value).__name__
        raise ValueError(f"{shown} is not of type {kind.__name__}")
    return value


def _instant(text: Any) -> datetime:
    """Takes an instant with a zone: one without could be compared with no other, and one at the end not be moved."""
    moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    if moment is None or moment.tzinfo is None or not _EARLIEST < moment < _LATEST:
        raise ValueError(f"{text!r:.40} is not an instant with a zone, such as 2026-11-23T09:30:00+00:00")
    return moment


def _arn(text: Any) -> Any:
    from sp_mock.arn import Arn

    arn = Arn.parse(text) if isinstance(text, str) else None
    if arn is None:
        raise ValueError(f"{text!r:.100} is not an ARN")
    return arn
