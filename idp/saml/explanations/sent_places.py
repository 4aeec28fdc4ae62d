"""Where the value at a place of an issued message comes from: the explanation for each part of a message.

``idp.saml.derivation`` asks when somebody wants to know; until then none of this is imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from emulator.kernel.explanations import RELAY_STATE, Explanation, Sent
from idp.saml.claims import AWS_ATTRIBUTES
from idp.saml.explanations import envelope, protection
from idp.saml.explanations.asked_roles import explain_asked_role
from idp.saml.explanations.assigned_roles import explain_assigned_roles, withheld_by_assignments
from idp.saml.explanations.attributes import explain_attribute, explain_attribute_name
from idp.saml.explanations.group_mapping import explain_mapped_roles, withheld_by_mapping
from idp.saml.explanations.message import IssuedMessage
from idp.saml.explanations.persons import known_as, value_of
from idp.saml.explanations.role_arns import ROLE, arns_in, wanted_arns
from idp.saml.explanations.user_names import WrittenBy, explain_application_username, explain_name
from idp.saml.usernames import application_username
from idp.saml.wording import nearest

SESSION_NAMES = "[a-zA-Z_0-9+=,.@-]{2,64}"
_ATTRIBUTE = re.compile(r"/Attribute\[@Name='(.*?)'\]")


def explain_sent(record: IssuedMessage, sent: Sent) -> Explanation | None:
    """Returns where something that was sent comes from, or why it is absent; None where nothing is known."""
    attribute = _ATTRIBUTE.search(sent.place)
    if attribute is not None and sent.is_guess:
        sent = replace(sent, wanted=known_as(record, sent.wanted))
        if not sent.wanted:
            return None
    if attribute is not None:
        return _attribute(record, attribute[1], sent)
    for part, explain in _PLACES:
        if part.search(sent.place):
            return explain(record, sent)
    return None


def withheld_roles(record: IssuedMessage) -> Mapping[str, Explanation]:
    """Returns the Role values that the person would have with other settings, each with why it was not sent."""
    if not record.app.is_aws:
        return {}
    has = record.roles_of(record.app)
    withheld = withheld_by_mapping(record) if record.app.use_group_mapping else withheld_by_assignments(record)
    found: dict[str, Explanation] = {}
    for value, explanation in withheld:
        if value not in has:
            found.setdefault(value, explanation)
    return found


def _attribute(record: IssuedMessage, name: str, sent: Sent) -> Explanation:
    own = name.removeprefix(AWS_ATTRIBUTES) if record.app.is_aws and name.startswith(AWS_ATTRIBUTES) else ""
    wanted = sent.wanted
    if sent.place.endswith("/@Name"):
        return explain_attribute_name(record, name, wanted)
    if name == f"{AWS_ATTRIBUTES}Role" and sent.place.endswith("/AttributeValue"):
        looked_for = explain_asked_role(record, wanted, withheld_roles(record))
        if looked_for is not None:
            return looked_for
    if own == "Role":
        explain = explain_mapped_roles if record.app.use_group_mapping else explain_assigned_roles
        return _withheld(record, wanted) or explain(record, wanted)
    if own == "RoleSessionName":
        return explain_application_username(record, _session_names(_username(record), wanted))
    if own == "SessionDuration":
        return envelope.explain_session_duration(record, wanted)
    if name == f"{AWS_ATTRIBUTES}RoleSessionName":
        return _written_name(record, name, wanted) or explain_attribute(record, name, wanted)
    return explain_attribute(record, name, wanted)


def _session_names(name: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Returns what a session's name should be; where the judge names none, the rule that every name has to follow."""
    return wanted if wanted or re.fullmatch(SESSION_NAMES, name) else (SESSION_NAMES,)


