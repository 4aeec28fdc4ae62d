"""The logins as they happen, the newest first, and each with its journey.

GET  /                              the logins: ?q= words in them, ?outcome= how they ended
GET  /workbench/logins/NUMBER       a login: its hops, the assertion with every check, why it did not arrive, the fix
GET  /workbench/logins/NUMBER/har   its requests and answers as an HTTP Archive
GET  /workbench/logins/NUMBER/scenario  a scenario that makes it again
GET  /workbench/refusals/NUMBER     leads from the page that showed a refusal to its login
POST /workbench/logins/NUMBER/fix   writes the fix that was tried into the world file
POST /workbench/logins/clear        forgets what happened so far
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from emulator.diagnosis.live import diagnosis_of_exchange
from emulator.diagnosis.login_result import LoginResult
from emulator.diagnosis.steps import step_name
from emulator.federation import Federation
from emulator.fixes.live import Seen
from emulator.fixes.writing import Files
from emulator.inspection.judging import inspect
from emulator.inspection.verdicts import Inspection
from emulator.journeys.journey import Journey
from emulator.journeys.journeys import Journeys, journeys_of
from emulator.kernel.errors import FederationError
from emulator.kernel.version import version
from emulator.network.trace import Exchange, as_text, to_har_of_pages
from emulator.reports.run.html_login import ENDED, hop_list, notes_block
from emulator.reports.run.html_message import message_section
from emulator.workbench.applying import applying
from emulator.workbench.kept_logins import LoginRow, curl_commands, login_rows, other_exchanges
from emulator.workbench.kept_scenarios import scenario_of
from emulator.workbench.pages import alias, words, workbench
from emulator.workbench.report_words import report_words, step_words, why_rows
from emulator.workbench.value_origins import value_origins

logins = Blueprint("logins", __name__)

OUTCOMES = ("accepted", "elsewhere", "refused", "unfinished")


@logins.get("/")
def show() -> str:
    """Shows the logins."""
    wanted, outcome = request.args.get("q", ""), request.args.get("outcome", "")
    rows = [each for each in login_rows(_journeys()) if _is_meant(each, wanted, outcome)]
    others = other_exchanges(_journeys(), _federation()) if not (wanted or outcome) else []
    return render_template("logins.html", others=others, rows=rows, q=wanted, outcome=outcome, outcomes=OUTCOMES)


@logins.get("/workbench/logins/<int:number>")
def show_login(number: int) -> str:
    """Shows one login."""
    journey, in_words = _journey(number), report_words(words())
    federation = _federation()
    seen = journey.seen(federation)
    steps = [(step_name(each, federation.hosts), each) for each in journey.exchanges]
    drawing = [(in_words(name), each) for name, each in steps]
    for_both = {
        "drawing": drawing,
        "journey": journey,
        "seen": seen,
        "in_words": in_words,
        "steps": step_words(words()),
    }
    if seen is None:
        return render_template("login.html", **for_both, hops=hop_list(steps, in_words, key="hop"))
    result, fixless = _with_fixes(journey, seen.result)
    is_shown, diagnosis = federation.only != "idp", result.diagnosis
    fixes = diagnosis.fixes if diagnosis is not None else ()
    after = steps[len(result.login.exchanges) :]
    later = next((d for _, each in reversed(after) if (d := diagnosis_of_exchange(each, federation)) is not None), None)
    return render_template(
        "login.html",
        **for_both,
        ended=in_words(ENDED[result.login.outcome]),
        why=why_rows(diagnosis, in_words) if diagnosis is not None else None,
        notes=notes_block(result, in_words),
        hops=hop_list(list(result.steps), in_words, key="hop"),
        after=hop_list(after, in_words, key="hop", first=len(steps) - len(after) + 1) if after else "",
        why_later=why_rows(later, in_words) if later is not None else None,
        origins=list(value_origins(journey, seen, federation)),
        message=message_section(result, _judged(journey, result), key="line", words=in_words, heading="h2"),
        offer=applying(fixes, workbench(), words()),
        fixless="" if fixes else fixless,
        has_har=is_shown,
        scenario=scenario_of(journey, seen, federation),
        curl=curl_commands(_at_aliases(journey.exchanges)) if is_shown else [],
    )


@logins.get("/workbench/logins/<int:number>/har")
def har(number: int) -> Response:
    """Sends a login's requests and answers."""
    journey = _journey(number)
    _require_no_credential()
    page = [(f"{journey.user} opens {journey.app}", journey.exchanges)]
    text = as_text(to_har_of_pages(page, version=version(), comment=f"login {number}: {journey.outcome}"))
    return _file(text, f"login-{number}.har", "application/json")


