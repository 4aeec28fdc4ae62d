"""URL rules that are read at once and written when somebody asks.

Werkzeug compiles two functions for every rule of a site, for writing its URLs. The sites here have some 400 rules, and
hardly a URL is ever written by its rule: that was a third of what the first login of a process cost.

This module is part of the kernel: standard library only, so that each side gives it the framework's own class.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def written_when_asked(rule_class: type[Any]) -> type[Any]:
    """Returns a class of URL rules whose writing part is made when a URL is first written.

    Args:
        rule_class: Werkzeug's ``Rule``. Where a release of it has no ``_compile_builder``, nothing is put off.
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
