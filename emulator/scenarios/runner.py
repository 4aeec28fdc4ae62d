"""Scenarios: a login with deviations, and what must come of it. YAML in, results out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from emulator.browser import Browser
from emulator.building.faults import fault_text, read_fault
from emulator.federation import Federation
from emulator.flow import Login, Outcome, Pauses, assume_role, log_in, visit
from emulator.kernel.clock import Clock, Ids, parse_span
from emulator.kernel.errors import ExpectationFailed, FederationError, FlowError, Problem, Refusal, ScenarioError
from emulator.network.keys import KeyFolder
from emulator.reports.text import refusal_of
from emulator.world import World, change_world, load_world
from emulator.worldfile.world_schema import IpAddress, Shape
from emulator.worldfile.yaml_file import Document, check_shape, read_documents, suggestion

BUILT_IN = Path(__file__).parents[2] / "scenarios"
START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


def _span(text: str) -> str:
    parse_span(text)
    return text


Span = Annotated[str, AfterValidator(_span)]


class LoginShape(Shape):
    """Who logs in to what, and how."""

    user: str
    app: str
    relay_state: str | None = None
    destination: str | None = None
    role: str | None = None
    via: Literal["browser", "sts"] = "browser"
    provider: str | None = None
    duration_seconds: int | None = None
    same_browser: bool = False
    source_ip: IpAddress | None = None
    """The address that the login comes from; the user's own unless given, else ``127.0.0.1``."""
    pause_before_posting: Span = "0s"
    pause_before_role: Span = "0s"

    @model_validator(mode="after")
    def one_relay_state(self) -> LoginShape:
        """Refuses two ways to say where to land."""
        if self.relay_state is not None and self.destination is not None:
            raise ValueError("give either relay_state or destination, which is added to the app's default relay state")
        return self


class FrameShape(Shape):
    """A page of the origin ``by`` shows ``url`` in an iframe.

    Without ``referer`` its Referrer-Policy tells no origin; without ``third_party_cookies`` the browser blocks them.
    """

    url: str
    by: str
    referer: bool = True
    third_party_cookies: bool = True


class StepShape(Shape):
    """Something that happens after the login: time passes, a page is opened or framed, the person begins anew."""

    wait: Span | None = None
    open: str | None = None
    frame: FrameShape | None = None
    login: LoginShape | None = None


class ExpectShape(Shape):
    """What must come of it. ``message`` is the service's words exactly; ``page`` must be on the last page."""

    outcome: Literal["accepted", "refused", "stopped"]
    lands_on: str | None = None
    role: str | None = None
    session_name: str | None = None
    service: str | None = None
    check: str | None = None
    code: str | None = None
    status: int | None = None
    message: str | None = None
    why: str | None = None
    page: str | None = None
    note: str | None = None
    oracle: Literal["documented", "observed", "spec", "assumed"]


class ScenarioShape(Shape):
    """One document of a scenario file."""

    scenario: str
    id: str
    extends: str | None = None
    world: str | None = None
    tags: list[str] = []
    matrix: dict[str, list[str]] = {}
    changes: dict[str, Any] = {}
    faults: list[dict[str, Any]] = []
    login: LoginShape | None = None
    then: list[StepShape] = []
    expect: ExpectShape = Field()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario ready to run."""

    shape: ScenarioShape
    world: World
    document: Document

    @property
    def title(self) -> str:
        """Its sentence."""
        return self.shape.scenario

    @property
    def id(self) -> str:
        """Its short name."""
        return self.shape.id


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a scenario. ``mismatches`` is empty when everything was as expected."""

    scenario: Scenario
    mismatches: tuple[str, ...]
    explanation: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.mismatches

    def require(self) -> None:
        """Raises when something was not as expected.

        Raises:
            ExpectationFailed: also an AssertionError, with every mismatch and the refusal's block.
        """
        if self.mismatches:
            raise ExpectationFailed("\n".join((*self.mismatches, self.explanation)).rstrip())


def find_scenarios(paths: Sequence[Path]) -> list[Scenario]:
    """Reads every scenario in files and folders; world files are left out.

    Raises:
        ScenarioError: a file cannot be used.
        WorldError: a scenario's world cannot be used.
    """
    files: list[Path] = []
    for path in paths:
        files += sorted(p for p in path.rglob("*.yaml") if p.parent.name != "worlds") if path.is_dir() else [path]
    worlds: dict[Path, World] = {}
    return [scenario for file in files for scenario in read_scenarios(file, worlds)]


