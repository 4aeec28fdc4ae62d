"""The table of AWS's partitions, judged by botocore's own."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import botocore.session
import pytest

from emulator.kernel.partitions import (
    AWS,
    AWS_DOMAINS,
    CHINA,
    GOVCLOUD,
    PARTITIONS,
    Partition,
    partition_of_arn,
    partition_of_region,
)

SESSION = botocore.session.get_session()


def _host(service: str, region: str) -> str:
    client = SESSION.create_client(service, region_name=region, aws_access_key_id="x", aws_secret_access_key="y")
    return urlsplit(client.meta.endpoint_url).hostname or ""


@pytest.mark.parametrize("partition", PARTITIONS.values(), ids=PARTITIONS)
def test_botocore_calls_the_same_hosts(partition: Partition) -> None:
    """STS, IAM and Amazon Connect in every region, and the domain they have in common."""
    for region in SESSION.get_available_regions("sts", partition.name):
        assert re.fullmatch(partition.regions, region)
        assert partition_of_region(region) is partition
        assert _host("iam", region) == partition.iam_host
        assert _host("sts", region) == f"sts.{region}.{partition.api_domain}"
        assert _host("connect", region) == f"connect.{region}.{partition.api_domain}"
    assert partition.default_region in SESSION.get_available_regions("sts", partition.name)


def test_regions_and_arns_have_one_partition() -> None:
    """What names none is in the commercial partition."""
    regions = ("eu-west-1", "us-gov-east-1", "cn-northwest-1", "us-governor-1", "")
    assert [partition_of_region(each) for each in regions] == [AWS, GOVCLOUD, CHINA, AWS, AWS]
    arns = ("arn:aws:iam::1:role/a", "arn:aws-cn:iam::1:role/a", "arn:aws-us-gov:iam::1:role/a", "arn", "")
    assert [partition_of_arn(each) for each in arns] == [AWS, CHINA, GOVCLOUD, AWS, AWS]


def test_no_domain_covers_another() -> None:
    """``amazonaws.com`` is not above ``amazonaws.com.cn``: each has to be named where domains are listed."""
    assert AWS_DOMAINS == (
        "aws.amazon.com",
        "amazonaws.com",
        "my.connect.aws",
        "awsapps.com",
        "amazonaws-us-gov.com",
        "govcloud.connect.aws",
        "amazonaws.cn",
        "amazonaws.com.cn",
    )
