"""Signing in, step by step: a transaction with its state token, from password through second factor to session.

Spec: developer.okta.com, Authentication API
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import timedelta

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.explanations import Setting
from emulator.kernel.store import Store
from emulator.kernel.trace_notes import TraceNote
from idp.directory import Directory
from idp.model import Factor, Org, User
from idp.refusals import ApiRefusal
from idp.signon import sign_in_events
from idp.signon.factors import matching_step
from idp.signon.next_logins import NextLogin, NextLogins, RefusedBy, Step
from idp.signon.programmed_refusals import denied_by_policy, with_denied_push, with_planted
from idp.signon.session import Session, Sessions
from idp.signon.sign_in_refusals import (
    authentication_failed,
    bad_state_token,
    no_such_factor,
    refused_code,
    waiting_note,
    wrong_code,
)
from idp.signon.sign_in_rules import is_shown_as_locked, second_factor_step, step_after_password
from idp.signon.transaction import Count, SentMessage, Transaction
from idp.system_log.service import SystemLog

LIFETIME = timedelta(minutes=5)
_CODE_LIFETIME = timedelta(minutes=5)
_FAILURES_FOR = timedelta(hours=1)


class Authentication:
    """The unfinished sign-ins of one org.

    Args:
        sessions: Sessions of the org, which finished sign-ins open.
        system_log: Log of each step.
        store: Store of the transactions, the outbox and the counts.
        next_logins: What is programmed for people's next logins; nothing by default.
    """

    def __init__(
        self,
        directory: Directory,
        sessions: Sessions,
        system_log: SystemLog,
        store: Store,
        *,
        clock: Clock,
        ids: Ids,
        next_logins: NextLogins | None = None,
    ) -> None:
        name = directory.org.name
        self._directory = directory
        self._sessions = sessions
        self._system_log = system_log
        self._clock = clock
        self._ids = ids
        self._next_logins = next_logins or NextLogins()
        self._lock = store.lock
        self._transactions = store.table(f"okta-transactions/{name}", Transaction, clock=clock)
        self._outbox = store.table(f"okta-outbox/{name}", SentMessage, clock=clock)
        self._failures = store.table(f"okta-failures/{name}", Count, clock=clock)
        self._used_codes = store.table(f"okta-used-codes/{name}", Count, clock=clock)

    @property
    def outbox(self) -> tuple[SentMessage, ...]:
        """The SMS with codes that are still valid, the oldest first."""
        return tuple(self._outbox.running().values())

    def user_of(self, transaction: Transaction) -> User:
        """Returns the user of a transaction, with the factors that they have in it.

        Raises:
            OktaRefusal: E0000011 (401), the user no longer exists.
        """
        user = self._directory.org.user_by_id(transaction.user_id)
        if user is None:
            raise bad_state_token()
        return with_denied_push(user) if transaction.is_refused else user

    def begin(self, username: str, password: str, *, target: str = "") -> Transaction | Session:
        """Takes a password; leads to a session when nothing else is required, otherwise to a transaction.

        Raises:
            OktaRefusal: E0000004 (401): unknown user, wrong password, or a status that cannot sign in. That an account
            is locked is shown only if the org is set to show it.

        Spec: developer.okta.com, Authentication API, "Primary authentication"
        Evidence: documented
        """
        org = self._directory.org
        user = org.users.get(username)
        locked = self._next_logins.take(org.name, username, step=Step.PASSWORD) if user is not None else None
        if user is not None and locked is not None:
            return self._locked_out(org, replace(user, status="LOCKED_OUT"), locked, target=target)
        if user is not None and is_shown_as_locked(org, user):
            return self._open(user, "LOCKED_OUT", target=target)
        try:
            user = self._sessions.check_password(username, password)
        except OktaRefusal:
            if user is not None and user.status == "ACTIVE":
                self._count_failure(user)
            raise
        step = step_after_password(org, user)
        if step == "PASSWORD_EXPIRED":
            return self._open(user, step, target=target)
        self._failures.drop(user.user_id)
        programmed = self._next_logins.take(org.name, user.login, step=Step.SIGNED_IN)
        if programmed is not None and programmed.refused_by is RefusedBy.SIGN_ON_POLICY:
            self._system_log.log(sign_in_events.denied(org, user))
            raise with_planted(denied_by_policy(user), programmed)
        step = step or (_programmed_step(user, programmed) if programmed is not None else "")
        if not step:
            return self._sessions.open(user)
        self._system_log.log(sign_in_events.challenged(org, user))
        return self._open(user, step, target=target, programmed=programmed)

    def _locked_out(self, org: Org, user: User, programmed: NextLogin, *, target: str) -> Transaction:
        """Returns a transaction in the state LOCKED_OUT, if the org shows that the account is locked.

        Raises:
            OktaRefusal: E0000004 (401), where the org does not show that it is locked.
        """
        if is_shown_as_locked(org, user):
            return self._open(user, "LOCKED_OUT", target=target, programmed=programmed)
        self._system_log.log(*sign_in_events.refused_sign_in(org, user, user.login))
        raise with_planted(authentication_failed(org, user, user.login), programmed)

    def step_up(
        self, session: Session, step: str, *, target: str, app: str, programmed: NextLogin | None = None
    ) -> Transaction:
        """Begins to ask a person who has a session for the second factor that an app requires.

        Args:
            session: Session of the person.
            step: What is asked for, as ``step_before_app`` returns it.
            target: Path to go to afterwards.
            app: Name of the app.
            programmed: What was programmed, where it is not the app that requires the factor.
        """
        user = session.user
        step = step or (_programmed_step(user, programmed) if programmed is not None else "")
        return self._open(user, step, target=target, session_id=session.session_id, app=app, programmed=programmed)

    def with_push_sent(self, transaction: Transaction) -> Transaction:
        """Returns a sign-in whose second factor is refused, with the push sent and denied.

        Okta sends the push by itself where the person chose "Send push automatically".
        """
        if not transaction.is_refused or transaction.status != "MFA_REQUIRED":
            return transaction
        push = next(each for each in self.user_of(transaction).factors if each.kind == "push")
        return self._push(self._push(transaction, push), push)

    def find(self, state_token: str) -> Transaction:
        """Returns a transaction.

        Raises:
            OktaRefusal: E0000011 (401), it is unknown or has expired.

        Spec: developer.okta.com, error code E0000011
        Evidence: documented
        """
        transaction = self._transactions.get(state_token)
        if transaction is None:
            raise bad_state_token()
        return transaction

    def factor(self, transaction: Transaction, factor_id: str) -> Factor:
        """Returns one of the person's factors.

        Raises:
            OktaRefusal: E0000007 (404), they have no such factor.
        """
        user = self.user_of(transaction)
        found = next((each for each in user.factors if each.factor_id == factor_id), None)
        if found is None:
            raise no_such_factor(self._directory.org, user, factor_id)
        return found

    def verify(self, transaction: Transaction, factor: Factor, code: str) -> Transaction:
        """Checks a code, or continues with a push; without a code it sends a challenge.

        Returns:
            The transaction in its new state; its status is SUCCESS when the factor was right.

        Raises:
            OktaRefusal: E0000068 (403), the code is wrong or was used before.

        Spec: developer.okta.com, Authentication API, "Verify factor"
        Evidence: documented
        """
        if transaction.status not in {"MFA_REQUIRED", "MFA_CHALLENGE"}:
            raise bad_state_token()
        if factor.kind == "push":
            return self._push(transaction, factor)
        if not code:
            return self._challenge(transaction, factor)
        user = self.user_of(transaction)
        with self._lock:
            is_right = self._is_right(transaction, factor, code)
        self._system_log.log(sign_in_events.tried_factor(user, factor, is_right=is_right))
        if not is_right and transaction.is_refused:
            # A programmed refusal is not an attempt of the person's, so it does not lock their account.
            raise with_planted(refused_code(self._directory.org, user, factor), transaction)
        if not is_right:
            self._count_failure(user)
            raise wrong_code(self._directory.org, user, factor, code, now=self._clock.now())
        self._failures.drop(transaction.user_id)
        return self._keep(replace(transaction, status="SUCCESS", factor_id=factor.factor_id))

    def change_password(self, transaction: Transaction, old: str, new: str) -> Session | Transaction:
        """Replaces an expired password.

        Raises:
            OktaRefusal: E0000014 (403), the old one is wrong or the new one too short.

        Spec: developer.okta.com, Authentication API, "Change password"
        Evidence: documented (the code), observed (the words)
        """
        user = self.user_of(transaction)
        is_old = hmac.compare_digest(user.password.encode(), old.encode())
        if transaction.status != "PASSWORD_EXPIRED":
            raise bad_state_token()
        if not is_old or len(new) < 8 or new == old:
            cause = (
                "oldPassword: The credentials provided were incorrect."
                if not is_old
                else "Password requirements were not met. Password requirements: at least 8 characters."
            )
            raise ApiRefusal(
                "Update of credentials failed",
                code="E0000014",
                status=403,
                check="okta-password",
                error_causes=(cause,),
                explanation=cause,
                where="oldPassword, newPassword",
                expected="the present password, and another one of at least 8 characters",
                received="another present password" if not is_old else f"a new one of {len(new)} characters",
                fix="Send the present password and a new one of at least 8 characters.",
                causes=(Setting(self._directory.org, ("users", user.login, "password")),),
                spec="developer.okta.com, error code E0000014",
            )

        def change(org: Org) -> tuple[Org, User]:
            changed = replace(user, password=new, status="ACTIVE")
            return replace(org, users={**org.users, user.login: changed}), changed

        changed = self._directory.change(change)
        self._system_log.log(sign_in_events.changed_password(changed))
        self._transactions.drop(transaction.state_token)
        return self.begin(changed.login, new, target=transaction.target)

    def finish(self, transaction: Transaction) -> Session:
        """Returns the session that a transaction with status SUCCESS leads to, and ends the transaction.

        Raises:
            OktaRefusal: E0000011 (401), it did not succeed.
        """
        if transaction.status != "SUCCESS":
            raise bad_state_token()
        self._transactions.drop(transaction.state_token)
        if transaction.session_id:
            session = self._sessions.find(transaction.session_id)
            if session is None:
                raise bad_state_token()
            session = self._sessions.keep(replace(session, has_mfa=True))
        else:
            session = self._sessions.open(self.user_of(transaction), has_mfa=True)
        if transaction.planted:
            self._next_logins.let_pass(session.session_id)
        return session

    def choose_again(self, transaction: Transaction) -> Transaction:
        """Goes back to the choice of a factor."""
        if transaction.status != "MFA_CHALLENGE":
            return transaction
        return self._keep(replace(transaction, status="MFA_REQUIRED", factor_id="", factor_result="", polls=0))

    def cancel(self, transaction: Transaction) -> None:
        """Cancels a transaction."""
        self._transactions.drop(transaction.state_token)

    def note(self, transaction: Transaction) -> TraceNote:
        """Returns the note of what a sign-in waits for, and whose rule requires it."""
        org = self._directory.org
        return waiting_note(org, org.apps.get(transaction.app), self.user_of(transaction), transaction)

    def _open(
        self,
        user: User,
        status: str,
        *,
        target: str,
        session_id: str = "",
        app: str = "",
        programmed: NextLogin | None = None,
    ) -> Transaction:
        token = "00" + self._ids.token(40)
        opened = Transaction(token, user.user_id, status, self._clock.now() + LIFETIME, target, session_id, app=app)
        if programmed is not None:
            is_refused = programmed.refused_by is RefusedBy.MFA
            opened = replace(opened, planted=programmed.planted.text, is_refused=is_refused)
        return self._keep(opened)

    def _keep(self, transaction: Transaction) -> Transaction:
        self._transactions.put(transaction.state_token, transaction)
        return transaction

    def _challenge(self, transaction: Transaction, factor: Factor) -> Transaction:
        if factor.kind == "sms":
            now, code = self._clock.now(), self._ids.digits(6)
            text = f"Your verification code is {code}."
            message = SentMessage(factor.phone, text, code, now, now + _CODE_LIFETIME)
            self._outbox.put(f"{transaction.state_token}/{self._ids.token(8)}", message)
        return self._keep(
            replace(transaction, status="MFA_CHALLENGE", factor_id=factor.factor_id, factor_result="CHALLENGE")
        )

    def _is_right(self, transaction: Transaction, factor: Factor, code: str) -> bool:
        if transaction.is_refused:
            return False
        if factor.kind == "sms":
            prefix = transaction.state_token + "/"
            keys = [key for key, sent in self._outbox.running().items() if key.startswith(prefix) and sent.code == code]
            for key in keys:
                self._outbox.drop(key)
            return bool(keys)
        # Clients may send the code as a number, which loses leading zeros.
        step = matching_step(factor.secret, code.zfill(6), self._clock.now())
        key = f"{factor.factor_id}/{step}"
        if step is None or self._used_codes.get(key) is not None:
            return False
        self._used_codes.put(key, Count(1, self._clock.now() + LIFETIME))
        return True

    def _push(self, transaction: Transaction, factor: Factor) -> Transaction:
        """Sends a push, or returns how the person responded after the time that the world gives them.

        Spec: developer.okta.com, Authentication API, "Verify push factor"
        Evidence: documented
        """
        is_new = transaction.status == "MFA_REQUIRED" or transaction.factor_id != factor.factor_id
        if is_new or transaction.factor_result in {"REJECTED", "TIMEOUT"}:
            number = self._ids.integer(10, 99)
            waiting = replace(transaction, status="MFA_CHALLENGE", factor_id=factor.factor_id, polls=0, number=number)
            return self._keep(replace(waiting, factor_result="WAITING"))
        polled = replace(transaction, polls=transaction.polls + 1)
        if polled.polls < factor.after_polls:
            return self._keep(polled)
        user = self.user_of(transaction)
        self._system_log.log(sign_in_events.tried_factor(user, factor, is_right=factor.answer == "approve"))
        if factor.answer == "approve":
            return self._keep(replace(polled, status="SUCCESS", factor_result=""))
        if factor.answer == "deny":
            self._system_log.log(sign_in_events.denied_push(user))
        return self._keep(replace(polled, factor_result={"deny": "REJECTED", "timeout": "TIMEOUT"}[factor.answer]))

    def _count_failure(self, user: User) -> None:
        """Counts a wrong password or code; after too many the account is locked.

        Spec: help.okta.com, password policy, "Lock out user after"
        Evidence: documented (the rule and its default of ten), assumed (that codes count as passwords do)
        """
        with self._lock:
            before = self._failures.get(user.user_id)
            count = Count((before.times if before else 0) + 1, self._clock.now() + _FAILURES_FOR)
            self._failures.put(user.user_id, count)
        if count.times < self._directory.org.lockout_after:
            return
        self._failures.drop(user.user_id)

        def lock(org: Org) -> tuple[Org, None]:
            locked = replace(org.users[user.login], status="LOCKED_OUT")
            return replace(org, users={**org.users, user.login: locked}), None

        self._directory.change(lock)
        self._system_log.log(sign_in_events.locked_account(user))


def _programmed_step(user: User, programmed: NextLogin) -> str:
    """Returns the status of a transaction that asks for a second factor because that was programmed."""
    return "MFA_REQUIRED" if programmed.refused_by is RefusedBy.MFA else second_factor_step(user)
