"""The format of a world file as a whole, and of the parts that belong to neither Okta nor AWS.

A schema refuses unknown keys and values of another type; ``emulator.world`` reads files and checks what a schema
cannot, such as undefined names.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator

from emulator.worldfile.schema.aws_schema import Account
from emulator.worldfile.schema.okta_schema import OktaOrg
from emulator.worldfile.schema.settings import AccountId, Label, PageOrigin, Settings, number_as_text


class SignIn(Settings):
    """How AWS's sign-in pages behave."""

    role_chooser: Annotated[Literal["combined", "legacy", "2023"], BeforeValidator(number_as_text)] = "combined"
    """The page that asks which role to take: AWS's until August 2023 (``legacy``), the one since (``2023``), or both on
    one page for programs that read either (``combined``, the default)."""
    multi_session: bool = False
    """Whether a browser may be signed in to up to five roles at once without opting in; otherwise, the default, to one
    account. AWS: account menu > Turn on multi-session support."""


class WorldSettings(Settings):
    """A world file: an Okta org, AWS accounts and Amazon Connect instances."""

    version: Literal[1]
    """The version of this format, which is 1."""
    sign_in: SignIn = SignIn()
    """AWS's sign-in pages: which role chooser they show, and whether a browser may have several sessions; both choosers
    on one page, and one account, unless given."""
    okta: dict[Label, OktaOrg] = {}
    """The Okta orgs by subdomain: ``acme`` is at https://acme.okta.com; none unless given."""
    aws: dict[AccountId, Account] = {}
    """The AWS accounts by id: 12 digits, in quotes; none unless given."""
    pages: dict[PageOrigin, list[str]] = {}
    """Folders of web pages, such as a custom CCP, by the origin they are served at and relative to the world file; the
    first folder that has a page serves it; none unless given."""
