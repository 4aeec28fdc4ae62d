"""The identity provider's half of the written world: an org, its app as far as a message shows it, the person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from emulator.inspection.redaction import is_secret_name, without_secrets
from emulator.network.trace import REDACTED
from emulator.reconstruction.draft import Draft
from emulator.reconstruction.idp_style import RecognisedStyle
from emulator.reconstruction.message_facts import AWS_ATTRIBUTES, MessageFacts, RecordedAttribute
from emulator.reconstruction.names import CERTIFICATE, OTHER_APP, Names, RoleName, own_acs, role_name
from emulator.reconstruction.person import Person, literal
from emulator.reconstruction.recorded import Recorded
from emulator.reconstruction.setup import Setup, sign_in_url

_ENVIRONMENTS = {"aws": "aws.amazon", "aws-us-gov": "aws.govcloud", "aws-cn": "aws.china"}
_NAME_ID_WORDS = {
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified": "unspecified",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress": "email",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent": "persistent",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:transient": "transient",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName": "x509",
}
_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:"
_FORMATS = frozenset({"unspecified", "basic", "uri"})
_NOT_ASSIGNED = re.compile(r"cannot access (.{1,100}?) because you are not assigned this app in Okta")
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)
_APPS_OWN = ("Role", "RoleSessionName", "SessionDuration")


class OktaPart:
    """Writes the org of a recorded login.

    Args:
        recorded: The login.
        names: What its parts are called.
        style: Whose manner its message has.
        setup: What is set up so that it ends as it did.
    """

    def __init__(self, recorded: Recorded, names: Names, style: RecognisedStyle, setup: Setup) -> None:
        self._recorded, self._names, self._style, self._setup = recorded, names, style, setup
        self._message = recorded.message
        self._person = Person(names.login)
        self._is_custom = not self._message.payload and not _fits_aws_app(self._message)
        self._told: list[str] = []

    def write(self, draft: Draft) -> Iterator[str]:
        """Writes the org, and yields what is not in a recording."""
        names = self._names
        app = self._app()
        user: dict[str, Any] = {"profile": dict(self._person.profile)} if self._person.profile else {}
        if not self._setup.signs_in:
            user["status"] = "SUSPENDED"
        org = ("okta", names.org)
        draft.put((*org, "users", names.login), user, beside="first and last name are not in a recording")
        for name, value in app.items():
            draft.put((*org, "apps", names.app, name), value)
        if self._setup.provider in {"other issuer", "other key"}:
            draft.put((*org, "apps", OTHER_APP), self._other_app(), above=self._setup.told)
        self._say(draft)
        yield from self._told

    def _say(self, draft: Draft) -> None:
        names, style, journey = self._names, self._style, self._recorded.journey
        org, app = ("okta", names.org), ("okta", names.org, "apps", names.app)
        if style.shape.name != "okta":
            sure = "" if style.is_certain else ", which is a guess"
            draft.say(
                (*app, "style"),
                above=f"The identity provider is {style.shape.product}, by {style.because}{sure}; here an org of the "
                "emulator's writes in its manner.",
            )
        elif not journey.org:
            draft.say(org, above="The org's subdomain is not in the recording.")
            self._told.append(f"the Okta org's subdomain: {names.org} stands for it")
        if journey.app_id:
            draft.say(app, beside=f"in Okta its id is {journey.app_id}")
        if not self._setup.is_assigned:
            draft.say((*app, "assignments"), above="The person did not have the app.")
        elif self._names.is_known:
            draft.say(
                (*app, "assignments"),
                above="Whether the roles come with the person or with a group is not in a recording.",
            )

    def _app(self) -> dict[str, Any]:
        """Returns the app's settings in the order in which people read them."""
        names, message = self._names, self._message
        app: dict[str, Any] = {"catalog": "custom_saml" if self._is_custom else "amazon_aws"}
        label = _label(self._recorded)
        if label:
            app["label"] = label
        if self._style.shape.name != "okta":
            app["style"] = self._style.shape.name
        usual = sign_in_url(names.partition)
        if names.partition != "aws" and not self._is_custom:
            app["environment"] = _ENVIRONMENTS[names.partition]
        if self._is_custom or names.acs_url != usual:
            app["acs_url"] = names.acs_url
        audience = _audience(message)
        if audience != "urn:amazon:webservices":
            app["audience"] = audience
        app["identity_provider_arn"] = names.provider_arn
        if self._recorded.relay_state:
            app["default_relay_state"] = self._recorded.relay_state
        duration = next(iter(message.values("SessionDuration")), "")
        if _SECONDS.fullmatch(duration) and not self._is_custom:
            app["session_duration"] = int(duration)
        elif not duration and message.is_readable and not self._is_custom:
            self._told.append("SessionDuration: the message has none, and AWS gives an hour then; the app sends 3600")
        app["username_format"] = self._username_format()
        if self._setup.encrypts:
            app["assertion_encryption"] = {"certificate": CERTIFICATE}
        saml = self._saml()
        if saml:
            app["saml"] = saml
        app["assignments"] = self._assignments()
        return app

    def _username_format(self) -> str:
        message = self._message
        if self._is_custom:
            return self._person.username_format(message.name_id or self._names.login)
        return self._person.username_format(self._recorded.session_name or self._names.login)

    def _assignments(self) -> list[dict[str, Any]]:
        if not self._setup.is_assigned:
            return []
        names = self._names
        assignment: dict[str, Any] = {"user": names.login}
        if not self._is_custom:
            assignment["saml_user_roles"] = [self._assigned(role) for role in names.roles]
        return [assignment]

    def _assigned(self, role: RoleName) -> str:
        """Returns a role as an assignment names it: one of another account with that account."""
        whole = f"{role.path[1:]}{role.name}"
        return whole if role.account_id == self._names.taken.account_id else f"[{role.account_id}] -- {whole}"

    def _saml(self) -> dict[str, Any]:
        message, shape = self._message, self._style.shape
        saml: dict[str, Any] = {}
        if message.issuer:
            saml["issuer"] = message.issuer
        expected = self._recorded.session_name if not self._is_custom else message.name_id
        if message.name_id and message.name_id != expected:
            saml["name_id"] = self._person.expression(message.name_id, "nameId")
        word = self._name_id_format()
        if word:
            saml["name_id_format"] = word
        attributes = list(self._attributes())
        if attributes:
            saml["attributes"] = attributes
        if message.is_readable and message.signed != tuple(shape.signed):
            saml["signed"] = list(message.signed)
        if message.uses_sha1:
            saml["signature_algorithm"] = "RSA_SHA1"
        if message.authn_context and message.authn_context != shape.authn_context:
            saml["authn_context"] = message.authn_context
        if message.layout == "2018" and shape.name == "okta":
            saml["layout"] = "2018"
        acs_url = self._names.acs_url
        for name, address in (("recipient", message.recipient), ("destination", message.destination or "")):
            own = own_acs(address, self._names)
            if address and own != acs_url:
                saml[name] = own
        return saml

    def _name_id_format(self) -> str:
        """Returns the setting for the NameID's Format if it differs from the style's; empty if it does not."""
        recorded, shape = self._message.name_id_format, self._style.shape
        usual = shape.name_id_format
        if self._is_custom and shape.name == "okta":
            usual = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
        if not self._message.is_readable or recorded == usual or not recorded:
            return ""
        word = _NAME_ID_WORDS.get(recorded, "")
        if not word:
            self._told.append(f"NameID's Format: {recorded} cannot be set here; it is the style's")
        return word

    def _attributes(self) -> Iterator[dict[str, Any]]:
        """Yields the attribute statements for what the app does not send by itself."""
        for attribute in self._message.attributes:
            short = attribute.name.removeprefix(AWS_ATTRIBUTES)
            if not attribute.name or (not self._is_custom and short in _APPS_OWN):
                continue
            values = [self._value(attribute, short, value) for value in attribute.values]
            if any(value is None for value in values):
                self._told.append(f"{short}: a value is longer than an expression may be; it is left out")
            written = [value for value in values if value is not None]
            if written:
                yield _statement(attribute, written)

    def _value(self, attribute: RecordedAttribute, short: str, value: str) -> str | None:
        if attribute.name == f"{AWS_ATTRIBUTES}RoleSessionName":
            return self._person.expression(value, "roleSessionName") if value else '""'
        if value and value == self._names.login:
            return "user.login"
        if is_secret_name(short.rpartition("/")[2]) or without_secrets(value) != value:
            self._told.append(f"{short}: its value is a secret, and is left out")
            return literal(REDACTED)
        return literal(value)

    def _other_app(self) -> dict[str, Any]:
        """Returns the app whose metadata AWS has instead of that of the app that sends."""
        other: dict[str, Any] = {"catalog": "custom_saml", "acs_url": sign_in_url(self._names.partition)}
        if self._setup.provider == "other key":
            if self._message.issuer:
                other["saml"] = {"issuer": self._message.issuer}
        else:
            other["saml"] = {"issuer": "http://www.okta.com/another-identity-provider"}
        return other


