"""What all readers of Terraform resources share: the resources, their owners, and where the results go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from weakref import WeakKeyDictionary

from emulator.kernel.records import dataclass
from emulator.seeds.contents import HERE, SeedContents, SeedNote, SeedPart
from emulator.seeds.seed_text import Seed, SeedSettings, SeedText
from emulator.seeds.terraform.cloud_control import CLOUD_CONTROL_TYPES, in_classic_words
from emulator.seeds.terraform.computed import computed_by
from emulator.seeds.terraform.owners import OKTA_PREFIX, Owners
from emulator.seeds.terraform.references import References
from emulator.seeds.terraform.resources import Resource, TerraformFile, read_file

_FILES: WeakKeyDictionary[SeedText, dict[str, TerraformFile]] = WeakKeyDictionary()
AFTER_APPLY = "known after apply"


@dataclass(slots=True)
class Taking:
    """A Terraform file while it is read into a world.

    Args:
        seed: The file's seed.
        others: The other seeds of the world.
        file: The file's contents.
        references: The values of the file's resources.
        owners: The account or org of each resource.
        contents: The seed's contents so far.
        company: The part that is read: ``aws`` or ``okta``.
    """

    seed: Seed = field(repr=False)
    others: Sequence[Seed] = field(repr=False)
    file: TerraformFile
    references: References
    owners: Owners
    contents: SeedContents
    company: str
    _by_kind: dict[tuple[str, str], list[Resource]] = field(default_factory=dict)
    _by_address: dict[str, Resource] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for resource in self.file.resources:
            if resource.deposed:
                continue
            if self.company == "aws" and resource.kind in CLOUD_CONTROL_TYPES and resource.mode == "managed":
                self._take_in_classic_words(resource)
            elif self.company == "okta" and resource.kind.startswith(OKTA_PREFIX) and self.owners.of(resource) is None:
                self.leave_out(resource, "the file has several orgs and does not say which one it belongs to")
            else:
                self._by_kind.setdefault((resource.mode, resource.kind), []).append(resource)
                self._by_address[resource.address] = resource

    def _take_in_classic_words(self, resource: Resource) -> None:
        made = [*in_classic_words(resource)]
        for each in made:
            self._by_kind.setdefault((each.mode, each.kind), []).append(each)
        if not made:
            self.leave_out(resource, f"part of it is {AFTER_APPLY}")

    @property
    def settings(self) -> SeedSettings:
        """The seed's settings in the world file."""
        return self.seed.settings

    def managed(self, *kinds: str) -> Iterator[Resource]:
        """Yields the managed resources of some types."""
        for kind in kinds:
            yield from self._by_kind.get(("managed", kind), ())

    def data(self, *kinds: str) -> Iterator[Resource]:
        """Yields the data sources of some types."""
        for kind in kinds:
            yield from self._by_kind.get(("data", kind), ())

    def both(self, *kinds: str) -> Iterator[Resource]:
        """Yields the managed resources of some types, and then the data sources of the same types."""
        yield from self.managed(*kinds)
        yield from self.data(*kinds)

    def everywhere(self, kind: str) -> list[Resource]:
        """Returns the resources and data sources of a type, in whichever account or org."""
        return [*self._by_kind.get(("managed", kind), []), *self._by_kind.get(("data", kind), [])]

    def account_of(self, resource: Resource, kind: str, name: str) -> str | None:
        """Returns the account of what belongs to a user or group: its own, or else that of the user or group."""
        owner = self.owners.of(resource)
        if owner is not None:
            return owner
        owners = {self.owners.of(each) for each in self.everywhere(kind) if self.references.text(each, "name") == name}
        return next(iter(owners)) if len(owners) == 1 else None

    def depends_on_tags(self) -> bool:
        """Returns whether a policy in any seed or in the world file may depend on tags."""
        texts = [each.text.text for each in (self.seed, *self.others)]
        return any("Tag/" in text for text in (*texts, str(self.settings.own)))

    def at_address(self, address: str) -> Resource | None:
        """Returns the resource with an address."""
        return self._by_address.get(address)

    def part(self, owner: str | None) -> SeedPart:
        """Returns the part of an account or org."""
        owner = owner or HERE
        return self.contents.account(owner) if self.company == "aws" else self.contents.org(owner)

    def leave_out(self, resource: Resource, reason: str, fix: str = "", *inside: str | int) -> None:
        """Notes that a resource, or one of its attributes, is left out of the world."""
        self.contents.left_out.append(SeedNote(resource.address, reason, resource.at(*inside), fix))

    def add_note(self, resource: Resource, reason: str, fix: str = "", *inside: str | int) -> None:
        """Notes a difference between the file and the world."""
        self.contents.notes.append(SeedNote(resource.address, reason, resource.at(*inside), fix))

    def why_absent(self, resource: Resource, attribute: str, what: str) -> str:
        """Returns why a required attribute cannot be used.

        Args:
            resource: The resource with the attribute.
            attribute: The attribute's name.
            what: The attribute in words: ``its name``.
        """
        if resource.is_unknown(attribute):
            return f"{what} ({attribute}) is {AFTER_APPLY}"
        if resource.values.get(attribute) in (None, ""):
            return f"{what} ({attribute}) is not in the file"
        return f"{what} ({attribute}) is not a string"


def file_of(seed: Seed) -> TerraformFile:
    """Returns the contents of a seed's file, which is read only once even if it is listed several times.

    Raises:
        SeedError: its version is not supported, or it is a plan that failed.
    """
    files = _FILES.setdefault(seed.text, {})
    moment = seed.settings.moment
    if moment not in files:
        files[moment] = read_file(seed.text.data, moment=moment)
    return files[moment]


def take(seed: Seed, others: Sequence[Seed], contents: SeedContents, company: str) -> Taking:
    """Returns a seed's file, ready for reading its AWS or Okta part.

    Raises:
        SeedError: for the same reasons as ``file_of``.
    """
    file = file_of(seed)
    known: list[Owners] = []
    references = References(file, computed_by(lambda resource: next(iter(known)).of(resource), seed.settings))
    owners = Owners(references, file.resources)
    known.append(owners)
    return Taking(seed, others, file, references, owners, contents, company)