def read_scenarios(path: Path, worlds: dict[Path, World] | None = None) -> Iterator[Scenario]:
    """Reads the scenarios of one file; ``worlds`` remembers those already read."""
    worlds = {} if worlds is None else worlds
    earlier: dict[str, dict[str, Any]] = {}
    for document in read_documents(path, error=ScenarioError):
        whole = _with_base(document, earlier)
        for variant in _variants(whole):
            shape = check_shape(ScenarioShape, variant, error=ScenarioError)
            yield Scenario(shape, _world_of(shape, variant, path, worlds), variant)


def _with_base(document: Document, earlier: dict[str, dict[str, Any]]) -> Document:
    """Fills in what a scenario takes over from the one it extends: everything but its expectation and its names."""
    data = document.data
    if not isinstance(data, dict):
        raise ScenarioError(
            [Problem(document.location(()), "this is not a scenario", "a mapping with scenario and expect")]
        )
    base_id = data.get("extends")
    if isinstance(base_id, str):
        if base_id not in earlier:
            problem = Problem(
                document.location(("extends",)),
                f"no earlier scenario of this file has the id {base_id}",
                ", ".join(earlier) or "an earlier scenario",
                suggestion(base_id, list(earlier)),
            )
            raise ScenarioError([problem])
        inherited = {k: v for k, v in earlier[base_id].items() if k in {"world", "changes", "faults", "login", "then"}}
        merged = {**inherited, **data}
        for name in ("login", "changes"):
            if isinstance(inherited.get(name), dict) and isinstance(data.get(name), dict):
                merged[name] = {**inherited[name], **data[name]}
        data = merged
    if isinstance(data.get("id"), str):
        earlier[data["id"]] = data
    return Document(document.file, data, document.lines)


def _variants(document: Document) -> Iterator[Document]:
    """Multiplies a scenario by its matrix; ``{name}`` in any text stands for the value."""
    matrix = document.data.get("matrix")
    if not isinstance(matrix, dict) or not all(isinstance(values, list) for values in matrix.values()):
        yield document
        return
    for number, values in enumerate(itertools.product(*matrix.values()), 1):
        chosen = dict(zip(matrix, map(str, values), strict=True))
        data = {k: v if k == "matrix" else _fill(v, chosen) for k, v in document.data.items()}
        data["id"] = f"{data.get('id')}-{number}"
        yield Document(document.file, data, document.lines)


