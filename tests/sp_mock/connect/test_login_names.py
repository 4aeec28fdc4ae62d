"""Which user a session's name means, where it is nobody's login."""

from __future__ import annotations

import pytest

from sp_mock.accounts.connect_resources import ConnectUser
from sp_mock.connect.login_names import KnownLogins, MeantLogin, characters_no_login_has, meant_login

LINA = ConnectUser("lina.weber@shop.example", "1", first_name="Lina", last_name="Weber")
SHORT = ConnectUser("tomas", "2", first_name="Tomas", last_name="Novak", email="tomas.novak@shop.example")

MEANT: list[tuple[str, ConnectUser, MeantLogin | None]] = [
    ("lina.weber", LINA, MeantLogin(LINA.login, "@shop.example is missing")),
    ("tomas@shop.example", SHORT, MeantLogin("tomas", "@shop.example is too much")),
    ("Lina.Weber@shop.example", LINA, MeantLogin(LINA.login, "they differ in case, and case counts")),
    (
        "lina.weber@shop.test",
        LINA,
        MeantLogin(LINA.login, "the domains differ, shop.test and shop.example"),
    ),
    ("lina.weber+ccp@shop.example", LINA, MeantLogin(LINA.login, "+ccp is too much")),
    ("okta_lina.weber@shop.example", LINA, MeantLogin(LINA.login, "okta_ at the beginning is too much")),
    (
        "tomas",
        ConnectUser("SP_tomas", "3"),
        MeantLogin("SP_tomas", "SP_ at the beginning is missing"),
    ),
    (
        "lina-weber@shop.example",
        LINA,
        MeantLogin(LINA.login, "the characters between the parts of the name differ"),
    ),
    (
        "lina.weber@shop.example",
        ConnectUser("lina.weber@shop.example ", "4"),
        MeantLogin("lina.weber@shop.example ", "a blank at the beginning or the end is the difference"),
    ),
    (
        "lina.weber@shop.example",
        ConnectUser("\uff4cina.weber@shop.example", "5"),
        MeantLogin("\uff4cina.weber@shop.example", "they are written with other characters that look alike"),
    ),
    (
        "tomas.novak@shop.example",
        SHORT,
        MeantLogin("tomas", "tomas.novak@shop.example is the user's e-mail address there"),
    ),
    ("NovakTomas", SHORT, MeantLogin("tomas", "NovakTomas is the name Tomas Novak, not the login")),
    (
        "lina.webber@shop.example",
        LINA,
        MeantLogin(LINA.login, "they differ in a few characters", is_sure=False),
    ),
    ("maria@shop.example", LINA, None),
    ("weber", LINA, None),
]


@pytest.mark.parametrize(("name", "user", "meant"), MEANT)
def test_whom_a_session_name_means(name: str, user: ConnectUser, meant: MeantLogin | None) -> None:
    """The form that differs is reported; a person of the same domain alone resembles nobody."""
    assert meant_login(name, [ConnectUser("otto@other.example", "9"), user]) == meant


def test_two_similar_logins_are_nobodys_slip() -> None:
    """Which of them it would be cannot be known."""
    users = [ConnectUser("lina.weberr@shop.example", "1"), ConnectUser("lina.webber@shop.example", "2")]
    assert meant_login("lina.weber@shop.example", users) is None


def test_characters_that_no_login_has() -> None:
    """STS takes them in a session's name."""
    assert characters_no_login_has("a+b=c,d+e") == "+=,"


def test_a_slip_is_found_among_very_many_logins() -> None:
    """The name begins or ends as the login that it means; two that are as near are none."""
    users = [ConnectUser(f"agent-{number:04}@shop.example", str(number)) for number in range(400)]
    users.append(ConnectUser("marguerite.duval@shop.example", "m"))
    known = KnownLogins(users)
    meant = MeantLogin("marguerite.duval@shop.example", "they differ in a few characters", is_sure=False)
    assert known.meant("marguerite.dubal@shop.example") == meant
    assert known.meant("agent-9999@shop.example") is None
    assert known.meant("AGENT-0007@shop.example") == MeantLogin(
        "agent-0007@shop.example", "they differ in case, and case counts"
    )
