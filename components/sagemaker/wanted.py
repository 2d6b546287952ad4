"""What does a stack want of its endpoint? The inputs of the resource, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

IDENTITY_TAGS = ("managed-by", "stack", "service")
"""An endpoint that has these three is the one that this stack made for this service."""


@dataclass(frozen=True, slots=True)
class Access:
    """With which credentials, and in which account; None means that the environment decides."""

    region: str
    account_id: str
    assume_role_arn: str | None
    profile: str | None


@dataclass(frozen=True, slots=True)
class Configuration:
    """An endpoint configuration that exists, and the hardware that it asks for."""

    name: str
    instance_type: str
    accelerator: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Which metric the replicas follow, and how quickly."""

    metric: str
    target: float
    scale_out_cooldown_seconds: int
    scale_in_cooldown_seconds: int

    def as_inputs(self) -> dict[str, Any]:
        """Return the policy as the resource's input has it."""
        return {
            "metric": self.metric,
            "target": self.target,
            "scaleOutCooldownSeconds": self.scale_out_cooldown_seconds,
            "scaleInCooldownSeconds": self.scale_in_cooldown_seconds,
        }


@dataclass(frozen=True, slots=True)
class Deployment:
    """How a new configuration replaces the old one, and what takes it back."""

    policy: Literal["blue_green", "rolling"]
    termination_wait_seconds: int
    maximum_execution_timeout_seconds: int
    rollback_alarm_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that is wanted of one endpoint."""

    access: Access
    endpoint_name: str
    variant_name: str
    power: Literal["on", "off"]
    keeper_managed: bool
    """True: somebody else starts and stops the endpoint, so that its absence is no fault to be repaired."""
    configurations: tuple[Configuration, ...]
    """In order of preference; the next one is used when there is no capacity for the one before."""
    min_replicas: int
    max_replicas: int
    policy: Policy
    deployment: Deployment
    ready_timeout_seconds: int
    tags: Mapping[str, str]
    starts_awake: bool = True
    """False: one that is made anew stays parked until the keeper starts it."""

    @property
    def identity(self) -> dict[str, str]:
        """The tags by which an endpoint is known to be this one."""
        return {key: self.tags[key] for key in IDENTITY_TAGS if key in self.tags}

    def owns(self, tags: Mapping[str, str]) -> bool:
        """Whether an endpoint with these tags is the one that this stack made for this service."""
        return all(tags.get(key) == value for key, value in self.identity.items())

    @property
    def log_group(self) -> str:
        """Where SageMaker writes what the containers print."""
        return log_group_name(self.endpoint_name)


def log_group_name(endpoint_name: str) -> str:
    """Return the log group of an endpoint; SageMaker chooses the name."""
    return f"/aws/sagemaker/Endpoints/{endpoint_name}"


def wanted_of(inputs: Mapping[str, Any]) -> Wanted:
    """Read the inputs of the resource, as `whole` returns them."""
    scaling, deployment = inputs.get("scaling", {}), inputs["deployment"]
    return Wanted(
        access=access_of(inputs),
        endpoint_name=inputs["endpointName"],
        variant_name=inputs["variantName"],
        power=inputs["power"],
        keeper_managed=bool(inputs.get("keeperManaged")),
        configurations=tuple(
            Configuration(one["endpointConfigName"], one["instanceType"], one["accelerator"])
            for one in inputs.get("configurations", [])
        ),
        min_replicas=inputs["minReplicas"],
        max_replicas=inputs["maxReplicas"],
        # Empty when a refresh found no policy of ours.
        policy=Policy(
            scaling.get("metric", ""),
            scaling.get("target", 0),
            scaling.get("scaleOutCooldownSeconds", 0),
            scaling.get("scaleInCooldownSeconds", 0),
        ),
        deployment=Deployment(
            deployment["policy"],
            deployment["terminationWaitSeconds"],
            deployment["maximumExecutionTimeoutSeconds"],
            tuple(deployment.get("rollbackAlarmNames") or ()),
        ),
        ready_timeout_seconds=inputs["readyTimeoutSeconds"],
        tags=dict(inputs.get("tags") or {}),
        starts_awake=inputs.get("startsAwake") is not False,
    )


def access_of(inputs: Mapping[str, Any]) -> Access:
    """Read the inputs that say where, and as whom."""
    return Access(
        region=inputs["region"],
        account_id=inputs["accountId"],
        assume_role_arn=inputs.get("assumeRoleArn"),
        profile=inputs.get("profile"),
    )


def whole(value: Any) -> Any:
    """Return a value with the numbers that Pulumi made floats as integers again.

    >>> whole({"minReplicas": 1.0, "scaling": [{"target": 7.5}]})
    {'minReplicas': 1, 'scaling': [{'target': 7.5}]}
    """
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
