"""How is a service kept that Berth did not make? By its ARN, and by what its platform needs to start it again.

`docs/guides/keeper.md` has a whole program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.errors import Problem, StackError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ECS = re.compile(r"arn:aws[a-z-]*:ecs:[a-z0-9-]+:\d{12}:service/(?P<cluster>[^/]+)/(?P<service>[^/]+)")
_ENDPOINT = re.compile(
    r"arn:aws[a-z-]*:sagemaker:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):endpoint/(?P<name>[A-Za-z0-9-]+)"
)
_TRACKED = "concurrency"


@dataclass(frozen=True, slots=True)
class EndpointSize:
    """Something that an endpoint can be made from: an EndpointConfiguration that exists."""

    endpoint_config_name: str
    instance_type: str


@dataclass(frozen=True, slots=True)
class EndpointScaling:
    """What moves the instances of an endpoint between its limits, and is lost whenever the endpoint is deleted."""

    target: float
    """Requests in flight for each instance, or per minute."""
    metric: str = _TRACKED
    """concurrency or requests_per_minute."""
    scale_out_cooldown_seconds: int = 300
    scale_in_cooldown_seconds: int = 600


def ecs_details(
    arn: str, *, instance_type: str, group: str | None = None, target_group_arn: str | None = None
) -> dict[str, Any]:
    """Return how a service on ECS is kept.

    `instance_type` is what it is priced by. `group` is the Auto Scaling group of this service alone, whose empty
    instances are ended; None leaves instances to whoever starts them. With `target_group_arn` the service counts as
    awake when the load balancer says so, else when a task runs.
    """
    found = _ECS.fullmatch(arn)
    if found is None:
        raise _no_arn(arn, "an ECS service", "arn:aws:ecs:eu-west-1:123456789012:service/CLUSTER/SERVICE")
    return {
        "cluster": found["cluster"],
        "service": found["service"],
        "instance_type": instance_type,
        "group": group,
        "target_group": target_group_arn,
        "asleep_rule": None,
        "front": False,
    }


def sagemaker_details(
    arn: str,
    *,
    variant_name: str,
    sizes: Sequence[EndpointSize],
    min_replicas: int,
    max_replicas: int,
    scaling: EndpointScaling,
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return how a real-time endpoint is kept: deleted, and made again with the same name, tags and scaling.

    `sizes` are tried in this order when AWS has no capacity. The endpoint must be nobody else's to manage: a stack that
    has it as a resource would make it again.
    """
    found = _ENDPOINT.fullmatch(arn)
    if found is None:
        raise _no_arn(arn, "a SageMaker endpoint", "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/NAME")
    if not sizes:
        raise StackError([Problem(arn, "", "has no size to be made from", "name an endpoint configuration")])
    return {
        "region": found["region"],
        "accountId": found["account"],
        "tags": dict(tags or {}),
        "endpointName": found["name"],
        "variantName": variant_name,
        "power": "on",
        "keeperManaged": True,
        "configurations": [
            {
                "endpointConfigName": one.endpoint_config_name,
                "instanceType": one.instance_type,
                "accelerator": one.instance_type,
            }
            for one in sizes
        ],
        "minReplicas": min_replicas,
        "maxReplicas": max_replicas,
        "scaling": {
            "metric": scaling.metric,
            "target": scaling.target,
            "scaleOutCooldownSeconds": scaling.scale_out_cooldown_seconds,
            "scaleInCooldownSeconds": scaling.scale_in_cooldown_seconds,
        },
        "deployment": {
            "policy": "blue_green",
            "terminationWaitSeconds": 0,
            "maximumExecutionTimeoutSeconds": 3600,
            "rollbackAlarmNames": [],
        },
        "readyTimeoutSeconds": 3600,
    }


def _no_arn(value: str, what: str, example: str) -> StackError:
    return StackError([Problem("keeper", value, f"is not the ARN of {what}", f"write it as {example}")])
