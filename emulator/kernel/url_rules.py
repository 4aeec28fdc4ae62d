"""URL rules that are compiled for matching at once, and for building URLs on first use.

Werkzeug compiles two functions for every rule of a site, for building its URLs. The sites here have some 400 rules, and
hardly a URL is ever built from one: that was a third of the time of a process's first login.

This module is part of the kernel: standard library only, so each side passes in the framework's class.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


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
