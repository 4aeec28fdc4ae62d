"""Where the parts of a Response around the attributes come from: issuer, addresses, instants, status, formats."""

from __future__ import annotations

from emulator.kernel.clock import instant
from emulator.kernel.explanations import Asked, Change, Explanation, Setting
from idp.environments import ENVIRONMENTS
from idp.saml.explanations.message import IssuedMessage
from idp.saml.styles import PRESETS
from idp.saml.wording import CONSOLE, change, difference, nearest, one_of

AUTHN_REQUEST = "AuthnRequest"


def explain_issuer(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns where the issuer comes from: a setting, the style, or the app itself."""
    app, got = message.app, message.app.issuer
    own = f"http://www.okta.com/{app.external_key}"
    marked = _marked(wanted, got)
    if app.style.issuer:
        preset = next((name for name, each in PRESETS.items() if each.style.issuer == app.style.issuer), "")
        fix = ""
        if wanted:
            fix = _set("saml.issuer", got, wanted)
        if own in wanted:
            fix = f"Take {'style' if preset else 'saml.issuer'} out, so that the app has Okta's issuer of its own."
        return Explanation(
            f"The issuer is that of the style {preset}{marked}."
            if preset
            else f"The issuer is what the app's SAML Issuer ID says{marked}.",
            (message.setting("style", "issuer"),),
            want=one_of(wanted) or own,
            got=got,
            fix=fix,
            changes=_issuer_changes(message, wanted),
        )
    others = {each.issuer: each for each in message.org.apps.values() if each.name != app.name}
    other = next((others[each] for each in wanted if each in others), None)
    metadata = f"{message.org.base_url}/app/{app.external_key}/sso/saml/metadata"
    causes: tuple[Setting, ...] = (message.setting(),)
    if other is not None:
        return Explanation(
            f"The issuer is that of the app {app.label} ({app.name}); {other.issuer} is that of the app {other.label} "
            f"({other.name}), which is another one.",
            (message.setting("identity_provider_arn"), *causes) if app.is_aws else causes,
            want=one_of(wanted),
            got=got,
            fix=f"Upload the metadata of {app.name} to the SAML provider: {metadata}.",
        )
    return Explanation(
        f"The issuer is that of the app {app.label} ({app.name}), which Okta makes from the app's key{marked}.",
        causes,
        want=one_of(wanted),
        got=got,
        fix=f"Upload the metadata of {app.name} to the SAML provider: {metadata}.",
    )


def _issuer_changes(message: IssuedMessage, wanted: tuple[str, ...]) -> tuple[Change, ...]:
    """Returns the change that sets the wanted issuer; nothing where that is Okta's own and the style has another."""
    setting = message.setting("style", "issuer")
    if f"http://www.okta.com/{message.app.external_key}" in wanted:
        return (Change(setting),)
    return _changes(setting, message.app.issuer, wanted)


def explain_audience(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns where the audience comes from."""
    got = message.app.audience
    return Explanation(
        f"The audience is the Audience URI of {message.app.label}{_marked(wanted, got)}.",
        (message.setting("audience"),),
        want=one_of(wanted),
        got=got,
        fix=_set("audience", got, wanted),
        changes=_changes(message.setting("audience"), got, wanted),
    )


def explain_recipient(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns where the Recipient comes from."""
    return _address(message, wanted, "recipient", "Recipient")


def explain_destination(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns where the Destination comes from."""
    return _address(message, wanted, "destination", "Destination")


def _address(message: IssuedMessage, wanted: tuple[str, ...], name: str, element: str) -> Explanation:
    own = str(getattr(message.app, name))
    asked = message.request.acs_url if message.request is not None else ""
    if asked:
        return Explanation(
            f"The {element} is the AssertionConsumerServiceURL of the AuthnRequest{_marked(wanted, asked)}.",
            (Asked(AUTHN_REQUEST),),
            want=one_of(wanted),
            got=asked,
            fix=f"Let the AuthnRequest ask for {wanted[0]}." if wanted else "",
        )
    if not own or (own in wanted and message.app.acs_url not in wanted):
        return explain_acs_url(message, wanted, what="The response is posted to" if own else f"The {element} is")
    key = f"saml.{name}"
    return Explanation(
        f"The {element} is the {element} URL of {message.app.label}{_marked(wanted, own)}.",
        (message.setting(name),),
        want=one_of(wanted),
        got=own,
        fix=_set(key, own, wanted),
        changes=_changes(message.setting(name), own, wanted),
    )


def explain_acs_url(
    message: IssuedMessage, wanted: tuple[str, ...], *, what: str = "The response is posted to"
) -> Explanation:
    """Returns where the posting URL of a Response comes from: an AWS environment, or the app itself."""
    app, got = message.app, message.app.acs_url
    marked, causes = _marked(wanted, got), (message.setting("acs_url"),)
    environment = next((name for name, url in ENVIRONMENTS.items() if url in wanted[:1]), "")
    if app.is_aws and environment and got == ENVIRONMENTS.get(app.environment):
        return Explanation(
            f"{what} the sign-in URL of the AWS environment {app.environment}{marked}.",
            causes,
            want=one_of(wanted),
            got=got,
            fix=change("environment", environment),
            changes=(Change(message.setting("environment"), environment),),
        )
    return Explanation(
        f"{what} the ACS URL of {app.label}{marked}.",
        causes,
        want=one_of(wanted),
        got=got,
        fix=_set("acs_url", got, wanted),
        changes=_changes(message.setting("acs_url"), got, wanted),
    )


def explain_instants(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns where the instants come from: the org's clock, and five minutes that cannot be configured.

    Nothing is known of a message that only seems to come from this org, except what it says itself.
    """
    if not message.is_of_this_org:
        return Explanation("")
    return Explanation(
        f"Okta issued the assertion at {instant(message.issued_at)} by its own clock; it is good for five minutes "
        "before and after that, which no setting of the app changes.",
        want=one_of(wanted),
        got=instant(message.issued_at),
        fix="Open the app again, and use the assertion within five minutes.",
    )


def explain_name_id_format(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns where the Format of NameID comes from."""
    asked = message.request.name_id_format if message.request is not None else ""
    got = asked or message.app.style.name_id_format
    word = got.rpartition(":")[2]
    return Explanation(
        "The Format of NameID is the one that the AuthnRequest asks for."
        if asked
        else f"The Format of NameID is the Name ID format of {message.app.label}, {word}.",
        (Asked(AUTHN_REQUEST) if asked else message.setting("style", "name_id_format"),),
        want=one_of(wanted),
        got=got,
        fix=change("saml.name_id_format", _format_word(wanted[0])) if wanted and not asked else "",
        changes=(Change(message.setting("style", "name_id_format"), _format_word(wanted[0])),)
        if wanted and not asked
        else (),
    )


def _format_word(name_id_format: str) -> str:
    words = {"emailAddress": "email", "X509SubjectName": "x509"}
    word = name_id_format.rpartition(":")[2]
    return words.get(word, word)


def explain_authn_context(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns where the AuthnContextClassRef comes from."""
    got = message.app.style.authn_context
    return Explanation(
        f"The AuthnContextClassRef is the authentication context class of {message.app.label}.",
        (message.setting("style", "authn_context"),),
        want=one_of(wanted),
        got=got,
        fix=_set("saml.authn_context", got, wanted),
        changes=_changes(message.setting("style", "authn_context"), got, wanted),
    )


def explain_relay_state(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns where the relay state comes from: the request, or the app's default."""
    got, marked = message.relay_state, _marked(wanted, message.relay_state)
    if message.relay_state_was_asked_for:
        return Explanation(
            f"The relay state came with the request for the app, in place of the app's default{marked}.",
            (Asked("RelayState"),),
            want=one_of(wanted),
            got=got or "an empty relay state",
            fix=f"Ask for the relay state {wanted[0]}." if wanted else "",
        )
    return Explanation(
        f"The relay state is the Default Relay State of {message.app.label}{marked}."
        if got
        else f"{message.app.label} has no Default Relay State, and the request for it asked for none.",
        (message.setting("default_relay_state"),),
        want=one_of(wanted),
        got=got or "no relay state",
        fix=_set("default_relay_state", got, wanted),
        changes=_changes(message.setting("default_relay_state"), got, wanted),
    )


def explain_session_duration(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns where the AWS app's SessionDuration comes from."""
    got = str(message.app.session_duration_seconds)
    value = one_of(wanted)
    return Explanation(
        f"SessionDuration is the Session Duration of {message.app.label}.",
        (message.setting("session_duration_seconds"),),
        want=value,
        got=got,
        fix=_set("session_duration", got, wanted),
    )


def _set(name: str, got: str, wanted: tuple[str, ...]) -> str:
    """Returns the change to the nearest wanted value, or to what the words ask for."""
    value = _nearest_value(got, wanted)
    if value:
        return change(name, value)
    return f"Set {name} to a value of {one_of(wanted)} ({CONSOLE[name]})." if wanted else ""


def _nearest_value(got: str, wanted: tuple[str, ...]) -> str:
    """Returns the nearest wanted value; empty where it is described in words only."""
    values = [each for each in wanted if " " not in each]
    return nearest(got, values) or next(iter(values), "")


def _changes(setting: Setting, got: str, wanted: tuple[str, ...]) -> tuple[Change, ...]:
    value = _nearest_value(got, wanted)
    return (Change(setting, value),) if value else ()


def _marked(wanted: tuple[str, ...], got: str) -> str:
    near = nearest(got, wanted)
    marked = difference(near, got) if near else ""
    return f": {marked}" if marked else ""
