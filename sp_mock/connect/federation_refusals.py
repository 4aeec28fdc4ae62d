"""How Amazon Connect words its refusals to issue federation tokens, and what made it so.

Spec: Amazon Connect Administrator Guide "troubleshoot-saml"
"""

from __future__ import annotations

from dataclasses import replace

from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.explanations import RELAY_STATE, Asked, Cause, Sent, Setting
from sp_mock.accounts.model import SAML_IDENTITY_MANAGEMENT, Account, Instance
from sp_mock.assertion.values import ROLE, ROLE_SESSION_NAME, attribute_path
from sp_mock.connect.asked_instance import AddressMistake, AskedInstance
from sp_mock.connect.federate_urls import federate_url
from sp_mock.connect.login_names import KnownLogins, MeantLogin, characters_no_login_has
from sp_mock.principals.credentials import FederatedSession, RoleSession
from sp_mock.principals.policy_settings import PolicyReason

ACTION = "connect:GetFederationToken"
EMERGENCY_ACTION = "connect:AdminGetEmergencyAccessToken"
NOT_ONBOARDED = "Access Denied. Your account has been authenticated, but has not been onboarded to this application."
BAD_REQUEST = "Bad Request. The request was not valid and could not be processed."
ACCESS_DENIED = "Access denied, Please contact your AWS account administrator for assistance."
SESSION_NAME_PATH = f"{attribute_path(ROLE_SESSION_NAME)}/AttributeValue"
_CONFIGURE = 'Amazon Connect Administrator Guide "configure-saml"'
_TROUBLESHOOT = 'Amazon Connect Administrator Guide "troubleshoot-saml"'
_EMERGENCY = 'Amazon Connect Administrator Guide "emergency-admin-login"'


def denied(
    action: str,
    reason: PolicyReason,
    *,
    where: str,
    asked: AskedInstance,
    mistake: AddressMistake | None,
    open_instances: tuple[Instance, ...] = (),
) -> ConnectRefusal:
    """Returns the refusal of a session whose policies do not allow federation.

    AWS evaluates the policies before it looks for the instance. When there is no such instance the policies are right
    and the request is the cause; when the role may federate into another instance, either may be the cause.

    Args:
        action: The action that is not allowed.
        reason: Why the policies do not allow it.
        where: Whose policies decided.
        asked: The instance as it was asked for.
        mistake: What is wrong with the instance that was asked for.
        open_instances: The instances that the session may federate into.
    """
    why, causes, want, got, fix = reason.why, reason.causes, reason.want, reason.got, reason.fix
    if mistake is not None:
        why = f"{mistake.why} The role's policies, which AWS asks first, allow nothing there."
        causes, want, got, fix = mistake.causes, mistake.want, asked.received, mistake.fix
        where = asked.where
    elif open_instances and asked.address:
        others = " or ".join(f"{each.alias} ({federate_url(each)})" for each in open_instances)
        why = f"{why} The role may federate into {others}."
        causes = (Sent(RELAY_STATE, tuple(map(federate_url, open_instances))), *causes[:1])
        fix = f"Set the relay state to {federate_url(open_instances[0])}; or, if this instance is meant: {fix}"
    return ConnectRefusal(
        ACCESS_DENIED,
        code="AccessDeniedException",
        status=403,
        check="get-federation-token" if action == ACTION else "emergency-access",
        evidence="documented" if action == ACTION else "assumed",
        explanation=why,
        where=where,
        expected=want,
        received=got,
        fix=fix,
        spec=_TROUBLESHOOT if action == ACTION else _EMERGENCY,
        causes=causes,
    )


def instance_not_found(asked: AskedInstance, mistake: AddressMistake) -> ConnectRefusal:
    """Returns the refusal of an address that names no existing instance."""
    return ConnectRefusal(
        "The Amazon Connect instance was not found.",
        code="ResourceNotFoundException",
        status=404,
        check="instance",
        evidence="assumed",
        explanation=mistake.why,
        where=asked.where,
        expected=mistake.want,
        received=asked.received,
        fix=mistake.fix,
        spec=_CONFIGURE,
        causes=mistake.causes,
    )


