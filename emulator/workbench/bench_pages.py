"""The bench: a message under every check, changed as one likes, signed again or left broken, and posted.

GET  /workbench/bench   an empty bench; with ?login=NUMBER that login's message on it
POST /workbench/bench   do=read takes a text or a file; do=judge, sign, sign-in, sts or compare goes on with the message
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from flask import Blueprint, abort, render_template, request
from markupsafe import Markup

from emulator.diagnosis.login_result import LoginResult, result_of
from emulator.federation import Federation
from emulator.flow import Login, post_call, post_message
from emulator.inspection.edited_fields import count_of_fields, fields_of, with_fields
from emulator.inspection.edited_message import (
    count_of_rows,
    pairs_of,
    rows_of,
    saml_response_of,
    sign_in_address,
    signed_again,
    with_rows,
    xml_of,
)
from emulator.inspection.judging import inspect
from emulator.inspection.message_difference import Difference, differences
from emulator.inspection.verdicts import Inspection
from emulator.journeys.journey import Journey
from emulator.journeys.journeys import journeys_of
from emulator.kernel.errors import FederationError
from emulator.kernel.partitions import partition_of_arn
from emulator.kernel.records import dataclass
from emulator.network.forms import first_values
from emulator.network.gateway import MAX_PASTED_BYTES
from emulator.recordings.file_text import WHAT_TO_GIVE
from emulator.recordings.recording import read_recording
from emulator.reports.run.html_message import judged_section
from emulator.workbench.pages import words, workbench
from emulator.workbench.report_words import report_words, why_rows

bench = Blueprint("bench", __name__)

_FIELDS = frozenset({"SAMLResponse", "SAMLAssertion"})
_MOST_SHOWN_AGAIN = 200_000
_MOST_DIFFERENCES = 200
_MOST_OTHERS = 50


@dataclass(frozen=True, slots=True)
class _Laid:
    """The message on the bench.

    Args:
        saml_response: Message in base64; empty for none.
        xml: Its XML; empty where it has none that can be edited.
        relay_state: The field posted with it.
        role: Role to ask about; empty for the message's first.
        at: When it was posted, in ISO 8601; empty where that is unknown.
        is_now: Whether it is judged as if it were posted now.
    """

    saml_response: str = ""
    xml: str = ""
    relay_state: str = ""
    role: str = ""
    at: str = ""
    is_now: bool = False


@bench.get("/workbench/bench")
def show_bench() -> str | tuple[str, int]:
    """Shows an empty bench, or a login's message on it."""
    number = request.args.get("login", "")
    if not number:
        return _page(_Laid())
    if _is_closed():
        return _page(_Laid(), problem=words()("bench_closed")), 409
    return _page(_of_login(_number(number)))


@bench.post("/workbench/bench")
def work() -> str | tuple[str, int]:
    """Judges what was pasted or edited; signs and posts it on request."""
    what = request.form.get("do", "judge")
    if _is_closed() and (what in {"sign", "sign-in", "sts"} or request.form.get("other-login")):
        return _page(_Laid(), problem=words()("bench_closed")), 409
    laid = _Laid()
    try:
        if what == "read":
            laid, count = _of_pasted(_given())
            return _page(laid, told=words()("bench_of_several", count=count) if count > 1 else "")
        laid = _changed()
        if what == "sign":
            xml = signed_again(laid.xml, _federation())
            return _page(_with_xml(laid, xml), told=words()("bench_signed"))
        if what == "compare":
            return _page(laid, differs=_differences(laid))
        posted = _posted(laid, at_sts=what == "sts") if what in {"sign-in", "sts"} else None
        return _page(laid, posted=posted)
    except FederationError as error:
        return _page(laid if laid.xml else _of_form(request.form.get("xml", "")), problem=_told(error)), 400


def _told(error: FederationError) -> str:
    wanted = f"; want {error.expected}" if error.expected else ""
    return " ".join(filter(None, (f"{error.message}{wanted}", error.explanation, error.fix)))


def _page(
    laid: _Laid,
    *,
    problem: str = "",
    told: str = "",
    posted: LoginResult | None = None,
    differs: Sequence[Difference] | None = None,
) -> str:
    judged = _judged(laid) if laid.saml_response else None
    rows, given = rows_of(laid.xml) if laid.xml else (), request.form.get("given", "") if problem else ""
    fields = fields_of(laid.xml) if laid.xml else ()
    in_words = report_words(words())
    section = judged_section(judged, key="line", words=in_words) if judged is not None else ""
    diagnosis = posted.diagnosis if posted is not None else None
    return render_template(
        "bench.html",
        laid=laid,
        rows=rows,
        more_rows=count_of_rows(laid.xml) - len(rows) if rows else 0,
        fields=fields,
        more_fields=count_of_fields(laid.xml) - len(fields) if fields else 0,
        pairs=pairs_of(laid.saml_response) if laid.saml_response else (),
        judged=judged,
        section=Markup(section),  # noqa: S704 - the report's own HTML, in which every text is escaped
        problem=problem,
        told=told,
        posted=posted,
        number=_number_of(posted.login) if posted is not None else 0,
        why=why_rows(diagnosis, in_words) if diagnosis is not None else None,
        differences=differs,
        most_differences=_MOST_DIFFERENCES,
        other=request.form.get("other", ""),
        others=() if _is_closed() else _kept_logins(),
        other_login=request.form.get("other-login", ""),
        given=given if len(given) <= _MOST_SHOWN_AGAIN else "",
        most_bytes=MAX_PASTED_BYTES,
        closed=_is_closed(),
    )


