"""What does SageMaker do with one endpoint, as far as the keeper can see?"""
# ruff: noqa: N803 - arguments have the names that boto3 gives them

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from components.keeper.runtime.calls import Calls
from components.keeper.runtime.targets.sagemaker import SagemakerTarget
from components.sagemaker.clients import Clients
from components.sagemaker.clock import Clock
from components.simulate.platforms.service import refusal
from components.simulate.record import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.target import Target
    from components.simulate.platforms.service import World
    from components.simulate.record import Record

NAME = "simulated"
TAGS = {"managed-by": "berth", "stack": "simulated", "service": "simulated"}
UPDATE = timedelta(minutes=10)
"""How long a blue/green update takes, the second fleet started and the first one ended."""
GIVE_UP = timedelta(minutes=5)
"""After which SageMaker says that it has no such instance."""
DELETION = timedelta(minutes=1)


class Sagemaker:
    """One endpoint; its methods answer as boto3's clients do."""

    def __init__(self, world: World, config: KeeperConfig, *, is_awake: bool) -> None:
        """`is_awake`: whether it serves already when the span begins."""
        self._world, self._config = world, config
        self._types = tuple(config.usd_per_hour) or ("unknown",)
        self._version = 1
        self._status: str | None = "InService" if is_awake else None
        self._on = self._configurations()[0]
        self._count = max(1, config.min_replicas)
        self._limits: tuple[int, int] | None = None
        self._policy: dict[str, Any] = {}
        self._failure = ""
        self._write()

    @property
    def record(self) -> Record:
        """What ran."""
        return self._world.record

    def target(self, config: KeeperConfig) -> Target:
        """Return the keeper's own driver, with this in the place of boto3."""
        named = replace(config, details=self._details(config))
        clients = Clients(sagemaker=self, autoscaling=self, cloudwatch=self, logs=self, sts=self)
        clock = Clock(now=lambda: 0.0, sleep=lambda _: None)
        return SagemakerTarget(named, clients, Calls(sleep=lambda _: None), clock)

    def advance(self, now: datetime) -> None:
        """Let happen what is due."""
        self._world.advance(now)

    def need(self, replicas: int) -> None:
        """Scale between the limits, while it serves."""
        if self._status == "InService" and self._limits is not None:
            self._count = min(max(replicas, self._limits[0]), self._limits[1])
            self._write()

    def deploy(self, config: KeeperConfig) -> None:
        """Take new configurations; an endpoint that serves is updated to the first, one that is parked stays so."""
        self._config = config
        self._version += 1
        if self._status == "InService":
            self._status = "Updating"
            self._world.after(UPDATE, self._updated)
            self._write()

    def request(self) -> None:
        """Start nothing: an endpoint that is not there is not found."""

    def _configurations(self) -> list[dict[str, str]]:
        return [
            {"endpointConfigName": f"{kind}-{self._version}", "instanceType": kind, "accelerator": kind}
            for kind in self._types
        ]

    def _details(self, config: KeeperConfig) -> dict[str, Any]:
        return {
            "region": config.region,
            "accountId": "000000000000",
            "tags": TAGS,
            "endpointName": NAME,
            "variantName": "AllTraffic",
            "power": config.power,
            "keeperManaged": True,
            "configurations": self._configurations(),
            "minReplicas": max(1, config.min_replicas),
            "maxReplicas": config.max_replicas,
            "scaling": {
                "metric": "concurrency",
                "target": 8,
                "scaleOutCooldownSeconds": 300,
                "scaleInCooldownSeconds": 600,
            },
            "deployment": {
                "policy": "blue_green",
                "terminationWaitSeconds": 300,
                "maximumExecutionTimeoutSeconds": 3600,
                "rollbackAlarmNames": [],
            },
            "readyTimeoutSeconds": 3600,
        }

    def _created(self) -> None:
        if self._status == "Creating":
            self._status = "InService"
            self._write()

    def _failed(self) -> None:
        if self._status == "Creating":
            self._status = "Failed"
            self._failure = (
                "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error"
            )
            self._write()

    def _updated(self) -> None:
        if self._status == "Updating":
            self._status, self._on = "InService", self._configurations()[0]
            self._write()

    def _deleted(self) -> None:
        if self._status == "Deleting":
            self._status = None
            self._write()

    def _write(self) -> None:
        serves = self._status in ("InService", "Updating")
        billed = serves or self._status == "Creating"
        self._world.record.put(
            self._world.now,
            Standing(
                is_serving=serves,
                is_starting=self._status in ("Creating", "Failed"),
                is_ending=self._status == "Deleting",
                running={self._on["instanceType"]: self._count} if billed else {},
            ),
        )

    # What follows are the operations of boto3's clients.

    def describe_endpoint(self, **_: Any) -> dict[str, Any]:
        if self._status is None:
            raise refusal("DescribeEndpoint", "ValidationException", f'Could not find endpoint "{NAME}".')
        serves = self._status in ("InService", "Updating")
        variant = {"CurrentInstanceCount": self._count, "DesiredInstanceCount": self._count}
        return {
            "EndpointArn": f"arn:aws:sagemaker:simulated:000000000000:endpoint/{NAME}",
            "EndpointStatus": self._status,
            "EndpointConfigName": self._on["endpointConfigName"],
            "FailureReason": self._failure,
            "ProductionVariants": [variant] if serves else [],
        }

    def create_endpoint(self, *, EndpointConfigName: str, **_: Any) -> dict[str, Any]:
        self._world.order("CreateEndpoint")
        self._on = next(one for one in self._configurations() if one["endpointConfigName"] == EndpointConfigName)
        self._status, self._failure, self._limits = "Creating", "", None
        self._count = max(1, self._config.min_replicas)
        is_short = self._world.is_short and self._on["instanceType"] == self._types[0]
        if is_short:
            self._world.after(GIVE_UP, self._failed)
        else:
            self._world.after(timedelta(seconds=self._config.start_seconds), self._created)
        self._write()
        return {}

    def delete_endpoint(self, **_: Any) -> dict[str, Any]:
        self._world.order("DeleteEndpoint")
        if self._status in ("Creating", "Updating"):
            raise refusal("DeleteEndpoint", "ValidationException", "Cannot delete an in-progress endpoint")
        self._status, self._limits = "Deleting", None
        self._world.after(DELETION, self._deleted)
        self._write()
        return {}

    def describe_endpoint_config(self, *, EndpointConfigName: str, **_: Any) -> dict[str, Any]:
        return {"ProductionVariants": [{"InstanceType": EndpointConfigName.rpartition("-")[0]}]}

    def list_tags(self, **_: Any) -> dict[str, Any]:
        return {"Tags": [{"Key": key, "Value": value} for key, value in TAGS.items()]}

    def update_endpoint_weights_and_capacities(
        self, *, DesiredWeightsAndCapacities: list[Mapping[str, Any]], **_: Any
    ) -> dict[str, Any]:
        self._world.order("UpdateEndpointWeightsAndCapacities")
        self._count = DesiredWeightsAndCapacities[0]["DesiredInstanceCount"]
        self._write()
        return {}

    def describe_scalable_targets(self, **_: Any) -> dict[str, Any]:
        if self._limits is None:
            return {"ScalableTargets": []}
        return {"ScalableTargets": [{"MinCapacity": self._limits[0], "MaxCapacity": self._limits[1]}]}

    def describe_scaling_policies(self, **_: Any) -> dict[str, Any]:
        return {"ScalingPolicies": [{"TargetTrackingScalingPolicyConfiguration": self._policy}] if self._policy else []}

    def register_scalable_target(self, *, MinCapacity: int, MaxCapacity: int, **_: Any) -> dict[str, Any]:
        self._world.order("RegisterScalableTarget")
        self._limits = (MinCapacity, MaxCapacity)
        return {}

    def put_scaling_policy(
        self, *, TargetTrackingScalingPolicyConfiguration: dict[str, Any], **_: Any
    ) -> dict[str, Any]:
        self._world.order("PutScalingPolicy")
        self._policy = TargetTrackingScalingPolicyConfiguration
        return {}

    def deregister_scalable_target(self, **_: Any) -> dict[str, Any]:
        self._world.order("DeregisterScalableTarget")
        if self._limits is None:
            raise refusal("DeregisterScalableTarget", "ObjectNotFoundException", "simulated: no scalable target found")
        self._limits, self._policy = None, {}
        return {}

    def describe_log_streams(self, **_: Any) -> dict[str, Any]:
        return {"logStreams": []}

    def get_metric_data(
        self, *, MetricDataQueries: list[dict[str, Any]], StartTime: datetime, EndTime: datetime, **_: Any
    ) -> dict[str, Any]:
        return self._world.figures(MetricDataQueries, StartTime, EndTime)
