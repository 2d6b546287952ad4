"""ECS services: what they refer to must exist and agree, and their tasks must be able to start."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.ecs.models import TaskDefinition, ecs_backends
from moto.elbv2.models import elbv2_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.ecs_cluster import FARGATE, require_cluster, require_strategy
from sandbox.aws.rules.launch import require_network, require_startable
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_NAME = re.compile(r"[\w-]{1,255}", re.ASCII)
# Deployment strategy -> the block that says how.
_STRATEGY_BLOCKS = {"CANARY": "canaryConfiguration", "LINEAR": "linearConfiguration"}
_ALL = 100
"""Percent of the desired tasks."""


@rule("ecs", "CreateService")
def service_is_new(call: Call) -> None:
    cluster = require_cluster(call, call.params.get("cluster", "default"))
    existing = ecs_backends[ACCOUNT_ID][call.region].services.get(f"{cluster.name}:{call.params['serviceName']}")
    if existing is not None and existing.status == "ACTIVE":
        raise _invalid("Creation of service was not idempotent.")
    if not _NAME.fullmatch(call.params["serviceName"]):
        raise _invalid("The service name must have 1-255 letters, digits, hyphens and underscores.")


@rule("ecs", "UpdateService", "DeleteService")
def service_is_active(call: Call) -> None:
    _service(call)


@rule("ecs", "CreateService", "UpdateService")
def capacity_is_one_of_a_kind(call: Call) -> None:
    strategy = call.params.get("capacityProviderStrategy", [])
    if strategy and call.params.get("launchType"):
        raise _invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
        )
    if strategy:
        cluster = require_cluster(call, call.params.get("cluster", "default"))
        require_strategy(strategy, list(cluster.capacity_providers or []))


@rule("ecs", "CreateService", "UpdateService")
def deployment_can_proceed(call: Call) -> None:
    configuration = call.params.get("deploymentConfiguration", {})
    low, high = configuration.get("minimumHealthyPercent", 100), configuration.get("maximumPercent", 200)
    if low > high:
        raise _invalid("The minimumHealthyPercent must not exceed the maximumPercent.")
    if low == high == _ALL:
        raise _invalid("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.")
    if not (0 <= low <= _ALL <= high <= 2 * _ALL):
        raise _invalid("minimumHealthyPercent must be between 0 and 100, maximumPercent between 100 and 200.")
    block = _STRATEGY_BLOCKS.get(configuration.get("strategy", ""))
    if block and block not in configuration:
        raise _invalid(f"The deployment strategy {configuration['strategy']} needs {block}.")
    alarms = cloudwatch_backends[ACCOUNT_ID][call.region].alarms
    for alarm in configuration.get("alarms", {}).get("alarmNames", []):
        if alarm not in alarms:
            raise _invalid(f"The alarm {alarm} does not exist.")
    if call.params.get("availabilityZoneRebalancing") == "ENABLED" and high <= _ALL:
        raise _invalid("availabilityZoneRebalancing needs a maximumPercent above 100.")
    if call.params.get("desiredCount", 0) < 0:
        raise _invalid("desiredCount must not be negative.")


@rule("ecs", "CreateService", "UpdateService")
def load_balancers_match(call: Call) -> None:
    balancers = call.params.get("loadBalancers", [])
    task = _task_definition(call)
    if call.operation == "CreateService" and "healthCheckGracePeriodSeconds" in call.params and not balancers:
        raise _invalid("Health check grace period is only valid for services configured to use load balancers")
    for balancer in balancers:
        _require_target(call, balancer, task)


@rule("ecs", "CreateService", "UpdateService")
def network_matches(call: Call) -> None:
    task = _task_definition(call)
    network = call.params.get("networkConfiguration")
    if call.operation == "UpdateService":
        network = network or _service(call).network_configuration
    if getattr(task, "network_mode", None) == "awsvpc" and not network:
        raise _invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if network and getattr(task, "network_mode", None) != "awsvpc":
        raise _invalid("Network Configuration is not valid for the given networkMode of this task definition.")
    settings = (network or {}).get("awsvpcConfiguration", {})
    require_network(call.region, settings.get("subnets", []), settings.get("securityGroups", []))
    public = settings.get("assignPublicIp")
    if public == "ENABLED" and not _on_fargate(call):
        raise _invalid("Assign public IP is not supported for this launch type.")


@rule("ecs", "CreateService")
def tasks_are_made_for_their_launch_type(call: Call) -> None:
    launch = call.params.get("launchType", "EC2")
    kinds = getattr(_task_definition(call), "requires_compatibilities", None) or ["EC2"]
    if not call.params.get("capacityProviderStrategy") and launch not in kinds:
        raise _invalid(f"Task definition does not support launch_type {launch}.")


@rule("ecs", "CreateService", "UpdateService")
def tasks_can_start(call: Call) -> None:
    task = _task_definition(call)
    network = call.params.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    require_startable(call.region, task, network.get("subnets", []))


def _task_definition(call: Call) -> TaskDefinition:
    name = call.params.get("taskDefinition")
    backend = ecs_backends[ACCOUNT_ID][call.region]
    if name is None and call.operation == "UpdateService":
        name = _service(call).task_definition
    if not name:
        raise _invalid("TaskDefinition can not be blank.")
    family, _, revision = name.rpartition("/")[2].partition(":")
    revisions = backend.task_definitions.get(family, {})
    known = revisions.get(int(revision)) if revision else revisions.get(max(revisions, default=0))
    if known is None or known.status != "ACTIVE":
        raise AwsError("ClientException", "TaskDefinition not found.")
    return known


def _service(call: Call) -> Any:
    cluster = require_cluster(call, call.params.get("cluster", "default"))
    name = call.params["service"].rpartition("/")[2]
    service = ecs_backends[ACCOUNT_ID][call.region].services.get(f"{cluster.name}:{name}")
    if service is None:
        raise AwsError("ServiceNotFoundException", "Service not found.")
    if service.status != "ACTIVE":
        raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
    return service


def _require_target(call: Call, balancer: dict[str, Any], task: TaskDefinition) -> None:
    arn, name, port = balancer.get("targetGroupArn"), balancer.get("containerName"), balancer.get("containerPort")
    group = elbv2_backends[ACCOUNT_ID][call.region].target_groups.get(arn or "")
    if group is None:
        raise _invalid(f"Unable to find the target group {arn}.")
    if not group.load_balancer_arns:
        raise _invalid(f"The target group with targetGroupArn {arn} does not have an associated load balancer.")
    if getattr(task, "network_mode", None) == "awsvpc" and group.target_type != "ip":
        raise _invalid(
            f"The provided target group {arn} has target type {group.target_type}, which is incompatible "
            "with the awsvpc network mode specified in the task definition."
        )
    container = next((c for c in task.container_definitions if c["name"] == name), None)
    if container is None:
        raise _invalid(f"The container {name} does not exist in the task definition.")
    if port not in {mapping.get("containerPort") for mapping in container.get("portMappings", [])}:
        raise _invalid(f"The container {name} did not have a container port {port} defined.")


def _on_fargate(call: Call) -> bool:
    strategy = call.params.get("capacityProviderStrategy", [])
    return call.params.get("launchType") == "FARGATE" or any(item["capacityProvider"] in FARGATE for item in strategy)


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)
