"""What a login, a page that was opened or a call of an API is called in reports that show several of them."""

from __future__ import annotations

from emulator.diagnosis.login_result import LoginResult


def login_title(result: LoginResult) -> str:
    """Returns who opened what for a login, and for anything else what it is in the journey."""
    login, names = result.login, result.step_names
    is_login = bool(login.user) and (bool(login.saml_response) or not names or names[0].startswith("Okta"))
    return f"{login.user} opens {login.app}" if is_login else names[0] if names else login.lands_on
