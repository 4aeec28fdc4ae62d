"""The addresses of the control API, and what answers at each. It is imported with the first request for one."""

from __future__ import annotations

from emulator.network.gateway import (
    ASSERTIONS_PATH,
    CLOCK_PATH,
    CLOUDTRAIL_PATH,
    EMULATOR_PATH,
    LOGINS_PATH,
    NETWORK_FAULTS_PATH,
    NEXT_LOGINS_PATH,
    OUTBOX_PATH,
    PEOPLE_PATH,
    REFUSALS_PATH,
    SCENARIOS_PATH,
    STATE_PATH,
)
from emulator.running.control.clock_api import CLOCK
from emulator.running.control.commands_api import ASSERTIONS, EMULATOR, LOGINS, SCENARIOS
from emulator.running.control.happened_api import CLOUDTRAIL, OUTBOX, REFUSALS
from emulator.running.control.network_faults_api import NETWORK_FAULTS
from emulator.running.control.next_logins_api import NEXT_LOGINS
from emulator.running.control.people_api import PEOPLE
from emulator.running.control.state_api import STATE

APIS = {
    STATE_PATH: STATE,
    CLOCK_PATH: CLOCK,
    PEOPLE_PATH: PEOPLE,
    OUTBOX_PATH: OUTBOX,
    CLOUDTRAIL_PATH: CLOUDTRAIL,
    REFUSALS_PATH: REFUSALS,
    EMULATOR_PATH: EMULATOR,
    LOGINS_PATH: LOGINS,
    ASSERTIONS_PATH: ASSERTIONS,
    SCENARIOS_PATH: SCENARIOS,
    NETWORK_FAULTS_PATH: NETWORK_FAULTS,
    NEXT_LOGINS_PATH: NEXT_LOGINS,
}
