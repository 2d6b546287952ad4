"""Logs, EFS and IAM, CloudWatch: one or two rules each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from moto.efs.models import efs_backends
from moto.iam.models import iam_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
_ALARM_PERIODS = (10, 20, 30)


@rule("logs", "PutRetentionPolicy")
def retention_is_legal(call: Call) -> None:
    days = call.params["retentionInDays"]
    if days not in _RETENTION_DAYS:
        raise AwsError(
            "InvalidParameterException",
            f"Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: {list(_RETENTION_DAYS)}",
        )


@rule("cloudwatch", "PutMetricAlarm")
def alarm_is_legal(call: Call) -> None:
    period = call.params.get("Period")
    if period is not None and period not in _ALARM_PERIODS and period % 60:
        raise AwsError("ValidationError", f"Period {period} must be 10, 20, 30 or a multiple of 60")
    if call.params.get("DatapointsToAlarm", 0) > call.params["EvaluationPeriods"]:
        raise AwsError("ValidationError", "DatapointsToAlarm must not exceed EvaluationPeriods")


@rule("iam", "DeletePolicy")
def policy_is_detached(call: Call) -> None:
    policy = iam_backends[ACCOUNT_ID]["aws"].managed_policies.get(call.params["PolicyArn"])
    if policy is not None and policy.attachment_count:
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.")


@rule("iam", "CreateRole", "UpdateAssumeRolePolicy")
def trust_policy_is_json(call: Call) -> None:
    document = call.params.get("AssumeRolePolicyDocument") or call.params.get("PolicyDocument", "")
    try:
        policy = json.loads(document)
    except ValueError:
        policy = None
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    statements = [statements] if isinstance(statements, dict) else statements
    if not statements or not all({"Effect", "Principal", "Action"} <= s.keys() for s in statements):
        raise AwsError(
            "MalformedPolicyDocument",
            "This policy contains invalid Json, or a statement without Effect, Principal or Action",
        )


@rule("efs", "CreateAccessPoint")
def file_system_exists(call: Call) -> None:
    file_system_id = call.params["FileSystemId"]
    if file_system_id not in efs_backends[ACCOUNT_ID][call.region].file_systems_by_id:
        raise AwsError("FileSystemNotFound", f"File system '{file_system_id}' does not exist.")


@rule("efs", "CreateFileSystem", "UpdateFileSystem")
def provisioned_has_a_rate(call: Call) -> None:
    if call.params.get("ThroughputMode") == "provisioned" and not call.params.get("ProvisionedThroughputInMibps"):
        raise AwsError("BadRequest", "ProvisionedThroughputInMibps is required with throughput mode provisioned")
