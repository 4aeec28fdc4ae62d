"""A Response while it is being made, and what a fault is: a change to it at one stage of the making."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from idp.model import AssertionEncryption, KeyPair
from idp.saml.assertion import IssueContext
from idp.saml.claims import Claims

_PART = re.compile(r"(\w+): ([\w-]+)")


class Stage(StrEnum):
    """When a fault acts, in the order in which a Response is made."""

    SETTINGS = "before anything is made: the clock, the keys, what is signed and encrypted"
    CLAIMS = "in the claims"
    BEFORE_SIGNING = "in the XML, before it is signed"
    AFTER_SIGNING = "in the XML, after it was signed and before its assertion is encrypted"
    AFTER_ENCRYPTION = "in the finished XML, after everything was signed and encrypted"
    TRANSPORT = "in the form field that is posted"


@dataclass(frozen=True, slots=True)
class Draft:
    """A Response on its way from the settings to the form field; each stage returns another one.

    Args:
        claims: What it says about the person.
        context: For which login it is issued, when, and in which style.
        key_pair: The key that signs.
        encryption: How its assertion is encrypted; None for plain text.
        foreign_key: Returns a key pair that no metadata holds; one is enough for a federation.
        xml: The document, from the stage on in which it is written.
        form_field: What is posted as SAMLResponse, at the last stage.
    """

    claims: Claims
    context: IssueContext
    key_pair: KeyPair
    encryption: AssertionEncryption | None
    foreign_key: Callable[[], KeyPair]
    xml: str = ""
    form_field: str = ""


Act = Callable[[Draft, "Fault"], Draft]


@dataclass(frozen=True, slots=True)
class FaultForm:
    """One way to make a Response wrong.

    Args:
        form: How it is written, without the braces. The first key is the kind; a word in capitals is for the writer to
            choose: NAME, PATH, TEXT, TEXTS (one or several) or TIME.
        description: What it does, as a phrase without a subject.
        stage: When it acts.
        act: Returns the draft with the fault in it.
    """

    form: str
    description: str
    stage: Stage
    act: Act

    @property
    def kind(self) -> str:
        """The key that names the kind of fault."""
        return self.form.partition(":")[0]

    @property
    def parts(self) -> dict[str, str]:
        """The keys of the form with what follows them."""
        return dict(_PART.findall(self.form))

    @property
    def variant(self) -> str:
        """The kind's own value where the form fixes it, such as ``xsw1``; empty where the writer chooses it."""
        value = self.parts[self.kind]
        return "" if value.isupper() else value


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as somebody wrote it: a form with the words in capitals filled in.

    Args:
        form: What it does.
        target: What it is about: an attribute's name, a path, the variant, or a time.
        values: New texts; a new name for ``rename``, which is taken as it is.
        attribute_name: The XML attribute of the element that is meant; empty for the element itself.
        shift: How far the identity provider's clock is ahead when it issues.
        written: The fault in one line, as it was written.
    """

    form: FaultForm
    target: str
    values: tuple[str, ...] = ()
    attribute_name: str = ""
    shift: timedelta = timedelta()
    written: str = ""

    def __str__(self) -> str:
        return self.written or f"{{{self.form.form}}}"
