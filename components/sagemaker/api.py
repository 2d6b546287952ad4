"""What can be asked and ordered of one endpoint? Each function is one call to SageMaker, CloudWatch or its logs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.sagemaker.calls import ask, call
from components.sagemaker.failures import EndpointError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from components.sagemaker.clients import Clients
    from components.sagemaker.clock import Clock
    from components.sagemaker.wanted import Deployment, Wanted

CONFIG_APPEARS_SECONDS = 60
_CONFIG_PAUSE_SECONDS = 5
_SMALLEST_BATCH_SHARE = 0.05
"""A rolling batch has 5 % to 50 % of the instances (RollingUpdatePolicy, API reference, 2026-11)."""
_ROLLING_NEEDS = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """What DescribeEndpoint says at one moment."""

    arn: str
    status: str
    config_name: str
    failure: str
    running: int
    desired: int
    phases: tuple[str, ...]
    """What the variant is doing, as Creating or Baking; empty while nothing moves."""


class EndpointApi:
    """The calls about one endpoint."""

    def __init__(self, wanted: Wanted, clients: Clients, clock: Clock) -> None:
        """Nothing is asked yet."""
        self._wanted, self._clients, self._clock = wanted, clients, clock
        self._name = wanted.endpoint_name

    def describe(self) -> Seen | None:
        """Return what the endpoint is doing, None when there is none."""
        try:
            found = ask(self._clock, self._clients.sagemaker.describe_endpoint, EndpointName=self._name)
        except NotFoundError:
            return None
        pending = found.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
        variants = found.get("ProductionVariants", [])
        return Seen(
            arn=found["EndpointArn"],
            status=found["EndpointStatus"],
            config_name=found.get("EndpointConfigName", ""),
            failure=found.get("FailureReason", ""),
            running=sum(one.get("CurrentInstanceCount", 0) for one in variants),
            desired=sum(one.get("DesiredInstanceCount", 0) for one in variants),
            phases=tuple(
                dict.fromkeys(
                    phase["Status"] for one in (*pending, *variants) for phase in one.get("VariantStatus", [])
                )
            ),
        )

    def create(self, config_name: str) -> None:
        """Order the endpoint."""
        self._with_config(
            self._clients.sagemaker.create_endpoint,
            EndpointName=self._name,
            EndpointConfigName=config_name,
            Tags=_listed(self._wanted.tags),
        )

    def update(self, config_name: str, seen: Seen, alarms: Iterable[str]) -> None:
        """Order another configuration; the instances that run stay as many as they are."""
        self._with_config(
            self._clients.sagemaker.update_endpoint,
            EndpointName=self._name,
            EndpointConfigName=config_name,
            RetainAllVariantProperties=True,
            # Of the properties that are retained, only the count is wanted.
            ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
            DeploymentConfig=deployment_config(self._wanted.deployment, seen, alarms),
        )

    def delete(self) -> None:
        """Order the end of the endpoint; one that is gone already is no error."""
        try:
            call(self._clock, self._clients.sagemaker.delete_endpoint, EndpointName=self._name)
        except NotFoundError:
            return

    def set_count(self, count: int) -> None:
        """Order a number of instances."""
        call(
            self._clock,
            self._clients.sagemaker.update_endpoint_weights_and_capacities,
            EndpointName=self._name,
            DesiredWeightsAndCapacities=[{"VariantName": self._wanted.variant_name, "DesiredInstanceCount": count}],
        )

    def instance_type(self, config_name: str) -> str | None:
        """Return the instance type of a configuration, None when there is no such configuration any more."""
        try:
            found = ask(self._clock, self._clients.sagemaker.describe_endpoint_config, EndpointConfigName=config_name)
        except NotFoundError:
            return None
        return next((one.get("InstanceType") for one in found["ProductionVariants"]), None)

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of the endpoint."""
        tags: dict[str, str] = {}
        page: dict[str, Any] = {}
        while True:
            answer = ask(self._clock, self._clients.sagemaker.list_tags, ResourceArn=arn, **page)
            tags |= {tag["Key"]: tag["Value"] for tag in answer["Tags"]}
            if "NextToken" not in answer:
                return tags
            page = {"NextToken": answer["NextToken"]}

    def change_tags(self, arn: str, *, add: Mapping[str, str], remove: Iterable[str]) -> None:
        """Add or overwrite some tags, and remove others."""
        if add:
            call(self._clock, self._clients.sagemaker.add_tags, ResourceArn=arn, Tags=_listed(add))
        if keys := sorted(remove):
            call(self._clock, self._clients.sagemaker.delete_tags, ResourceArn=arn, TagKeys=keys)

    def ringing(self) -> list[str]:
        """Return the rollback alarms that are in ALARM at this moment."""
        names = list(self._wanted.deployment.rollback_alarm_names)
        if not names:
            return []
        found = ask(self._clock, self._clients.cloudwatch.describe_alarms, AlarmNames=names)
        return [alarm["AlarmName"] for alarm in found["MetricAlarms"] if alarm.get("StateValue") == "ALARM"]

    def has_logged(self) -> bool | None:
        """Whether any container ever printed something; None when that cannot be found out."""
        try:
            found = call(
                self._clock,
                self._clients.logs.describe_log_streams,
                logGroupName=self._wanted.log_group,
                limit=1,
            )
        except EndpointError:
            # It only helps to explain another failure, which must not be hidden by this one.
            return None
        return bool(found["logStreams"])

    def _with_config(self, operation: Any, **arguments: Any) -> None:
        """Call an operation that needs a configuration, which SageMaker may not see yet right after it was made."""
        deadline = self._clock.now() + CONFIG_APPEARS_SECONDS
        while True:
            try:
                call(self._clock, operation, **arguments)
            except NotFoundError as error:
                if "configuration" not in str(error).lower() or self._clock.now() >= deadline:
                    raise
            else:
                return
            self._clock.sleep(_CONFIG_PAUSE_SECONDS)


def deployment_config(deployment: Deployment, seen: Seen, alarms: Iterable[str]) -> dict[str, Any]:
    """Return how an update goes: rolling where that is wanted and possible, else all at once on a second fleet."""
    names = [{"AlarmName": name} for name in alarms]
    rollback: dict[str, Any] = {"AutoRollbackConfiguration": {"Alarms": names}} if names else {}
    limit = deployment.maximum_execution_timeout_seconds
    wait = deployment.termination_wait_seconds
    if deployment.policy == "rolling" and seen.desired >= _ROLLING_NEEDS and seen.status == "InService":
        batch = max(1, math.ceil(seen.desired * _SMALLEST_BATCH_SHARE))
        return {
            "RollingUpdatePolicy": {
                "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": batch},
                "WaitIntervalInSeconds": wait,
                "MaximumExecutionTimeoutInSeconds": limit,
            },
            **rollback,
        }
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "TerminationWaitInSeconds": wait,
            "MaximumExecutionTimeoutInSeconds": limit,
        },
        **rollback,
    }


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
