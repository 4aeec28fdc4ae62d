"""The world by which a message is judged when none was given.

``./world.yaml`` is used where it exists. The built-in world is used only for messages that come from it: any other
message would be refused for a provider that this world never had, which says nothing about the message.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sp_mock.assertion.login_request import role_pairs
from sp_mock.assertion.received import ReceivedResponse, receive

if TYPE_CHECKING:
    from emulator.federation import Federation

HERE = Path("world.yaml")
# emulator.world has the same function; importing it takes longer than judging a message.
BUILT_IN = Path(__file__).parents[2] / "scenarios" / "worlds" / "connect.yaml"


def default_federation(saml_response: str) -> tuple[Federation, str] | None:
    """Returns the federation that a message is judged by, and its world's name; None where no world here knows it.

    Args:
        saml_response: Message in base64; empty where a recording has none.
    """
    if HERE.exists():
        return _built(HERE), str(HERE)
    message = receive(saml_response) if saml_response else None
    if not isinstance(message, ReceivedResponse):
        return None
    values = message.unverified
    text = BUILT_IN.read_text(encoding="utf-8")
    names = [pair.account_id for pair in role_pairs(values)]
    if values.name_id:
        names.append(values.name_id)
    if not any(name in text for name in names):
        return None
    federation = _built(BUILT_IN)
    aws = federation.aws
    providers = federation.identity_providers.values()
    is_issuer = any(app.issuer == values.issuer for each in providers for app in each.org.apps.values())
    # Somebody else's example may name the same account and provider, but is not about the same person.
    is_provider = any(aws.saml_provider(pair.provider_arn) is not None for pair in role_pairs(values))
    is_person = any(values.name_id in each.org.users for each in providers)
    return (federation, "the built-in world") if is_issuer or (is_provider and is_person) else None


def _built(world_file: Path) -> Federation:
    from emulator.federation import Federation

    return Federation.load(world_file)
