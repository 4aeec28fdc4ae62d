"""What the CCP posts about its agent to the page that embeds it: state, snapshot and configuration (Streams API).

Spec: the message protocol of amazon-connect-streams 2.28
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from emulator.kernel.clock import Clock
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from sp_mock.accounts.connect_resources import ConnectUser, RoutingProfile
from sp_mock.accounts.model import Instance
from sp_mock.connect.federation import ConnectSession
from sp_mock.connect.identifiers import stable_id, user_arn
from sp_mock.connect.resource_kinds import QUEUES, ROUTING_PROFILES
from sp_mock.connect_users.routing_profiles import outbound_queue_id
from sp_mock.instants import milliseconds

# Agents in routable states take contacts; they begin in Offline. The names are assumed.
_STATES = {"Available": "routable", "Break": "not_routable", "Lunch": "not_routable", "Offline": "offline"}
_FIRST = "Offline"
_PERMISSIONS = ("ccpAccess", "outboundCall", "voiceId")


@dataclass(frozen=True, slots=True)
class AgentState:
    """An agent's current state and since when; it is forgotten with the session."""

    name: str
    since: datetime
    expires_at: datetime


class Agents:
    """The states of signed-in agents."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._clock = clock
        self._states = store.table("connect-agent-states", AgentState)

    def state(self, instance: Instance, session: ConnectSession) -> AgentState:
        """Returns an agent's state; one who has just signed in is Offline."""
        key = _key(instance, session)
        known = self._states.get(key)
        if known is None:
            known = AgentState(_FIRST, self._clock.now(), session.session_ends_at)
            self._states.put(key, known)
        return known

    def change(self, instance: Instance, session: ConnectSession, name: str) -> bool:
        """Puts an agent in another state; False when no state has this name."""
        if name not in _STATES:
            return False
        self._states.put(_key(instance, session), AgentState(name, self._clock.now(), session.session_ends_at))
        return True

    def agent_update(self, instance: Instance, session: ConnectSession) -> dict[str, Any]:
        """Returns the data of ``agent::update``. Instants are milliseconds since 1970, from which pages make Dates."""
        state, now = self.state(instance, session), milliseconds(self._clock.now())
        since = milliseconds(state.since)
        own = {**_state(instance, state.name), "startTimestamp": since}
        return {
            "snapshot": {
                "state": own,
                "nextState": None,
                "agentAvailabilityState": {"state": state.name, "timeStamp": since},
                "contacts": [],
                "snapshotTimestamp": now,
                "skew": 0,
            },
            "configuration": _configuration(instance, session),
        }


def _configuration(instance: Instance, session: ConnectSession) -> dict[str, Any]:
    user = session.user
    return {
        "agentARN": user_arn(instance, user),
        "username": user.login,
        "name": f"{user.first_name} {user.last_name}".strip() or user.login,
        "softphoneEnabled": user.phone.phone_type == "SOFT_PHONE",
        "softphoneAutoAccept": user.phone.auto_accept,
        "extension": user.phone.desk_phone_number,
        "agentPreferences": {"LANGUAGE": "en_US"},
        "permissions": list(_PERMISSIONS),
        "dialableCountries": ["us"],
        "agentStates": [_state(instance, name) for name in _STATES],
        "routingProfile": _routing_profile(instance, user),
    }


def _routing_profile(instance: Instance, user: ConnectUser) -> dict[str, Any]:
    """Returns a user's routing profile, with the outbound queue, the queues that reach them, and their own."""
    found = (each for each in instance.routing_profiles if each.name == user.routing_profile)
    profile = next(found, None) or RoutingProfile(user.routing_profile)
    arn = ROUTING_PROFILES.arn_of(instance, profile)
    outbound = outbound_queue_id(instance, profile)
    names = {QUEUES.id_of(instance, queue): queue.name for queue in instance.queues}
    queues = []
    for queue_id in dict.fromkeys((outbound, *(each.queue_id for each in profile.queues))):
        queue = QUEUES.arn_of_id(instance, queue_id)
        queues.append({"name": names.get(queue_id, ""), "queueARN": queue, "queueId": queue})
    own = QUEUES.arn_of_id(instance, f"agent/{user.user_id}")
    return {
        "name": profile.name,
        "routingProfileARN": arn,
        "routingProfileId": arn,
        "channelConcurrencyMap": {each.channel: each.contacts for each in profile.concurrencies},
        "queues": [*queues, {"name": "", "queueARN": own, "queueId": ""}],
        "defaultOutboundQueue": queues[0],
    }


def _state(instance: Instance, name: str) -> dict[str, str]:
    arn = f"{instance.arn}/agent-state/{stable_id(instance, 'agent-state', name)}"
    return {"agentStateARN": arn, "name": name, "type": _STATES[name]}


def _key(instance: Instance, session: ConnectSession) -> str:
    return f"{instance.instance_id}/{session.user.login}"
