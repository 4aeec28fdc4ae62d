"""A template's resources, read property by property: what of one is not known leaves the others as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, Final

from emulator.kernel.records import dataclass
from emulator.seeds.cloudformation.functions import Resolver
from emulator.seeds.cloudformation.loops import as_written, unrolled
from emulator.seeds.cloudformation.references import References
from emulator.seeds.cloudformation.stack import stack_of
from emulator.seeds.cloudformation.values import NO_VALUE, Unresolved, kind_of, text_of
from emulator.seeds.seed_text import SeedSettings
from emulator.worldfile.text.yaml_data import Key

_TRANSFORM: Final = "Fn::Transform"
_MACRO: Final = f"what {_TRANSFORM} adds to it is known to AWS only"


class Template:
    """A template with the stack that it makes: ``all`` its resources and ``outputs``, with loops written out.

    Args:
        data: The template.
        settings: What the world says of the seed.
        imported: Returns the value of an export of another stack, given its name and this template.
        has_loops: Whether there may be loops to be written out.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        settings: SeedSettings,
        imported: Callable[[str, Template], Any],
        *,
        has_loops: bool = True,
    ) -> None:
        self.data = data
        self.stack = stack_of(settings)
        self.all: dict[str, Any] = {}
        self.references = References(self.all, self.stack)
        self.resolver = Resolver(
            data,
            self.stack,
            reference=self.references.reference,
            attribute=self.references.attribute,
            imported=lambda name: imported(name, self),
        )
        self.references.resolve = self.resolver.resolve
        self.references.holds = self.resolver.conditions.holds
        resources, outputs = (data.get(section) for section in ("Resources", "Outputs"))
        write_out = unrolled if has_loops else as_written
        self.loops = write_out(resources if isinstance(resources, dict) else {}, self.resolver.resolve)
        self.all.update(self.loops.items)
        self.outputs = write_out(outputs if isinstance(outputs, dict) else {}, self.resolver.resolve).items

    def of(self, *kinds: str) -> Iterator[Resource]:
        """Yields the resources of some types, except those whose condition does not hold."""
        for logical_id, resource in self.all.items():
            if not isinstance(resource, dict) or resource.get("Type") not in kinds:
                continue
            unknown: Unresolved | None = None
            try:
                if "Condition" in resource and not self.resolver.conditions.holds(resource["Condition"]):
                    continue
            except Unresolved as error:
                unknown = error
            if _is_transformed(resource):
                unknown = Unresolved(_MACRO)
            yield Resource(self, str(logical_id), str(resource["Type"]), resource.get("Properties"), unknown)


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a template.

    Args:
        template: The template.
        logical_id: Its logical id.
        kind: Its type.
        written: Its properties, as they are written.
        unknown: Why it is not known whether it is made at all; None where it is made.
    """

    template: Template = field(repr=False)
    logical_id: str
    kind: str
    written: Any = field(repr=False)
    unknown: Unresolved | None = None

    @property
    def what(self) -> str:
        """What a person calls it."""
        return f"Resources.{self.logical_id} ({self.kind})"

    @property
    def name(self) -> str:
        """Its name, given or generated."""
        return self.template.references.name(self.logical_id)

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.template.references.arn(self.logical_id)

    def place(self, *inside: str | int) -> Key:
        """Returns the place of the resource, or of what is in its properties."""
        return ("Resources", self.logical_id, "Properties", *inside) if inside else ("Resources", self.logical_id)

    def require_it(self) -> None:
        """Refuses a resource of which it is not known whether it is made.

        Raises:
            Unresolved: its condition is not known, or its properties are none.
        """
        if self.unknown is not None:
            said = "" if self.unknown.reason == _MACRO else "its condition is not known: "
            raise Unresolved(f"{said}{self.unknown.reason}", fix=self.unknown.fix)
        if not isinstance(self.written, dict) and self.written is not None:
            raise Unresolved(f"Properties is {kind_of(self.written)} and not a mapping")

    def raw(self, name: str) -> Any:
        """Returns a property as it is written; None where it is not there."""
        return self.written.get(name) if isinstance(self.written, dict) else None

    def value(self, name: str) -> Any:
        """Returns a property without functions; None where it is not there.

        Raises:
            Unresolved: it is not known here.
        """
        value = self.template.resolver.resolve(self.raw(name))
        return None if value is NO_VALUE else value

    def text(self, name: str) -> str | None:
        """Returns a property that is a text; None where it is not there.

        Raises:
            Unresolved: it is not known here, or no text.
        """
        value = self.value(name)
        return None if value is None else text_of(value)

    def items(self, name: str) -> list[tuple[int, Any]]:
        """Returns the items of a list, each as it is written and with its number.

        Raises:
            Unresolved: the list as a whole is not known here, or is none.
        """
        resolver = self.template.resolver
        written = resolver.branch(self.raw(name))
        if isinstance(written, dict):
            written = resolver.resolve(written)  # a function makes the list
        if written is None or written is NO_VALUE:
            return []
        if not isinstance(written, list):
            raise Unresolved(f"it is {kind_of(written)} and not a list")
        return list(enumerate(each for each in written if resolver.is_there(each)))

    def resolve(self, written: Any) -> Any:
        """Returns something of the resource without functions."""
        return self.template.resolver.resolve(written)


def _is_transformed(resource: Mapping[str, Any]) -> bool:
    """Returns whether a macro adds something beside what is written, a boundary or a policy for one."""
    properties = resource.get("Properties")
    return _TRANSFORM in resource or (isinstance(properties, dict) and _TRANSFORM in properties)
