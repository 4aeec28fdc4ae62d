"""The logins that a recording holds: each message that was posted, or is about to be, with its requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from emulator.kernel.clock import instant
from emulator.kernel.explanations import message_digest
from emulator.kernel.records import dataclass
from emulator.recordings.hops import Hop, fields_on, is_of_aws, service_at
from emulator.recordings.pasted import Pasted
from emulator.recordings.recorded_refusals import SIGN_IN, STS, RecordedRefusal

_MAX_LOGINS = 200


@dataclass(frozen=True, slots=True)
class RecordedLogin:
    """A login as it was recorded or pasted.

    Args:
        saml_response: In base64; empty where the identity provider issued none.
        relay_state: The field beside it; None where nothing is known of it.
        posted_to: Where it was posted; empty where that is not known.
        posted_at: When it was posted last; None where that was not recorded.
        role_arn: The role that was chosen on the role chooser, or that STS was asked for.
        provider_arn: The SAML provider that STS was asked with.
        duration_seconds: The length of the session that STS was asked for.
        at_sts: Whether it was sent to STS, and not to sign-in.
        hops: Its requests, without pictures, scripts and styles.
        undone: What had to be undone to find it in a text.
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
        """Returns a login of which there is the message alone."""
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
        """The last refusal that was recorded: what the login came to. None where none was.

        What came before the message was posted is over: a wrong password, or a session that had to be renewed.
        """
        posts = [number for number, hop in enumerate(self.hops) if hop.posted or _is_post_to_aws(hop)]
        if self.saml_response and not posts:
            return None
        counting = self.hops[posts[-1] :] if posts and self.saml_response else self.hops
        return next((hop.refusal for hop in reversed(counting) if hop.refusal is not None), None)

    @property
    def was_taken(self) -> bool:
        """Whether AWS sign-in answered the post by leading on, to the console or to Amazon Connect."""
        if self.refusal is not None:
            return False
        return any(_is_post_to_aws(hop) and 300 <= hop.status < 400 and hop.location for hop in self.hops)

    def as_json(self) -> dict[str, Any]:
        """The login as JSON data, without its message; empty parts are left out."""
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
    """Returns the logins in a recording, in the order of their time.

    One message is one login, however often it was posted: the role chooser posts it again. Where the identity provider
    refused before it issued one, its refusal is the login.

    Args:
        hops: The requests of the recording.
    """
    messages = dict(_messages(hops))
    digests = list(dict.fromkeys(messages.values()))[:_MAX_LOGINS]
    if not digests:
        return (RecordedLogin("", hops=tuple(hops)),) if any(hop.refusal is not None for hop in hops) else ()
    first = {digest: next(number for number, each in messages.items() if each == digest) for digest in digests}
    starts = [0, *(_begins(hops, first[digest]) for digest in digests[1:]), len(hops)]
    return tuple(
        _login(hops, digest, messages, hops[start:end])
        for digest, start, end in zip(digests, starts, starts[1:], strict=False)
    )


def _messages(hops: Sequence[Hop]) -> Iterator[tuple[int, str]]:
    """Yields where each message is, by the digest of its field: in a form that was posted, or on a page."""
    for number, hop in enumerate(hops):
        value = hop.posted or fields_on(hop).get("SAMLResponse", "")
        if value:
            yield number, message_digest(value)


def _is_post_to_aws(hop: Hop) -> bool:
    return hop.method == "POST" and service_at(hop.host, hop.path) == SIGN_IN


def _begins(hops: Sequence[Hop], first: int) -> int:
    """Returns where a login begins: with the requests to the identity provider right before its message."""
    host = hops[first].host
    while first > 0 and hops[first - 1].host == host and not is_of_aws(host):
        first -= 1
    return first


def _login(hops: Sequence[Hop], digest: str, messages: dict[int, str], own: Sequence[Hop]) -> RecordedLogin:
    numbers = [number for number, each in messages.items() if each == digest]
    posts = [hops[number] for number in numbers if hops[number].posted]
    if not posts:
        # Some recordings have the page with the form, and leave out what was posted.
        fields = fields_on(hops[numbers[0]])
        sent = next((hop for hop in own if _is_post_to_aws(hop) and hop.number > hops[numbers[0]].number), None)
        return RecordedLogin(
            fields["SAMLResponse"],
            fields.get("RelayState", ""),
            posted_to=sent.url.partition("?")[0] if sent is not None else "",
            posted_at=sent.at if sent is not None else None,
            hops=tuple(own),
        )
    # The page of an identity provider of one's own may be the first that a message is posted to.
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
