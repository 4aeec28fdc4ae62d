"""The region and the partition that an API's host belongs to."""

from __future__ import annotations

import re

from emulator.kernel.partitions import AWS, PARTITIONS, REGION, Partition, partition_of_region
from emulator.kernel.records import dataclass

_REGION = re.compile(rf"(?:^|\.)({REGION})\.", re.ASCII)


@dataclass(frozen=True, slots=True)
class ApiEndpoint:
    """An endpoint of AWS. ``region`` is empty for a global endpoint."""

    host: str
    region: str
    partition: str

    @property
    def region_name(self) -> str:
        """The region; for a global endpoint, its partition's first region.

        Spec: AWS IAM UG "reference_policies_condition-keys", aws:RequestedRegion
        Evidence: documented
        """
        return self.region or PARTITIONS[self.partition].default_region


def endpoint_of(host: str) -> ApiEndpoint:
    """Reads an AWS host name.

    Spec: AWS General Reference "AWS service endpoints"
    Evidence: documented
    """
    name = host.partition(":")[0]
    match = _REGION.search(name)
    if match:
        return ApiEndpoint(name, match[1], partition_of_region(match[1]).name)
    return ApiEndpoint(name, "", _partition_of_global_host(name).name)


def _partition_of_global_host(host: str) -> Partition:
    known = PARTITIONS.values()
    return next(
        (each for each in known if host in {each.iam_host, each.sts_host}),
        next((each for each in known if host.endswith(f".{each.api_domain}")), AWS),
    )
