"""Which logins a load is made of, and how they are divided."""

from __future__ import annotations

import pytest

from emulator.kernel.errors import FederationError
from emulator.load.logins import AssignedLogin, Share, Turns, logins_of, shares_of
from emulator.login_target import Tile
from emulator.network.hosts import Hosts
from emulator.remote.loopback import LoopbackAddress
from emulator.remote.remote_world import RemoteApp, RemoteWorld

_ROLE = "arn:aws:iam::123456789012:role/"
_TILE = Tile(dashboard="", link="", password="", identity_provider_arn="")


def _app(name: str, roles: dict[str, tuple[str, ...]]) -> RemoteApp:
    values = {
        user: [f"arn:aws:iam::123456789012:saml-provider/okta,{_ROLE}{each}" for each in names]
        for user, names in roles.items()
    }
    return RemoteApp("acme", name, {}, values, _TILE)


WORLD = RemoteWorld(
    LoopbackAddress("127.0.0.1", 7080),
    "world.yaml",
    (
        _app("connect", {"Hanako@example.com": ("Agent",), "taro@example.com": ("Agent", "Supervisor")}),
        _app("portal", {"hanako@example.com": (), "mika@example.org": ()}),
    ),
    Hosts(okta={}, connect=list, custom=list),
)
HANAKO = AssignedLogin("Hanako@example.com", "acme/connect")
TARO = AssignedLogin("taro@example.com", "acme/connect", f"{_ROLE}Agent")
TARO_AS_SUPERVISOR = AssignedLogin("taro@example.com", "acme/connect", f"{_ROLE}Supervisor")


def test_everybody_with_every_app_and_role() -> None:
    """A role is asked for where sign-in would ask."""
    portal = [AssignedLogin(user, "acme/portal") for user in ("hanako@example.com", "mika@example.org")]
    assert list(logins_of(WORLD)) == [HANAKO, TARO, TARO_AS_SUPERVISOR, *portal]


@pytest.mark.parametrize(
    ("chosen", "logins"),
    [
        ({"people": "hanako@EXAMPLE.com", "app": "connect"}, [HANAKO]),
        ({"people": " *@example.com ", "app": "acme/connect"}, [HANAKO, TARO, TARO_AS_SUPERVISOR]),
        ({"people": "", "role": "Supervisor"}, [TARO_AS_SUPERVISOR]),
        ({"role": f"{_ROLE}Supervisor"}, [TARO_AS_SUPERVISOR]),
        ({"people": "mika*"}, [AssignedLogin("mika@example.org", "acme/portal")]),
    ],
)
def test_some_of_them(chosen: dict[str, str], logins: list[AssignedLogin]) -> None:
    """By a pattern in whatever case, by app, by role."""
    assert list(logins_of(WORLD, **chosen)) == logins


def test_nobody_is_an_error_that_says_who_there_is() -> None:
    """And so is an app that is not there."""
    with pytest.raises(FederationError) as caught:
        logins_of(WORLD, people="nobody*", app="connect", role="Agent")
    assert caught.value.message == "There is no login with people nobody*, app connect, role Agent"
    assert caught.value.explanation == "Only people who are assigned to an app can log in to it."
    assert caught.value.expected == "Hanako@example.com, taro@example.com"
    with pytest.raises(FederationError) as caught:
        logins_of(WORLD, app="nothing")
    assert caught.value.message == "There is no Okta app nothing"
    many = RemoteWorld(WORLD.address, "", (_app("a", {f"u{n}": () for n in range(9)}),), WORLD.hosts)
    with pytest.raises(FederationError) as caught:
        logins_of(many, people="x")
    assert caught.value.expected == "u0, u1, u2, u3, u4 or 4 others"


def test_a_login_is_shown_as_fedemu_login_takes_it() -> None:
    """So that it can be pasted."""
    assert str(TARO) == f"taro@example.com acme/connect --role {_ROLE}Agent"
    assert str(HANAKO) == "Hanako@example.com acme/connect"


def test_a_load_is_divided_to_the_last_login() -> None:
    """The first processes take what is left over; without a number each goes on until it is stopped."""
    assert shares_of(41, count=3) == [Share(0, 3, 14), Share(1, 3, 14), Share(2, 3, 13)]
    assert shares_of(1, count=2) == [Share(0, 2, 1), Share(1, 2, 0)]
    assert shares_of(0, count=2) == [Share(0, 2, None), Share(1, 2, None)]


def test_processes_take_turns_with_the_people() -> None:
    """Two workers log different people in, and both of them everybody in the end."""
    logins = logins_of(WORLD)
    turns = [Turns(logins, share) for share in shares_of(10, count=2)]
    given = [[each.next() for _ in range(5)] for each in turns]
    assert given[0] == [logins[index] for index in (0, 2, 4, 1, 3)]
    assert given[1] == [logins[index] for index in (1, 3, 0, 2, 4)]
    assert [each.next() for each in turns] == [None, None]
    over = []
    for each in (turns[0], Turns(logins, Share())):
        over.append(each.is_over)
        each.ended = 5
        over.append(each.is_over)
    assert over == [False, True, False, False]
