"""What happened in a test: its logins and exchanges, as text below its failure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from emulator.diagnosis.live import diagnosis_of_exchange
from emulator.diagnosis.login_result import LoginResult
from emulator.diagnosis.steps import step_name
from emulator.federation import Federation
from emulator.kernel.records import dataclass
from emulator.network.trace import Exchange
from emulator.reports.text import diagnosis_block, exchange_lines, result_block, result_lines


@dataclass(slots=True)
class Happenings:
    """What happened in a test so far; it grows.

    Args:
        federation: Federation of the test; None for a scenario, which has its own.
        logins: Results of its logins, in order.
    """

    federation: Federation | None = None
    logins: list[LoginResult] = field(default_factory=list)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The last requests with their answers, of browsers and of programs."""
        if self.federation is not None:
            return self.federation.gateway.exchanges
        return tuple(exchange for login in self.logins for exchange in login.login.exchanges)

    @property
    def has_credentials(self) -> bool:
        """Whether its assertions are valid for the real AWS, because only the identity provider is emulated."""
        return self.federation is not None and self.federation.only == "idp"

    @property
    def text(self) -> str:
        """Each login with its steps and the reason of its outcome, then other requests; empty for nothing."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.federation is None:
            return
        for result in self.logins:
            yield f"{result.login.user} opens {result.login.app}"
            yield from result_lines(result)
            yield from result_block(result).splitlines()
        in_logins = {id(exchange) for result in self.logins for exchange in result.login.exchanges}
        others = [each for each in self.exchanges if id(each) not in in_logins]
        for number, exchange in enumerate(others, 1):
            yield from exchange_lines(exchange, step_name(exchange, self.federation.hosts), number=number)
            diagnosis = diagnosis_of_exchange(exchange, self.federation)
            if diagnosis is not None:
                yield from diagnosis_block(diagnosis).splitlines()
