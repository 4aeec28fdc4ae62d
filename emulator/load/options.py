"""What a load adds to Locust's command line and web page: which logins, how, and how they should end."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Literal

from emulator.flow import Outcome
from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class LoadOption:
    """An option of a load.

    Args:
        name: As it is written.
        value: Placeholder of its value in a list of options; the values themselves where there are few.
        default: Its value unless given, which is of its type.
        help: What it does.
    """

    name: str
    value: str | tuple[str, ...]
    default: str | float
    help: str


OPTIONS = (
    LoadOption(
        "--people",
        "<pattern>",
        "*",
        "Who logs in: an Okta login, or a pattern such as '*@example.com'. Defaults to everybody.",
    ),
    LoadOption("--app", "<app>", "", "The app, by name or as org/app. Defaults to every app."),
    LoadOption("--role", "<role>", "", "The role, by name or ARN. Defaults to every role in turn."),
    LoadOption(
        "--via",
        ("browser", "sts"),
        "browser",
        "browser: by AWS sign-in and on to where it leads; sts: by AssumeRoleWithSAML. Defaults to browser.",
    ),
    LoadOption(
        "--expect",
        tuple(each.value for each in Outcome),
        Outcome.ACCEPTED.value,
        "How every login should end; any other end is a failure. Defaults to accepted.",
    ),
    LoadOption(
        "--logins",
        "<int>",
        0,
        "Stop after this many logins, counted over all workers. Defaults to 0, which never stops.",
    ),
    LoadOption("--pause", "<seconds>", 0.0, "How long each user waits between two logins. Defaults to 0."),
)


def add_options(parser: ArgumentParser) -> None:
    """Adds a load's options; Locust's page and master stay on this machine unless configured otherwise."""
    parser.set_defaults(web_host=LOOPBACK, master_bind_host=LOOPBACK)
    for each in OPTIONS:
        few: dict[str, Any] = {"choices": each.value} if isinstance(each.value, tuple) else {"metavar": each.value}
        parser.add_argument(each.name, type=type(each.default), default=each.default, help=each.help, **few)


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """What was asked for, on the command line or on Locust's page."""

    people: str
    app: str
    role: str
    via: Literal["browser", "sts"]
    expected: Outcome
    logins: int
    pause_seconds: float

    @classmethod
    def of(cls, options: Any) -> LoadSettings:
        """Reads Locust's parsed options.

        Raises:
            FederationError: one of them, which a page may have sent, is none that there is.
        """
        for each in OPTIONS:
            given = getattr(options, each.name.removeprefix("--"))
            if isinstance(each.value, tuple) and given not in each.value:
                raise FederationError(f"There is no {each.name} {given}", expected=" or ".join(each.value))
        if options.logins < 0 or options.pause < 0:
            raise FederationError("--logins and --pause are not below 0", expected="0 or more")
        return cls(
            people=options.people,
            app=options.app,
            role=options.role,
            via=options.via,
            expected=Outcome(options.expect),
            logins=options.logins,
            pause_seconds=options.pause,
        )
