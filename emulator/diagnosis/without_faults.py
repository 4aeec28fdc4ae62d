"""A login with a planted fault that something else refused: the same message without the fault, posted to a copy.

What stays when the fault is taken away was not made by it, so that a setting is named and not the fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import FederationError
from emulator.kernel.explanations import Derivation
from emulator.kernel.records import dataclass
from emulator.network.forms import first_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator.federation import Federation
    from emulator.flow import Login
    from emulator.network.trace import Exchange

_MESSAGES = ("SAMLResponse", "SAMLAssertion")


@dataclass(frozen=True, slots=True)
class Unplanted:
    """The result of a message without its faults.

    Args:
        login: The login.
        record: The record of the message.
        saml_response: The message.
        federation: The copy in which it was posted.
    """

    login: Login
    record: Derivation
    saml_response: str
    federation: Federation

    @property
    def check(self) -> str:
        """The check that it was refused by, or that it is elsewhere for; empty where it arrived."""
        decided = self.login.refusal or self.login.shortfall
        return decided.check if decided is not None else ""


def without_faults(record: Derivation, exchanges: Sequence[Exchange], federation: Federation) -> Unplanted | None:
    """Posts a message as it would have been without its faults, to where it was posted and at the same time.

    Args:
        record: The record of the message with its faults.
        exchanges: The exchanges of its login.
        federation: Federation in which it was made.

    Returns:
        The result; None where it cannot be repeated, since it was not posted or a role has to be chosen.
    """
    issuing = next((each for each in exchanges if any(note.derivation is record for note in each.notes)), None)
    posting = next((each for each in exchanges if _message_in(each) == record.saml_response), None)
    if issuing is None or posting is None or not record.sent_by:
        return None
    try:
        return _repeated(record, issuing, posting, _chosen_role(exchanges), federation)
    except FederationError:
        return None


def _repeated(record: Derivation, issuing: Exchange, posting: Exchange, role: str, federation: Federation) -> Unplanted:
    # What takes part in no other explanation is imported here.
    from emulator.copies import copied
    from emulator.federation import Instants
    from emulator.flow import post_call, post_message

    now = federation.instants
    since = now.clock - issuing.started_at
    copy = copied(federation, at=Instants(now.clock - since, now.idp_clock - since))
    provider, app = copy.find_app(record.sent_by)
    issued = provider.mint(record.person, app.name)
    copy.clock.advance(posting.started_at - issuing.started_at)
    browser = copy.browser()
    browser.source_ip = posting.source_ip
    form = first_values(posting.form)
    if "SAMLAssertion" in form:
        login = post_call(browser, posting.url, {**form, "SAMLAssertion": issued.saml_response})
    else:
        relay_state = form.get("RelayState", "")
        login = post_message(
            browser, posting.url, saml_response=issued.saml_response, relay_state=relay_state, role=role or None
        )
    return Unplanted(login, record.without_faults(issued.saml_response), issued.saml_response, copy)


def _message_in(exchange: Exchange) -> str:
    form: Mapping[str, str] = first_values(exchange.form)
    return next((form[name] for name in _MESSAGES if name in form), "")


def _chosen_role(exchanges: Sequence[Exchange]) -> str:
    return next(
        (first_values(each.form)["roleIndex"] for each in exchanges if "roleIndex" in first_values(each.form)), ""
    )
