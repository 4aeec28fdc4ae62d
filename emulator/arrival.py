"""Whether a login that was not refused ended where it should: at the requested place, with the requested role.

The wanted place is ``lands_on``; or else that of the relay state; or else the Amazon Connect instance that the role may
federate into, where there is one; or else the console. AWS's notes say what it did differently from what was asked, and
what would have led to an instance; this module compares the end of the login with that.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from emulator.kernel.explanations import ADDRESS, RELAY_STATE, ROLE_ASKED_FOR, Asked, Cause, Sent
from emulator.kernel.records import dataclass
from emulator.kernel.trace_notes import NO_FACTS, Facts, TraceNote
from emulator.network.hosts import Hosts, Site
from emulator.network.trace import Exchange

ROLE_PLACE = "/Response/Assertion/AttributeStatement/Attribute[@Name='https://aws.amazon.com/SAML/Attributes/Role']/AttributeValue"
_DESTINATION = "/Response/@Destination"
_SIGN_IN_URL = "https://signin.aws.amazon.com/saml"
SHORTFALL_CHECKS = frozenset(
    {
        "relay-state",
        "role-not-offered",
        "sign-in-unfinished",
        "lands-on",
        "sign-in-url",
        "host-not-emulated",
        "no-such-page",
    }
)
"""What may be missing although nothing was refused."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why a login ended elsewhere: the difference between where it ended and where it should have.

    Args:
        check: What was wrong, one of ``SHORTFALL_CHECKS``.
        why: Explanation for a person.
        want: Where the login should have ended, or with which role.
        got: Where it ended, or with which role.
        causes: What caused it, the likeliest first.
        fix: What to change, where that is known.
    """

    check: str
    why: str
    want: str = ""
    got: str = ""
    causes: tuple[Cause, ...] = ()
    fix: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """The end of a login that was not refused.

    Args:
        url: URL of the last page.
        status: HTTP status of the last page.
        hosts: The emulated hosts.
    """

    url: str
    status: int
    exchanges: Sequence[Exchange]
    hosts: Hosts

    @property
    def site(self) -> Site | None:
        """The site of the page."""
        return self.hosts.site((urlsplit(self.url).hostname or "").lower())

    @property
    def notes(self) -> Iterator[TraceNote]:
        """What the services noted, the last first."""
        return (note for exchange in reversed(self.exchanges) for note in reversed(exchange.notes))

    @property
    def session(self) -> Facts:
        """The facts of the role session that was opened."""
        return next((note.facts for note in self.notes if note.facts.session and note.facts.role), NO_FACTS)

    @property
    def relay_state(self) -> str:
        """The RelayState that was posted."""
        return next((note.facts.relay_state for note in self.notes if note.facts.relay_state), "")

    @property
    def reached_instance(self) -> bool:
        """Whether the login went through an Amazon Connect instance, and ended there or where that sent it."""
        went_through = any(note.facts.instance is not None for note in self.notes)
        return went_through and self.site in {Site.CONNECT, Site.CUSTOM}


def shortfall(end: End, *, lands_on: str = "", role: str = "") -> Shortfall | None:
    """Returns why a login that nobody refused is not where it should be; None when it is.

    Args:
        end: Where it ended.
        lands_on: URL where it should have ended; empty where the relay state says so.
        role: Role that was asked for, by name or ARN; empty for any.
    """
    if not lands_on and not role and end.reached_instance:
        return None
    if not any(note.derivation is not None for note in end.notes) and end.site is Site.OKTA:
        return _unfinished_at_okta(end)
    if end.site is Site.SIGN_IN or end.site is Site.OKTA:
        return _role_not_offered(end, role) or _unfinished(end)
    other_place = _other_place(end, lands_on) if lands_on else _not_followed(end)
    return _other_role(end, role) or other_place


def unreachable(address: str, *, why: str, exchanges: Sequence[Exchange]) -> Shortfall:
    """Returns why a login ended at an address that does not exist here: its form's, or one that a relay state leads to.

    Args:
        why: Message of the browser.
    """
    is_form = bool(exchanges) and any(note.derivation is not None for note in exchanges[-1].notes)
    causes = (Sent(_DESTINATION, wanted=(_SIGN_IN_URL,)),) if is_form else (Sent(RELAY_STATE),)
    return Shortfall("host-not-emulated", f"{why}.", want=_SIGN_IN_URL if is_form else "", got=address, causes=causes)


def not_opened(address: str, *, why: str, opened: str) -> Shortfall:
    """Returns why an address that does not exist here could not be opened.

    Args:
        why: Message of the browser.
        opened: URL that was asked for, which may have led there.
    """
    causes: tuple[Cause, ...] = (Asked(ADDRESS),) if address == opened else ()
    return Shortfall("host-not-emulated", f"{why}.", got=address, causes=causes)


def no_page_there(end: End) -> Shortfall:
    """Returns why an address was answered with an unexplained error."""
    told = next((f": {note.summary}" for note in end.notes), "")
    return Shortfall(
        "no-such-page", f"{end.url} was answered with status {end.status}{told}.", got=end.url, causes=(Asked(ADDRESS),)
    )


def no_such_page(end: End) -> Shortfall | None:
    """Returns why a form posted to AWS got no page; None where the login ended differently."""
    last = end.exchanges[-1] if end.exchanges else None
    if last is None or not any(name == "SAMLResponse" for name, _ in last.form):
        return None
    want = f"https://{urlsplit(end.url).hostname}/saml" if end.site is Site.SIGN_IN else _SIGN_IN_URL
    return Shortfall(
        "sign-in-url",
        f"The SAMLResponse was posted to {end.url}, and AWS takes none there.",
        want=want,
        got=end.url,
        causes=(Sent(_DESTINATION, wanted=(want,)),),
    )


def is_named(role: str, arn: str) -> bool:
    """Returns whether a role is asked for by its name or by its ARN."""
    return role in {arn, arn.rpartition("/")[2]}


def _unfinished_at_okta(end: End) -> Shortfall:
    note = next((note for note in end.notes if note.causes or note.facts.note), None)
    summary = next((note.summary for note in end.notes), "")
    return Shortfall(
        "sign-in-unfinished",
        (note.facts.note if note is not None and note.facts.note else f"Okta {summary}") or "The login ended at Okta.",
        want="a dashboard tile that leads on to AWS",
        got=end.url,
        causes=note.causes if note is not None else (),
    )


def _unfinished(end: End) -> Shortfall:
    note = next((note for note in end.notes if note.facts.note or note.causes), None)
    if note is not None and note.facts.note:
        why = note.facts.note
    else:
        why = next((note.summary for note in end.notes), "")
    return Shortfall(
        "sign-in-unfinished",
        f"The login ended at a sign-in page: {why}.",
        want=_wanted_places(end),
        got=end.url,
        causes=(note.causes if note is not None else ()) or (Sent(RELAY_STATE),),
    )


def _role_not_offered(end: End, role: str) -> Shortfall | None:
    offered = next((note.facts for note in end.notes if note.facts.offered_roles is not None), None)
    if offered is None or not role:
        return None
    arns = [arn for arns in (offered.offered_roles or {}).values() for arn in arns]
    if any(is_named(role, arn) for arn in arns):
        # It was offered and taken, so the login went wrong afterwards.
        return None
    dropped = _dropped(end, role)
    if dropped is not None:
        return dropped
    why = f"The role chooser does not offer {role}."
    return Shortfall(
        "role-not-offered",
        why,
        want=role,
        got=", ".join(arns),
        causes=(Sent(ROLE_PLACE, wanted=(role,)), Asked(ROLE_ASKED_FOR)),
        fix=_instead(role, arns),
    )


def _dropped(end: End, role: str) -> Shortfall | None:
    """Returns why AWS left out a role in the assertion; None where it did not."""
    for note in end.notes:
        for arn, refusal in note.dropped.items():
            if is_named(role, arn):
                said = refusal.message.rstrip(".") + (
                    " (the emulator's wording)" if refusal.evidence == "assumed" else ""
                )
                why = f"AWS leaves {arn} out of the roles that it offers: {said}."
                return Shortfall(
                    "role-not-offered",
                    f"{why} {refusal.explanation}".strip(),
                    want=refusal.expected,
                    got=refusal.received,
                    causes=refusal.causes,
                    fix=refusal.fix,
                )
    return None


def _other_role(end: End, role: str) -> Shortfall | None:
    taken = end.session.role or ""
    if not role or not taken or is_named(role, taken):
        return None
    return _dropped(end, role) or Shortfall(
        "role-not-offered",
        f"AWS did not offer {role}: the assertion has one usable role, which was taken.",
        want=role,
        got=taken,
        causes=(Sent(ROLE_PLACE, wanted=(role,)), Asked(ROLE_ASKED_FOR)),
        fix=_instead(role, [taken]),
    )


def near_role(role: str, offered: Sequence[str]) -> str:
    """Returns the role that was probably meant; empty where none is near.

    Args:
        role: The role that was asked for, by name or ARN.
        offered: The ARNs that there are.

    Returns:
        A name, or an ARN where an ARN was asked for.
    """
    known = [arn if role.startswith("arn:") else arn.rpartition("/")[2] for arn in offered]
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(role.casefold(), folded, n=1, cutoff=0.8)
    return folded[near[0]] if near else ""


def _instead(role: str, offered: Sequence[str]) -> str:
    near = near_role(role, offered)
    return f"Ask for {near}, the nearest name." if near else ""


def _other_place(end: End, lands_on: str) -> Shortfall | None:
    if _is_same_place(end.url, lands_on):
        return None
    blamed = _not_posted_to_aws(end) or _not_followed(end)
    return Shortfall(
        "lands-on",
        blamed.why if blamed is not None else "The login arrived, at another place than the one that was asked for.",
        want=lands_on,
        got=end.url,
        causes=blamed.causes if blamed is not None else (Sent(RELAY_STATE),),
    )


def _not_posted_to_aws(end: End) -> Shortfall | None:
    """Returns where a SAMLResponse was posted if none reached a sign-in page of AWS's; None where one did."""
    posts = [each for each in end.exchanges if any(name == "SAMLResponse" for name, _ in each.form)]
    hosts = [(urlsplit(each.url).hostname or "").lower() for each in posts]
    if not posts or any(end.hosts.site(host) is Site.SIGN_IN for host in hosts):
        return None
    return Shortfall(
        "lands-on",
        f"The SAMLResponse was posted to {posts[-1].url}, which is not one of AWS's sign-in pages.",
        want=_SIGN_IN_URL,
        got=posts[-1].url,
        causes=(Sent(_DESTINATION, wanted=(_SIGN_IN_URL,)),),
    )


