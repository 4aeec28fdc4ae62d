"""What an Amazon Connect instance holds: users, profiles, queues, hours of operation, and the hierarchy of its agents.

A resource created by a call has its own id, ``given_id``. The id of a resource that the world defines, or that every
instance has, is derived from its name.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from emulator.kernel.records import dataclass
from sp_mock.accounts.managed_policies import BEGINNING, Tags

# The permission "Access Contact Control Panel", as ListSecurityProfilePermissions names it.
CCP_PERMISSION = "BasicAgentAccess"
BASIC_HOURS, BASIC_QUEUE, BASIC_ROUTING_PROFILE = "Basic Hours", "BasicQueue", "Basic Routing Profile"


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """How a user takes calls: ``SOFT_PHONE`` or ``DESK_PHONE``, and the number of a desk phone in E.164 form."""

    phone_type: str = "SOFT_PHONE"
    auto_accept: bool = False
    after_contact_work_seconds: int = 0
    desk_phone_number: str = ""
    persistent_connection: bool | None = None


@dataclass(frozen=True, slots=True)
class ConnectUser:
    """A user of an Amazon Connect instance. ``login`` is matched exactly, case included; profiles are given by name."""

    login: str
    user_id: str
    first_name: str = ""
    last_name: str = ""
    security_profiles: tuple[str, ...] = ("Agent",)
    routing_profile: str = BASIC_ROUTING_PROFILE
    email: str = ""
    secondary_email: str = ""
    mobile: str = ""
    changed_at: datetime = BEGINNING
    tags: Tags = ()
    phone: PhoneSettings = field(default_factory=PhoneSettings)
    hierarchy_group_id: str = ""
    directory_user_id: str = ""


@dataclass(frozen=True, slots=True)
class SecurityProfile:
    """What users of an instance may do; ``access_ccp`` lets them open the CCP.

    ``permissions`` are those that a call granted; ``allowed_tags``, ``tag_restricted`` and ``hierarchy_restricted`` are
    the restrictions it put on them. They are stored but not applied.
    """

    name: str
    access_ccp: bool = True
    given_id: str = ""
    description: str = ""
    changed_at: datetime = BEGINNING
    tags: Tags = ()
    permissions: tuple[str, ...] = ()
    allowed_tags: Tags = ()
    tag_restricted: tuple[str, ...] = ()
    hierarchy_restricted: tuple[str, ...] = ()
    allowed_hierarchy_group_id: str = ""

    @property
    def all_permissions(self) -> tuple[str, ...]:
        """The permissions that a call granted; for any other profile, the one permission that a login needs."""
        return self.permissions or ((CCP_PERMISSION,) if self.access_ccp else ())


@dataclass(frozen=True, slots=True)
class Concurrency:
    """How many contacts of a channel an agent handles at once, and which other channels may interrupt them."""

    channel: str
    contacts: int
    cross_channel: str = "ROUTE_CURRENT_CHANNEL_ONLY"


@dataclass(frozen=True, slots=True)
class QueueRouting:
    """In which order, and after how many seconds, contacts of a queue and channel are offered to agents."""

    queue_id: str
    channel: str
    priority: int
    delay_seconds: int


@dataclass(frozen=True, slots=True)
class RoutingProfile:
    """Which contacts are offered to its users. Users without an outbound queue call from the basic queue."""

    name: str
    given_id: str = ""
    description: str = ""
    changed_at: datetime = BEGINNING
    tags: Tags = ()
    outbound_queue_id: str = ""
    concurrencies: tuple[Concurrency, ...] = (Concurrency("VOICE", 1), Concurrency("CHAT", 2), Concurrency("TASK", 1))
    queues: tuple[QueueRouting, ...] = ()
    availability_timer: str = "TIME_SINCE_LAST_ACTIVITY"


@dataclass(frozen=True, slots=True)
class OutboundCaller:
    """What the person called sees of the caller, for calls made from a queue."""

    name: str = ""
    number_id: str = ""
    flow_id: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """A standard queue. It uses the basic hours of operation unless it has its own."""

    name: str
    given_id: str = ""
    description: str = ""
    changed_at: datetime = BEGINNING
    tags: Tags = ()
    hours_id: str = ""
    max_contacts: int | None = None
    enabled: bool = True
    outbound_caller: OutboundCaller = field(default_factory=OutboundCaller)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """From when to when contacts are taken on a day, in minutes since midnight. Equal values mean the whole day."""

    day: str
    start_minutes: int
    end_minutes: int


_WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")


@dataclass(frozen=True, slots=True)
class HoursOfOperation:
    """When queues take contacts."""

    name: str
    given_id: str = ""
    description: str = ""
    changed_at: datetime = BEGINNING
    tags: Tags = ()
    time_zone: str = "America/New_York"
    opening: tuple[OpeningHours, ...] = tuple(OpeningHours(day, 9 * 60, 17 * 60) for day in _WEEKDAYS)


@dataclass(frozen=True, slots=True)
class HierarchyLevel:
    """A level of the agents' hierarchy, such as ``Division``."""

    level_id: str
    name: str
    changed_at: datetime = BEGINNING


@dataclass(frozen=True, slots=True)
class HierarchyGroup:
    """A group of the agents' hierarchy; one without a parent is of the first level."""

    name: str
    given_id: str = ""
    changed_at: datetime = BEGINNING
    tags: Tags = ()
    parent_id: str = ""


@dataclass(frozen=True, slots=True)
class AuthenticationProfile:
    """How long the logins of an instance last: the session, and the access token that is renewed within it.

    The IP ranges are stored and returned but not applied, because here every client has the loopback address.

    Spec: Amazon Connect API "AuthenticationProfile"
    Evidence: documented
    """

    name: str = "Default Authentication Profile"
    description: str = "Default authentication profile of the instance"
    allowed_ips: tuple[str, ...] = ()
    blocked_ips: tuple[str, ...] = ()
    max_session_minutes: int = 720
    periodic_session_minutes: int = 60
    inactivity_minutes: int = 60
    inactivity_handled: bool = False
    changed_at: datetime = BEGINNING


@dataclass(frozen=True, slots=True)
class InstanceTiming:
    """How slow an instance is, for the delays that are known to have made logins fail.

    Args:
        origin_propagation_seconds: How long it takes until a new approved origin has an effect.
        load_delay_milliseconds: How long the CCP takes until it first answers the page that embeds it.
    """

    origin_propagation_seconds: int = 0
    load_delay_milliseconds: int = 0
