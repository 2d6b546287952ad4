"""How is a service run in the ECS API?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.comparison import Comparison
from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first, send
from sandbox.provider.rules import between, conflict, matches, one_of
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_DEPLOYMENT = {
    "deploymentMaximumPercent": "maximumPercent",
    "deploymentMinimumHealthyPercent": "minimumHealthyPercent",
    "deploymentCircuitBreaker": "deploymentCircuitBreaker",
    "alarms": "alarms",
}
_CHANGEABLE = (
    "alarms",
    "availabilityZoneRebalancing",
    "capacityProviderStrategies",
    "deploymentCircuitBreaker",
    "deploymentConfiguration",
    "deploymentMaximumPercent",
    "deploymentMinimumHealthyPercent",
    "desiredCount",
    "enableEcsManagedTags",
    "enableExecuteCommand",
    "forceNewDeployment",
    "healthCheckGracePeriodSeconds",
    "loadBalancers",
    "networkConfiguration",
    "orderedPlacementStrategies",
    "placementConstraints",
    "platformVersion",
    "propagateTags",
    "serviceRegistries",
    "taskDefinition",
)
_RENAME = {
    "name": "serviceName",
    "arn": "serviceArn",
    "cluster": "cluster",
    "iamRole": "role",
    "enableEcsManagedTags": "enableECSManagedTags",
    "orderedPlacementStrategies": "placementStrategy",
    "loadBalancers.elbName": "loadBalancerName",
}


def _api_form(props: Props) -> Props:
    props = dict(props)
    deployment: Props = {}
    block = props.pop("deploymentConfiguration", None)
    if isinstance(block, dict):
        deployment |= block
    for name, member in _DEPLOYMENT.items():
        if name in props:
            deployment[member] = props.pop(name)
    if deployment:
        props["deploymentConfiguration"] = deployment
    network = props.pop("networkConfiguration", None)
    if isinstance(network, dict):
        public = network.get("assignPublicIp", False)
        choice = public if public is UNKNOWN else "ENABLED" if public else "DISABLED"
        props["networkConfiguration"] = {"awsvpcConfiguration": {**network, "assignPublicIp": choice}}
    if props.get("schedulingStrategy") == "DAEMON":
        props.pop("desiredCount", None)
    return props


def _service(aws: Aws, service: Instance) -> Answer | None:
    cluster = service.get("cluster") or service.id.split("/")[1]
    found = first(aws("ecs").describe_services(cluster=cluster, services=[service.id], include=["TAGS"]), "services")
    return found if found and found["status"] != "INACTIVE" else None


def _complete(_aws: Aws, answer: Answer, found: Props, service: Instance) -> None:
    deployment = answer.get("deploymentConfiguration") or {}
    for name, member in _DEPLOYMENT.items():
        found[name] = deployment.get(member)
    if not (found.get("alarms") or {}).get("alarmNames"):
        found["alarms"] = None
    found.pop("deploymentConfiguration", None)
    network = (answer.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if network:
        found["networkConfiguration"] = {**network, "assignPublicIp": network.get("assignPublicIp") == "ENABLED"}
    written = str(service.get("cluster", ""))
    found["cluster"] = (
        written if written and written == str(answer["clusterArn"]).rsplit("/", 1)[-1] else answer["clusterArn"]
    )
    task = str(service.get("taskDefinition", ""))
    if task and not task.startswith("arn:") and answer["taskDefinition"].rsplit("/", 1)[-1] in (task, f"{task}:"):
        found["taskDefinition"] = task
    if found.get("capacityProviderStrategies"):
        found["launchType"] = None
    if found.get("propagateTags") == "NONE":
        found["propagateTags"] = None
    if (answer.get("deploymentController") or {}).get("type") == "ECS":
        found.pop("deploymentController", None)


def _update(aws: Aws, service: Instance) -> None:
    wanted = {name: service[name] for name in _CHANGEABLE if service.get(name) is not None}
    for name in ("loadBalancers", "serviceRegistries", "capacityProviderStrategies"):
        if service.old.get(name) and service.get(name) is None:
            wanted[name] = []
    if not wanted.get("capacityProviderStrategies"):
        wanted.pop("capacityProviderStrategies", None)
    subject = {"cluster": service["cluster"], "service": service.id}
    send(aws, "ecs", Call("update_service", _api_form, _RENAME), wanted, subject)


def _delete(aws: Aws, service: Instance) -> None:
    client, cluster = aws("ecs"), service.get("cluster") or service.id.split("/")[1]
    found = _service(aws, service)
    if found is None:
        return
    force = bool(service.get("forceDelete"))
    if found["status"] != "DRAINING" and found.get("schedulingStrategy") != "DAEMON" and found.get("desiredCount"):
        client.update_service(cluster=cluster, service=service.id, desiredCount=0)
    client.delete_service(cluster=cluster, service=service.id, force=force)


def _percents(props: Props) -> Iterable[Failure]:
    low, high = props.get("deploymentMinimumHealthyPercent"), props.get("deploymentMaximumPercent")
    if isinstance(low, int) and isinstance(high, int) and low >= high:
        yield Failure(
            "deploymentMaximumPercent", f"{high} leaves no room for a deployment that keeps {low} percent healthy"
        )
    if props.get("availabilityZoneRebalancing") == "ENABLED" and isinstance(high, int) and high <= 100:  # noqa: PLR2004
        yield Failure("availabilityZoneRebalancing", "ENABLED needs deploymentMaximumPercent above 100")


SERVICE = Resource(
    type_name="aws:ecs/service:Service",
    service="ecs",
    create=Call("create_service", _api_form),
    identify=lambda answer, _: answer["service"]["serviceArn"],
    read=_service,
    delete=_delete,
    steps=(Step(_CHANGEABLE, _update, on_create=False),),
    finish=_complete,
    rename=_RENAME,
    tagging="ecs",
    local=("forceDelete", "forceNewDeployment", "waitForSteadyState", "triggers", "sigintRollback"),
    defaults={
        "deploymentMaximumPercent": 200,
        "deploymentMinimumHealthyPercent": 100,
        "enableEcsManagedTags": False,
        "schedulingStrategy": "REPLICA",
        "sigintRollback": False,
        "waitForSteadyState": False,
    },
    computed=(
        "availabilityZoneRebalancing",
        "cluster",
        "deploymentConfiguration",
        "iamRole",
        "launchType",
        "platformVersion",
        "triggers",
    ),
    comparison=Comparison(
        sets=(
            "capacityProviderStrategies",
            "loadBalancers",
            "networkConfiguration.subnets",
            "networkConfiguration.securityGroups",
            "placementConstraints",
            "alarms.alarmNames",
        )
    ),
    rules=(
        conflict("launchType", "capacityProviderStrategies"),
        _percents,
        matches("name", r"[\w-]{1,255}", "must hold only letters, digits, - and _"),
        one_of("propagateTags", "SERVICE", "TASK_DEFINITION", "NONE"),
        one_of("availabilityZoneRebalancing", "ENABLED", "DISABLED"),
        between("capacityProviderStrategies.weight", 0, 1000),
        between("capacityProviderStrategies.base", 0, 100000),
        between("loadBalancers.containerPort", 0, 65536),
    ),
)

ENTRIES = (SERVICE,)
