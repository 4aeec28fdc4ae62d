"""What is wrong with an address, or a call, that asks for federation into an instance: its id, its region, its account.

When one of these is wrong the policies are not at fault, even though they do not allow an instance that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from emulator.kernel.explanations import RELAY_STATE, Asked, Cause, Sent
from emulator.kernel.records import dataclass
from sp_mock.accounts.model import Aws, Instance
from sp_mock.assertion.values import ROLE, attribute_path
from sp_mock.connect.federate_urls import federate_url, meant_instance, query_to_keep

INSTANCE_ID = "InstanceId"


@dataclass(frozen=True, slots=True)
class AskedInstance:
    """An instance as it was asked for.

    Args:
        instance_id: The id in the address after ``/connect/federate/``, or in the call.
        region: Region of the console or of the endpoint that was asked.
        account_id: Account of the session.
        address: The federate URL that was opened; empty for a call of the API.
    """

    instance_id: str
    region: str
    account_id: str
    address: str = ""

    @property
    def subject(self) -> str:
        """What asks for the instance, as the beginning of a sentence."""
        return "The relay state" if self.address else "The call"

    @property
    def where(self) -> str:
        """Where the instance is named."""
        return "RelayState, the part after /connect/federate/" if self.address else INSTANCE_ID

    @property
    def received(self) -> str:
        """The instance that was asked for."""
        return self.address or f"{self.instance_id} in {self.region}"


@dataclass(frozen=True, slots=True)
class AddressMistake:
    """What is wrong with it, in words; what caused it; and what would have been right."""

    why: str
    causes: tuple[Cause, ...]
    want: str
    fix: str


OpenTo = Callable[[], tuple[Instance, ...]]


def address_mistake(asked: AskedInstance, *, aws: Aws, open_to: OpenTo) -> AddressMistake | None:
    """Returns what is wrong with what was asked for, or None where the instance exists as asked.

    Args:
        asked: The instance as it was asked for.
        open_to: Returns the instances that the session may federate into.
    """
    own = [each for each in aws.instances if each.arn.account_id == asked.account_id]
    others = [each for each in aws.instances if each.arn.account_id != asked.account_id]
    meant = meant_instance(asked.instance_id, own)
    if meant.instance is None:
        elsewhere = meant_instance(asked.instance_id, others)
        if elsewhere.instance is not None:
            return _of_another_account(asked, elsewhere.instance, open_to)
        return _mistake(asked, f"{asked.subject} {meant.difference}.", open_to())
    found = meant.instance
    sentences = [f"{asked.subject} {meant.difference}."] if meant.difference else []
    if found.arn.region != asked.region:
        sentences.append(f"{_region_words(asked)}, and the instance {found.alias} is in {found.arn.region}.")
    return _mistake(asked, " ".join(sentences), (found,)) if sentences else None


def _region_words(asked: AskedInstance) -> str:
    if not asked.address:
        return f"The call is to {asked.region}"
    host = urlsplit(asked.address).hostname or ""
    if not host.startswith(asked.region):
        return f"The relay state's host {host} names no region, which stands for {asked.region}"
    return f"The relay state asks the console of {asked.region}"


def _of_another_account(asked: AskedInstance, instance: Instance, open_to: OpenTo) -> AddressMistake:
    """Either the relay state or the role is for the wrong account: the role, if its account has no usable instance."""
    why = (
        f"The instance {instance.alias} belongs to account {instance.arn.account_id}, and the session is with account "
        f"{asked.account_id}."
    )
    open_instances = open_to()
    mistake = _mistake(asked, why, open_instances)
    role = Sent(attribute_path(ROLE))
    if not asked.address:
        return mistake
    if open_instances:
        return AddressMistake(why, (*mistake.causes, role), mistake.want, mistake.fix)
    want = f"a role of account {instance.arn.account_id}"
    fix = f"Send a role of account {instance.arn.account_id}, or a relay state of account {asked.account_id}."
    return AddressMistake(why, (role, *mistake.causes), want, fix)


def _mistake(asked: AskedInstance, why: str, right: tuple[Instance, ...]) -> AddressMistake:
    if not asked.address:
        want = " or ".join(f"{each.instance_id} in {each.arn.region}" for each in right) or "an existing instance"
        return AddressMistake(why, (Asked(INSTANCE_ID),), want, f"Call with {want}.")
    wanted = tuple(federate_url(each, asked=asked.address) + query_to_keep(asked.address) for each in right)
    want = " or ".join(wanted) or "the federate URL of an instance"
    return AddressMistake(why, (Sent(RELAY_STATE, wanted),), want, f"Set the relay state to {want}.")
