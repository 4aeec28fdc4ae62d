"""Why a browser opens an instance's page without a session: what is wrong with the login, the browser or the page.

The instance knows only the request, with its Referer and fetch metadata, and earlier sign-ins.
"""

from __future__ import annotations

from emulator.kernel.errors import ConnectRefusal
from sp_mock.accounts.model import Instance
from sp_mock.connect_instance.session_refusals import (
    blocked_cookies,
    login_page_in_frame,
    nobody,
    opened_by_page,
    opened_directly,
    other_domain,
    other_instance,
    same_site,
    session_over,
    unapproved,
)
from sp_mock.connect_instance.sign_ins import InstanceSignIn
from sp_mock.connect_instance.visit import WITHOUT_COOKIES, History, Visit


def refuse_visit(visit: Visit, history: History, instances: tuple[Instance, ...]) -> ConnectRefusal:
    """Returns why there is no session.

    Args:
        visit: The request for a page.
        history: Earlier sign-ins.
        instances: Every existing instance.

    Spec: amazon-connect-streams#210, #495, #670 and #1026
    Evidence: observed (the cookies, the domains, the frames), assumed (how it is told which of them it was)
    """
    if visit.framed and visit.unapproved is not None:
        return unapproved(visit, visit.unapproved)
    if visit.framed and not visit.path:
        return login_page_in_frame(visit)
    for sign_in in history.by(visit.browser):
        found = _after(visit, sign_in, instances, goes_on=history.goes_on(sign_in))
        if found is not None:
            return found
    if visit.framed and visit.instance.cookie_same_site != "None":
        return same_site(visit)
    if visit.framed and visit.storage_access in WITHOUT_COOKIES:
        return blocked_cookies(visit)
    if visit.framed:
        return nobody(visit, somebody=bool(history.to(visit.instance.instance_id)))
    if visit.around:
        return opened_by_page(visit)
    return opened_directly(visit)


def _after(
    visit: Visit, sign_in: InstanceSignIn, instances: tuple[Instance, ...], *, goes_on: bool
) -> ConnectRefusal | None:
    """Returns why a browser that signed in earlier has no session here, or None where that sign-in explains nothing."""
    if sign_in.instance_id != visit.instance.instance_id:
        other = next((each for each in instances if each.instance_id == sign_in.instance_id), None)
        return other_instance(visit, sign_in, other) if goes_on and visit.framed and other is not None else None
    if not goes_on:
        return session_over(visit, sign_in)
    if sign_in.base_url != visit.base_url:
        return other_domain(visit, sign_in)
    if not visit.framed:
        return None
    if visit.instance.cookie_same_site != "None":
        return same_site(visit, sign_in)
    return None if visit.storage_access == "active" else blocked_cookies(visit, sign_in)