@logins.get("/workbench/logins/<int:number>/scenario")
def scenario(number: int) -> Response:
    """Sends a scenario that repeats the login."""
    journey = _journey(number)
    seen = journey.seen(_federation())
    text = scenario_of(journey, seen, _federation()) if seen is not None else ""
    if not text:
        abort(404)
    return _file(text, f"login-{number}.fedemu.yaml", "application/yaml")


@logins.get("/workbench/refusals/<int:number>")
def refusal(number: int) -> AnyResponse:
    """Leads to the login in which a refusal was shown, or to all of them where it was in none."""
    journey = workbench().refusals.login(number, _journeys())
    return redirect(f"/workbench/logins/{journey.number}" if journey is not None else "/")


@logins.post("/workbench/logins/<int:number>/fix")
def fix(number: int) -> AnyResponse | tuple[str, int]:
    """Writes the first tried fix into the world file, which is then served at once."""
    journey = _journey(number)
    seen = journey.seen(_federation())
    result = _with_fixes(journey, seen.result)[0] if seen is not None else None
    fixes = result.diagnosis.fixes if result is not None and result.diagnosis is not None else ()
    offer = applying(fixes, workbench(), words())
    written = offer.fix
    if written is None:
        return render_template("problem.html", problem=" ".join(offer.told) or words()("fix_unknown")), 409
    files = Files(_federation().world.document.file)
    try:
        problem = files.change(written.changes)
        if not problem:
            files.write()
    except FederationError as error:
        problem = str(error)
    if problem:
        return render_template("problem.html", problem=problem), 409
    return redirect(f"/workbench/logins/{number}", 303)


@logins.post("/workbench/logins/clear")
def clear() -> AnyResponse:
    """Deletes the logins recorded so far."""
    _journeys().forget()
    _federation().gateway.forget()
    return redirect("/", 303)


def _at_aliases(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Returns requests with local addresses, so that a pasted command is not sent to the real host."""
    return [replace(each, url=alias(each.url)) for each in exchanges]


def _file(text: str, name: str, kind: str) -> Response:
    return Response(text, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _federation() -> Federation:
    return workbench().federation


def _require_no_credential() -> None:
    """Refuses to hand out an assertion that the real AWS would accept."""
    if workbench().federation.only == "idp":
        abort(409)


def _journeys() -> Journeys:
    return journeys_of(workbench().federation)


def _journey(number: int) -> Journey:
    found = next((each for each in _journeys().all() if each.number == number), None)
    return found if found is not None else abort(404)


def _is_meant(row: LoginRow, wanted: str, outcome: str) -> bool:
    return outcome in {"", row.outcome} and all(word in row.text.casefold() for word in wanted.casefold().split())


def _with_fixes(journey: Journey, result: LoginResult) -> tuple[LoginResult, str]:
    """Returns the result of a login with the fixes known by now, and a word for where there are none."""
    fixes = workbench().fixes
    refused = next((each for each in reversed(journey.exchanges) if each.refusal is not None), None)
    if fixes is None or refused is None or result.diagnosis is None:
        return result, ""
    diagnosis = diagnosis_of_exchange(refused, _federation())
    if diagnosis is None:
        return result, "no_fix"
    # Asked first: a search that ends meanwhile would look as if it had found nothing.
    has_looked = fixes().has_looked(diagnosis)
    result = result.with_fixes(fixes().added(diagnosis, Seen.of_exchange(refused, _federation())).fixes)
    if not has_looked:
        return result, "fixes_are_tried"
    return result, "arrives_now" if fixes().arrives_now(diagnosis) else "no_fix"


def _judged(journey: Journey, result: LoginResult) -> Inspection | None:
    """Returns the results of all checks on the message that a login posted to AWS."""
    posted = next(
        (e for e in journey.exchanges if any(n in {"SAMLResponse", "SAMLAssertion"} for n, _ in e.form)), None
    )
    message = result.login.saml_response
    if posted is None or not message:
        return None
    try:
        return inspect(message, federation=_federation(), now=posted.started_at, role_arn=result.login.role or None)
    except FederationError:
        return None
