"""Determines the AWS account or Okta org that each resource of a Terraform file belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import field
from urllib.parse import urlsplit

from emulator.kernel.records import dataclass
from emulator.seeds.arns import arn_of
from emulator.seeds.contents import HERE
from emulator.seeds.terraform.references import References
from emulator.seeds.terraform.resources import Resource

_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_OKTA_DOMAINS = ("okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil")
_LINKS = ("http_post_binding", "http_redirect_binding", "embed_url", "metadata_url")

AWS_PREFIXES = ("aws_", "awscc_")
OKTA_PREFIX = "okta_"
# Resources of other services may refer to ARNs in other accounts.
_OWNED_PREFIXES = ("aws_iam_", "aws_connect_", "aws_caller_identity", "awscc_iam_", "awscc_connect_", OKTA_PREFIX)


@dataclass(slots=True)
class Owners:
    """The owners of resources, by their own attributes or those of other resources of the same provider.

    Args:
        references: The values of the resources' attributes.
        resources: All resources of the file.
    """

    references: References
    resources: Sequence[Resource]
    _found: dict[str, set[str]] = field(default_factory=dict)
    _of: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for resource in self.resources:
            if resource.kind.startswith(_OWNED_PREFIXES):
                group = self._group(resource)
                if group not in self._found:
                    self._found[group] = set(self._configured(resource))
                self._found[group] |= set(self._said(resource))

    def of(self, resource: Resource) -> str | None:
        """Returns an account id or an org's subdomain; ``HERE`` if nothing names it, None if it is ambiguous."""
        if resource.address not in self._of:
            self._of[resource.address] = self._owner(resource)
        return self._of[resource.address]

    def _owner(self, resource: Resource) -> str | None:
        own = next(self._own(resource), "")
        if own:
            return own
        others = self._found.get(self._group(resource), set())
        if len(others) == 1:
            return next(iter(others))
        return None if others else HERE

    def _group(self, resource: Resource) -> str:
        prefix = OKTA_PREFIX if resource.kind.startswith(OKTA_PREFIX) else "aws_"
        key, _ = self.references.provider(resource)
        return f"{prefix} {key or resource.provider}"

    def _said(self, resource: Resource) -> Iterator[str]:
        yield from self._own(resource)
        if resource.kind == "aws_caller_identity" and _ACCOUNT.fullmatch(resource.text("account_id")):
            yield resource.text("account_id")

    def _own(self, resource: Resource) -> Iterator[str]:
        """Yields the owner that a resource's own attributes name."""
        if resource.kind.startswith(AWS_PREFIXES):
            arn = arn_of(resource.text("arn"))
            if arn is not None and _ACCOUNT.fullmatch(arn.account_id):
                yield arn.account_id
            elif _ACCOUNT.fullmatch(resource.account_id):
                yield resource.account_id
        elif resource.kind.startswith(OKTA_PREFIX):
            yield from filter(None, (subdomain_of(resource.text(link)) for link in _LINKS))

    def _configured(self, resource: Resource) -> Iterator[str]:
        """Yields the owner that the settings of a resource's provider name."""
        _, settings = self.references.provider(resource)
        expressions = settings.get("expressions")
        if not isinstance(expressions, dict):
            return
        if resource.kind.startswith(OKTA_PREFIX):
            name = self.references.constant(expressions.get("org_name"))
            if isinstance(name, str) and name:
                yield name.removesuffix("-admin")
            return
        allowed = self.references.constant(expressions.get("allowed_account_ids"))
        if isinstance(allowed, list) and len(allowed) == 1:
            yield from filter(_ACCOUNT.fullmatch, map(str, allowed))
        assumed = expressions.get("assume_role")
        for block in assumed if isinstance(assumed, list) else [assumed]:
            role = self.references.constant(block.get("role_arn")) if isinstance(block, dict) else None
            arn = arn_of(role)
            if arn is not None and _ACCOUNT.fullmatch(arn.account_id):
                yield arn.account_id


def subdomain_of(url: str) -> str:
    """Returns the subdomain of an Okta org's URL; empty if the URL is not in one of Okta's domains."""
    if not url:
        return ""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    name, _, domain = host.partition(".")
    return name.removesuffix("-admin") if domain in _OKTA_DOMAINS else ""
