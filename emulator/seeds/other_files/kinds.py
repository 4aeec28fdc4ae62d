"""The description of an unsupported file, which may mention its kind, keys and places, but never a value."""

from __future__ import annotations

from emulator.kernel.records import dataclass
from emulator.seeds.contents import SeedError

WHAT_IS_READ = (
    "a CloudFormation template, output of terraform show -json or the AWS CLI, an export of Okta's API, "
    "or an identity provider's metadata"
)

AS_EXPORTED = "Use a file exactly as the AWS CLI, Okta's API or Terraform wrote it."


@dataclass(frozen=True, slots=True)
class OtherKind:
    """An unsupported kind of file.

    Args:
        what: The kind in words, with an article: ``a HAR``.
        fix: What to provide instead, or where the file belongs.
        is_sure: Whether a text is of this kind even if it happens to be valid YAML as well.
    """

    what: str
    fix: str = ""
    is_sure: bool = False

    def refusal(self) -> SeedError:
        """Returns the error for a file of this kind."""
        return SeedError(f"this is {self.what}", expected=WHAT_IS_READ, fix=self.fix or AS_EXPORTED)