def _judged(laid: _Laid) -> Inspection | None:
    """Returns the results of all checks on the message, as it was posted or as if it were posted now."""
    now = _federation().clock.now() if laid.is_now else _instant(laid.at)
    try:
        return inspect(laid.saml_response, federation=_federation(), now=now, role_arn=laid.role or None)
    except FederationError:
        return None


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _of_login(number: int) -> _Laid:
    """Returns the message that a login posted."""
    journey = next((each for each in journeys_of(_federation()).all() if each.number == number), None)
    for exchange in journey.exchanges if journey is not None else ():
        form = first_values(exchange.form)
        message = next((form[name] for name in _FIELDS if form.get(name)), "")
        if message:
            return _Laid(
                message,
                xml_of(message),
                form.get("RelayState", ""),
                form.get("RoleArn", "") or (journey.role if journey is not None else ""),
                exchange.started_at.isoformat(),
            )
    return abort(404)


def _given() -> bytes:
    """Returns the chosen file, or else the pasted text."""
    file = request.files.get("file")
    content = file.read() if file is not None else b""
    return content or request.form.get("given", "").encode()


def _of_pasted(given: bytes) -> tuple[_Laid, int]:
    """Returns the last message in the input, and the number of messages.

    Raises:
        FederationError: there is no message, or it cannot be read.
    """
    logins = [each for each in read_recording(given).logins if each.saml_response]
    if not logins:
        raise FederationError("There is no SAMLResponse in it", expected=WHAT_TO_GIVE)
    login = logins[-1]
    at = login.posted_at.isoformat() if login.posted_at is not None else ""
    message = login.saml_response
    return _Laid(message, xml_of(message), login.relay_state or "", login.role_arn, at), len(logins)


def _changed() -> _Laid:
    """Returns the form's content, with edited fields and rows put into the XML."""
    xml = request.form.get("xml", "").replace("\r\n", "\n")
    form = request.form.to_dict()
    return _of_form(with_rows(with_fields(xml, form), form))


def _of_form(xml: str) -> _Laid:
    form = request.form
    laid = _Laid(
        relay_state=form.get("relay-state", ""),
        role=form.get("role", "").strip(),
        at=form.get("at", ""),
        is_now="now" in form,
    )
    return _with_xml(laid, xml) if xml.strip() else laid


def _with_xml(laid: _Laid, xml: str) -> _Laid:
    return _Laid(saml_response_of(xml), xml, laid.relay_state, laid.role, laid.at, laid.is_now)


def _posted(laid: _Laid, *, at_sts: bool) -> LoginResult:
    """Posts the message in this federation, as a browser or a command-line client would, and shows the answer."""
    before = _federation().gateway.exchanges
    with journeys_of(_federation()).begun_anew():
        login = _call(laid) if at_sts else _post(laid)
    return result_of(login, _federation(), before=before)


def _post(laid: _Laid) -> Login:
    return post_message(
        _federation().browser(),
        sign_in_address(laid.saml_response, _federation()),
        saml_response=laid.saml_response,
        relay_state=laid.relay_state,
        role=laid.role or None,
    )


def _call(laid: _Laid) -> Login:
    pairs = pairs_of(laid.saml_response)
    named = (pair for pair in pairs if laid.role in {"", pair.role_arn, pair.role_arn.rpartition("/")[2]})
    pair = next(named, None)
    role = pair.role_arn if pair is not None else laid.role
    parameters = {
        "Action": "AssumeRoleWithSAML",
        "Version": "2011-06-15",
        "RoleArn": role,
        "PrincipalArn": pair.provider_arn if pair is not None else (pairs[0].provider_arn if pairs else ""),
        "SAMLAssertion": laid.saml_response,
    }
    return post_call(_federation().browser(), f"https://{partition_of_arn(role).sts_host}/", parameters)


def _number_of(login: Login) -> int:
    """Returns the number of the login that was made by posting the message; 0 where it is not kept."""
    last = login.exchanges[-1] if login.exchanges else None
    kept = reversed(journeys_of(_federation()).all())
    return next((each.number for each in kept if any(one is last for one in each.exchanges)), 0)


def _differences(laid: _Laid) -> Sequence[Difference]:
    """Returns how the message on the bench differs from another one that was pasted.

    Raises:
        FederationError: one of them cannot be read.
    """
    number = request.form.get("other-login", "")
    other = _of_login(_number(number)) if number else _of_pasted(request.form.get("other", "").encode())[0]
    return differences(other.saml_response, laid.saml_response)


def _kept_logins() -> list[Journey]:
    """Returns the last logins that posted a message, the newest first."""
    kept = (each for each in reversed(journeys_of(_federation()).all()) if each.message is not None)
    return list(islice(kept, _MOST_OTHERS))


def _federation() -> Federation:
    return workbench().federation


def _is_closed() -> bool:
    """Returns whether signing is refused: with Okta's side alone the real AWS would accept the message."""
    return workbench().federation.only == "idp"
