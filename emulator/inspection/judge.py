"""Who judges a recorded login: a world, files in its place, or the message by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from emulator.inspection.default_world import default_federation
from emulator.inspection.judging import inspect
from emulator.inspection.login_inspection import LoginInspection
from emulator.inspection.own_files import OwnFiles
from emulator.recordings.logins import RecordedLogin

if TYPE_CHECKING:
    from emulator.federation import Federation


@dataclass(frozen=True, slots=True)
class Judge:
    """What logins are judged by.

    Args:
        federation: The world's; None without one.
        world_name: What the world is called.
        files: What takes a world's place.
        now: The instant to judge at; the login's own when None.
        role_arn: The role to ask about, by ARN or name; the login's own when None.
    """

    federation: Federation | None = None
    world_name: str = ""
    files: OwnFiles | None = None
    now: datetime | None = None
    role_arn: str | None = None

    @classmethod
    def by_default(cls, saml_response: str, *, now: datetime | None, role_arn: str | None) -> Judge:
        """Returns the judge of a message where nothing was given to judge by."""
        found = default_federation(saml_response)
        if found is None:
            return cls(now=now, role_arn=role_arn)
        federation, name = found
        return cls(federation, name, now=now, role_arn=role_arn)

    @property
    def name(self) -> str:
        """What is judged by, as a phrase."""
        if self.federation is not None:
            return self.world_name
        if self.files is None:
            return "the message alone"
        given = [("the metadata", self.files.metadata), ("the role", self.files.trust)]
        return " and ".join(name for name, value in given if value is not None)

    @property
    def lacks(self) -> str:
        """The options that would let more be asked; empty where a world judges, or both files."""
        if self.federation is not None:
            return ""
        if self.files is None:
            return "--metadata idp.xml --role role.json"
        lacking = [("--metadata idp.xml", self.files.metadata), ("--role role.json", self.files.trust)]
        return " ".join(option for option, value in lacking if value is None)

    def inspect_login(self, logins: tuple[RecordedLogin, ...], number: int) -> LoginInspection:
        """Judges one login of a recording.

        Args:
            logins: All of them.
            number: The number of the one, from 1.
        """
        login = logins[number - 1]
        inspection = None
        if login.saml_response:
            inspection = inspect(
                login.saml_response,
                federation=self.federation,
                files=self.files,
                now=self.now,
                role_arn=self.role_arn,
                login=login,
            )
        if login.relay_state is None:
            return LoginInspection(number, logins, inspection)
        from emulator.inspection.relay_states import relay_state_of  # a message alone has none, and needs none of it

        known = self.federation.aws if self.federation is not None else None
        return LoginInspection(number, logins, inspection, relay_state_of(login, known))
