"""The title of a login, an opened page or an API call, in reports that show several of them."""

from __future__ import annotations

from emulator.diagnosis.login_result import LoginResult


def login_title(result: LoginResult) -> str:
    """Returns who opened what for a login, and the step of the journey for anything else."""
    login, names = result.login, result.step_names
    is_login = bool(login.user) and (bool(login.saml_response) or not names or names[0].startswith("Okta"))
    return f"{login.user} opens {login.app}" if is_login else names[0] if names else login.lands_on
