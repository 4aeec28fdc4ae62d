"""A Response while it is being made, and faults: changes to it at one stage of the making."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from emulator.kernel.records import dataclass
from idp.model import AssertionEncryption, KeyPair
from idp.saml.assertion import IssueContext
from idp.saml.claims import Claims

_PART = re.compile(r"(\w+): ([\w-]+)")


class Stage(StrEnum):
    """When a fault takes effect, in the order in which a Response is made."""

    SETTINGS = "before anything is made: the clock, the keys, what is signed and encrypted"
    CLAIMS = "in the claims"
    BEFORE_SIGNING = "in the XML, before it is signed"
    AFTER_SIGNING = "in the XML, after it was signed and before its assertion is encrypted"
    AFTER_ENCRYPTION = "in the finished XML, after everything was signed and encrypted"
    TRANSPORT = "in the form field that is posted"


@dataclass(frozen=True, slots=True)
class Draft:
    """A Response on its way from the settings to the form field; each stage returns another draft.

    Args:
        claims: What it says about the person.
        context: The login that it is issued for, with its instant and style.
        key_pair: Signing key.
        encryption: How the assertion is encrypted; None for plain text.
        foreign_key: Returns a key pair that is in no metadata; one per federation is enough.
        xml: The document, from the stage at which it is written.
        form_field: The posted value of SAMLResponse, at the last stage.
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
        form: How the fault is written, without the braces. The first key is the kind; a word in capitals is for the
            writer to choose: NAME, PATH, TEXT, TEXTS (one or several) or TIME.
        description: What the fault does, as a phrase without a subject.
        stage: When it takes effect.
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
        """The keys of the form with their values."""
        return dict(_PART.findall(self.form))

    @property
    def variant(self) -> str:
        """The kind's own value where the form fixes it, such as ``xsw1``; empty where the writer chooses it."""
        value = self.parts[self.kind]
        return "" if value.isupper() else value


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as it was written: a form with the words in capitals filled in.

    Args:
        form: The form that it has.
        target: The attribute's name, the path, the variant, or the time that was filled in.
        values: New texts; for ``rename`` a new name, which is used unchanged.
        attribute_name: XML attribute of the element; empty for the element itself.
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
