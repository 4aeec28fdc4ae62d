"""AWS's half of the written world: what there must be in the accounts for a login to end as it was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from emulator.reconstruction.draft import Draft
from emulator.reconstruction.journey import Instance
from emulator.reconstruction.message_facts import AWS_ATTRIBUTES
from emulator.reconstruction.names import OTHER_APP, PRIVATE_KEY, UNKNOWN_ACCOUNT, Names, RoleName, own_acs
from emulator.reconstruction.recorded import Recorded
from emulator.reconstruction.setup import Setup, sign_in_url
from emulator.worldfile.text.yaml_data import Key

UNKNOWN_INSTANCE = "00000000-0000-0000-0000-000000000000"
UNKNOWN_ALIAS = "unknown-alias"
_UNKNOWN_REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
_NOT_ASKED = (
    "The role chooser was not shown, so that the SAML provider of one of the message's roles alone was there; which "
    "one is not in the recording."
)
_ANOTHER_PROVIDER = "another-provider"


class AwsPart:
    """Writes the accounts of a recorded login.

    Args:
        recorded: The login.
        names: What its parts are called.
        setup: What is set up so that it ends as it did.
    """

    def __init__(self, recorded: Recorded, names: Names, setup: Setup) -> None:
        self._recorded, self._names, self._setup = recorded, names, setup
        self._told: list[str] = []

    def write(self, draft: Draft) -> Iterator[str]:
        """Writes the accounts, and yields what is not in a recording."""
        names = self._names
        accounts = dict.fromkeys([*(each.account_id for each in names.roles), names.taken.account_id])
        for account_id in accounts:
            roles = [each for each in names.roles if each.account_id == account_id]
            self._account(draft, account_id, roles)
        if not names.is_known:
            draft.say(
                ("aws", names.taken.account_id), above="TODO: account, provider and role are not in the recording."
            )
            self._told.append(f"account, SAML provider and role: {UNKNOWN_ACCOUNT} and others stand for them")
        instance = self._recorded.journey.instance
        if instance is not None and self._setup.has_instance:
            self._instance(draft, instance)
        yield from self._told

    def _account(self, draft: Draft, account_id: str, roles: list[RoleName]) -> None:
        here: Key = ("aws", account_id)
        draft.put(here, {"partition": roles[0].partition} if roles[0].partition != "aws" else {})
        if self._setup.provider != "absent":
            other = self._setup.provider in {"other issuer", "other key"}
            app = f"{self._names.org}/{OTHER_APP}" if other else self._names.whole_app
            taken = self._names.taken
            usable = [each for each in roles if not self._names.is_only_one_usable or _is_beside(each, taken)]
            for provider in dict.fromkeys(each.provider for each in usable):
                draft.put((*here, "saml_providers", provider), {"metadata": {"okta_app": app}})
                if self._setup.requires_encryption:
                    draft.put(
                        (*here, "saml_providers", provider, "assertion_encryption"), "Required", above=self._setup.told
                    )
                if self._setup.opens:
                    draft.put((*here, "saml_providers", provider, "private_keys"), [PRIVATE_KEY])
                if self._setup.accepts_sha1:
                    draft.put((*here, "saml_providers", provider, "accept_sha1"), True, beside="as it was taken")
            draft.say((*here, "saml_providers"), beside="the emulator's own key: the recorded one is the company's")
            if self._names.is_only_one_usable and not usable:
                draft.say(here, above=_NOT_ASKED)
        else:
            draft.say(here, above=self._setup.told)
        for role in roles:
            self._role(draft, (*here, "roles", role.name), role)

    def _role(self, draft: Draft, here: Key, role: RoleName) -> None:
        if role.path != "/":
            draft.put((*here, "path"), role.path)
        is_taken = role == self._names.taken
        refuses = is_taken and self._setup.trust != "lets through"
        draft.put(
            (*here, "trust"),
            self._trust(role, refuses=refuses),
            above=self._setup.told
            if refuses
            else "The trust policy is not in a recording: this one lets the recorded login through.",
        )
        instance = self._recorded.journey.instance
        if is_taken and instance is not None:
            self._federation(draft, here, role, instance)
        if is_taken and self._recorded.duration_seconds is not None and self._setup.role_limit_seconds != 3600:
            draft.put((*here, "max_session_duration"), self._setup.role_limit_seconds, above=_at_least(self._setup))
        elif (
            is_taken and self._recorded.refusal is not None and "max-session-duration" in self._recorded.refusal.checks
        ):
            draft.put((*here, "max_session_duration"), self._setup.role_limit_seconds, above=self._setup.told)

    def _trust(self, role: RoleName, *, refuses: bool) -> dict[str, Any]:
        message, why = self._recorded.message, self._setup.trust if refuses else "lets through"
        actions = ["sts:AssumeRoleWithSAML"]
        has_tags = any(each.name.startswith(f"{AWS_ATTRIBUTES}PrincipalTag:") for each in message.attributes)
        if has_tags and why != "no session tags":
            actions.append("sts:TagSession")
        if message.values("SourceIdentity") and why != "no source identity":
            actions.append("sts:SetSourceIdentity")
        recipient = own_acs(message.recipient, self._names)
        usual = sign_in_url(role.partition)
        known = recipient or (self._names.acs_url if not message.is_readable else usual)
        audience = usual if why == "usual audience" else known
        provider = _ANOTHER_PROVIDER if why == "another provider" else role.provider
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": f"arn:{role.partition}:iam::{role.account_id}:saml-provider/{provider}"},
                    "Action": actions if len(actions) > 1 else actions[0],
                    "Condition": {"StringEquals": {"SAML:aud": audience}},
                }
            ],
        }

    def _federation(self, draft: Draft, here: Key, role: RoleName, instance: Instance) -> None:
        if not self._setup.may_federate:
            draft.say((*here, "trust"), above=self._setup.told)
            return
        arn = f"arn:{role.partition}:connect:{self._region(instance)}:{role.account_id}:instance/{_id_of(instance)}"
        draft.put(
            (*here, "inline_policies", "connect-login"),
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "connect:GetFederationToken",
                        "Resource": f"{arn}/user/${{aws:userid}}",
                    }
                ],
            },
            above="The role's policies are not in a recording: this is what the federation into the instance needs.",
        )

    def _region(self, instance: Instance) -> str:
        return instance.region or _UNKNOWN_REGIONS[self._names.partition]

    def _instance(self, draft: Draft, instance: Instance) -> None:
        setup = self._setup
        here: Key = ("aws", self._names.taken.account_id, "connect", _id_of(instance))
        draft.put(
            (*here, "alias"), instance.alias or UNKNOWN_ALIAS, beside="" if instance.alias else "TODO: not recorded"
        )
        draft.put((*here, "region"), self._region(instance), beside="" if instance.region else "TODO: not recorded")
        if setup.identity_management != "SAML":
            draft.put((*here, "identity_management"), setup.identity_management)
        if instance.domain == "awsapps.com":
            draft.put((*here, "domain"), instance.domain)
        name = self._recorded.session_name or self._names.login
        if setup.has_connect_user:
            draft.put((*here, "users", name), {}, beside="security and routing profile are not in a recording")
        else:
            draft.put((*here, "users"), {}, above=f"The instance had no user {name}.")
        origin = custom_origin(instance)
        approved = [*([origin] if origin and setup.approves_origin else []), *self._recorded.journey.shown_by]
        if approved:
            draft.put((*here, "approved_origins"), list(dict.fromkeys(approved)))
        elif origin:
            draft.put((*here, "approved_origins"), [], above=f"The instance did not approve {origin}.")
        framed = self._recorded.journey.framed
        if framed is not None and not origin:
            draft.put((*here, "approved_origins"), [], above=f"The instance did not approve {framed[1]}.")
        missing = [
            text
            for value, text in (
                (instance.instance_id, f"the instance's id: {UNKNOWN_INSTANCE} stands for it"),
                (instance.alias, f"the instance's alias: {UNKNOWN_ALIAS} stands for it"),
                (instance.region, f"the instance's region: {self._region(instance)} stands for it"),
            )
            if not value
        ]
        self._told += missing


def _is_beside(role: RoleName, taken: RoleName) -> bool:
    return (role.account_id, role.provider) == (taken.account_id, taken.provider)


def custom_origin(instance: Instance | None) -> str:
    """Returns the origin of the page of one's own that a login leads to after the instance; empty for none."""
    destination = instance.destination if instance is not None else ""
    try:
        parts = urlsplit(destination)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return ""
    # AWS makes https of it.
    if (
        parts.scheme not in {"https", "http"}
        or not host
        or host.endswith((".my.connect.aws", ".awsapps.com", ".connect.aws"))
    ):
        return ""
    return f"https://{host}:{port}" if port not in {None, 443} else f"https://{host}"


def _id_of(instance: Instance) -> str:
    return instance.instance_id or UNKNOWN_INSTANCE


def _at_least(setup: Setup) -> str:
    return (
        f"The role's maximum is not in a recording: at least {setup.role_limit_seconds}, which was asked for."
        if not setup.told
        else setup.told
    )
