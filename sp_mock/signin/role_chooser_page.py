"""The role chooser, in the versions that programs are known to parse.

``combined`` is the page used until August 2023 with the data of its successor added; ``legacy`` and ``2023`` are each
of them alone.
"""

from __future__ import annotations

import base64
import json

from flask import Response, make_response, render_template, request

from emulator.kernel.clock import Ids
from emulator.kernel.trace_notes import record
from sp_mock.pages import SIGN_IN, service
from sp_mock.signin.posted_login import RoleChoice
from sp_mock.signin.sign_in import RoleChooser, SignIn

_TEMPLATES = {
    RoleChooser.COMBINED: "role-chooser.html",
    RoleChooser.LEGACY: "role-chooser-legacy.html",
    RoleChooser.SINCE_2023: "role-chooser-2023.html",
}


def role_chooser_page(choice: RoleChoice, *, saml_response: str, relay_state: str) -> Response:
    """Answers with the page that asks which role to take.

    Spec: AWS sign-in page
    Evidence: observed (the markup that programs read), assumed (the rest of the page)
    """
    ids, count = service(Ids), sum(len(pairs) for *_, pairs in choice.accounts)
    record(request.environ, choice.note)
    page = render_template(
        _TEMPLATES[service(SignIn).settings.role_chooser],
        brand=SIGN_IN,
        action=request.path,
        accounts=choice.accounts,
        count=count,
        saml_response=saml_response,
        relay_state=relay_state,
        data=_data(choice, saml_response=saml_response, relay_state=relay_state),
        csrf_token=ids.token(24),
        session_id=ids.token(24),
    )
    return make_response(page)


def _data(choice: RoleChoice, *, saml_response: str, relay_state: str) -> str:
    """Returns the content of the page's ``data`` meta: base64 of JSON."""
    data = {
        "invalid_accounts": {pair.account_id: refusal.message for pair, refusal in choice.dropped},
        "RelayState": relay_state,
        "name": None,
        "roles_accounts": {label: [pair.role_arn for pair in pairs] for _, label, pairs in choice.accounts},
        "foreign_accounts": {},
        "region": "IAD",
        "portal": None,
        "SAMLResponse": saml_response,
        "problems": "{}",
        "policy": None,
    }
    return base64.b64encode(json.dumps(data).encode()).decode()
