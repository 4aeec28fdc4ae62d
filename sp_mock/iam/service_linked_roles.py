"""Roles that belong to an AWS service: created for it, and changed by it alone.

Spec: AWS IAM API "CreateServiceLinkedRole"; AWS IAM UG "id_roles_create-service-linked-role"
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from emulator.kernel.errors import InvalidInput, NoSuchEntity
from sp_mock.accounts.model import Role
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.iam.api_errors import IAM
from sp_mock.iam.entities import ROLES
from sp_mock.iam.identifiers import iam_arn, new_arn, unique_id
from sp_mock.iam.roles import brief_role_elements
from sp_mock.policies.documents import PolicyDocument

_NAMES = {
    "connect": "AmazonConnect",
    "lex": "LexBots",
    "lexv2": "LexV2Bots",
    "profile": "ProfileDomains",
    "autoscaling": "AutoScaling",
    "elasticloadbalancing": "ElasticLoadBalancing",
    "ecs": "ECS",
    "rds": "RDS",
    "sso": "SSO",
    "organizations": "Organizations",
    "config": "Config",
    "guardduty": "AmazonGuardDuty",
}
_TASK = re.compile(r"task/aws-service-role/[^/]+/[^/]+/[0-9a-f-]{36}", re.ASCII)


def _create(call: AccountCall) -> Result:
    """Creates the role of a service; path, name and trust policy are the service's.

    Spec: AWS IAM API "CreateServiceLinkedRole"
    Evidence: documented (the path and the trust), observed (some names, the refusal), assumed (the other names)
    """
    arn = new_arn(_new_arn(call))
    if any(role.name.lower() == arn.name.lower() for role in call.account.roles.values()):
        raise InvalidInput(
            f"Service role name {arn.name} has been taken in this account, please try a different suffix.",
            service=IAM,
            check="role",
            evidence="observed",
            explanation="The account has the service's role already; many services make it by themselves.",
            where="parameter AWSServiceName",
            received=call.parameters["AWSServiceName"],
            fix="Use the role that there is.",
            spec='AWS IAM API "CreateServiceLinkedRole"',
        )
    role = Role(
        arn=arn,
        role_id=unique_id("AROA", ids=call.ids),
        trust=_trust(call.parameters["AWSServiceName"]),
        description=call.parameters.get("Description") or "",
        created_at=call.now,
    )
    return Result({"Role": brief_role_elements(role)}, account=ROLES.put(call.account, role))


def _trust(service: str) -> PolicyDocument:
    statement = {"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}
    return PolicyDocument.parse(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), kind="trust")


def _delete(call: AccountCall) -> Result:
    """Deletes the role at once, and answers with the id of the task in which AWS would do it.

    Spec: AWS IAM API "DeleteServiceLinkedRole"
    Evidence: documented
    """
    role = ROLES.find(call)
    service = role.arn.resource.split("/")[2] if role.arn.resource.count("/") > 2 else role.name
    task = f"task/aws-service-role/{service}/{role.name}/{call.ids.uuid()}"
    return Result({"DeletionTaskId": task}, account=ROLES.without(call.account, role))


def _deletion_status(call: AccountCall) -> Result:
    task = call.parameters["DeletionTaskId"]
    if not _TASK.fullmatch(task):
        raise NoSuchEntity(
            f"Deletion Task Id {task} cannot be found.",
            service=IAM,
            check="role",
            evidence="assumed",
            explanation="DeleteServiceLinkedRole answers the id of its task.",
            where="parameter DeletionTaskId",
            received=task,
            spec='AWS IAM API "GetServiceLinkedRoleDeletionStatus"',
        )
    return Result({"Status": "SUCCEEDED"})


def _new_arn(call: AccountCall) -> str:
    service, suffix = call.parameters["AWSServiceName"], call.parameters.get("CustomSuffix")
    first = service.partition(".")[0]
    name = _NAMES.get(first) or "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", first))
    return iam_arn(
        call.account, f"role/aws-service-role/{service}/AWSServiceRoleFor{name}{f'_{suffix}' if suffix else ''}"
    )


def _task_arn(call: AccountCall) -> str:
    return iam_arn(call.account, f"role/{call.parameters['DeletionTaskId'].removeprefix('task/').rpartition('/')[0]}")


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateServiceLinkedRole": AccountOperation(_create, _new_arn),
    "DeleteServiceLinkedRole": AccountOperation(_delete, ROLES.resource),
    "GetServiceLinkedRoleDeletionStatus": AccountOperation(_deletion_status, _task_arn),
}
