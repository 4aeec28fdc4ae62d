"""The messages that logins of this process posted to AWS, judged with the time, accounts and request of that moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from emulator.diagnosis.diagnosis import NO_OPTIONS, Evidence
from emulator.diagnosis.origins import Origin
from emulator.federation import Federation
from emulator.inspection.judging import addressed_provider, inspect_request, requested_provider, requested_role
from emulator.inspection.verdicts import Inspection
from emulator.kernel.client_connection import ClientConnection
from emulator.kernel.records import dataclass
from emulator.network.forms import first_values
from emulator.network.hosts import Site
from emulator.network.trace import Exchange
from sp_mock.accounts.model import Account, Aws
from sp_mock.apis.api_endpoints import endpoint_of
from sp_mock.assertion.login_request import EntryPoint, LoginRequest, resolve_request
from sp_mock.assertion.received import ReceivedMessage, receive
from sp_mock.endpoints import Endpoint

_FIELDS = {Site.SIGN_IN: "SAMLResponse", Site.STS: "SAMLAssertion"}


@dataclass(frozen=True, slots=True)
class _Post:
    exchange: Exchange
    saml_response: str
    site: Site
    accounts: Mapping[str, Account]


class PostedMessages:
    """Collects what is posted to AWS in a federation from now on, with the accounts at that moment."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._posts: list[_Post] = []
        federation.gateway.listen(self._keep)

    def close(self) -> None:
        """Stops collecting."""
        self._federation.gateway.stop_telling(self._keep)

    def _keep(self, exchange: Exchange) -> None:
        site = self._federation.hosts.site(urlsplit(exchange.url).hostname or "")
        name = _FIELDS.get(site, "") if site is not None else ""
        saml_response = first_values(exchange.form).get(name)
        if site is not None and saml_response is not None:
            self._posts.append(_Post(exchange, saml_response, site, self._federation.aws.accounts))

    def inspection(
        self, exchanges: Sequence[Exchange], *, options: Mapping[str, Origin] = NO_OPTIONS
    ) -> Inspection | None:
        """Judges the last message that a login posted to AWS, or None where it posted none.

        A message that was posted again with the chosen role is judged for that role, at that time.

        Args:
            exchanges: Exchanges of the login.
            options: Where requested values come from, by name.
        """
        post = next((each for each in reversed(self._posts) if each.exchange in exchanges), None)
        if post is None:
            return None
        aws = Aws(post.accounts.values())
        asked = _asked_of_sts if post.site is Site.STS else _asked_of_sign_in
        message, request = asked(post, aws, self._client(post))
        evidence = Evidence(
            self._federation,
            exchanges=exchanges,
            saml_response=post.saml_response,
            options=options,
        )
        return inspect_request(message, request, evidence=evidence, refusal=post.exchange.refusal).plain

    def _client(self, post: _Post) -> ClientConnection:
        headers = {name.lower(): value for name, value in post.exchange.request_headers}
        return ClientConnection(
            source_ip=post.exchange.source_ip,
            user_agent=headers.get("user-agent", ""),
            host=urlsplit(post.exchange.url).hostname or "",
            known_addresses=self._federation.known_addresses,
        )


def _asked_of_sign_in(post: _Post, aws: Aws, client: ClientConnection) -> tuple[ReceivedMessage, LoginRequest]:
    provider = addressed_provider(post.saml_response, post.exchange.url, aws)
    message = receive(post.saml_response, addressed_to=provider)
    request = resolve_request(
        message,
        aws=aws,
        entry_point=EntryPoint.SIGN_IN,
        now=post.exchange.started_at,
        role_arn=first_values(post.exchange.form).get("roleIndex") or _role_taken(post.exchange),
        acs_provider_arn=str(provider.arn) if provider is not None else None,
        region=Endpoint.of_host(client.host).region_name,
        client=client,
    )
    return message, request


def _asked_of_sts(post: _Post, aws: Aws, client: ClientConnection) -> tuple[ReceivedMessage, LoginRequest]:
    parameters = first_values(post.exchange.form)
    provider_arn, duration = parameters.get("PrincipalArn", ""), parameters.get("DurationSeconds", "")
    message = receive(post.saml_response, addressed_to=aws.saml_provider(provider_arn))
    request = resolve_request(
        message,
        aws=aws,
        entry_point=EntryPoint.STS,
        now=post.exchange.started_at,
        role_arn=requested_role(parameters.get("RoleArn", "")),
        provider_arn=requested_provider(provider_arn),
        duration_seconds=int(duration) if duration.isdecimal() and duration.isascii() else None,
        region=endpoint_of(client.host).region_name,
        client=client,
    )
    return message, request


def _role_taken(exchange: Exchange) -> str | None:
    """Returns the role of the session that a post opened: the only usable one, where some were not."""
    facts = (note.facts for note in exchange.notes)
    return next((each.role for each in facts if each.session is not None), None)
