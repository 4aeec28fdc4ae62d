"""URL rules that are compiled for matching at once, and for building URLs on first use; matches that are remembered.

Werkzeug compiles two functions for every rule of a site, for building its URLs. The sites here have some 400 rules, and
hardly a URL is ever built from one: that was a third of the time of a process's first login. Nearly every request is
for a path that has been asked for before.

This module is part of the kernel: standard library only, so each side passes in the framework's classes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Matches = dict[tuple[str | None, str, str], tuple[Any, Mapping[str, Any]]]
"""Rules and values of paths that were found, by subdomain, path and method."""
_MOST_MATCHES = 1000
_LONGEST_PATH = 300


def written_when_asked(rule_class: type[Any]) -> type[Any]:
    """Returns a class of URL rules that compile their URL building on first use.

    Args:
        rule_class: Werkzeug's ``Rule``. In releases without ``_compile_builder``, nothing is deferred.
    """

    # The kernel imports no framework: the class is the caller's.
    class WrittenWhenAsked(rule_class):  # type: ignore[misc]
        def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
            made: list[Callable[..., tuple[str, str]]] = []

            def build(rule: WrittenWhenAsked, /, **values: Any) -> tuple[str, str]:
                if not made:
                    made.append(super(WrittenWhenAsked, rule)._compile_builder(append_unknown))
                return made[0](rule, **values)

            return build

    return WrittenWhenAsked


def remembering_matches(adapter_class: type[Any]) -> type[Any]:
    """Returns a class of adapters that are given the site's ``Matches``, and what Werkzeug's adapters are given.

    Only pages that were found are remembered. Where there is none, or a redirect to it, Werkzeug is asked each time.

    Args:
        adapter_class: Werkzeug's ``MapAdapter``.
    """

    class RememberingMatches(adapter_class):  # type: ignore[misc]
        def __init__(self, matches: Matches, *bound: Any) -> None:
            super().__init__(*bound)
            self.matches = matches

        def match(self, *arguments: Any, **options: Any) -> Any:
            if arguments or options != {"return_rule": True} or self.websocket:  # not as Flask asks
                return super().match(*arguments, **options)
            asked = self.subdomain, self.path_info, self.default_method
            found = self.matches.get(asked)
            if found is None:
                found = super().match(return_rule=True)
                if len(self.matches) >= _MOST_MATCHES:
                    self.matches.clear()
                if len(self.path_info) <= _LONGEST_PATH:
                    self.matches[asked] = found
            rule, values = found
            return rule, dict(values)

    return RememberingMatches
