"""The values of ``Ref`` and ``Fn::GetAtt`` for resources of AWS services, derived from the services' ARNs.

Spec: AWS CloudFormation Template Reference, "Return values" of each type; Service Authorization Reference
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from emulator.kernel.records import dataclass


class Ref(Enum):
    """The kinds of values that ``Ref`` of a resource can have."""

    NAME = "name"
    ARN = "ARN"
    ID = "id"
    URL = "URL"


@dataclass(frozen=True, slots=True)
class ServiceArn:
    """The ARN format of a resource type.

    Args:
        arn: The ARN, with the placeholders ``{partition}``, ``{region}``, ``{account}``, ``{name}`` and ``{id}``.
        name: The property with the resource's name; empty if AWS assigns an id.
        ref: The kind of value that ``Ref`` has.
        attributes: The attributes that have the ARN as their value.
    """

    arn: str
    name: str = ""
    ref: Ref = Ref.NAME
    attributes: tuple[str, ...] = ("Arn",)


def _own(service: str, resource: str, name: str = "", ref: Ref = Ref.NAME, *attributes: str) -> ServiceArn:
    arn = f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"
    return ServiceArn(arn, name, ref, attributes or ("Arn",))


_NAME, _ARN, _ID = Ref.NAME, Ref.ARN, Ref.ID
_IAM = "arn:{partition}:iam::{account}:"
_ELB = "AWS::ElasticLoadBalancingV2"

SERVICE_ARNS: Final[Mapping[str, ServiceArn]] = {
    "AWS::ApiGateway::RestApi": ServiceArn("arn:{partition}:apigateway:{region}::/restapis/{id}", "", _ID, ()),
    "AWS::ApiGatewayV2::Api": ServiceArn("arn:{partition}:apigateway:{region}::/apis/{id}", "", _ID, ()),
    "AWS::AppSync::GraphQLApi": _own("appsync", "apis/{id}", "", _ARN),
    "AWS::Athena::WorkGroup": _own("athena", "workgroup/{name}", "Name", _NAME, "-"),
    "AWS::Backup::BackupVault": _own("backup", "backup-vault:{name}", "BackupVaultName", _NAME, "BackupVaultArn"),
    "AWS::CertificateManager::Certificate": _own("acm", "certificate/{id}", "", _ARN, "CertificateArn"),
    "AWS::CloudTrail::Trail": _own("cloudtrail", "trail/{name}", "TrailName"),
    "AWS::CloudWatch::Alarm": _own("cloudwatch", "alarm:{name}", "AlarmName"),
    "AWS::CodeBuild::Project": _own("codebuild", "project/{name}", "Name"),
    "AWS::CodeCommit::Repository": _own("codecommit", "{name}", "RepositoryName", _ID),
    "AWS::CodePipeline::Pipeline": _own("codepipeline", "{name}", "Name"),
    "AWS::Cognito::UserPool": _own("cognito-idp", "userpool/{region}_{id}", "", _ID),
    "AWS::Connect::ContactFlow": _own("connect", "{instance}/contact-flow/{id}", "", _ARN, "ContactFlowArn"),
    "AWS::Connect::HoursOfOperation": _own(
        "connect", "{instance}/operating-hours/{id}", "", _ARN, "HoursOfOperationArn"
    ),
    "AWS::Connect::Instance": _own("connect", "instance/{id}", "", _ARN),
    "AWS::Connect::Queue": _own("connect", "{instance}/queue/{id}", "", _ARN, "QueueArn"),
    "AWS::Connect::QuickConnect": _own("connect", "{instance}/transfer-destination/{id}", "", _ARN, "QuickConnectArn"),
    "AWS::Connect::RoutingProfile": _own("connect", "{instance}/routing-profile/{id}", "", _ARN, "RoutingProfileArn"),
    "AWS::Connect::SecurityProfile": _own(
        "connect", "{instance}/security-profile/{id}", "", _ARN, "SecurityProfileArn"
    ),
    "AWS::Connect::User": _own("connect", "{instance}/agent/{id}", "", _ARN, "UserArn"),
    "AWS::DynamoDB::GlobalTable": _own("dynamodb", "table/{name}", "TableName"),
    "AWS::DynamoDB::Table": _own("dynamodb", "table/{name}", "TableName"),
    "AWS::ECR::Repository": _own("ecr", "repository/{name}", "RepositoryName"),
    "AWS::ECS::Cluster": _own("ecs", "cluster/{name}", "ClusterName"),
    "AWS::ECS::TaskDefinition": _own("ecs", "task-definition/{name}:1", "Family", _ARN, "TaskDefinitionArn"),
    "AWS::EFS::FileSystem": _own("elasticfilesystem", "file-system/fs-{id}", "", _ID),
    "AWS::EKS::Cluster": _own("eks", "cluster/{name}", "Name"),
    f"{_ELB}::LoadBalancer": _own("elasticloadbalancing", "loadbalancer/app/{name}/{id}", "Name", _ARN, "-"),
    f"{_ELB}::TargetGroup": _own("elasticloadbalancing", "targetgroup/{name}/{id}", "Name", _ARN, "TargetGroupArn"),
    "AWS::Elasticsearch::Domain": _own("es", "domain/{name}", "DomainName", _NAME, "Arn", "DomainArn"),
    "AWS::Events::EventBus": _own("events", "event-bus/{name}", "Name"),
    "AWS::Events::Rule": _own("events", "rule/{name}", "Name"),
    "AWS::IAM::Group": ServiceArn(_IAM + "group{path}{name}", "GroupName"),
    "AWS::IAM::InstanceProfile": ServiceArn(_IAM + "instance-profile{path}{name}", "InstanceProfileName"),
    "AWS::IAM::ManagedPolicy": ServiceArn(_IAM + "policy{path}{name}", "ManagedPolicyName", _ARN, ("PolicyArn", "Arn")),
    "AWS::IAM::Role": ServiceArn(_IAM + "role{path}{name}", "RoleName"),
    "AWS::IAM::SAMLProvider": ServiceArn(_IAM + "saml-provider/{name}", "Name", _ARN),
    "AWS::IAM::User": ServiceArn(_IAM + "user{path}{name}", "UserName"),
    "AWS::KMS::Key": _own("kms", "key/{id}", "", _ID),
    "AWS::Kinesis::Stream": _own("kinesis", "stream/{name}", "Name"),
    "AWS::KinesisFirehose::DeliveryStream": _own("firehose", "deliverystream/{name}", "DeliveryStreamName"),
    "AWS::Lambda::Function": _own("lambda", "function:{name}", "FunctionName"),
    "AWS::Lex::Bot": _own("lex", "bot/{id}", "", _ID),
    "AWS::Logs::LogGroup": _own("logs", "log-group:{name}:*", "LogGroupName"),
    "AWS::OpenSearchService::Domain": _own("es", "domain/{name}", "DomainName", _NAME, "Arn", "DomainArn"),
    "AWS::RDS::DBCluster": _own("rds", "cluster:{name}", "DBClusterIdentifier", _NAME, "DBClusterArn"),
    "AWS::RDS::DBInstance": _own("rds", "db:{name}", "DBInstanceIdentifier", _NAME, "DBInstanceArn"),
    "AWS::S3::Bucket": ServiceArn("arn:{partition}:s3:::{name}", "BucketName"),
    "AWS::SNS::Topic": _own("sns", "{name}", "TopicName", _ARN, "TopicArn"),
    "AWS::SQS::Queue": _own("sqs", "{name}", "QueueName", Ref.URL),
    "AWS::SSM::Parameter": _own("ssm", "parameter/{name}", "Name"),
    "AWS::Scheduler::Schedule": _own("scheduler", "schedule/default/{name}", "Name"),
    "AWS::SecretsManager::Secret": _own("secretsmanager", "secret:{name}-??????", "Name", _ARN, "Id"),
    "AWS::Serverless::Function": _own("lambda", "function:{name}", "FunctionName"),
    "AWS::Serverless::SimpleTable": _own("dynamodb", "table/{name}", "TableName"),
    "AWS::Serverless::StateMachine": _own("states", "stateMachine:{name}", "Name", _ARN),
    "AWS::StepFunctions::Activity": _own("states", "activity:{name}", "Name", _ARN),
    "AWS::StepFunctions::StateMachine": _own("states", "stateMachine:{name}", "StateMachineName", _ARN),
    "AWS::WAFv2::WebACL": _own("wafv2", "regional/webacl/{name}/{id}", "Name", _ID),
}
"""The ARN formats of the resource types that are most common in policies."""

NAMES: Final[Mapping[str, str]] = {
    "AWS::IAM::Policy": "PolicyName",
    "AWS::KMS::Alias": "AliasName",
}
"""The name property of types with a name as ``Ref`` and without an ARN format here."""

NAME_ATTRIBUTES: Final[frozenset[str]] = frozenset({"Name", "QueueName", "RuleName", "TableName", "TopicName"})
"""Attributes with the resource's name as their value."""

ID_ATTRIBUTES: Final[frozenset[str]] = frozenset({"ApiId", "Id", "KeyId", "RestApiId", "UserPoolId"})
"""Attributes with the resource's id as their value."""
