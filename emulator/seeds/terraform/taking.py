"""What every reader of Terraform's resources shares: the resources, whose they are, and where what is said goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from weakref import WeakKeyDictionary

from emulator.kernel.records import dataclass
from emulator.seeds.contents import HERE, SeedContents, SeedNote, SeedPart
from emulator.seeds.seed_text import Seed, SeedSettings, SeedText
from emulator.seeds.terraform.cloud_control import CLOUD_CONTROL_TYPES, in_classic_words
from emulator.seeds.terraform.computed import computed_by
from emulator.seeds.terraform.owners import OKTA_MAKER, Owners
from emulator.seeds.terraform.references import References
from emulator.seeds.terraform.resources import Resource, TerraformFile, read_file

_FILES: WeakKeyDictionary[SeedText, dict[str, TerraformFile]] = WeakKeyDictionary()
AFTER_APPLY = "known after apply"


@dataclass(slots=True)
class Taking:
    """A Terraform file on its way into a world.

    Args:
        seed: The seed.
        others: The other seeds of the world.
        file: The file.
        references: The values of its resources.
        owners: Whose they are.
        contents: What it says, so far.
        company: ``aws`` or ``okta``: what of it is read.
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
            elif self.company == "okta" and resource.kind.startswith(OKTA_MAKER) and self.owners.of(resource) is None:
                self.leave_out(resource, "the file has several orgs and does not say in which it is")
            else:
                self._by_kind.setdefault((resource.mode, resource.kind), []).append(resource)
                self._by_address[resource.address] = resource

    def _take_in_classic_words(self, resource: Resource) -> None:
        made = [*in_classic_words(resource)]
        for each in made:
            self._by_kind.setdefault((each.mode, each.kind), []).append(each)
        if not made:
            self.leave_out(resource, f"something of it is {AFTER_APPLY}")

    @property
    def settings(self) -> SeedSettings:
        """The settings of the seed."""
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
        """Yields managed resources of some types, and then data sources of theirs."""
        yield from self.managed(*kinds)
        yield from self.data(*kinds)

    def everywhere(self, kind: str) -> list[Resource]:
        """Returns the resources and data sources of a type, whoever owns them."""
        return [*self._by_kind.get(("managed", kind), []), *self._by_kind.get(("data", kind), [])]

    def account_of(self, resource: Resource, kind: str, name: str) -> str | None:
        """Returns the account of what belongs to a user or a group, by that where it does not say it itself."""
        owner = self.owners.of(resource)
        if owner is not None:
            return owner
        owners = {self.owners.of(each) for each in self.everywhere(kind) if self.references.text(each, "name") == name}
        return next(iter(owners)) if len(owners) == 1 else None

    def decides_by_tags(self) -> bool:
        """Returns whether a policy of any seed, or the world's own, may decide something by tags."""
        texts = [each.text.text for each in (self.seed, *self.others)]
        return any("Tag/" in text for text in (*texts, str(self.settings.own)))

    def at_address(self, address: str) -> Resource | None:
        """Returns the resource with an address."""
        return self._by_address.get(address)

    def part(self, owner: str | None) -> SeedPart:
        """Returns the part of the account or the org that something goes to."""
        owner = owner or HERE
        return self.contents.account(owner) if self.company == "aws" else self.contents.org(owner)

    def leave_out(self, resource: Resource, reason: str, fix: str = "", *inside: str | int) -> None:
        """Notes that a resource, or an attribute of it, is not in the world."""
        self.contents.left_out.append(SeedNote(resource.address, reason, resource.at(*inside), fix))

    def tell(self, resource: Resource, reason: str, fix: str = "", *inside: str | int) -> None:
        """Notes that a resource is in the world otherwise than in the file."""
        self.contents.told.append(SeedNote(resource.address, reason, resource.at(*inside), fix))

    def why_absent(self, resource: Resource, attribute: str, what: str) -> str:
        """Returns why an attribute that is needed cannot be used.

        Args:
            resource: The resource.
            attribute: The attribute.
            what: What it is, as a person calls it: ``its name``.
        """
        if resource.is_unknown(attribute):
            return f"{what} ({attribute}) is {AFTER_APPLY}"
        if resource.values.get(attribute) in (None, ""):
            return f"{what} ({attribute}) is not in the file"
        return f"{what} ({attribute}) is not text"


def file_of(seed: Seed) -> TerraformFile:
    """Returns what is in a seed's file, which is read once however often it is listed.

    Raises:
        SeedError: it is of a version that is not read, or a plan that failed.
    """
    files = _FILES.setdefault(seed.text, {})
    moment = seed.settings.moment
    if moment not in files:
        files[moment] = read_file(seed.text.data, moment=moment)
    return files[moment]


def take(seed: Seed, others: Sequence[Seed], contents: SeedContents, company: str) -> Taking:
    """Returns a seed's file, ready to be read for one company.

    Raises:
        SeedError: as ``file_of``.
    """
    file = file_of(seed)
    known: list[Owners] = []
    references = References(file, computed_by(lambda resource: next(iter(known)).of(resource), seed.settings))
    owners = Owners(references, file.resources)
    known.append(owners)
    return Taking(seed, others, file, references, owners, contents, company)
