"""AWS's partitions: the names of regions, hosts and audiences in each, in one table.

Both AWS's side and the network use it. It is not in ``sp_mock``, because host names are needed before there is an AWS
side: the certificate authority may sign for these domains only, and ``fedemu ca`` creates it without any world.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

import re

from emulator.kernel.records import dataclass

REGION = r"[a-z]{2}(?:-[a-z]+)+-[0-9]"
OLD_CONNECT_DOMAIN = "awsapps.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """A part of AWS with its own accounts, regions and host names.

    Args:
        name: Name in ARNs.
        regions: Regular expression for the names of its regions.
        default_region: Region of a host that names none.
        site_domain: Domain of its sign-in and console hosts, which share cookies.
        api_domain: Domain of its API hosts.
        sts_host: Host of STS when no region is named.
        iam_host: Host of IAM, which has no regions.
        connect_domain: Domain of the hosts of Amazon Connect instances.
        audiences: URNs that are valid audiences of an assertion.

    Spec: AWS General Reference "AWS service endpoints"
    Evidence: documented (hosts, GovCloud's audience), observed (China's audiences, GovCloud's Amazon Connect)
    """

    name: str
    regions: str
    default_region: str
    site_domain: str
    api_domain: str
    sts_host: str
    iam_host: str
    connect_domain: str
    audiences: tuple[str, ...]


AWS = Partition(
    name="aws",
    regions=rf"(?!us-gov-|cn-){REGION}",
    default_region="us-east-1",
    site_domain="aws.amazon.com",
    api_domain="amazonaws.com",
    sts_host="sts.amazonaws.com",
    iam_host="iam.amazonaws.com",
    connect_domain="my.connect.aws",
    audiences=("urn:amazon:webservices",),
)
GOVCLOUD = Partition(
    name="aws-us-gov",
    regions=r"us-gov-[a-z]+-[0-9]",
    default_region="us-gov-west-1",
    site_domain="amazonaws-us-gov.com",
    api_domain="amazonaws.com",
    sts_host="sts.us-gov-west-1.amazonaws.com",
    iam_host="iam.us-gov.amazonaws.com",
    connect_domain="govcloud.connect.aws",
    audiences=("urn:amazon:webservices:govcloud",),
)
CHINA = Partition(
    name="aws-cn",
    regions=r"cn-[a-z]+-[0-9]",
    default_region="cn-north-1",
    site_domain="amazonaws.cn",
    api_domain="amazonaws.com.cn",
    sts_host="sts.cn-north-1.amazonaws.com.cn",
    iam_host="iam.cn-north-1.amazonaws.com.cn",
    connect_domain="my.connect.aws",  # Amazon Connect is not offered in China; a world may have an instance there
    audiences=("urn:amazon:webservices:cn-north-1", "urn:amazon:webservices:cn-northwest-1"),
)
PARTITIONS = {partition.name: partition for partition in (AWS, GOVCLOUD, CHINA)}
# Every domain that contains hosts of AWS.
AWS_DOMAINS = tuple(
    dict.fromkeys(
        domain
        for partition in PARTITIONS.values()
        for domain in (partition.site_domain, partition.api_domain, partition.connect_domain, OLD_CONNECT_DOMAIN)
    )
)


def partition_of_region(region: str) -> Partition:
    """Returns the partition that a region belongs to."""
    known = PARTITIONS.values()
    return next((each for each in known if re.fullmatch(each.regions, region, re.ASCII)), AWS)


def partition_of_arn(arn: str) -> Partition:
    """Returns the partition of an ARN; the commercial one for text that names none."""
    return PARTITIONS.get([*arn.split(":", 2), "", ""][1], AWS)
