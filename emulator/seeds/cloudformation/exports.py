"""The exports of other stacks that a template can import, found in the world's other seeds.

Spec: AWS CloudFormation User Guide, "Outputs", "Fn::ImportValue" (an export belongs to one account and region)
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.cloudformation.files import exports_listed, has_resources, unwrapped
from emulator.seeds.cloudformation.loops import FOR_EACH
from emulator.seeds.cloudformation.resources import Template
from emulator.seeds.cloudformation.values import Unresolved, given_by, text_of
from emulator.seeds.seed_text import Seed


@dataclass(frozen=True, slots=True)
class _Export:
    """An output with an export name.

    Args:
        stack: The template that has the output; None if it is listed by ``aws cloudformation list-exports``.
        account_id: The id of the exporting account.
        region: The exporting stack's region; empty if it is not known.
        value: The value, unresolved.
    """

    stack: Template | None
    account_id: str
    region: str
    value: Any = field(repr=False)


class Exports:
    """The exports of all templates among the world's seeds.

    Args:
        seeds: All seeds of the world.
    """

    def __init__(self, seeds: Sequence[Seed]) -> None:
        self._seeds = [unwrapped(each) for each in seeds]
        self._templates: dict[int, Template] = {}
        self._named: dict[str, list[_Export]] | None = None
        self._asked_for: set[str] = set()

    @property
    def templates(self) -> Sequence[Template]:
        """The templates of all seeds, in the order of the seeds."""
        return [self._template(seed) for seed in self._seeds if has_resources(seed.text.data)]

    def _template(self, seed: Seed) -> Template:
        if id(seed) not in self._templates:
            has_loops = FOR_EACH in seed.text.text
            self._templates[id(seed)] = Template(seed.text.data, seed.settings, self.value, has_loops=has_loops)
        return self._templates[id(seed)]

    def value(self, name: str, importing: Template) -> Any:
        """Returns the value of an export.

        Args:
            name: The export name.
            importing: The template that imports it.

        Raises:
            Unresolved: no seed exports it, or its value is not known.
        """
        stack = importing.stack
        if name in self._asked_for:
            raise Unresolved(f"the export {name[:120]} refers to itself")
        self._asked_for.add(name)
        try:
            return self._exported(name, importing)
        except Unresolved as error:
            if name in stack.imports:
                return stack.imports[name]
            raise Unresolved(error.reason, fix=given_by("imports", name)) from None
        finally:
            self._asked_for.discard(name)

    def _exported(self, name: str, importing: Template) -> Any:
        stack = importing.stack
        known = [each for each in self._exports.get(name, ()) if each.stack is not importing]
        elsewhere = ""
        for each in known:
            if each.account_id == stack.account_id and each.region in {"", stack.region}:
                return each.value if each.stack is None else _resolved(each.stack, each.value, name)
            elsewhere = f" in {stack.region}, but one in {each.region} does"
        raise Unresolved(f"no other seed exports {name[:120]}{elsewhere}")

    @property
    def _exports(self) -> dict[str, list[_Export]]:
        if self._named is None:
            self._named = {}  # export names that depend on imports are not supported
            named: dict[str, list[_Export]] = {}
            for name, export in self._all():
                named.setdefault(name, []).append(export)
            self._named = named
        return self._named

    def _all(self) -> Iterator[tuple[str, _Export]]:
        for seed in self._seeds:
            if has_resources(seed.text.data):
                yield from _exports_of(self._template(seed))
            for name, value in exports_listed(seed.text.data):
                yield name, _Export(None, seed.settings.account_id, "", value)


def _resolved(stack: Template, value: Any, name: str) -> Any:
    try:
        return stack.resolver.resolve(value)
    except Unresolved as error:
        raise Unresolved(
            f"the value that {stack.stack.name} exports as {name[:120]} is unknown: {error.reason}"
        ) from None


def _exports_of(template: Template) -> Iterator[tuple[str, _Export]]:
    for output in template.outputs.values():
        export = output.get("Export") if isinstance(output, dict) else None
        if not isinstance(export, dict):
            continue
        try:
            if "Condition" in output and not template.resolver.conditions.holds(output["Condition"]):
                continue
            name = text_of(template.resolver.resolve(export.get("Name")))
        except Unresolved:
            continue  # the importing stack gets the error that nothing exports it
        yield name, _Export(template, template.stack.account_id, template.stack.region, output.get("Value"))
