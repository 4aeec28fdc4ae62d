"""Why something was refused, in terms that both sides share: the settings at fault, and where a sent value came from.

Neither side knows the other. The one that refuses names the causes as it sees them: a ``Setting`` of its own, or
something that was ``Sent`` to it. The one that sent it explains, when asked, where that came from: each side leaves
a ``Derivation`` in its trace note. The roof joins the two, and finds the file and line of every setting.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Protocol

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
        owner: The frozen org or account as it was when the decision was made.
        path: The attribute names, keys and indexes that lead from the owner to the setting.
        inside: The keys and indexes that lead on inside a JSON document, such as a policy.
        wanted: What would be right there as plain data, where whoever names the setting knows it: of a list one member
            that it lacks; of a key that is itself wrong a mapping with the right one; of a role's policies the name of
            one, or a statement that none of them has. None where it is not known.
    """

    owner: object = field(repr=False, compare=False)
    path: tuple[str | int, ...]
    inside: tuple[str | int, ...] = ()
    wanted: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that came with the login.

    Args:
        place: An XPath in the Response, or ``RelayState``.
        wanted: What would have been right there, the most likely first; empty where the judge cannot know.
        is_guess: Whether ``wanted`` is only what is known there, and none of it may be meant: whoever sent it explains
            it where one of their settings would have made one of these.
    """

    place: str
    wanted: tuple[str, ...] = ()
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that the person or their program asked for: ``role``, ``source_ip``, ``RelayState``, ``browser``,
    ``address``."""

    what: str


@dataclass(frozen=True, slots=True)
class PageAround:
    """The page that shows another one in a frame, or that opened it as its login window.

    Args:
        origin: Such as ``https://crm.example.com``; empty where the browser did not tell it.
        settings: What of the page can be at fault, by the names of the Amazon Connect Streams API, the likeliest first.
    """

    origin: str
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """The tile at the identity provider that a login begins at.

    Args:
        leads_to: Where its relay state has to lead, without a query.
    """

    leads_to: str


@dataclass(frozen=True, slots=True)
class Planted:
    """What somebody had go wrong on purpose, so that no setting is to blame.

    Args:
        text: What it is, and who planted it.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a setting would have to be, for whoever tries it.

    Args:
        setting: The setting.
        value: Its new value as a world would say it, plain data; None takes it out.
    """

    setting: Setting
    value: object = None


Cause = Setting | Sent | Asked | PageAround | Tile | Planted


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where something comes from, or why it is absent.

    Args:
        why: For a person, one or two sentences.
        causes: The settings behind it, the likeliest first; two at most.
        want: What would be right.
        got: What there is.
        fix: What to change.
        is_alone: Whether this is the only cause, whatever else the judge named.
        changes: What ``fix`` tells, where it is a value that is known exactly; made together.
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
        """The login of whom the message is about; empty for nobody."""

    @property
    def sent_by(self) -> str:
        """The app that sent it, as ``org/app``; empty where that is not told."""

    @property
    def asked_relay_state(self) -> str | None:
        """The relay state that the request asked for; None where it is the app's own."""

    @property
    def planted(self) -> tuple[str, ...]:
        """What was made wrong on purpose, each fault as it is written; empty for an honest message."""

    @property
    def planted_by(self) -> str:
        """Who programmed that for this one login; empty where it is for all of them, or for none."""

    def explain(self, sent: Sent) -> Explanation | None:
        """Returns where something that was sent comes from, or why it is absent; None where nothing is known of it."""


def wanting(causes: tuple[Cause, ...], value: object) -> tuple[Cause, ...]:
    """Returns causes, each setting with what would be right there."""
    return tuple(replace(cause, wanted=value) if isinstance(cause, Setting) else cause for cause in causes)


def message_digest(form_field: str) -> str:
    """Returns the digest of a SAMLResponse, which stays the same however its base64 is broken into lines."""
    return hashlib.sha256(b"".join(form_field.encode("utf-8", "surrogatepass").split())).hexdigest()
