"""Which pages are in which frames, as far as their servers were asked."""

from __future__ import annotations

import pytest

from emulator.kernel.framed_pages import FramedPages, origin_of

CRM, DESK, PORTAL = "https://crm.example.com", "https://desk.example.com", "https://portal.example.com"


def test_the_pages_around_a_page_are_named_from_the_inside() -> None:
    """A page in a page in a page; each browser for itself."""
    pages = FramedPages()
    pages.shown(CRM, browser="one", around=DESK)
    pages.shown(DESK, browser="one", around=PORTAL)
    assert pages.around(CRM, browser="one") == (DESK, PORTAL)
    assert pages.around(CRM, browser="two") == ()


def test_a_window_of_its_own_ends_it() -> None:
    """What was shown last counts; a page of the same origin around it is none."""
    pages = FramedPages()
    pages.shown(CRM, browser="one", around=DESK)
    pages.shown(CRM, browser="one", around="")
    assert pages.around(CRM, browser="one") == ()
    pages.shown(CRM, browser="one", around=CRM)
    assert pages.around(CRM, browser="one") == ()


def test_a_circle_ends() -> None:
    """Two pages that frame each other are named once."""
    pages = FramedPages()
    pages.shown(CRM, browser="one", around=DESK)
    pages.shown(DESK, browser="one", around=CRM)
    assert pages.around(CRM, browser="one") == (DESK, CRM)


def test_it_does_not_grow_for_ever() -> None:
    """The oldest of very many are forgotten."""
    pages = FramedPages()
    for number in range(1001):
        pages.shown(CRM, browser=str(number), around=DESK)
    assert pages.around(CRM, browser="0") == ()
    assert pages.around(CRM, browser="1000") == (DESK,)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://CRM.example.com:8443/a?b=c", "https://crm.example.com:8443"),
        ("about:blank", ""),
        ("", ""),
        ("https://[", ""),
    ],
)
def test_the_origin_of_a_page(url: str, origin: str) -> None:
    """Scheme, host and port in lower case; a text without them has none."""
    assert origin_of(url) == origin
