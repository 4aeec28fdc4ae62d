"""Maps places in a resolved template to places in the file as it is written."""

from __future__ import annotations

from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.cloudformation.resources import Template
from emulator.seeds.cloudformation.values import Unresolved
from emulator.worldfile.text.yaml_data import Key


@dataclass(frozen=True, slots=True)
class WrittenPlaces:
    """The places in a template's file.

    Args:
        template: The resolved template.
        around: The keys that lead to the template in its file.
    """

    template: Template
    around: Key = ()

    def written(self, place: Key) -> Key:
        """Returns the keys in the file of what is at a place in the resolved template.

        They end at a function if the function generates the value.
        """
        here: Any = self.template.data
        keys: list[str | int] = list(self.around)
        if len(place) > 1 and place[0] == "Resources" and place[1] in self.template.all:
            # A loop may have generated the resource, in which case its text is in the loop's body.
            logical_id = str(place[1])
            here = self.template.all[logical_id]
            keys += ("Resources", *self.template.loops.origins.get(logical_id, (logical_id,)))
            place = place[2:]
        for part in place:
            here = self._taken(here, keys)
            if isinstance(here, list) and isinstance(part, int):
                kept = [index for index, each in enumerate(here) if self.template.resolver.is_there(each)]
                if part >= len(kept):
                    return tuple(keys)
                keys.append(kept[part])
                here = here[kept[part]]
            elif isinstance(here, dict) and part in here:
                keys.append(part)
                here = here[part]
            else:
                return tuple(keys)
        self._taken(here, keys)
        return tuple(keys)

    def text(self, place: Key) -> str:
        """Returns a description of a place: the resource, and where it is in the CDK program."""
        if len(place) < 2:
            return "CloudFormation template"
        logical_id = str(place[1])
        path = path_in_cdk(self.template.all.get(logical_id))
        return f"CloudFormation resource {logical_id}{f' ({path})' if path else ''}"

    def _taken(self, value: Any, keys: list[str | int]) -> Any:
        """Returns the branch that an ``Fn::If`` selects and adds the keys to it; any other value unchanged."""
        try:
            taken, inside = self.template.resolver.branch_with_keys(value)
        except Unresolved:
            return None
        keys += inside
        return taken


def path_in_cdk(resource: Any) -> str:
    """Returns a resource's path in the CDK program: ``Login/Idp``; empty if CDK did not generate it."""
    metadata = resource.get("Metadata") if isinstance(resource, dict) else None
    path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
    return path.removesuffix("/Resource") if isinstance(path, str) else ""
