"""Why something was refused, in terms that both sides share: the settings at fault, and where a sent value came from.

Neither side knows the other. The side that refuses names the causes it can see: a ``Setting`` of its own, or something
that was ``Sent`` to it. The side that sent it explains on request where that came from: it leaves a ``Derivation`` in
its trace note. The ``emulator`` package joins the two, and finds the file and line of every setting.
"""

from __future__ import annotations

import hashlib
from dataclasses import field, replace
from functools import lru_cache
from typing import Protocol

from emulator.kernel.records import dataclass

RELAY_STATE = "RelayState"
ROLE_ASKED_FOR = "role"
SOURCE_IP = "source_ip"
DURATION = "duration_seconds"
BROWSER = "browser"
ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of an org or of an account.

    Args:
        owner: The immutable org or account at the time of the decision.
        path: Attribute names, keys and indexes that lead from the owner to the setting.
        inside: Keys and indexes that lead further into a JSON document, such as a policy.
        wanted: The right value as plain data, where it is known; None otherwise. For a list it is one member that is
            missing; for a wrong key a mapping with the right key; for a role's policies the name of one, or a statement
            that none of them has.
    """

    owner: object = field(repr=False, compare=False)
    path: tuple[str | int, ...]
    inside: tuple[str | int, ...] = ()
    wanted: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that was sent with the login.

    Args:
        place: XPath in the Response, or ``RelayState``.
        wanted: Right values, the most likely first; empty where the judge cannot know.
        is_guess: Whether ``wanted`` lists only possible values, of which none may be meant. The sender then gives an
            explanation only where one of its settings would have produced one of them.
    """

    place: str
    wanted: tuple[str, ...] = ()
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that was asked for: ``role``, ``source_ip``, ``RelayState``, ``browser``, ``address``."""

    what: str


@dataclass(frozen=True, slots=True)
class PageAround:
    """The page that frames another one, or that opened it as its login window.

    Args:
        origin: Such as ``https://crm.example.com``; empty where the browser did not reveal it.
        settings: Settings of the page that may be at fault, by their names in the Amazon Connect Streams API, the
            likeliest first.
    """

    origin: str
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """The tile at the identity provider where a login begins.

    Args:
        leads_to: URL to which its relay state has to lead, without a query.
    """

    leads_to: str


@dataclass(frozen=True, slots=True)
class Planted:
    """Something that was made to go wrong on purpose, so that no setting is to blame.

    Args:
        text: Description, with who planted it.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """The value that a setting would need, for trying it out.

    Args:
        value: New value in a world file's form, as plain data; None removes it.
    """

    setting: Setting
    value: object = None


Cause = Setting | Sent | Asked | PageAround | Tile | Planted


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where something comes from, or why it is absent.

    Args:
        why: One or two sentences for a person.
        causes: Settings behind it, the likeliest first; two at most.
        want: What would be right.
        got: What there is instead.
        fix: What to change.
        is_alone: Whether this is the only cause, whatever else the judge named.
        changes: The changes that ``fix`` describes, where the values are known exactly; they belong together.
    """

    why: str
    causes: tuple[Setting | Asked, ...] = ()
    want: str = ""
    got: str = ""
    fix: str = ""
    is_alone: bool = False
    changes: tuple[Change, ...] = ()


class Derivation(Protocol):
    """The record of a message that was sent, from which each of its values can be explained."""

    @property
    def digest(self) -> str:
        """The digest of the form field as it was sent."""

    @property
    def saml_response(self) -> str:
        """The form field as it was sent."""

    @property
    def person(self) -> str:
        """The login of the person whom the message is about; empty for nobody."""

    @property
    def sent_by(self) -> str:
        """The app that sent it, as ``org/app``; empty where that is unknown."""

    @property
    def asked_relay_state(self) -> str | None:
        """The relay state that the request asked for, or None where it is the app's own."""

    def without_faults(self, saml_response: str) -> Derivation:
        """Returns the record of the same message as it is without the planted faults."""

    @property
    def planted(self) -> tuple[str, ...]:
        """The faults that were planted, as they were written; empty for an unchanged message."""

    @property
    def planted_by(self) -> str:
        """Who programmed the faults for this one login; empty where they apply to all logins, or there are none."""

    def explain(self, sent: Sent) -> Explanation | None:
        """Returns where something that was sent comes from, or why it is absent; None where nothing is known."""


def wanting(causes: tuple[Cause, ...], value: object) -> tuple[Cause, ...]:
    """Returns causes, with the right value added to each setting."""
    return tuple(replace(cause, wanted=value) if isinstance(cause, Setting) else cause for cause in causes)


@lru_cache(maxsize=8)
def message_digest(form_field: str) -> str:
    """Returns the digest of a SAMLResponse, which does not depend on the line breaks in its base64.

    Several services ask for that of the same message, one after the other.
    """
    return hashlib.sha256(b"".join(form_field.encode("utf-8", "surrogatepass").split())).hexdigest()
