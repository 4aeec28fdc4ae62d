"""Runs the steps of a scenario one after the other, in one federation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from emulator.browser import Page
from emulator.diagnosis.login_result import LoginResult, result_of
from emulator.diagnosis.origins import Origin
from emulator.federation import Federation, Instants
from emulator.fixes.attempt import Attempt, Framed, Opened, Step, make_login
from emulator.flow import Login, Outcome, credentials_in, visit
from emulator.kernel.clock import parse_span
from emulator.kernel.errors import FederationError, FlowError
from emulator.kernel.records import dataclass
from emulator.kernel.trace_notes import NO_FACTS
from emulator.network.calls.aws_credentials import Credentials
from emulator.network.trace import Exchange
from emulator.scenarios.format.step_schema import ANONYMOUS, CallSettings, OktaSettings, StepSettings
from emulator.scenarios.format.values import read_clock
from emulator.scenarios.playing.captures import Captures, credentials_of
from emulator.scenarios.playing.hooks import HookReceiver
from emulator.scenarios.playing.okta_changes import okta_request
from emulator.scenarios.steps import plain_steps


@dataclass(frozen=True, slots=True)
class Made:
    """The result of a step.

    Args:
        result: Result of the login, the page or the call; None for a search for events, and where the browser stopped.
        answer: Answer of a call, or the newest event that was found; None where there is none.
        events: Events that were searched, the newest last; None where there was no search.
        stopped: Why the browser could not continue; empty where it could.
        code: Error code that a program receives from a call.
        message: Error message of the call.
    """

    result: LoginResult | None = None
    answer: Any = None
    events: Sequence[Mapping[str, Any]] | None = None
    stopped: str = ""
    code: str = ""
    message: str = ""


class Player:
    """Runs steps.

    Args:
        federation: Federation to use; earlier entries of its logs are ignored.
        steps: All steps that will be run.
    """

    def __init__(self, federation: Federation, steps: Sequence[StepSettings]) -> None:
        self.captures = Captures()
        self._federation = federation
        self._browser = federation.browser()
        self._before: Login | None = None
        self._exchanges: list[Exchange] = []
        self._of_logins: dict[str, Credentials] = {}
        deeds = {step.deed for step in steps}
        self._hooks = HookReceiver(federation) if "event_hook" in deeds else None
        self._seen = {str(each["eventID"]) for each in self._records()} if "cloudtrail" in deeds else set()
        self._seen |= {str(each["uuid"]) for each in self._log()} if "system_log" in deeds else set()
        # What has to be repeated when fixes are tried: the last login in a new browser, and what follows.
        self.since: Instants = federation.instants
        self.steps: list[Step] = []

    def make(self, step: StepSettings, options: Mapping[str, Origin]) -> Made:
        """Runs a step.

        Args:
            step: Step, with the values that earlier ones captured.
            options: Where requested values of its login come from.

        Raises:
            FederationError: it cannot be run as it is written.
        """
        clock = self._federation.clock
        if step.clock is not None:
            clock.advance(read_clock(step.clock, now=clock.now()) - clock.now())
        if step.wait is not None:
            clock.advance(parse_span(step.wait))
        if step.deed in {"login", "open", "frame"}:
            return self._browse(step, options)
        if step.call is not None:
            return self._call(step.call)
        if step.okta is not None:
            return self._change(step.okta)
        if step.cloudtrail is not None:
            return Made(events=[each for each in self._records() if each["eventID"] not in self._seen])
        if step.system_log is not None:
            return Made(events=[each for each in self._log() if each["uuid"] not in self._seen])
        if step.event_hook is not None and self._hooks is not None:
            return Made(events=self._hooks.events())
        return Made()

    def close(self) -> None:
        """Restores the federation: its event hooks go to their real receivers again."""
        if self._hooks is not None:
            self._hooks.close()

    def _records(self) -> list[dict[str, Any]]:
        return self._federation.aws_services.history.records()[::-1]

    def _log(self) -> list[dict[str, Any]]:
        providers = self._federation.identity_providers.values()
        return [event for provider in providers for event in provider.system_log.events]

    def _browse(self, step: StepSettings, options: Mapping[str, Origin]) -> Made:
        (what,) = plain_steps(step.model_copy(update={"wait": None}))
        try:
            login = self._login(what)
        except FlowError as error:
            return Made(stopped=error.message)
        self._before = login
        self._exchanges += login.exchanges
        self.captures.hide(login.saml_response)
        found = credentials_in(login.page) if isinstance(what, Attempt) and what.via == "sts" else {}
        self.captures.hide_secrets_of(found)
        credentials = credentials_of(found)
        if credentials is not None:
            self._of_logins.pop(login.user, None)  # the last one is the last of the mapping
            self._of_logins[login.user] = credentials
        return Made(result_of(login, self._federation, options=options), answer=found)

    def _login(self, what: Step) -> Login:
        if isinstance(what, Attempt):
            if not what.same_browser or self._before is None:
                self._browser = self._federation.browser()
                self.since, self.steps = self._federation.instants, []
            self.steps.append(what)
            return make_login(what, self._federation, self._browser)
        self.steps.append(what)
        if isinstance(what, Framed):
            frame = self._browser.frame(
                by=what.by,
                within=what.within,
                sends_referer=what.sends_referer,
                third_party_cookies=what.third_party_cookies,
            )
            return visit(frame, what.url, before=self._before)
        return visit(self._browser, what.url if isinstance(what, Opened) else "", before=self._before)

    def _call(self, call: CallSettings) -> Made:
        from emulator.network.calls.aws_calls import (  # importing botocore takes a quarter of a second
            AwsCall,
            make_call,
        )

        asked = AwsCall(
            call.service,
            call.operation,
            call.parameters,
            call.region or self._region(call.service),
            self._credentials(call),
            call.source_ip or "",
        )
        answered = make_call(asked, self._federation.gateway, self._federation.clock)
        self.captures.hide_secrets_of(answered.answer)
        login = _as_login(answered.url, answered.status, "", answered.exchanges)
        result = replace(
            result_of(login, self._federation, before=self._exchanges),
            step_names=tuple(call.operation for _ in answered.exchanges),
        )
        return Made(result, answered.answer, code=answered.code, message=answered.message)

    def _region(self, service: str) -> str:
        regions = [instance.arn.region for instance in self._federation.aws.instances] if service == "connect" else []
        return next(iter(regions), "us-east-1")

    def _credentials(self, call: CallSettings) -> Credentials | None:
        """Returns the credentials that sign a call.

        Raises:
            FederationError: nobody has this name, or they have no credentials.
        """
        name = call.as_
        if name == ANONYMOUS:
            return None
        if name is None:
            if not self._of_logins:
                if call.operation in {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}:
                    return None
                raise FederationError("no login before this call got credentials: say with as whose sign it")
            return list(self._of_logins.values())[-1]
        found = self.captures.credentials(name) or self._of_logins.get(name) or self._of_user(name)
        if found is None:
            raise FederationError(f"{name} has no credentials here")
        return found

    def _of_user(self, name: str) -> Credentials | None:
        users = (user for account in self._federation.aws.accounts.values() for user in account.users.values())
        key = next((user.access_keys[0] for user in users if user.name == name and user.access_keys), None)
        return Credentials(key.access_key_id, key.secret_access_key) if key is not None else None

    def _change(self, change: OktaSettings) -> Made:
        asked = okta_request(change, self._federation)
        exchanges: list[Exchange] = []
        browser = self._federation.browser()
        browser.exchanges = exchanges
        headers = {"Accept": "application/json"} | ({"Authorization": f"SSWS {asked.token}"} if asked.token else {})
        self.captures.hide(asked.token)
        with browser.session() as session:
            response = session.request(asked.method, asked.url, json=asked.body, headers=headers)
        answer = _json(response.text)
        self.captures.hide_secrets_of(answer)
        login = _as_login(asked.url, response.status_code, response.text, exchanges)
        result = replace(result_of(login, self._federation), step_names=tuple("Okta management" for _ in exchanges))
        refused = answer if response.status_code >= 400 and isinstance(answer, dict) else {}
        code, message = str(refused.get("errorCode", "")), str(refused.get("errorSummary", ""))
        return Made(result, answer, code=code, message=message)


def _as_login(url: str, status: int, text: str, exchanges: Sequence[Exchange]) -> Login:
    """Returns a call in the form that reports know: as a login of nobody."""
    refusal = next((each.refusal for each in reversed(exchanges) if each.refusal is not None), None)
    is_refused = refusal is not None or status >= 400
    return Login(
        user="",
        app="",
        outcome=Outcome.REFUSED if is_refused else Outcome.ACCEPTED,
        lands_on=url,
        page=Page(url, status, {}, text),
        refusal=refusal,
        facts=NO_FACTS,
        exchanges=tuple(exchanges),
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return None
