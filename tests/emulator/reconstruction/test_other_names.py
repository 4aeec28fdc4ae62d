"""Other names for what is shown to others: none of the recorded ones is left, and the login ends as it did."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Ids
from emulator.reconstruction.other_names import with_other_names
from emulator.reconstruction.reconstruct import WORLD, reconstruct
from tests.conftest import APP, INSTANCE_ID, USER
from tests.emulator.inspection.vendor_responses import GOOD, ISSUED, SHAPES, Shape, response
from tests.emulator.reconstruction.recordings import known, recording_of, scenario_in, world_in
from tests.emulator.recordings.har_files import entry, har, login, refused_page


def _without_known(data: Any) -> Any:
    return reconstruct(with_other_names(known(data), ids=Ids(seed=5)))


def test_nothing_of_a_login_to_the_ccp_is_left(federation: Federation) -> None:
    """Person, domain, org, alias, account and instance have other names, the same wherever they are."""
    reconstruction = _without_known(recording_of(log_in(federation, user=USER, app=APP).exchanges))
    written = "\n".join([*reconstruction.files.values(), *reconstruction.told])
    for name in ("hanako", "acme", "123456789012", INSTANCE_ID, INSTANCE_ID[:8]):
        assert name not in written
    world = world_in(reconstruction)
    ((org, _),) = world["okta"].items()
    ((account_id, account),) = world["aws"].items()
    ((instance_id, instance),) = account["connect"].items()
    ((person, _),) = instance["users"].items()
    assert re.fullmatch(r"[a-z]{4}", org)
    assert re.fullmatch(r"\d{12}", account_id)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", instance_id)
    assert re.fullmatch(r"[a-z]{6}@[a-z]{7}\.example", person)
    assert instance["alias"] == org
    app = world["okta"][org]["apps"]["amazon-connect"]
    assert app["identity_provider_arn"] == f"arn:aws:iam::{account_id}:saml-provider/okta"
    assert app["default_relay_state"].endswith(f"/connect/federate/{instance_id}")
    assert scenario_in(reconstruction)["expect"]["lands_on"] == f"https://{org}.my.connect.aws/home"
    assert scenario_in(reconstruction)["expect"]["session_name"] == person
    assert reconstruction.differences == ()


@pytest.mark.parametrize(
    ("issuer", "style"),
    [
        ("https://keycloak.contoso.com/realms/contoso", "keycloak"),
        ("https://sts.windows.net/0a1b2c3d-0000-4000-8000-00000000e0e0/", "entra"),
        ("http://adfs.contoso.com/adfs/services/trust", "adfs"),
        ("urn:contoso.auth0.com", "auth0"),
    ],
)
def test_the_product_is_still_recognised(issuer: str, style: str) -> None:
    """Hosts of one's own have other names; what tells the product stays."""
    content = replace(GOOD, person="Mori@contoso.com", session_name="Mori Rin")
    message = base64.b64encode(response(Shape(issuer), content)).decode()
    page = refused_page("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    post = entry(
        "POST", "https://signin.aws.amazon.com/saml", 400, at=ISSUED, form={"SAMLResponse": message}, page=page
    )
    reconstruction = _without_known(har(post))
    written = "\n".join(reconstruction.files.values())
    assert "contoso" not in written.lower()
    assert "mori" not in written.lower()
    assert "0a1b2c3d" not in written
    assert f"        style: {style}\n" in reconstruction.files[WORLD]
    # The blank that AWS refused is still there.
    assert reconstruction.received.values["check"] == "role-session-name"
    assert reconstruction.differences == ()


def test_names_are_not_replaced_where_they_are_everybodys() -> None:
    """An org that is called as a service is: the addresses stay what they are."""
    recording = har(*login(base64.b64encode(response(SHAPES["okta 2023"])).decode()))
    for each in recording["log"]["entries"]:
        each["request"]["url"] = each["request"]["url"].replace("example.okta.com", "saml.okta.com")
    reconstruction = _without_known(recording)
    assert "saml" in world_in(reconstruction)["okta"]
    assert "https://signin.aws.amazon.com/saml" in reconstruction.files[WORLD]