def _statement(attribute: RecordedAttribute, values: list[str]) -> dict[str, Any]:
    statement: dict[str, Any] = {"name": attribute.name}
    word = attribute.name_format.removeprefix(_FORMAT)
    if not attribute.name_format:
        statement["name_format"] = ""
    elif word in _FORMATS and word != "unspecified":
        statement["name_format"] = word
    return {**statement, "values": values}


def _label(recorded: Recorded) -> str:
    """Returns the app's name on the dashboard, where Okta refused with it; empty where it is not known."""
    found = _NOT_ASSIGNED.search(recorded.refusal.message) if recorded.refusal is not None else None
    return found[1] if found is not None else ""


def _audience(message: MessageFacts) -> str:
    """Returns the audience of a message; of several AWS's, which is the one that counts."""
    audiences = message.audiences or () if not message.payload else ()
    of_aws = next((each for each in audiences if each.startswith("urn:amazon:webservices")), "")
    return of_aws or next(iter(audiences), "urn:amazon:webservices")


def _fits_aws_app(message: MessageFacts) -> bool:
    """Returns whether "AWS Account Federation" can send what a message says to AWS; otherwise a custom app does."""
    if not message.is_readable:
        return True
    names = [
        each.name.removeprefix(AWS_ATTRIBUTES) for each in message.attributes if each.name.startswith(AWS_ATTRIBUTES)
    ]
    if any(names.count(each) > 1 for each in _APPS_OWN):
        return False
    roles = message.values("Role")
    named = []
    for value in roles:
        arns = [each.strip() for each in value.split(",")]
        role = next((each for each in arns if ":role/" in each), "")
        provider = next((each for each in arns if ":saml-provider/" in each), "")
        found = role_name(role, provider) if role and provider and len(arns) == 2 else None
        if found is None or provider.split(":")[4] != found.account_id:
            return False
        named.append(found)
    session_names, durations = message.values("RoleSessionName"), message.values("SessionDuration")
    is_one_provider = len({(each.partition, each.provider) for each in named}) == 1
    has_duration = not durations or (len(durations) == 1 and _SECONDS.fullmatch(durations[0]) is not None)
    return is_one_provider and len(session_names) == 1 and bool(session_names[0]) and has_duration
