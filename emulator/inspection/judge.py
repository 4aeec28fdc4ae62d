"""What a recorded login is judged by: a world, files instead of one, or the message itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from emulator.inspection.default_world import default_federation
from emulator.inspection.judging import inspect
from emulator.inspection.login_inspection import LoginInspection
from emulator.inspection.own_files import OwnFiles
from emulator.kernel.records import dataclass
from emulator.recordings.logins import RecordedLogin

if TYPE_CHECKING:
    from emulator.federation import Federation


@dataclass(frozen=True, slots=True)
class Judge:
    """The basis on which logins are judged.

    Args:
        federation: Federation of the world; None without a world.
        world_name: Name of the world.
        files: Files that replace a world.
        now: Instant to judge at; None for the login's own.
        role_arn: Role to ask about, by ARN or name; None for the login's own.
    """

    federation: Federation | None = None
    world_name: str = ""
    files: OwnFiles | None = None
    now: datetime | None = None
    role_arn: str | None = None

    @classmethod
    def by_default(cls, saml_response: str, *, now: datetime | None, role_arn: str | None) -> Judge:
        """Returns the basis for a message where none was given."""
        found = default_federation(saml_response)
        if found is None:
            return cls(now=now, role_arn=role_arn)
        federation, name = found
        return cls(federation, name, now=now, role_arn=role_arn)

    @property
    def name(self) -> str:
        """The basis, as a phrase."""
        if self.federation is not None:
            return self.world_name
        if self.files is None:
            return "the message alone"
        given = [("the metadata", self.files.metadata), ("the role", self.files.trust)]
        return " and ".join(name for name, value in given if value is not None)

    @property
    def lacks(self) -> str:
        """The options that would allow more checks; empty where there is a world, or both files."""
        if self.federation is not None:
            return ""
        if self.files is None:
            return "--metadata idp.xml --role role.json"
        lacking = [("--metadata idp.xml", self.files.metadata), ("--role role.json", self.files.trust)]
        return " ".join(option for option, value in lacking if value is None)

    def inspect_login(self, logins: tuple[RecordedLogin, ...], number: int) -> LoginInspection:
        """Judges one login of a recording.

        Args:
            logins: All logins of the recording.
            number: Number of the login, from 1.
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