def _fill(node: Any, chosen: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {_fill(key, chosen): _fill(value, chosen) for key, value in node.items()}
    if isinstance(node, list):
        return [_fill(value, chosen) for value in node]
    if isinstance(node, str):
        for name, value in chosen.items():
            node = node.replace("{" + name + "}", value)
    return node


def _world_of(shape: ScenarioShape, document: Document, path: Path, worlds: dict[Path, World]) -> World:
    if shape.world is None:
        raise ScenarioError([Problem(document.location(()), "the key world is missing", "the path of a world file")])
    file = (path.parent / shape.world).resolve()
    if file not in worlds:
        worlds[file] = load_world(file)
    if not shape.changes:
        return worlds[file]
    try:
        return change_world(worlds[file], shape.changes)
    except (KeyError, ValueError, IndexError) as error:
        problem = Problem(
            document.location(("changes",)), f"the pointer {error} leads nowhere", "a JSON pointer into the world"
        )
        raise ScenarioError([problem]) from None


def run_scenario(scenario: Scenario, *, keys: KeyFolder | None = None) -> Result:
    """Runs a scenario in a federation of its own, with a frozen clock.

    Args:
        scenario: What to run.
        keys: Where signing keys are kept; the data folder by default.

    Raises:
        FederationError: the scenario cannot be run as it is written.
    """
    began = perf_counter()
    federation = Federation(scenario.world, clock=Clock(frozen_at=START), ids=Ids(seed=1), keys=keys)
    login, stopped = _play(scenario, federation)
    mismatches = _compare(scenario.shape.expect, login, stopped)
    explanation = stopped
    if login is not None and scenario.shape.login is not None:
        provider, app = federation.find_app(scenario.shape.login.app)
        planted = tuple(fault_text(fault) for fault in scenario.shape.faults)
        explanation = refusal_of(login, scenario.world, org=provider.org.name, app=app.name, faults=planted)
    return Result(scenario, tuple(mismatches), explanation, perf_counter() - began)


def refusal_in(scenario: Scenario) -> Refusal | None:
    """Runs a scenario and returns the refusal it ends in, expected or not.

    Raises:
        FederationError: the scenario cannot be run as it is written.
    """
    federation = Federation(scenario.world, clock=Clock(frozen_at=START), ids=Ids(seed=1))
    login, _ = _play(scenario, federation)
    return login.refusal if login is not None else None


def _play(scenario: Scenario, federation: Federation) -> tuple[Login | None, str]:
    """Returns the last login or visit, and why the browser stopped, if it did."""
    shape = scenario.shape
    browser = federation.browser()
    login: Login | None = None
    try:
        if shape.login is not None:
            _plan(shape, shape.login, federation)
            login = _make_login(shape.login, federation, browser)
        for step in shape.then:
            if step.wait is not None:
                federation.clock.advance(parse_span(step.wait))
            if step.open is not None:
                login = visit(browser, step.open, before=login)
            if step.frame is not None:
                frame = browser.frame(
                    by=step.frame.by,
                    sends_referer=step.frame.referer,
                    third_party_cookies=step.frame.third_party_cookies,
                )
                login = visit(frame, step.frame.url, before=login)
            if step.login is not None:
                browser = browser if step.login.same_browser else federation.browser()
                login = _make_login(step.login, federation, browser)
    except FlowError as error:
        return login, str(error.message)
    return login, ""


def _plan(shape: ScenarioShape, login: LoginShape, federation: Federation) -> None:
    provider, app = federation.find_app(login.app)
    provider.faults.inject(app.name, login.user, tuple(read_fault(fault) for fault in shape.faults))


def _make_login(shape: LoginShape, federation: Federation, browser: Browser) -> Login:
    pauses = _pauses(shape)
    if shape.via == "sts":
        return assume_role(
            federation,
            user=shape.user,
            app=shape.app,
            role=shape.role,
            provider=shape.provider,
            duration_seconds=shape.duration_seconds,
            pauses=pauses,
            source_ip=shape.source_ip,
        )
    _, app = federation.find_app(shape.app)
    relay_state = _relay_state(shape, app.default_relay_state)
    return log_in(
        federation,
        user=shape.user,
        app=shape.app,
        relay_state=relay_state,
        role=shape.role,
        browser=browser,
        pauses=pauses,
        source_ip=shape.source_ip,
    )


def _pauses(login: LoginShape) -> Pauses:
    return Pauses(
        before_posting=parse_span(login.pause_before_posting), before_role=parse_span(login.pause_before_role)
    )


def _relay_state(login: LoginShape, default: str) -> str | None:
    if login.destination is not None:
        return f"{default}?destination={login.destination}"
    return login.relay_state


def _compare(expect: ExpectShape, login: Login | None, stopped: str) -> Iterator[str]:
    outcome = "stopped" if stopped or login is None else login.outcome.value
    received: dict[str, str] = {"outcome": outcome}
    if stopped:
        received["message"] = stopped
    if login is not None:
        refusal = login.refusal if login.outcome is Outcome.REFUSED else None
        received |= {"lands_on": login.lands_on, "role": login.role, "session_name": login.session_name}
        if refusal is not None and not stopped:
            received |= {
                "service": refusal.service,
                "check": refusal.check,
                "code": refusal.code,
                "status": str(refusal.status),
                "message": refusal.message,
                "why": refusal.explanation,
            }
    for name, wanted in expect.model_dump(exclude={"oracle", "page", "note"}, exclude_none=True).items():
        if str(wanted) != received.get(name, ""):
            yield f"{name}: expected {wanted!s}, received {received.get(name, '') or 'nothing'}"
    if expect.page is not None and (login is None or expect.page not in login.page.visible_text):
        shown = login.page.visible_text[:200] if login else ""
        yield f"page: expected to read {expect.page!r}, the page says {shown!r}"
    if expect.note is not None and (login is None or expect.note not in login.notes):
        yield f"note: expected {expect.note}, received {', '.join(login.notes) if login else 'nothing'}"


def run_all(scenarios: Sequence[Scenario]) -> Iterator[Result]:
    """Runs scenarios one after another; one that cannot be run as written counts as failed."""
    for scenario in scenarios:
        began = perf_counter()
        try:
            yield run_scenario(scenario)
        except FederationError as error:
            yield Result(scenario, (f"it cannot be run: {error}",), "", perf_counter() - began)
