"""The steps in Amazon Connect: the instance, its users, and a page of one's own around the CCP."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, urlsplit

from emulator.access.decision import Decision
from emulator.network.forms import first_values
from emulator.setup_steps.identity_providers import field_of
from emulator.setup_steps.places import Places, joined
from emulator.setup_steps.step import Step, Value, Verdict
from emulator.setup_steps.subject import InstanceHere, Subject

SAML = "SAML"
_SAML_IN_CONSOLE = "SAML 2.0-based authentication"
_IDENTITY_MANAGEMENT = {
    SAML: _SAML_IN_CONSOLE,
    "CONNECT_MANAGED": "Store users in Amazon Connect",
    "EXISTING_DIRECTORY": "Link to an existing directory",
}
_EMERGENCY = (
    "Emergency access opens the administration of the instance, in which the users are added: Amazon Connect > "
    "Instances > the instance > Log in for emergency access."
)
_BY_HAND = (
    "Nothing adds the users by itself, as SCIM would: they are added by hand, from a CSV file, or by a program that "
    "calls CreateUser, such as Okta Workflows with a Lambda function."
)
_NOT_SAID = "A world does not say this."
_CCP = "/ccp-v2"


def instance_step(subject: Subject, places: Places) -> Step:
    """Returns the step of the instances."""
    values = [value for instance in subject.instances for value in _of_instance(instance, places)]
    if not subject.instances:
        key = ("aws", subject.account_id, "connect")
        (arn,) = subject.instance_arns
        values = [
            places.at((*key, "ID", "identity_management"), "", _SAML_IN_CONSOLE),
            places.at((*key, "ID", "region"), "", arn, same_as=("region and id in the relay state (step 2)",)),
        ]
    return Step("1", "instance", f"Amazon Connect: an instance with {SAML} 2.0", tuple(values))


def _of_instance(instance: InstanceHere, places: Places) -> Iterator[Value]:
    managed = instance.settings.identity_management
    key, note = (*instance.key, "identity_management"), _unchangeable(managed)
    yield places.at(key, _IDENTITY_MANAGEMENT[managed], _SAML_IN_CONSOLE, note=note)
    yield places.at((*instance.key, "alias"), instance.access_url)
    yield places.at(
        (*instance.key, "region"),
        instance.arn,
        same_as=("its region and its id in the relay state (step 2)", "the ARN in the policy (step 3b)"),
    )


def _unchangeable(managed: str) -> str:
    return "" if managed == SAML else "It cannot be changed later: SAML needs another instance."


def users_step(subject: Subject, places: Places) -> Step:
    """Returns the step of the instances' users."""
    values = [value for instance in subject.instances for value in _users(subject, instance, places)]
    if not subject.instances:
        name = "the RoleSessionName of each person, case included"
        values = [Value("Amazon Connect", joined(_users_page(), "Add new users", "Login name"), name, Verdict.MISSING)]
    instance_name = subject.instances[0].settings.alias if subject.instances else "instance"
    emergency = Value(
        "AWS",
        joined("Amazon Connect", "Instances", instance_name, "Log in for emergency access"),
        "",
        Verdict.UNKNOWN,
        note=_NOT_SAID,
    )
    return Step(
        "10", "connect-users", "Amazon Connect: a user for each person", (emergency, *values), (_EMERGENCY, _BY_HAND)
    )


def _users(subject: Subject, instance: InstanceHere, places: Places) -> Iterator[Value]:
    known = instance.settings.users
    came = {d.connect_user: d for d in subject.decisions if d.instance_id == instance.instance_id and d.arrives}
    missing = dict.fromkeys(_missing(subject, instance))
    people = {name.casefold() for each in subject.decisions for name in (each.who.person, each.connect_user) if name}
    for login in known if not subject.decisions else [each for each in known if each.casefold() in people]:
        yield _user(instance, login, places, person=came[login].who.person if login in came else "")
    for login in missing:
        yield _user(instance, login, places, is_missing=True)
    if not known and not missing:
        key = (*instance.key, "users")
        yield places.at(key, "", "the RoleSessionName of each person, case included", below="Login name")


def _missing(subject: Subject, instance: InstanceHere) -> Iterator[str]:
    """Yields the names that people arrive with and that no user of the instance has."""
    for each in subject.decisions:
        if each.refusal is not None and each.refusal.check == "connect-user" and _is_at(each, instance):
            yield each.refusal.received


def _is_at(decision: Decision, instance: InstanceHere) -> bool:
    return instance.instance_id in decision.place


def _user(instance: InstanceHere, login: str, places: Places, *, person: str = "", is_missing: bool = False) -> Value:
    key = (*instance.key, "users", login)
    said = f"RoleSessionName{f' of {person}' if person else ''} (step 7)"
    below = "Add new users > Login name" if is_missing else "Login name"
    return places.at(
        key, "" if is_missing else login, login, field=joined(_users_page(), below), same_as=(said,), is_name=True
    )


def _users_page() -> str:
    return "Users > User management"


def destination_step(subject: Subject, places: Places) -> Step:
    """Returns the supplement on where a login lands: ``?destination=`` of the relay state."""
    query = urlsplit(subject.relay_state).query if _is_url(subject.relay_state) else ""
    destination = first_values(parse_qsl(query)).get("destination", "")
    values = []
    for instance in subject.instances:
        url = f"{instance.federate_url}?destination={quote(_CCP, safe='')}"
        at = "Default Relay State"
        if destination and instance.instance_id in subject.relay_state:
            values.append(_relay_state(subject, places, subject.relay_state, Verdict.DONE, f"It opens {destination}."))
        else:
            note = f"In place of the {at} of step 2: it opens the CCP, and not the instance's home."
            values.append(_relay_state(subject, places, url, Verdict.OPTIONAL, note))
    return Step("+", "destination", "Where people land: ?destination= of the relay state", tuple(values))


def _is_url(text: str) -> bool:
    try:
        return bool(urlsplit(text).scheme)
    except ValueError:
        return False


def _relay_state(subject: Subject, places: Places, url: str, verdict: Verdict, note: str) -> Value:
    if not subject.app_name:
        return Value("Identity provider", "RelayState", url, Verdict.OPTIONAL, note=note)
    now = url if verdict is Verdict.DONE else ""
    console, field = field_of(subject, "default_relay_state")
    key = (*subject.app_key, "default_relay_state")
    return places.at(key, now, url, verdict=verdict, console=console, field=field, note=note)


def custom_ccp_step(subject: Subject, places: Places) -> Step:
    """Returns the supplement on a page of one's own around the CCP."""
    values = []
    for instance in subject.instances:
        key = (*instance.key, "approved_origins")
        origins = instance.settings.approved_origins
        values += [places.at((*key, index), origin) for index, origin in enumerate(origins)]
        wanted = f"{instance.federate_url}?destination={quote('https://connect.example.com/ccp', safe='')}"
        if origins:
            wanted = f"{instance.federate_url}?destination={quote(f'{origins[0]}/', safe='')}"
            note = f"It lands on a page of {origins[0]}, which is approved above; put the page's path behind it."
        else:
            values.append(
                places.at(key, "", "https://connect.example.com", verdict=Verdict.OPTIONAL, note="The page's origin.")
            )
            note = "It lands on the page, whose origin has to be approved above."
        values.append(_relay_state(subject, places, wanted, Verdict.OPTIONAL, note))
    return Step("+", "custom-ccp", "A custom CCP: a page of one's own around it", tuple(values))
