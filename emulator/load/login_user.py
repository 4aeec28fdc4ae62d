"""A user of Locust's: it logs people in one after the other, and reports every hop and every login.

    class Person(LoginUser):
        pass

A locustfile with these lines is a load. Importing this module adds its options to Locust's.
"""

from __future__ import annotations

from argparse import ArgumentParser
from time import perf_counter

from locust import User, events, task
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import Runner

from emulator.diagnosis.steps import step_name
from emulator.flow import Login, assume_role, log_in
from emulator.kernel.errors import FederationError
from emulator.load.judging import LoadFailure, failure_of_exchange, failure_of_login
from emulator.load.load_process import join_load, process_of
from emulator.load.logins import AssignedLogin
from emulator.load.options import add_options
from emulator.network.trace import Exchange
from emulator.network.wsgi import Answer
from emulator.remote.remote_federation import RemoteFederation

LOGIN = "LOGIN"


class LoginUser(User):
    """A user of the load: one person after another logs in, each in a browser of their own."""

    abstract = True

    def wait_time(self) -> float:
        """Returns the seconds between two logins."""
        return process_of(self.environment).settings.pause_seconds

    @task
    def log_in_next(self) -> None:
        """Makes the login whose turn it is; ends the user where none is left."""
        login = process_of(self.environment).next_login()
        if login is None:
            raise StopUser
        self.make(login)
        process_of(self.environment).made()

    def make(self, login: AssignedLogin) -> Login | None:
        """Makes a login and reports it.

        Returns:
            How it ended; None if the browser could not go on.
        """
        process = process_of(self.environment)
        settings = process.settings
        received, failure, bytes_received = None, None, 0

        def listen(exchange: Exchange, answer: Answer) -> None:
            nonlocal bytes_received
            bytes_received += len(answer.body)
            self._report(
                exchange.method,
                step_name(exchange, process.world.hosts),
                milliseconds=exchange.duration_ms,
                length=len(answer.body),
                login=login,
                failure=failure_of_exchange(exchange, user=login.user, expected=settings.expected),
            )

        began = perf_counter()
        flow = assume_role if settings.via == "sts" else log_in
        with RemoteFederation(process.world, listen=listen) as emulator:
            try:
                received = flow(emulator, user=login.user, app=login.app, role=login.role)
            except FederationError as error:
                failure = LoadFailure(error.message)
        milliseconds = (perf_counter() - began) * 1000
        if received is not None:
            failure = failure_of_login(received, expected=settings.expected)
        name = f"{login.app} (STS)" if settings.via == "sts" else login.app
        self._report(LOGIN, name, milliseconds=milliseconds, length=bytes_received, login=login, failure=failure)
        if failure is not None:
            process.tell_failure(login, str(failure))
        return received

    def _report(
        self,
        kind: str,
        name: str,
        *,
        milliseconds: float,
        length: int,
        login: AssignedLogin,
        failure: LoadFailure | None,
    ) -> None:
        self.environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=milliseconds,
            response_length=length,
            exception=failure,
            context={"user": login.user, "app": login.app, "role": login.role or ""},
        )


@events.init_command_line_parser.add_listener
def _add_options(parser: ArgumentParser, **_: object) -> None:
    add_options(parser)


@events.init.add_listener
def _join(environment: Environment, runner: Runner, **_: object) -> None:
    join_load(environment, runner)


@events.test_start.add_listener
def _begin(environment: Environment, **_: object) -> None:
    process_of(environment).begin()


@events.test_stop.add_listener
def _end(environment: Environment, **_: object) -> None:
    process_of(environment).end()
