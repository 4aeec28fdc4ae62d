"""The steps at the identity provider: the app, its sign-on settings, and its API integration."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.setup_steps.identity_providers import field_of, product_of
from emulator.setup_steps.places import Places, joined
from emulator.setup_steps.step import Step, Value, Verdict
from emulator.setup_steps.subject import Subject
from emulator.worldfile.schema.okta_app_schema import OktaApp

_CATALOG = "AWS Account Federation"
_USERNAMES = {
    "okta_username": "Okta username",
    "okta_username_prefix": "Okta username prefix",
    "email": "Email",
    "email_prefix": "Email prefix",
}
_ENVIRONMENTS = {"aws": "aws.amazon", "aws-us-gov": "aws.govcloud", "aws-cn": "aws.china"}
_NOT_HERE = "The identity provider is not in this world, so that nobody knows whether it is set there."


class AppSteps:
    """Makes the steps at the identity provider of one app.

    Args:
        subject: The app.
        settings: Its settings.
        places: Makes the values.
    """

    def __init__(self, subject: Subject, settings: OktaApp, places: Places) -> None:
        self._subject = subject
        self._settings = settings
        self._places = places

    def app_step(self) -> Step:
        """Returns the step of the app itself."""
        subject, settings = self._subject, self._settings
        values = [self._kind(), self._at("label", settings.label)]
        if not subject.is_custom and subject.style == "okta":
            values.append(self._login_url())
            method = joined("Applications", settings.label, "Sign On", "Sign on methods")
            values.append(Value("Okta", method, "SAML 2.0"))
        if subject.is_custom or "audience" in settings.model_fields_set:
            values.append(self._at("audience", settings.audience, right=" or ".join(subject.partition.audiences)))
        values += list(self._relay_states())
        values += list(self._metadata())
        what = f'the app "{_CATALOG}"' if subject.style == "okta" and not subject.is_custom else "a SAML app"
        return Step("2", "app", f"{product_of(subject)}: {what}", tuple(values))

    def _kind(self) -> Value:
        if not self._subject.is_custom:
            return self._at("catalog", _CATALOG)
        console, field = field_of(self._subject, "catalog", okta="Applications > Create App Integration")
        return self._places.at((*self._subject.app_key, "catalog"), "SAML 2.0", console=console, field=field)

    def _at(self, name: str, now: str, wanted: str = "", *, inside: tuple[str, ...] = (), **more: object) -> Value:
        """Returns the value of one of the app's settings."""
        console, field = field_of(self._subject, name)
        key = (*self._subject.app_key, *inside, name)
        return self._places.at(key, now, wanted, console=console, field=field, **more)  # type: ignore[arg-type]  # its own

    def _login_url(self) -> Value:
        console = f"https://console.{self._subject.partition.site_domain}/"
        if "login_url" in self._settings.model_fields_set:
            return self._at("login_url", self._settings.login_url)
        note = "Okta asks for it, and it decides nothing at login."
        return self._at("login_url", "", console, verdict=Verdict.OPTIONAL, note=note)

    def _relay_states(self) -> Iterator[Value]:
        """Yields the relay state; with several instances one for each, although the app sends only one of them."""
        subject, now = self._subject, self._settings.default_relay_state
        same_as = ("region and instance id of the instance's ARN (step 1)",) if subject.leads_to_connect else ()
        meant = next((each for each in subject.instances if each.instance_id in now), None)
        query = f"?{now.partition('?')[2]}" if "?" in now else ""
        right = meant or (subject.instances or (None,))[0]
        wanted = f"{right.federate_url}{query}" if right is not None else ""
        if now or subject.leads_to_connect:
            yield self._at("default_relay_state", now, "" if now else wanted, same_as=same_as, right=wanted)
        else:
            yield self._at(
                "default_relay_state",
                "",
                verdict=Verdict.OPTIONAL,
                note="It is empty, which leads to the AWS console. A URL of the console leads to a service.",
            )

    def _metadata(self) -> Iterator[Value]:
        subject = self._subject
        if subject.style != "okta":
            yield self._at("issuer", subject.issuer, inside=("saml",))
            return
        field = joined("Applications", self._settings.label, "Sign On", "Identity Provider metadata")
        note = "It is saved to a file for step 5."
        if "issuer" not in self._settings.saml.model_fields_set:
            note += " The id in it is the emulator's: Okta shows the app's own."
        yield Value("Okta", field, subject.metadata_url, note=note, same_as=("Metadata document (step 5)",))
        issuer = Value(
            "Okta", f"{field} > entityID", subject.issuer, note="SAML:iss, where a trust policy asks for it."
        )
        yield issuer

    def sign_on_step(self) -> Step:
        """Returns the step of the sign-on settings: what the assertion says."""
        settings, subject = self._settings, self._subject
        values = [*self._addresses()]
        if subject.is_custom:
            values += list(self._attributes())
        else:
            wanted = subject.provider_arn
            same_as = ("the ARN of the identity provider in IAM (step 5)", "Principal of the trust policy (step 6)")
            arn = settings.identity_provider_arn or ""
            values.append(self._at("identity_provider_arn", arn, same_as=same_as, right=wanted))
            values.append(self._at("session_duration", str(settings.session_duration), right="3600"))
            values += list(self._roles())
            values.append(self._username())
        if settings.assertion_encryption is not None:
            values.append(self._at("assertion_encryption", settings.assertion_encryption.certificate))
        title = "the sign-on settings" if subject.style == "okta" else "what the assertion says"
        return Step("7", "sign-on", f"{product_of(subject)}: {title}", tuple(values))

    def _addresses(self) -> Iterator[Value]:
        settings, subject = self._settings, self._subject
        own = f"https://signin.{subject.partition.site_domain}/saml"
        same_as = ("SAML:aud of the trust policy (step 6)",)
        environment = _ENVIRONMENTS[subject.partition.name]
        if settings.acs_url is None and not subject.is_custom and subject.style == "okta":
            yield self._at("environment", settings.environment, right=environment, note=f"It stands for {own}.")
        else:
            now = settings.acs_url or subject.sign_in_url
            encrypts = settings.assertion_encryption is not None and subject.own_sign_in_url
            yield self._at("acs_url", now, same_as=same_as, right=subject.own_sign_in_url if encrypts else own)

    def _roles(self) -> Iterator[Value]:
        settings = self._settings
        yield self._at("join_all_roles", _switch(settings.join_all_roles), right="on")
        yield self._at(
            "use_group_mapping", _switch(settings.use_group_mapping), right=_switch(not settings.use_group_mapping)
        )
        if settings.use_group_mapping:
            yield self._at("app_filter", settings.app_filter)
            yield self._at("group_filter", settings.group_filter)
            yield self._at("role_value_pattern", settings.role_value_pattern)

    def _username(self) -> Value:
        now = self._settings.username_format
        shown = _USERNAMES.get(now, f"Custom: {now}")
        same_as = ("the login name of each Amazon Connect user, case included (step 10)",)
        return self._at(
            "username_format",
            shown,
            right=_USERNAMES["okta_username"],
            same_as=same_as if self._subject.leads_to_connect else (),
            note="It becomes NameID and RoleSessionName.",
        )

    def _attributes(self) -> Iterator[Value]:
        """Yields the attributes that a custom app is configured to send, by their names in the assertion."""
        saml, subject = self._settings.saml, self._subject
        if saml.name_id:
            yield self._at("name_id", saml.name_id, inside=("saml",))
        if saml.name_id_format:
            yield self._at("name_id_format", saml.name_id_format, inside=("saml",))
        for index, each in enumerate(saml.attributes):
            key = (*subject.app_key, "saml", "attributes", index)
            said = "\n".join(each.values) or next(
                (f"groups: {how} {text}" for how, text in (each.groups or {}).items()), ""
            )
            note = f"Name format: {each.name_format or 'none'}"
            yield self._places.at(key, said, console=product_of(subject), field=self._attribute(each.name), note=note)
        for name, wanted in self._needed().items():
            if not any(each.name == name for each in saml.attributes):
                key = (*subject.app_key, "saml", "attributes")
                yield self._places.at(key, "", wanted, console=product_of(subject), field=self._attribute(name))

    def _attribute(self, name: str) -> str:
        if self._subject.style != "okta":
            return f"Attribute {name}"
        return joined("Applications", self._settings.label, "General", "SAML Settings", "Attribute Statements", name)

    def _needed(self) -> dict[str, str]:
        """Returns the attributes without which AWS accepts no assertion, with what belongs in them."""
        role = self._subject.roles[0].arn if self._subject.roles else "the role's ARN"
        provider = self._subject.provider_arn or "the provider's ARN"
        attributes = "https://aws.amazon.com/SAML/Attributes"
        return {f"{attributes}/Role": f'"{role},{provider}"', f"{attributes}/RoleSessionName": "user.login"}


