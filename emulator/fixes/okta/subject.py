"""The identity provider's setting that a proposal changes, with the settings around it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from emulator.fixes.candidate import REMOVED, Candidate, Edit, Finding
from emulator.fixes.okta.console import console_of_first
from emulator.fixes.okta.titles import title_of
from emulator.kernel.explanations import Sent
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import APPENDED

_ORG, _KIND, _NAME = 1, 2, 3


@dataclass(frozen=True)
class Subject:
    """The setting that is blamed for a login.

    Args:
        finding: The failed login.
        key: World key of the setting.
    """

    finding: Finding
    key: Key

    @property
    def value(self) -> Any:
        """The setting's value in the world, or None."""
        return self.at(self.key)

    @property
    def text(self) -> str:
        """The setting's value in the world, if it is a text."""
        return self.value if isinstance(self.value, str) else ""

    def at(self, key: Key) -> Any:
        """Returns the world's data at a key, or None."""
        value, depth = value_at(self.finding.world.document.data, key)
        return value if depth == len(key) else None

    @property
    def org(self) -> Key:
        """The org's key."""
        return self.key[: _ORG + 1]

    @cached_property
    def person(self) -> Key:
        """The key of the person: the one with the setting, or else the one who logged in."""
        login = self.key[_NAME] if self._is_of("users") else self.finding.login.user
        return (*self.org, "users", login)

    @cached_property
    def app(self) -> Key:
        """The key of the app: the one with the setting, or else the one that was opened."""
        if self._is_of("apps"):
            return self.key[: _NAME + 1]
        # An app may be asked for as org/app.
        apps, opened = self.at((*self.org, "apps")) or {}, self.finding.login.app.removeprefix(f"{self.org[-1]}/")
        labelled = (name for name, app in apps.items() if isinstance(app, dict) and app.get("label") == opened)
        return (*self.org, "apps", opened if opened in apps else next(labelled, opened))

    def _is_of(self, kind: str) -> bool:
        return len(self.key) > _NAME and self.key[_KIND] == kind

    def of_app(self, *path: str | int) -> Any:
        """Returns a setting of the app in the world."""
        return self.at((*self.app, *path))

    @property
    def is_custom(self) -> bool:
        """Whether the app is a custom one."""
        return bool(self.of_app("catalog") == "custom_saml")

    @property
    def wanted(self) -> tuple[str, ...]:
        """The values that would have been right, according to the side that refused."""
        causes = (each for each in self.finding.diagnosis.causes if isinstance(each, Sent))
        return tuple(dict.fromkeys(text for cause in causes for text in cause.wanted))

    def put(self, value: object, *, title: str = "", warning: str = "") -> Iterator[Candidate]:
        """Yields the change of this setting to a value, unless it has that value already."""
        yield from self.put_at(self.key, value, title=title, warning=warning)

    def put_at(self, key: Key, value: object, *, title: str = "", warning: str = "") -> Iterator[Candidate]:
        """Yields the change of a setting to a value, unless it has that value already.

        Args:
            key: World key of the setting.
            value: New value; ``REMOVED`` removes the existing one.
            title: Title of the change; by default derived from the setting's name.
            warning: What it gives up.
        """
        present = self.at(key)
        if (value is REMOVED and present is None) or value == present:
            return
        yield self.candidate(Edit(key, value), title=title, warning=warning)

    def append(self, key: Key, value: object, *, title: str = "") -> Iterator[Candidate]:
        """Yields the change that adds a value to a list, which need not exist yet."""
        present = self.at(key)
        if isinstance(present, list):
            if value not in present:
                yield self.candidate(Edit((*key, APPENDED), value), title=title)
        elif present is None:
            yield self.candidate(Edit(key, [value]), title=title)

    def candidate(self, *edits: Edit, title: str = "", warning: str = "") -> Candidate:
        """Returns edits as a candidate, titled after the first setting unless a title is given."""
        data = self.finding.world.document.data
        return Candidate(title or title_of(edits[0], data), edits, console_of_first(edits, data), warning)


def by_likeness(text: str, known: Iterable[str], *, at_least: float = 0.0) -> tuple[str, ...]:
    """Returns known texts in order of similarity to a text, ignoring case and without the text itself."""
    likeness = {
        each: difflib.SequenceMatcher(None, each.casefold(), text.casefold()).ratio() for each in known if each != text
    }
    return tuple(sorted((each for each in likeness if likeness[each] >= at_least), key=lambda e: -likeness[e]))
