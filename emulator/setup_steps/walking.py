"""The walk through the consoles for everything that a world has to be set up, judged by the check of the world.

What stops a login is found by ``emulator.diagnosis.world_check``, and put to the step whose setting is behind it: the
two cannot disagree. What no login reaches, because nobody has the app yet, is found by what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from emulator.access.decision import Decision
from emulator.diagnosis.setting_checks import contradictions
from emulator.diagnosis.world_check import WorldCheck, check_world
from emulator.federation import Federation
from emulator.kernel.errors import FederationError, Problem
from emulator.kernel.records import dataclass
from emulator.setup_steps.app_steps import AppSteps, steps_elsewhere
from emulator.setup_steps.blame import blamed, concerns, reasons_for
from emulator.setup_steps.connect_steps import custom_ccp_step, destination_step, instance_step, users_step
from emulator.setup_steps.iam_steps import (
    federation_policy_step,
    provider_step,
    reading_policy_step,
    role_step,
    user_step,
)
from emulator.setup_steps.people_steps import assignment_step, login_step
from emulator.setup_steps.places import Places
from emulator.setup_steps.provisioning_step import provisioning_step
from emulator.setup_steps.step import Step, Walk
from emulator.setup_steps.subject import Subject
from emulator.setup_steps.subjects import subjects_of


@dataclass(frozen=True, slots=True)
class SetUp:
    """What there is to be set up in a world.

    Args:
        file: The world file.
        walks: The set-up of each app.
        others: What stops somebody and belongs to none of them.
        decisions: How the logins to the apps end.
        left_out: How much the world's seeds hold and the world does not: of that no step knows.
    """

    file: str
    walks: tuple[Walk, ...]
    others: tuple[Problem, ...] = ()
    decisions: tuple[Decision, ...] = ()
    left_out: int = 0

    @property
    def stops(self) -> bool:
        """Whether something is left to do without which logins do not arrive."""
        return bool(self.others) or any(walk.stops for walk in self.walks)

    def as_json(self) -> dict[str, Any]:
        """Everything as JSON data."""
        others = [{"message": each.message, "place": str(each.location), "fix": each.fix} for each in self.others]
        apps = [walk.as_json() for walk in self.walks]
        return {"file": self.file, "apps": apps, "others": others, "left_out": self.left_out}


def set_up_of(federation: Federation, *, app: str = "", found: WorldCheck | None = None) -> SetUp:
    """Returns what there is to be set up in a world.

    Args:
        federation: The world made real, for this alone: its record of calls is changed.
        app: The one app that is asked for, by name or ``org/name``; all unless given.
        found: What the check of the same world has found; it is checked here unless given.

    Raises:
        FederationError: there is no such app, or nothing to be set up.
    """
    found = found or check_world(federation)
    subjects = subjects_of(federation, found.access)
    if app:
        federation.find_app(app)
        subjects = tuple(each for each in subjects if app in {each.name, each.app_name})
        if not subjects:
            raise FederationError(f"{app} is not for AWS", fix="`fedemu explain --setup` shows those that are.")
    if not subjects:
        raise FederationError(
            "There is nothing to set up: the world has no app for AWS, no SAML provider and no instance",
            fix="`fedemu init` writes a world to begin with.",
        )
    contradicting = tuple(contradictions(federation))
    walks = tuple(_walk(subject, found, contradicting) for subject in subjects)
    decisions = tuple(each for subject in subjects for each in subject.decisions)
    others = () if app else tuple(_others(subjects, walks, found))
    left_out = sum(len(seed.left_out) for seed in federation.world.seeds)
    return SetUp(found.file, walks, others, decisions, left_out)


def _others(subjects: Iterable[Subject], walks: Sequence[Walk], found: WorldCheck) -> list[Problem]:
    """Returns the findings that belong to none of the set-ups."""
    both = list(zip(subjects, walks, strict=True))
    return [
        each.problem
        for each in found.findings
        if not any(concerns(each.problem, subject, walk.steps) for subject, walk in both)
    ]


def _walk(subject: Subject, found: WorldCheck, contradicting: Iterable[Problem]) -> Walk:
    places = Places(subject.world)
    steps = [step for step in _steps(subject, places) if step is not None]
    for reason in reasons_for(subject, steps, found, contradicting):
        steps = blamed(steps, reason, subject)
    instances = tuple(instance.instance_id for instance in subject.instances)
    return Walk(_title(subject), subject.name, subject.accounts, instances, tuple(steps))


def _title(subject: Subject) -> str:
    accounts = ", ".join(subject.accounts)
    account = f"AWS account{'s' if len(subject.accounts) > 1 else ''} {accounts}" if accounts else "no AWS account"
    instances = ", ".join(f"Amazon Connect instance {each.settings.alias}" for each in subject.instances)
    way = ", ".join(filter(None, (account, instances)))
    if subject.settings is not None:
        return f"{subject.name} ({subject.settings.label}): {way}"
    if not subject.has_provider:
        return f"Neither app nor SAML provider yet: {way}"
    return f"{subject.provider_arn}, whose identity provider is not in this world: {way}"


def _steps(subject: Subject, places: Places) -> list[Step | None]:
    """Returns the steps in the order of the walk; without Amazon Connect those of it are left out."""
    settings = subject.settings
    elsewhere = steps_elsewhere(subject) if settings is None else {}
    app = AppSteps(subject, settings, places) if settings is not None else None
    is_connect = subject.leads_to_connect
    is_okta_aws = settings is not None and not subject.is_custom and subject.style == "okta"
    # Roles that come from the names of groups need not be read.
    reads_roles = is_okta_aws and settings is not None and (settings.provisioning or not settings.use_group_mapping)
    return [
        instance_step(subject, places) if is_connect else None,
        app.app_step() if app is not None else elsewhere["app"],
        reading_policy_step(subject, places) if reads_roles else None,
        federation_policy_step(subject, places) if is_connect else None,
        user_step(subject, places) if reads_roles else None,
        provider_step(subject, places),
        role_step(subject, places),
        app.sign_on_step() if app is not None else elsewhere["sign-on"],
        provisioning_step(subject, settings, places) if settings is not None and reads_roles else None,
        assignment_step(subject, settings, places) if settings is not None else None,
        users_step(subject, places) if is_connect else None,
        login_step(subject, settings) if settings is not None else None,
        destination_step(subject, places) if subject.instances else None,
        custom_ccp_step(subject, places) if subject.instances else None,
    ]