def _switch(is_on: bool) -> str:
    return "on" if is_on else "off"


def steps_elsewhere(subject: Subject) -> dict[str, Step]:
    """Returns the steps at an identity provider that is not in the world: what belongs there, whatever the product."""
    console = "Identity provider"
    arns = [role.arn for role in subject.roles] or ["the role's ARN"]
    provider = subject.provider_arn or f"arn:{subject.partition.name}:iam::{subject.account_id}:saml-provider/okta"
    attributes = "https://aws.amazon.com/SAML/Attributes"
    app = [("Audience", subject.partition.audiences[0])]
    app += [("RelayState", instance.federate_url) for instance in subject.instances]
    if subject.issuer:
        app.append(("Issuer (entity ID)", subject.issuer))
    said = [("ACS URL (Destination and Recipient)", subject.sign_in_url)]
    said += [(f"Attribute {attributes}/Role; in Okta: Identity Provider ARN", f"{provider},{arn}") for arn in arns]
    said.append((f"Attribute {attributes}/RoleSessionName", "the login name of the Amazon Connect user"))

    def step(number: str, step_id: str, title: str, fields: list[tuple[str, str]]) -> Step:
        values = tuple(Value(console, field, value, Verdict.UNKNOWN) for field, value in fields)
        return Step(number, step_id, f"Identity provider: {title}", values, (_NOT_HERE,))

    return {
        "app": step("2", "app", 'the SAML app; in Okta "AWS Account Federation"', app),
        "sign-on": step("7", "sign-on", "what the assertion says", said),
    }