def not_saml(account: Account, instance: Instance) -> ConnectRefusal:
    """Returns the refusal of an instance whose users do not sign in by SAML."""
    return ConnectRefusal(
        "The Amazon Connect instance does not use SAML 2.0 authentication.",
        code="InvalidRequestException",
        status=400,
        check="identity-management",
        evidence="assumed",
        explanation=f"The identity management of the instance {instance.alias} is {instance.identity_management}; "
        "it is chosen when the instance is created and cannot be changed.",
        where=str(instance.arn),
        expected=SAML_IDENTITY_MANAGEMENT,
        received=instance.identity_management,
        fix="Create an instance with identity management SAML 2.0.",
        spec=_CONFIGURE,
        causes=(
            Setting(
                account, ("instances", instance.instance_id, "identity_management"), wanted=SAML_IDENTITY_MANAGEMENT
            ),
        ),
    )


def other_role(account: Account, instance: Instance, session: FederatedSession, *, first: str) -> ConnectRefusal:
    """Returns the refusal of a user whose first login had another role."""
    setting = Setting(account, ("instances", instance.instance_id, "binds_roles"))
    return ConnectRefusal(
        BAD_REQUEST,
        code="DuplicateResourceException",
        status=409,
        check="role-binding",
        explanation=f"{session.session_name} first came with {first}, and now with {session.principal_arn}; the "
        "instance binds each user to one role.",
        where="the role of the session",
        expected=first,
        received=session.principal_arn,
        fix=f"Send the role {first} for {session.session_name}, or delete and create the user again.",
        spec=_TROUBLESHOOT,
        causes=(Sent(attribute_path(ROLE), (first,)), setting),
    )


def not_onboarded(
    account: Account,
    instance: Instance,
    session: FederatedSession,
    *,
    known: KnownLogins,
    open_instances: tuple[Instance, ...],
) -> ConnectRefusal:
    """Returns the refusal of a session whose name is not the login of any user.

    A name that resembles a login is in the wrong form, and the identity provider should send the right one: creating a
    second user for the same person would only hide the mistake.

    Args:
        session: Session of the caller.
        known: Users of the instance.
        open_instances: The instances that the session may federate into.
    """
    name = session.session_name
    users = Setting(account, ("instances", instance.instance_id, "users"), wanted=name)
    sent = _sent(session, ())
    near = known.meant(name)
    characters = characters_no_login_has(name)
    causes: tuple[Cause, ...]
    if near is not None:
        why, fix = _resembling(near, instance, name)
        want, causes = near.login, (_sent(session, (near.login,)),)
        if not near.is_sure or known.has_domain(name, but=near.login):
            causes = (*causes, replace(users, path=(*users.path, near.login)))
    elif characters:
        why = f"{name} contains {' and '.join(characters)}, and no Amazon Connect login can."
        want, causes = "a login of letters, digits and - _ . @", (sent,)
        fix = "Send another field of the person as RoleSessionName."
    else:
        why = f"The instance {instance.alias} has no user {name}, and none whose login resembles it."
        want, fix = f"a user {name} in the instance", f"Add the user {name} to the instance."
        # The sender of the name knows whether another of the person's names is one of these logins.
        causes = (_sent(session, known.logins, is_guess=True), users)
        elsewhere = [each for each in open_instances if name in each.users]
        if elsewhere:
            why = f"{why} The instance {elsewhere[0].alias} has that user."
            causes = (Sent(RELAY_STATE, tuple(map(federate_url, elsewhere))), users)
            fix = f"Set the relay state to {federate_url(elsewhere[0])}, or add the user {name} to this instance."
    return ConnectRefusal(
        NOT_ONBOARDED,
        code="UserNotFoundException",
        status=404,
        check="connect-user",
        explanation=why,
        where=SESSION_NAME_PATH,
        expected=want,
        received=name,
        fix=fix,
        spec=_TROUBLESHOOT,
        causes=causes,
    )


def _resembling(near: MeantLogin, instance: Instance, name: str) -> tuple[str, str]:
    why = (
        f"The instance {instance.alias} has the user {near.login}, and the session is called {name}: {near.difference}."
    )
    characters = characters_no_login_has(name)
    if characters:
        why = f"{why} No Amazon Connect login can contain {' or '.join(characters)}."
    if near.is_sure:
        return why, f"Send RoleSessionName {near.login}."
    return (
        why,
        f"Send RoleSessionName {near.login} if that is the person; otherwise add the user {name} to the instance.",
    )


def _sent(session: FederatedSession, wanted: tuple[str, ...], *, is_guess: bool = False) -> Cause:
    """The session's name came with an assertion, or was chosen by the caller of AssumeRole."""
    if isinstance(session, RoleSession) and session.saml_keys:
        return Sent(SESSION_NAME_PATH, wanted, is_guess)
    return Asked("RoleSessionName")
