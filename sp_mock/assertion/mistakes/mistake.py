"""A mistake in a message, described for the person who has to fix it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree

from emulator.kernel.explanations import Cause
from emulator.kernel.records import dataclass
from sp_mock.xml import is_web_page

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a message.

    Args:
        where: The path in the message, or the form field.
        expected: What would be right.
        received: What the message has.
        fix: What to change.
        causes: The settings that made it so, the likeliest first; two at most.
        provider_setting: The attribute of the SAML provider that the message was opened with, where that is a cause.
    """

    explanation: str
    where: str = ""
    expected: str = ""
    received: str = ""
    fix: str = ""
    causes: tuple[Cause, ...] = ()
    provider_setting: str = ""


class MistakeFound(Exception):
    """A message cannot be used; ``mistake`` says why."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.explanation)
        self.mistake = mistake

    @property
    def explanation(self) -> str:
        """The reason, in a sentence."""
        return self.mistake.explanation

    @property
    def where(self) -> str:
        """The place in the message."""
        return self.mistake.where


def path_of(element: etree._Element) -> str:
    """Returns an element's path in local names, with an index where it has namesakes: ``/Response/Assertion[2]``."""
    parent = element.getparent()
    name = etree.QName(element).localname
    if parent is None:
        # What was decrypted is in a separate tree, below an element that nobody sent.
        return "/Response/EncryptedAssertion" if name == "Decrypted" else f"/{name}"
    namesakes = [child for child in parent if etree.QName(child).localname == name]
    index = f"[{namesakes.index(element) + 1}]" if len(namesakes) > 1 else ""
    return f"{path_of(parent)}/{name}{index}"


def paths_of(elements: Sequence[etree._Element]) -> str:
    """Returns the paths of some elements, no more than fit a line: there may be thousands."""
    more = f" and {len(elements) - _SHOWN} more" if len(elements) > _SHOWN else ""
    return ", ".join(map(path_of, elements[:_SHOWN])) + more


def web_page_title(text: str) -> str | None:
    """Returns the title of a web page, empty when it has none; None when the text is not a web page."""
    if not is_web_page(text):
        return None
    title = re.search(r"<title[^>]*>([^<]{1,200})</title>", text[:20_000], re.IGNORECASE)
    return " ".join(title[1].split()) if title else ""
