"""A template's resources, read property by property, so that an unknown property does not affect the others."""

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
_MACRO: Final = f"only AWS knows what {_TRANSFORM} adds to it"


class Template:
    """A template and its stack: ``all`` has its resources and ``outputs`` its outputs, with loops expanded.

    Args:
        data: The template's data.
        settings: The seed's settings in the world file.
        imported: Returns the value of another stack's export, given its name and this template.
        has_loops: Whether there may be loops to expand.
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
        """Yields the resources of some types, except those with a false condition."""
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
        template: The template that contains it.
        logical_id: Its logical id.
        kind: Its type.
        written: Its properties, unresolved.
        unknown: Why it is not known whether the resource is created; None if it is created.
    """

    template: Template = field(repr=False)
    logical_id: str
    kind: str
    written: Any = field(repr=False)
    unknown: Unresolved | None = None

    @property
    def what(self) -> str:
        """The resource's name in messages."""
        return f"Resources.{self.logical_id} ({self.kind})"

    @property
    def name(self) -> str:
        """The resource's name, given or generated."""
        return self.template.references.name(self.logical_id)

    @property
    def arn(self) -> str:
        """The resource's ARN."""
        return self.template.references.arn(self.logical_id)

    def place(self, *inside: str | int) -> Key:
        """Returns the place of the resource, or of something in its properties."""
        return ("Resources", self.logical_id, "Properties", *inside) if inside else ("Resources", self.logical_id)

    def require_it(self) -> None:
        """Refuses the resource if it is not known whether it is created.

        Raises:
            Unresolved: its condition is not known, or its properties are not a mapping.
        """
        if self.unknown is not None:
            said = "" if self.unknown.reason == _MACRO else "its condition is unknown: "
            raise Unresolved(f"{said}{self.unknown.reason}", fix=self.unknown.fix)
        if not isinstance(self.written, dict) and self.written is not None:
            raise Unresolved(f"Properties is {kind_of(self.written)}, not a mapping")

    def raw(self, name: str) -> Any:
        """Returns a property, unresolved; None if it is missing."""
        return self.written.get(name) if isinstance(self.written, dict) else None

    def value(self, name: str) -> Any:
        """Returns a property with its functions resolved; None if it is missing.

        Raises:
            Unresolved: the value is not known here.
        """
        value = self.template.resolver.resolve(self.raw(name))
        return None if value is NO_VALUE else value

    def text(self, name: str) -> str | None:
        """Returns a property that is a string; None if it is missing.

        Raises:
            Unresolved: the value is not known here, or not a string.
        """
        value = self.value(name)
        return None if value is None else text_of(value)

    def items(self, name: str) -> list[tuple[int, Any]]:
        """Returns the items of a list, each unresolved and with its index.

        Raises:
            Unresolved: the list as a whole is not known here, or is not a list.
        """
        resolver = self.template.resolver
        written = resolver.branch(self.raw(name))
        if isinstance(written, dict):
            written = resolver.resolve(written)  # a function generates the list
        if written is None or written is NO_VALUE:
            return []
        if not isinstance(written, list):
            raise Unresolved(f"it is {kind_of(written)}, not a list")
        return list(enumerate(each for each in written if resolver.is_there(each)))

    def resolve(self, written: Any) -> Any:
        """Returns part of the resource with its functions resolved."""
        return self.template.resolver.resolve(written)


def _is_transformed(resource: Mapping[str, Any]) -> bool:
    """Returns whether a macro may add something to the resource, such as a boundary or a policy."""
    properties = resource.get("Properties")
    return _TRANSFORM in resource or (isinstance(properties, dict) and _TRANSFORM in properties)
