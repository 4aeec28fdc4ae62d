"""What IAM says about a policy's resource that is not an ARN, or not one that the service could have.

Spec: AWS IAM UG "reference_policies_elements_resource", "reference-arns"
Evidence: observed (CreatePolicy's answers), assumed (what was not seen is taken)
"""

from __future__ import annotations

from emulator.kernel.partitions import PARTITIONS

_PARTS = 5
_IAM_PATHS = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
_REGIONAL_IN_S3 = ("accesspoint/", "job/", "storage-lens", "access-grants", "async-request/")
_OTHER_PARTITIONS = ("aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")


def resource_complaint(resource: str) -> str | None:
    """Returns IAM's words for a resource that it does not accept; None for others.

    Evidence: observed
    """
    if resource == "*" or resource.startswith("${"):
        return None
    if ":" not in resource:
        return f'Resource {resource} must be in ARN format or "*".'
    parts = resource.split(":", _PARTS)[1:]
    partition = parts[0]
    if partition != "*" and partition not in PARTITIONS and partition not in _OTHER_PARTITIONS:
        shown = ":".join((*parts, *("*",) * (_PARTS - len(parts))))
        return f'Partition "{partition}" is not valid for resource "arn:{shown}".'
    if len(parts) == 1:
        return None if partition == "*" else "Resource vendor must be fully qualified and cannot contain regexes."
    return _complaint_of_service(resource, *parts[1:]) if len(parts) == _PARTS else None


def _complaint_of_service(resource: str, service: str, region: str, account: str, path: str) -> str | None:
    has_region = region not in {"", "*"}
    if service == "iam" and has_region:
        return f"IAM resource {resource} cannot contain region information."
    if service == "s3" and has_region and not path.startswith(_REGIONAL_IN_S3):
        return f"Resource {resource} can not contain region information."
    if service == "iam" and account != "aws" and not _is_iam_path(path):
        paths = ", ".join(_IAM_PATHS)
        return f'IAM resource path must either be "*", root, or start with {paths}.'
    return None


def _is_iam_path(path: str) -> bool:
    """Returns whether IAM can have such a resource; a wildcard or variable at the beginning may match any."""
    return path == "root" or path.startswith(_IAM_PATHS) or bool(set(path.partition("/")[0]) & set("*?$"))


def fails_older_parser(resource: str) -> bool:
    """Returns whether IAM's older parser rejects a resource: one without a service, or with too few colons.

    Evidence: observed
    """
    if resource == "*" or resource.startswith("${"):
        return False
    parts = resource.split(":")
    return len(parts) > 2 and (not parts[2] or (len(parts) <= _PARTS and "" in parts[2:-1]))