def _withheld(record: IssuedMessage, wanted: tuple[str, ...]) -> Explanation | None:
    """Returns why the only wanted role was not sent; None where a sent one may be it, misspelt.

    A role may also be asked for by its name alone.
    """
    withheld = withheld_roles(record)
    for value, explanation in withheld.items():
        if any(arn.kind == ROLE and arn.name in wanted for arn in arns_in(value)):
            return explanation
    roles = wanted_arns(wanted, ROLE)
    sent = [arn for value in record.roles_of(record.app) for arn in arns_in(value) if arn.kind == ROLE]
    if len(roles) != 1 or not sent or nearest(roles[0].name, [arn.name for arn in sent]):
        return None
    return next((each for value, each in withheld.items() if roles[0] in arns_in(value)), None)


def _written_name(record: IssuedMessage, name: str, wanted: tuple[str, ...]) -> Explanation | None:
    """Returns why a custom app's statement gives this name, or None where it gives none."""
    statements = [(i, each) for i, each in enumerate(record.app.attributes) if each.name == name]
    if len(statements) != 1 or len(statements[0][1].expressions) != 1:
        return None
    index, statement = statements[0]
    got = value_of(record, record.user, statement.expressions[0])
    wanted = _session_names(got, wanted)
    if not got or not wanted:
        return None
    made = WrittenBy(
        record.setting("attributes", index, "expressions", 0),
        f"saml.attributes[{index}].values[0]",
        "saml.attributes",
        statement.expressions[0],
        got,
        takes_formats=False,
    )
    return explain_name(record, made, wanted)


def _username(record: IssuedMessage) -> str:
    return application_username(record.org, record.app, record.user)


def _name_id(record: IssuedMessage, sent: Sent) -> Explanation:
    expression = record.app.style.name_id
    if not expression:
        return explain_application_username(record, sent.wanted)
    made = WrittenBy(
        record.setting("style", "name_id"),
        "saml.name_id",
        "saml.name_id",
        expression,
        value_of(record, record.user, expression),
        takes_formats=False,
    )
    return explain_name(record, made, sent.wanted)


def _status(record: IssuedMessage, _sent: Sent) -> Explanation | None:
    if not record.is_of_this_org:
        return None
    return Explanation(
        f"Okta issued the Response with the status Success for {record.user.login}; nothing of {record.app.label} "
        "changes it."
    )


def _signature(record: IssuedMessage, sent: Sent) -> Explanation:
    return protection.explain_signature(record, sent.place, sent.wanted)


def _destination(record: IssuedMessage, sent: Sent) -> Explanation:
    # Where no URL is known for encrypted assertions, there is no provider that could decrypt one.
    if record.app.encryption is not None and not sent.wanted:
        return protection.explain_needless_encryption(record)
    return envelope.explain_destination(record, sent.wanted)


def _wanted(
    explain: Callable[[IssuedMessage, tuple[str, ...]], Explanation | None],
) -> Callable[..., Explanation | None]:
    return lambda record, sent: explain(record, sent.wanted)


# The first explanation found for a place is used.
_PLACES: tuple[tuple[re.Pattern[str], Callable[[IssuedMessage, Sent], Explanation | None]], ...] = tuple(
    (re.compile(part), explain)
    for part, explain in (
        (f"^{RELAY_STATE}$", _wanted(envelope.explain_relay_state)),
        ("Signature|Digest|KeyInfo", _signature),
        ("Encrypted", _wanted(protection.explain_encryption)),
        ("@Destination", _destination),
        ("@Recipient", _wanted(envelope.explain_recipient)),
        ("NotBefore|NotOnOrAfter|IssueInstant|AuthnInstant|Conditions$", _wanted(envelope.explain_instants)),
        ("Audience", _wanted(envelope.explain_audience)),
        ("SubjectConfirmation", _wanted(envelope.explain_recipient)),
        ("NameID/@Format", _wanted(envelope.explain_name_id_format)),
        ("NameID|Subject", _name_id),
        ("Issuer", _wanted(envelope.explain_issuer)),
        ("AuthnContext", _wanted(envelope.explain_authn_context)),
        ("Status", _status),
        ("ACS|form$", _wanted(envelope.explain_acs_url)),
        ("^/Response(/Assertion)?$", _wanted(protection.explain_protection)),
    )
)
