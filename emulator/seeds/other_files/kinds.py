"""What is said of a file of a kind that is not read. Kinds, keys and places are named, and never a value."""

from __future__ import annotations

from emulator.kernel.records import dataclass
from emulator.seeds.contents import SeedError

WHAT_IS_READ = (
    "a CloudFormation template, what terraform show -json or the AWS CLI prints, an export of Okta's API, "
    "or an identity provider's metadata"
)

AS_EXPORTED = "Give a file as AWS's, Okta's or Terraform's program wrote it."


@dataclass(frozen=True, slots=True)
class OtherKind:
    """A kind of file that is not read.

    Args:
        what: What it is, with its article: ``a HAR``.
        fix: What to give instead, or where it belongs.
        is_sure: Whether a text is of this kind even where it happens to be YAML as well.
    """

    what: str
    fix: str = ""
    is_sure: bool = False

    def refusal(self) -> SeedError:
        """Returns the error that says it."""
        return SeedError(f"this is {self.what}", expected=WHAT_IS_READ, fix=self.fix or AS_EXPORTED)
