"""Logs, EFS, IAM, CloudWatch, Systems Manager: one or two rules each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from moto.efs.models import efs_backends
from moto.iam.models import iam_backends
from moto.ssm.models import ssm_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule
from sandbox.limits import RETENTION_DAYS

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_ALARM_PERIODS = (10, 20, 30)
_TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")
_STANDARD_PARAMETER_BYTES = 4096
_ADVANCED_PARAMETER_BYTES = 8192
_HOUR, _DAY = 3600, 86_400
_LONGEST_WATCH_DAYS = 7


@rule("logs", "PutRetentionPolicy")
def retention_is_legal(call: Call) -> None:
    days = call.params["retentionInDays"]
    if days not in RETENTION_DAYS:
        raise AwsError(
            "InvalidParameterException",
            f"Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: {list(RETENTION_DAYS)}",
        )


@rule("cloudwatch", "PutMetricAlarm")
def alarm_is_legal(call: Call) -> None:
    period = call.params.get("Period")
    if period is not None and period not in _ALARM_PERIODS and period % 60:
        raise AwsError("ValidationError", f"Period {period} must be 10, 20, 30 or a multiple of 60")
    if call.params.get("DatapointsToAlarm", 0) > call.params["EvaluationPeriods"]:
        raise AwsError("ValidationError", "DatapointsToAlarm must not exceed EvaluationPeriods")
    if "Metrics" not in call.params and len({"Statistic", "ExtendedStatistic"} & call.params.keys()) != 1:
        raise AwsError("ValidationError", "Exactly one of Statistic, ExtendedStatistic or Metrics must be specified")
    if not {"Threshold", "ThresholdMetricId"} & call.params.keys():
        raise AwsError("ValidationError", "One of Threshold, ThresholdMetricId must be specified")
    _require_a_short_watch(call)
    treatment = call.params.get("TreatMissingData", "missing")
    if treatment not in _TREATMENTS:
        raise AwsError("ValidationError", f"TreatMissingData {treatment} must be one of {', '.join(_TREATMENTS)}")


def _require_a_short_watch(call: Call) -> None:
    """A day, or a week where each period has an hour or more."""
    queries = call.params.get("Metrics") or []
    stats = [query["MetricStat"] for query in queries if "MetricStat" in query]
    period = max([call.params.get("Period", 0), *(one["Period"] for one in stats)])
    days = _LONGEST_WATCH_DAYS if period >= _HOUR else 1
    if period * call.params["EvaluationPeriods"] > days * _DAY:
        raise AwsError(
            "ValidationError",
            f"Metrics cannot be checked across more than {'a day' if days == 1 else f'{days} days'} "
            f"(EvaluationPeriods * Period must be <= {days * _DAY}).",
        )


@rule("cloudwatch", "PutMetricAlarm")
def actions_are_of_this_region(call: Call) -> None:
    for kind in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        for action in call.params.get(kind) or []:
            arn = action.split(":")
            if len(arn) < 6:  # noqa: PLR2004 - arn:partition:service:region:account:resource
                raise AwsError("ValidationError", f"Invalid arn syntax: {action}")
            if arn[3] not in ("", call.region):
                raise AwsError(
                    "ValidationError", f"Invalid region {arn[3]} specified. Only {call.region} is supported."
                )


@rule("cloudwatch", "PutMetricAlarm")
def queries_yield_one_series(call: Call) -> None:
    queries = call.params.get("Metrics")
    if queries is None:
        return
    if sum(query.get("ReturnData", True) for query in queries) != 1:
        raise AwsError("ValidationError", "Exactly one element of the metrics list should return data.")
    for query in queries:
        if "SEARCH(" in query.get("Expression", "").upper().replace(" ", ""):
            raise AwsError("ValidationError", "SEARCH is not supported on Metric Alarms.")
        if ("Expression" in query) == ("MetricStat" in query):
            raise AwsError(
                "ValidationError", f"Metric {query['Id']} must have exactly one of Expression and MetricStat"
            )


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
    if call.params.get("PerformanceMode") == "maxIO" and call.params.get("ThroughputMode") == "elastic":
        raise AwsError("BadRequest", "Performance mode maxIO does not go with throughput mode elastic")


@rule("ssm", "PutParameter")
def parameter_fits_its_tier(call: Call) -> None:
    size, tier = len(call.params["Value"].encode()), call.params.get("Tier", "Standard")
    known = ssm_backends[ACCOUNT_ID][call.region].get_parameters([call.params["Name"]])
    if tier == "Standard" and any(one.tier == "Advanced" for one in known.values()):
        raise AwsError(
            "ValidationException",
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
            "advanced-parameter tier to the standard-parameter tier.",
        )
    if size > _ADVANCED_PARAMETER_BYTES:
        raise AwsError(
            "ValidationException",
            f"Advanced tier parameters support a maximum parameter value of {_ADVANCED_PARAMETER_BYTES} characters.",
        )
    if size > _STANDARD_PARAMETER_BYTES and tier == "Standard":
        raise AwsError(
            "ValidationException",
            "Standard tier parameters support a maximum parameter value of 4096 characters. "
            "To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.",
        )
