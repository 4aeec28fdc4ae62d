"""Which region and partition the host of an API stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass

_REGION = re.compile(r"(?:^|\.)([a-z]{2}(?:-[a-z]+)+-\d)\.", re.ASCII)


@dataclass(frozen=True, slots=True)
class ApiEndpoint:
    """An endpoint of AWS. ``region`` is empty for a global one."""

    host: str
    region: str
    partition: str


def endpoint_of(host: str) -> ApiEndpoint:
    """Reads an AWS host name.

    Spec: AWS General Reference "AWS service endpoints"
    Evidence: documented
    """
    name = host.partition(":")[0]
    match = _REGION.search(name)
    region = match[1] if match else ""
    if name.endswith((".amazonaws.com.cn", ".amazonaws.cn")) or region.startswith("cn-"):
        partition = "aws-cn"
    elif "us-gov" in name:
        partition = "aws-us-gov"
    else:
        partition = "aws"
    return ApiEndpoint(name, region, partition)
