"""The logins in a recording: each SAML message that was posted, or is about to be, with the requests around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from emulator.kernel.clock import instant
from emulator.kernel.errors import FederationError
from emulator.kernel.explanations import message_digest
from emulator.kernel.records import dataclass
from emulator.recordings.file_text import RECORD_ALONE
from emulator.recordings.hops import Hop, fields_on, is_of_aws, service_at
from emulator.recordings.pasted import Pasted
from emulator.recordings.recorded_refusals import SIGN_IN, STS, RecordedRefusal

_MOST_LOGINS = 1000


@dataclass(frozen=True, slots=True)
class RecordedLogin:
    """A login that was recorded or pasted.

    Args:
        saml_response: The message in base64; empty if the identity provider issued none.
        relay_state: The RelayState posted with it; None if that is not known.
        posted_to: The URL it was posted to; empty if that is not known.
        posted_at: When it was last posted; None if the recording does not say.
        role_arn: The role selected on the role chooser, or requested from STS.
        provider_arn: The SAML provider in the request to STS.
        duration_seconds: The session duration in the request to STS.
        at_sts: Whether the message was sent to STS rather than to sign-in.
        hops: The login's requests, without images, scripts and style sheets.
        undone: What had to be undone to find the message in a text.
    """

    saml_response: str
    relay_state: str | None = None
    posted_to: str = ""
    posted_at: datetime | None = None
    role_arn: str = ""
    provider_arn: str = ""
    duration_seconds: int | None = None
    at_sts: bool = False
    hops: tuple[Hop, ...] = ()
    undone: tuple[str, ...] = field(default=())

    @classmethod
    def of_pasted(cls, pasted: Pasted) -> RecordedLogin:
        """Returns a login that consists of nothing but its message."""
        return cls(
            pasted.saml_response,
            relay_state=pasted.relay_state,
            posted_to=pasted.posted_to,
            role_arn=pasted.role_arn,
            provider_arn=pasted.provider_arn,
            at_sts=bool(pasted.provider_arn),
            undone=pasted.undone,
        )

    @property
    def refusal(self) -> RecordedRefusal | None:
        """The last recorded refusal, which is the outcome of the login; None if nothing was refused.

        What happened before the message was posted does not count, such as a wrong password or a renewed session.
        """
        posts = [number for number, hop in enumerate(self.hops) if hop.posted or _is_post_to_aws(hop)]
        if self.saml_response and not posts:
            return None
        counting = self.hops[posts[-1] :] if posts and self.saml_response else self.hops
        return next((hop.refusal for hop in reversed(counting) if hop.refusal is not None), None)

    @property
    def was_taken(self) -> bool:
        """Whether AWS sign-in accepted the post and redirected to the console or to Amazon Connect."""
        if self.refusal is not None:
            return False
        return any(_is_post_to_aws(hop) and 300 <= hop.status < 400 and hop.location for hop in self.hops)

    def as_json(self) -> dict[str, Any]:
        """The login as JSON data, without its message and its empty fields."""
        data = {
            "posted_at": instant(self.posted_at) if self.posted_at is not None else "",
            "posted_to": self.posted_to,
            "relay_state": self.relay_state or "",
            "role": self.role_arn,
            "undone": list(self.undone),
            "hops": [hop.as_json() for hop in self.hops],
            "said": self.refusal.as_json() if self.refusal is not None else None,
        }
        return {name: value for name, value in data.items() if value}


def logins_in(hops: Sequence[Hop]) -> tuple[RecordedLogin, ...]:
    """Returns the logins in a recording, in chronological order.

    One message is one login, however often it was posted: the role chooser posts it again. If the identity provider
    refused before it issued a message, that refusal is the login.

    Args:
        hops: The requests of the recording.

    Raises:
        FederationError: there are more than a thousand.
    """
    messages = dict(_messages(hops))
    digests = list(dict.fromkeys(messages.values()))
    refuse_too_many_messages(len(digests))
    if not digests:
        return (RecordedLogin("", hops=tuple(hops)),) if any(hop.refusal is not None for hop in hops) else ()
    first = {digest: number for number, digest in reversed(messages.items())}
    starts = [0, *(_begins(hops, first[digest]) for digest in digests[1:]), len(hops)]
    return tuple(
        _login(hops, digest, messages, hops[start:end])
        for digest, start, end in zip(digests, starts, starts[1:], strict=False)
    )


def refuse_too_many_messages(count: int) -> None:
    """Refuses a file with too many messages before any of them is judged.

    Raises:
        FederationError: there are more than a thousand.
    """
    if count > _MOST_LOGINS:
        raise FederationError(
            f"There are {count:,} messages in this file", expected=f"at most {_MOST_LOGINS:,}", fix=RECORD_ALONE
        )


def _messages(hops: Sequence[Hop]) -> Iterator[tuple[int, str]]:
    """Yields the index of each request with a message, posted or on a page, and the digest of the message."""
    for number, hop in enumerate(hops):
        value = hop.posted or fields_on(hop).get("SAMLResponse", "")
        if value:
            yield number, message_digest(value)


def _is_post_to_aws(hop: Hop) -> bool:
    return hop.method == "POST" and service_at(hop.host, hop.path) == SIGN_IN


def _begins(hops: Sequence[Hop], first: int) -> int:
    """Returns the index at which a login begins: the identity provider's requests right before its message."""
    host = hops[first].host
    while first > 0 and hops[first - 1].host == host and not is_of_aws(host):
        first -= 1
    return first


def _login(hops: Sequence[Hop], digest: str, messages: dict[int, str], own: Sequence[Hop]) -> RecordedLogin:
    numbers = [number for number, each in messages.items() if each == digest]
    posts = [hops[number] for number in numbers if hops[number].posted]
    if not posts:
        # Some recordings contain the page with the form, but not what was posted.
        fields = fields_on(hops[numbers[0]])
        sent = next((hop for hop in own if _is_post_to_aws(hop) and hop.number > hops[numbers[0]].number), None)
        return RecordedLogin(
            fields["SAMLResponse"],
            fields.get("RelayState", ""),
            posted_to=sent.url.partition("?")[0] if sent is not None else "",
            posted_at=sent.at if sent is not None else None,
            hops=tuple(own),
        )
    # A custom identity provider may post the message to a page of its own first.
    to_aws = [post for post in posts if service_at(post.host, post.path) in {SIGN_IN, STS}] or posts
    last = to_aws[-1]
    duration = last.form.get("DurationSeconds", "")
    return RecordedLogin(
        last.posted,
        last.form.get("RelayState", ""),
        posted_to=last.url.partition("?")[0],
        posted_at=last.at,
        role_arn=last.form.get("roleIndex", "") or last.form.get("RoleArn", ""),
        provider_arn=last.form.get("PrincipalArn", ""),
        duration_seconds=int(duration) if duration.isdecimal() and duration.isascii() and len(duration) < 8 else None,
        at_sts="SAMLAssertion" in last.form,
        hops=tuple(own),
    )