def _not_followed(end: End) -> Shortfall | None:
    """Returns why a relay state led elsewhere, as AWS's side noted it."""
    if end.reached_instance:
        return None
    # The first that went another way led to the others.
    note = next((note for note in reversed(list(end.notes)) if note.facts.note and _on_relay_state(note)), None)
    if note is None or not (end.relay_state or _wanted_by(note)):
        # Without a relay state and without an instance that is open to the role, the console is the place.
        return None
    return Shortfall(
        "relay-state",
        _sentence(note.facts.note or ""),
        want=" or ".join(_wanted_by(note)) or "a URL of an AWS console",
        got=end.relay_state or "no RelayState",
        causes=note.causes,
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _on_relay_state(note: TraceNote) -> bool:
    return any(isinstance(cause, Sent) and cause.place == RELAY_STATE for cause in note.causes)


def _wanted_by(note: TraceNote) -> tuple[str, ...]:
    return next((c.wanted for c in note.causes if isinstance(c, Sent) and c.place == RELAY_STATE), ())


def _wanted_places(end: End) -> str:
    return next((" or ".join(wanted) for note in end.notes if (wanted := _wanted_by(note))), "")


def _is_same_place(url: str, wanted: str) -> bool:
    """Compares URLs: a query and a trailing slash count only where the wanted one has them."""
    there, here = urlsplit(wanted), urlsplit(url)
    return (
        (there.scheme, there.netloc.lower()) == (here.scheme, here.netloc.lower())
        and there.path.rstrip("/") == here.path.rstrip("/")
        and (not there.query or there.query == here.query)
    )
