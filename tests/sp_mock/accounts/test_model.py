"""The accounts as a whole: what is listed of them follows their changes."""

from __future__ import annotations

from dataclasses import replace

from sp_mock.accounts.model import Account, Aws, Instance
from sp_mock.arn import Arn

ACCOUNT = "123456789012"


def _account(*aliases: str) -> Account:
    arns = {alias: Arn("aws", "connect", "ap-northeast-1", ACCOUNT, f"instance/{alias}") for alias in aliases}
    return Account(ACCOUNT, instances={alias: Instance(arn, alias) for alias, arn in arns.items()})


def test_the_hosts_of_instances_follow_every_change() -> None:
    """A new instance has its hosts at once, and a deleted one has none, though they were asked for before."""
    aws = Aws([_account("Acme")])
    acme = ["acme.my.connect.aws", "acme.awsapps.com"]
    assert [*aws.instance_hosts] == [*aws.instance_hosts] == acme
    aws.change(ACCOUNT, lambda account: (replace(account, instances=_account("Acme", "two").instances), None))
    assert [*aws.instance_hosts] == [*acme, "two.my.connect.aws", "two.awsapps.com"]
    aws.change(ACCOUNT, lambda account: (replace(account, instances={}), None))
    assert not aws.instance_hosts
    aws.replace([_account("three")])
    assert [*aws.instance_hosts] == ["three.my.connect.aws", "three.awsapps.com"]
